"""Everything else of a day: calls and messages, leads, tasks, service requests."""

from datetime import date, timedelta
from decimal import Decimal

from cadran.demo import names, texts
from cadran.demo.billing import Booked
from cadran.demo.catalogue import Item
from cadran.demo.customers import Buyer
from cadran.demo.people import in_charge, reps
from cadran.demo.texts import folded
from cadran.demo.world import Person, World
from cadran.models import Interaction, Lead, Opportunity, Quote, ServiceRequest, Task

CALLS, LEADS_A_MONTH, REQUESTS, TASKS_DONE = 1700, 13, 150, 260
PRIORITIES = (("high", 25), ("normal", 50), ("low", 25))


def keep_busy(world: World, buyers: list[Buyer], booked: list[Booked], stock: list[Item]) -> None:
    _calls(world, buyers)
    _leads(world, buyers, stock)
    _tasks(world, buyers)
    _requests(world, booked)


def _calls(world: World, buyers: list[Buyer]) -> None:
    """Logged contacts of the last fifteen months; none with those who no longer answer."""
    for _ in range(CALLS):
        buyer = world.pick(buyers)
        on = world.last_workday(world.ago(world.random.randint(0, 450)))
        gone = (
            buyer.stops is not None
            and on > buyer.stops + timedelta(days=15)
            and (buyer.resumes is None or on < buyer.resumes)
        )
        hushed = buyer.hushed and on > world.calendar.add(world.today, -17)
        if gone or hushed or on < buyer.row["prospect_on"]:
            continue
        contact = world.pick(buyer.contacts)["id"] if buyer.contacts else None
        world.add(
            Interaction, customer_id=buyer.id, contact_id=contact, owner_id=in_charge(world, buyer.owner, on).id,
            kind=world.weighted((("call", 52), ("email", 34), ("meeting", 9), ("other", 5))), occurred_on=on,
            answered=world.chance(0.84), notes=world.pick(texts.CALL_NOTES) if world.chance(0.7) else None,
        )  # fmt: skip


