"""Visits: held with their reports, planned for today and the days after, late, rescheduled, cancelled."""

from collections import Counter, defaultdict
from datetime import date, time, timedelta

from cadran.demo import texts
from cadran.demo.billing import Booked
from cadran.demo.customers import Buyer
from cadran.demo.people import in_charge, reps
from cadran.demo.world import Person, Row, World, evening
from cadran.models import Visit, VisitReport

CADENCE = {"A": 26, "B": 44, "C": 78, None: 62}
MOST_A_DAY = 3
REPORTED, DRAFTED = 0.88, 0.05
CANCELLED = 140
HOURS = (time(8, 0), time(9, 30), time(11, 0), time(14, 30), time(16, 0))


def visit(world: World, buyers: list[Buyer], booked: list[Booked]) -> None:
    """Every visit of the history, then what is planned."""
    held = _history(world, buyers)
    _report(world, held)
    _name_visits(world, booked, held)
    _today(world, buyers)
    _late(world, buyers)
    _coming(world, buyers)
    _cancelled(world, buyers)


def _new(world: World, buyer: Buyer, owner: Person, planned: date, **more: object) -> Row:
    contact = world.pick(buyer.contacts)["id"] if buyer.contacts else None
    return world.add(
        Visit, customer_id=buyer.id, contact_id=contact, owner_id=owner.id, planned_on=planned,
        duration_minutes=world.weighted(((45, 30), (60, 50), (90, 20))), purpose=world.pick(texts.PURPOSES),
        location=", ".join(filter(None, (buyer.row.get("street"), buyer.row.get("city")))) or None,
        **{
            "status": "planned", "first_planned_on": planned, "planned_time": world.pick(HOURS),
            "created_on": min(world.today, world.last_workday(planned - timedelta(days=world.random.randint(4, 20)))),
            **more,
        },
    )  # fmt: skip


def _before(world: World, day: date, most: int) -> date:
    return world.last_workday(day - timedelta(days=world.random.randint(1, most)))


def _history(world: World, buyers: list[Buyer]) -> list[tuple[Row, Buyer]]:
    """What was held up to yesterday, every customer at about its cadence; nobody goes where nobody answers."""
    found, load = [], Counter[tuple[object, date]]()
    for buyer in buyers:
        cadence = buyer.row.get("visit_cadence_days") or CADENCE[buyer.row["customer_class"]]
        until = world.ago(1)
        if buyer.hushed:
            until = min(until, world.calendar.add(world.today, -17))
        if buyer.stops is not None and buyer.resumes is None:
            until = min(until, buyer.stops + timedelta(days=20))
        # Some are seldom seen: they will be due a visit.
        slack = 1.9 if world.chance(0.14) else 1.0
        day = max(world.start, buyer.row["prospect_on"]) + timedelta(days=world.random.randint(0, cadence))
        while day <= until:
            on = world.workday(day)
            owner = in_charge(world, buyer.owner, on)
            while load[owner.id, on] >= MOST_A_DAY:
                on = world.calendar.add(on, 1)
            if on <= until and not (world.quiet(on) and world.chance(0.75)):
                load[owner.id, on] += 1
                planned = on if world.chance(0.8) else _before(world, on, 12)
                first = _before(world, planned, 14) if world.chance(0.12) else planned
                row = _new(
                    world, buyer, owner, planned, status="held", held_on=on, first_planned_on=first, **owner.stamps
                )
                row["created_on"] = min(row["created_on"], first)
                found.append((row, buyer))
            day = on + world.days(max(5, world.around(cadence * slack, 0.25, 0.5, 1.7)))
    found.sort(key=lambda each: (each[0]["held_on"], str(each[0]["id"])))
    return found


def _report(world: World, held: list[tuple[Row, Buyer]]) -> None:
    """Most visits have a report, in the customer's words; no two alike among the latest."""
    words = list(texts.CUSTOMER_WORDS)
    for position, (row, _) in enumerate(reversed(held)):
        if position % len(words) == 0:
            world.random.shuffle(words)
        dice = world.random.random()
        if dice > REPORTED + DRAFTED:
            continue
        said, summary = words[position % len(words)]
        on = row["held_on"]
        written = evening(on, world.random.randint(17, 20), world.random.randint(0, 59))
        if world.chance(0.2):
            following = world.calendar.add(on, 1)
            written = evening(following, 8, world.random.randint(0, 59)) if following < world.today else written
        step = world.chance(0.7)
        world.add(
            VisitReport, visit_id=row["id"], author_id=row["rep_id"], summary=summary, customer_words=said,
            status="submitted" if dice < REPORTED else "draft", submitted_at=written if dice < REPORTED else None,
            outcome=world.weighted(texts.OUTCOMES), next_step=world.pick(texts.NEXT_STEPS) if step else None,
            next_step_on=world.workday(on + timedelta(days=world.random.randint(3, 25))) if step else None,
        )  # fmt: skip


