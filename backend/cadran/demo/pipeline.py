"""Opportunities open, won and lost, and the quotes in every state and age that go with them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import log

from cadran.demo import texts
from cadran.demo.billing import Booked
from cadran.demo.catalogue import Item
from cadran.demo.customers import Buyer
from cadran.demo.quotes import Desk
from cadran.demo.world import Row, World, month_start
from cadran.models import Opportunity

OPEN, LOST_A_MONTH, WON_A_MONTH = 90, 8, 5
# What the sales force talks about these days: position among the customers, budget, stage, days to the signature.
SCRIPTED = ((0, 84_000, 4, 20), (1, 61_000, 3, 9), (2, 47_000, 4, -5), (3, 39_000, 3, 15))
STAGES = ((1, 22), (2, 23), (3, 25), (4, 18), (5, 12))
# Where the closed ones stood at the end: as of a past day they weigh that much.
WON_STAGES, LOST_STAGES = ((1, 4), (2, 12), (3, 30), (4, 32), (5, 22)), ((1, 20), (2, 28), (3, 34), (4, 18))
SIZE, SPREAD = 20_000.0, 0.7


@dataclass
class Deal:
    row: Row
    buyer: Buyer
    stage: int
    budget: float


def negotiate(world: World, buyers: list[Buyer], booked: list[Booked], stock: list[Item], stages: list[Row]) -> None:
    """Every opportunity and quote."""
    by_position = {row["position"]: row for row in stages}
    desk = Desk(world, stock)
    _won(world, booked, by_position, desk)
    _lost(world, buyers, by_position, desk, stock)
    deals = _open(world, buyers, by_position, stock)
    desk.answer_open_deals([(deal.row, deal.buyer, deal.budget) for deal in deals if deal.stage >= 3])
    desk.fill(buyers, booked)
    desk.number()


def _budget(world: World) -> float:
    return min(max(world.random.lognormvariate(log(SIZE), SPREAD), 3_500), 130_000)


def _euros(amount: float) -> Decimal:
    return Decimal(round(amount / 500) * 500)


def _some_days_after(world: World, day: date, least: int, most: int) -> date:
    return world.workday(day + timedelta(days=world.random.randint(least, most)))


def _deal(world: World, buyer: Buyer, stage: Row, opened: date, **more: object) -> Row:
    project = world.pick(texts.PROJECTS)
    contact = world.pick(buyer.contacts) if buyer.contacts and world.chance(0.8) else None
    return world.add(
        Opportunity, external_id=f"AFF-{len(world.rows[Opportunity]) + 1:04d}", name=f"{project}, {buyer.row['name']}",
        customer_id=buyer.id, contact_id=contact["id"] if contact else None, owner_id=buyer.owner.id,
        stage_id=stage["id"], opened_on=opened, currency="EUR", exchange_rate=Decimal(1),
        needs=world.pick(texts.NEEDS) if world.chance(0.72) else None,
        competition=world.pick(texts.COMPETITORS) if world.chance(0.55) else None,
        source=world.weighted([(name, weight) for name, weight, _ in texts.LEAD_SOURCES]), **more,
    )  # fmt: skip


def _won(world: World, booked: list[Booked], stages: dict[int, Row], desk: Desk) -> None:
    """The biggest orders of each month came of an opportunity and of its accepted quote."""
    months: dict[date, list[Booked]] = {}
    for each in booked:
        if each.counts and each.draft.day >= world.start and each.draft.lines[0].item:
            months.setdefault(month_start(each.draft.day), []).append(each)
    for month, orders in sorted(months.items()):
        share = 1.0 if month < world.month else max(0.2, world.today.day / 30)
        orders.sort(key=lambda each: -each.order["base_amount"])
        for each in orders[: max(1, round((WON_A_MONTH + world.random.randint(-1, 1)) * share))]:
            day = each.draft.day
            deal = _deal(
                world, each.buyer, stages[world.weighted(WON_STAGES)],
                world.last_workday(day - timedelta(days=world.random.randint(50, 290))),
                status="won", closed_on=day,
                budget=_euros(float(each.order["base_amount"]) * world.around(1.05, 0.15, 0.8, 1.3)),
                expected_signature_on=world.workday(day + timedelta(days=world.random.randint(-30, 20))),
                product_id=each.lines[0]["product_id"],
            )  # fmt: skip
            each.order["opportunity_id"] = deal["id"]
            desk.accepted(each, deal["id"])


def _lost(world: World, buyers: list[Buyer], stages: dict[int, Row], desk: Desk, stock: list[Item]) -> None:
    for months in range(-26, 1):
        first = month_start(world.today, months)
        last = min(month_start(first, 1) - timedelta(days=1), world.today)
        many = LOST_A_MONTH + world.random.randint(-2, 2)
        for _ in range(many if months else round(many * world.today.day / 30)):
            closed = world.between(first, last)
            buyer, budget = world.pick(buyers), _budget(world)
            opened = world.last_workday(closed - timedelta(days=world.random.randint(60, 320)))
            deal = _deal(
                world, buyer, stages[world.weighted(LOST_STAGES)], opened, status="lost", closed_on=closed,
                budget=_euros(budget),
                lost_reason=world.weighted(texts.LOST_REASONS), product_id=world.pick(stock).row["id"],
                expected_signature_on=world.workday(closed + timedelta(days=world.random.randint(-40, 30))),
            )  # fmt: skip
            if world.chance(0.6):
                desk.refused(buyer, closed, budget, deal["id"])


def _open(world: World, buyers: list[Buyer], stages: dict[int, Row], stock: list[Item]) -> list[Deal]:
    """Ninety in progress, a dozen past their signature, some with a probability of one's own."""
    found = []
    for place, budget, stage, days in SCRIPTED:
        found.append(_in_progress(world, buyers[place], stages, stage, float(budget), days, stock))
    alive = [b for b in buyers[len(SCRIPTED) :] if b.stops is None]
    # Every rep has some: the reps in turn, each with a customer of their own.
    owners = list({b.owner.key: b.owner for b in alive}.values())
    held = Counter(deal.buyer.owner.key for deal in found)
    while len(found) < OPEN:
        owner = min(owners, key=lambda one: (held[one.key] + 1) / one.share * world.around(1, 0.2, 0.6, 1.4))
        held[owner.key] += 1
        buyer = world.pick([b for b in alive if b.owner is owner])
        days = world.random.randint(-35, -2) if len(found) % 8 == 0 else world.random.randint(2, 125)
        stage = world.weighted(STAGES)
        found.append(_in_progress(world, buyer, stages, stage, _budget(world), days, stock))
    return found