def _leads(world: World, buyers: list[Buyer], stock: list[Item]) -> None:
    """Each with its first touch; half are qualified within a month, some became customers."""
    rates = {name: rate for name, _, rate in texts.LEAD_SOURCES}
    arrived = [buyer for buyer in buyers if buyer.row["prospect_on"] >= world.start and buyer.since]
    days = (world.today - world.start).days
    for position in range(LEADS_A_MONTH * days // 30):
        created = world.today - timedelta(days=position * 30 // LEADS_A_MONTH + world.random.randint(0, 2))
        source = world.weighted([(name, weight) for name, weight, _ in texts.LEAD_SOURCES])
        qualified = world.workday(created + timedelta(days=world.random.randint(1, 28)))
        recent = position in (1, 2, 4)  # so that no month begins without one
        if recent:
            qualified = max(world.month, created)
        known = (world.chance(rates[source]) or recent) and qualified <= world.today
        converted = known and world.chance(0.38) and bool(arrived)
        _lead(world, created, source, qualified if known else None, arrived.pop() if converted else None, stock)


def _lead(
    world: World, created: date, source: str, qualified: date | None, customer: Buyer | None, stock: list[Item]
) -> None:
    first, last = world.pick(names.FIRST_NAMES), world.pick(names.LAST_NAMES)
    sector = world.pick(list(names.SECTORS))
    company = world.pick(names.SECTORS[sector][2]).format(world.pick(names.LAST_NAMES))
    rep = in_charge(world, customer.owner if customer else world.pick(reps(world)), qualified or created)
    title = world.pick(texts.FUNCTIONS[world.pick(list(texts.FUNCTIONS))][0])
    address = f"{folded(first)}.{folded(last)}@{folded(company)}.example".replace(" ", "-")
    phone = f"+33 1 99 00 {world.random.randrange(100):02d} {world.random.randrange(100):02d}"
    row = world.add(
        Lead, external_id=f"LEAD-{len(world.rows[Lead]) + 1:04d}",
        company_name=customer.row["name"] if customer else company, contact_name=f"{first} {last}",
        job_title=texts.function(title, her=first in names.HERS) if world.chance(0.7) else None,
        email=address if world.chance(0.85) else None, phone=phone if world.chance(0.7) else None,
        source=source, product_id=world.pick(stock).row["id"] if world.chance(0.8) else None, created_on=created,
        estimated_amount=Decimal(world.random.randrange(4, 80) * 500) if world.chance(0.6) else None, owner_id=rep.id,
    )  # fmt: skip
    if qualified is None:
        old = created < world.ago(35)
        row["status"] = world.weighted(
            (("disqualified", 62), ("working", 28), ("new", 10))
            if old
            else (("new", 45), ("working", 40), ("disqualified", 15))
        )
        if row["status"] == "disqualified":
            row["disqualified_reason"] = world.pick(texts.DISQUALIFIED_REASONS)
        elif row["status"] == "new" and world.chance(0.6):
            row["owner_id"] = world.people["marketing"].id
        return
    row |= {"status": "qualified", "qualified_on": qualified, **rep.stamps}
    if customer is not None:
        on = world.workday(qualified + timedelta(days=world.random.randint(2, 30)))
        if on <= world.today:
            row |= {"status": "converted", "converted_on": on, "customer_id": customer.id}
            customer.row["source"] = source


def _tasks(world: World, buyers: list[Buyer]) -> None:
    """For everyone: some late, some for today, some later, of each priority."""
    sellers = reps(world)
    for rep in sellers:
        own = [buyer for buyer in buyers if buyer.owner is rep and buyer.stops is None]
        for due in (-1, -4, 0, 0, 1, 2, 4, 8):
            if world.chance(0.92):
                _task(world, rep, world.pick(texts.TASK_TITLES), due, world.pick(own))
        _task(world, rep, world.pick(texts.TASK_TITLES), -9, world.pick(own), priority="high")
    for key, person in world.people.items():
        if key.startswith("manager") or key == "director":
            for due in (-2, 0, 3):
                _task(world, person, f"Préparer le point avec {world.pick(sellers).name}", due, None)
    for due in (-3, 0, 0, 2, 6):
        _task(world, world.people["marketing"], world.pick(texts.MARKETING_TASKS), due, None)
    for _ in range(TASKS_DONE):
        buyer = world.pick(buyers)
        on = world.last_workday(world.ago(world.random.randint(0, 300)))
        row = _task(world, buyer.owner, world.pick(texts.TASK_TITLES), 0, buyer)
        row |= {
            "due_on": on + timedelta(days=world.random.randint(-3, 4)),
            "created_on": world.last_workday(on - timedelta(days=6)),
        }
        row |= {"status": "cancelled"} if world.chance(0.06) else {"status": "done", "done_on": on}
    _link(world)


def _task(
    world: World, owner: Person, title: str, due: int, buyer: Buyer | None, priority: str | None = None
) -> dict[str, object]:
    return world.add(
        Task, title=f"{title}, {buyer.row['name']}" if buyer else title, owner_id=owner.id, status="open",
        customer_id=buyer.id if buyer else None, priority=priority or world.weighted(PRIORITIES),
        due_on=world.today + timedelta(days=due) if due <= 0 else world.calendar.add(world.today, due),
        created_on=world.last_workday(world.ago(max(0, -due) + world.random.randint(1, 9))),
        notes=None,
    )  # fmt: skip


def _link(world: World) -> None:
    """A task about a waiting quote or an open deal says which."""
    by_customer: dict[object, tuple[str, object]] = {}
    for row in world.rows[Opportunity]:
        if row["status"] == "open":
            by_customer[row["customer_id"]] = ("opportunity_id", row["id"])
    for row in world.rows[Quote]:
        if row["status"] == "sent":
            by_customer[row["customer_id"]] = ("quote_id", row["id"])
    for task in world.rows[Task]:
        if task["status"] == "open" and task["customer_id"] in by_customer:
            column, key = by_customer[task["customer_id"]]
            task[column] = key


def _requests(world: World, booked: list[Booked]) -> None:
    """After an order: most closed within two weeks, the latest still open, a few for too long."""
    recent = [each for each in booked if each.counts and each.draft.day > world.ago(420)]
    for each in world.random.sample(recent, REQUESTS):
        title, kind = world.pick(texts.REQUESTS)
        opened = world.workday(each.draft.day + timedelta(days=world.random.randint(3, 45)))
        if opened > world.today:
            continue
        closed = world.workday(opened + timedelta(days=world.random.randint(1, 16)))
        stuck = closed > world.today or world.chance(0.05)
        contact = world.pick(each.buyer.contacts)["id"] if each.buyer.contacts else None
        world.add(
            ServiceRequest, external_id=f"SAV-{len(world.rows[ServiceRequest]) + 1:04d}", title=title, kind=kind,
            customer_id=each.buyer.id, contact_id=contact, order_id=each.order["id"], owner_id=each.buyer.owner.id,
            status="open" if stuck else "closed", priority=world.weighted(PRIORITIES), opened_on=opened,
            closed_on=None if stuck else closed,
        )  # fmt: skip