def _name_visits(world: World, booked: list[Booked], held: list[tuple[Row, Buyer]]) -> None:
    """Some orders were taken at the visit they name."""
    seen: dict[object, list[Row]] = defaultdict(list)
    for row, _ in held:
        seen[row["customer_id"]].append(row)
    for each in booked:
        if each.order["source"] != "Visite":
            continue
        near = [row for row in seen[each.buyer.id] if 0 <= (each.draft.day - row["held_on"]).days <= 12]
        if near:
            each.order["visit_id"] = near[-1]["id"]


def _portfolio(buyers: list[Buyer], rep: Person) -> list[Buyer]:
    return [
        buyer
        for buyer in buyers
        if buyer.owner is rep and buyer.row["owner_id"] and (buyer.stops is None or buyer.resumes)
    ]


def _today(world: World, buyers: list[Buyer]) -> None:
    """Two to four visits for everyone; on a working day the earliest of some is over, its report to be written."""
    for place, rep in enumerate(reps(world)):
        many = world.random.randint(2, 4)
        chosen = world.random.sample([b for b in _portfolio(buyers, rep) if not b.hushed], many)
        for hour, buyer in zip(sorted(world.random.sample(HOURS[1:], many)), chosen, strict=True):
            _new(world, buyer, rep, world.today, planned_time=hour)
        if place % 3 == 0 and world.calendar.is_working_day(world.today):
            early = world.pick([b for b in _portfolio(buyers, rep) if not b.hushed and b not in chosen])
            _new(
                world, early, rep, world.today, planned_time=HOURS[0], status="held", held_on=world.today, **rep.stamps
            )


def _late(world: World, buyers: list[Buyer]) -> None:
    """One to four a rep never took place; a third was put off once already, and is late since the first day."""
    for rep in reps(world):
        many = world.weighted(((1, 20), (2, 35), (3, 30), (4, 15)))
        for position, buyer in enumerate(world.random.sample(_portfolio(buyers, rep), many)):
            planned = world.last_workday(
                world.ago(world.weighted(((world.random.randint(1, 7), 65), (world.random.randint(8, 19), 35))))
            )
            first = planned
            if position % 3 == 1:
                first = world.last_workday(planned - timedelta(days=world.random.randint(4, 12)))
            row = _new(world, buyer, rep, planned, first_planned_on=first)
            row["created_on"] = min(row["created_on"], first)
            if world.chance(0.75) or first != planned:
                row["late_reason"] = world.pick(texts.LATE_REASONS)
            if world.chance(0.65):
                row["next_action"] = world.pick(texts.VISIT_NEXT_ACTIONS)


def _coming(world: World, buyers: list[Buyer]) -> None:
    """The next three weeks; some of it was put off from before today, which its first date tells."""
    for rep in reps(world):
        portfolio = _portfolio(buyers, rep)
        for ahead in range(1, 16):
            on = world.calendar.add(world.today, ahead)
            for _ in range(world.weighted(((0, 45), (1, 35), (2, 20)))):
                row = _new(world, world.pick(portfolio), rep, on)
                if world.chance(0.08):
                    row["first_planned_on"] = world.last_workday(world.ago(world.random.randint(2, 12)))
                    row["created_on"] = min(row["created_on"], row["first_planned_on"])
                    row["late_reason"] = world.pick(texts.LATE_REASONS)


def _cancelled(world: World, buyers: list[Buyer]) -> None:
    span = (world.today - world.start).days
    for _ in range(CANCELLED):
        buyer = world.pick(buyers)
        planned = world.last_workday(world.ago(world.random.randint(2, span)))
        on = world.last_workday(planned - timedelta(days=world.random.randint(0, 3)))
        row = _new(world, buyer, in_charge(world, buyer.owner, on), planned, status="cancelled", cancelled_on=on)
        row["created_on"] = min(row["created_on"], on)
        row["late_reason"] = world.pick(texts.LATE_REASONS)