def _in_progress(
    world: World, buyer: Buyer, stages: dict[int, Row], stage: int, budget: float, days: int, stock: list[Item]
) -> Deal:
    fresh = budget not in {float(size) for _, size, *_ in SCRIPTED} and world.chance(0.25)
    age = world.random.randint(0, 27) if fresh else world.random.randint(5, 40) + world.random.randint(0, 50) * stage
    expected = world.workday(world.today + timedelta(days=days))
    if days < 0:
        expected = world.last_workday(world.today + timedelta(days=days))
    scripted = budget in {float(size) for _, size, *_ in SCRIPTED}
    row = _deal(
        world, buyer, stages[stage], world.last_workday(world.ago(age)), status="open", budget=_euros(budget),
        expected_signature_on=expected if scripted or world.chance(0.93) else None,
        wanted_delivery_on=_some_days_after(world, expected, 15, 60) if world.chance(0.62) else None,
        probability=Decimal(world.pick(("0.20", "0.40", "0.60", "0.65", "0.80"))) if world.chance(0.15) else None,
        product_id=world.pick(stock).row["id"] if world.chance(0.85) else None,
        next_action=world.pick(texts.DEAL_ACTIONS) if world.chance(0.8) else None,
        next_action_on=_some_days_after(world, world.today, -4, 20) if world.chance(0.7) else None,
    )  # fmt: skip
    return Deal(row, buyer, stage, budget)
