"""Orders before they are written: when each customer orders, what, and how much so that months meet the plan."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from cadran.demo import plan
from cadran.demo.catalogue import Item, range_for
from cadran.demo.customers import Buyer, currency_of
from cadran.demo.people import in_charge
from cadran.demo.world import Person, World, month_start

CANCELLED, CLOSED_SHORT, PARTIAL, BARE = 0.025, 0.025, 0.14, 0.025
DISCOUNTS = (0.0, 0.05, 0.08, 0.10, 0.12, 0.15, 0.18, 0.20, 0.25)
ROUNDS = 40
SMALLEST, LARGEST = 0.4, 2.8  # how far an order may be moved from what the customer usually orders


@dataclass
class Line:
    """``item`` None: made to drawing, with neither list price nor cost."""

    item: Item | None
    quantity: float
    price: Decimal
    discount: Decimal
    bare: bool = False


@dataclass
class Shipment:
    on: date
    share: float  # of every line
    invoiced_on: date


@dataclass
class Draft:
    """An order to be: ``usual`` is what it is worth in euros before ``scale``."""

    buyer: Buyer
    rep: Person
    day: date
    lines: list[Line]
    promised: date
    usual: float
    currency: str = "EUR"
    shipments: list[Shipment] = field(default_factory=list)
    cancelled: date | None = None
    closed: date | None = None
    scale: float = 1.0

    @property
    def amount(self) -> float:
        return self.usual * self.scale


def orders(world: World, buyers: list[Buyer], stock: list[Item]) -> list[Draft]:
    """Every order of the history, by day, its amounts fitted to the plan."""
    by_family: dict[str, list[Item]] = defaultdict(list)
    for item in stock:
        by_family[item.row["family"]].append(item)
    found = []
    for buyer in buyers:
        families = range_for(world, buyer.sector)
        for day in _days(world, buyer):
            buyer.order_days.append(day)
            found.append(_draft(world, buyer, day, families, by_family))
    found.sort(key=lambda draft: (draft.day, draft.buyer.row["external_id"]))
    found = _not_too_soon(world, found)
    fit(world, found)
    return found


def _not_too_soon(world: World, drafts: list[Draft]) -> list[Draft]:
    """No rush on the first days of the current month: its orders, and its invoices, come in as the plan has them."""
    usual = plan.company_target(world, world.month) * plan.ORDERED / plan.BASKET * plan.elapsed(world, world.month)
    most = max(3, round(usual * 1.12))
    current = [draft for draft in drafts if draft.day >= world.month and not draft.buyer.edi]
    late = {id(draft) for draft in world.random.sample(current, max(0, len(current) - most))}
    for draft in current:
        if id(draft) in late:
            draft.buyer.order_days.remove(draft.day)
    kept = [draft for draft in drafts if id(draft) not in late]
    bills = [
        each for draft in kept for each in draft.shipments
        if world.month <= each.invoiced_on <= world.today and not draft.buyer.edi
    ]  # fmt: skip
    for each in world.random.sample(bills, max(0, len(bills) - most)):
        each.invoiced_on = world.calendar.add(world.today, world.random.randint(1, 3))
    return kept


def _days(world: World, buyer: Buyer) -> list[date]:
    """The days a customer orders, by its own rhythm."""
    if buyer.since is None:
        return []
    if buyer.edi:
        firsts = [month_start(world.start, months) for months in range(40)]
        return [day for day in firsts if day <= world.today]
    day, found = buyer.since, []
    while day <= world.today:
        if world.quiet(day) and world.chance(0.5):
            day = world.workday(day + timedelta(days=world.random.randint(9, 26)))
            continue
        if buyer.orders_on(day):
            found.append(day)
        following = world.workday(day + world.days(world.around(buyer.cycle, 0.24, 0.4, 1.75)))
        if buyer.resumes and day < buyer.resumes <= following:
            following = buyer.resumes
        day = following
    return found


def _draft(world: World, buyer: Buyer, day: date, families: list[str], stock: dict[str, list[Item]]) -> Draft:
    rep = in_charge(world, buyer.owner, day)
    wanted = world.around(buyer.basket, 0.45, 0.25, 2.6) * (3.2 if world.chance(0.04) else 1)
    lines = basket(world, rep, families, stock, wanted)
    usual = sum(float(line.price * (1 - line.discount)) * line.quantity for line in lines)
    promised = _promise(world, day, project=wanted > 3 * buyer.basket)
    draft = Draft(buyer, rep, day, lines, promised, usual, currency_of(buyer))
    if world.chance(CANCELLED) and not buyer.edi:
        draft.cancelled = world.workday(day + timedelta(days=world.random.randint(2, 15)))
        if draft.cancelled <= world.today:
            return draft
        draft.cancelled = None
    _ship(world, draft)
    return draft


def _promise(world: World, day: date, *, project: bool) -> date:
    lead = world.random.randint(45, 85) if project else world.around(14, 0.5, 0.3, 2.4)
    return world.workday(day + world.days(lead))


def basket(world: World, rep: Person, families: list[str], stock: dict[str, list[Item]], wanted: float) -> list[Line]:
    """One to five lines worth about ``wanted`` euros, with the rep's usual discounts."""
    many = world.weighted(((1, 18), (2, 27), (3, 26), (4, 17), (5, 12)))
    return [_line(world, rep, families, stock, wanted / many) for _ in range(many)]


def _line(world: World, rep: Person, families: list[str], stock: dict[str, list[Item]], wanted: float) -> Line:
    discount = Decimal(str(min(DISCOUNTS, key=lambda step: abs(step - world.random.gauss(rep.discount, 0.045)))))
    if world.chance(BARE):
        price = Decimal(round(world.around(180, 0.6, 0.2, 3)))
        return Line(None, max(1.0, wanted / float(price)), price, Decimal(0))
    item = world.pick(stock[world.pick(families)])
    for _ in range(6):  # nobody buys half a compressor
        if float(item.price) <= wanted * 1.4:
            break
        item = world.pick(stock[world.pick(families)])
    net = float(item.price * (1 - discount))
    return Line(item, max(1.0, wanted / net), item.price, discount, bare=world.chance(0.02))


def _ship(world: World, draft: Draft) -> None:
    """One or two deliveries, most of them on time, each invoiced some days later."""
    late = world.weighted(
        ((world.random.randint(-4, 0), 78), (world.random.randint(1, 6), 13), (world.random.randint(7, 26), 9))
    )
    first = max(world.workday(draft.promised + timedelta(days=late)), world.workday(draft.day + timedelta(days=1)))
    days = [first]
    if world.chance(PARTIAL):
        days.append(world.workday(first + timedelta(days=world.random.randint(6, 22))))
    for position, on in enumerate(days):
        share = 1.0 if len(days) == 1 else (0.6, 0.4)[position]
        if draft.buyer.edi:
            billed = month_start(on, 1)
        else:
            billed = world.workday(on + timedelta(days=world.weighted(((0, 25), (1, 30), (2, 20), (4, 15), (9, 10)))))
        draft.shipments.append(Shipment(on, share, billed))
    if len(days) == 2 and world.chance(CLOSED_SHORT / PARTIAL):
        closed = world.workday(first + timedelta(days=world.random.randint(12, 40)))
        if closed <= world.today:
            draft.closed, draft.shipments = closed, draft.shipments[:1]


# Fitting


def fit(world: World, drafts: list[Draft]) -> None:
    """Moves amounts, each a little, until what each rep and the company ordered and invoiced follows the plan.

    Iterative proportional fitting: rep by quarter, then rep by current month, then the company by month, which wins.
    The months one compares with are fitted up to the same working day as well.
    """
    groups = [*_by_rep(world, drafts), *_compared(world, drafts), *_by_month(world, drafts)]
    for _ in range(ROUNDS):
        for weights, aim in groups:
            found = sum(draft.amount * weight for draft, weight in weights)
            if found <= 0:
                continue
            factor = aim / found
            for draft, weight in weights:
                moved = draft.scale * (1 + (factor - 1) * weight)
                draft.scale = min(max(moved, SMALLEST), LARGEST)


Group = tuple[list[tuple[Draft, float]], float]


def _ordered(draft: Draft) -> float:
    """The share of an order that counts as ordered."""
    return 0.0 if draft.cancelled else sum(each.share for each in draft.shipments) if draft.closed else 1.0


def _by_month(world: World, drafts: list[Draft]) -> list[Group]:
    ordered: dict[date, list[tuple[Draft, float]]] = defaultdict(list)
    invoiced: dict[date, list[tuple[Draft, float]]] = defaultdict(list)
    for draft in drafts:
        if draft.day >= world.start and _ordered(draft):
            ordered[month_start(draft.day)].append((draft, _ordered(draft)))
        for each in draft.shipments:
            if world.start <= each.invoiced_on <= world.today:
                invoiced[month_start(each.invoiced_on)].append((draft, each.share))
    groups = []
    for months, ratio, now in ((ordered, plan.ORDERED, 1.03), (invoiced, 1.0, 1.022)):
        for month in sorted(months):
            if month == month_start(world.start) and ratio == 1.0:
                continue  # what was ordered before the history is not all there
            share = plan.elapsed(world, month)
            luck = now if month == world.month else world.around(1.005, 0.03, 0.94, 1.06)
            if share:
                groups.append((months[month], plan.company_target(world, month) * ratio * share * luck))
    return groups


def _compared(world: World, drafts: list[Draft]) -> list[Group]:
    """Last month and the same month a year before, up to the working day this month has reached."""
    gone = world.calendar.count(world.month, world.today + timedelta(days=1))
    groups: list[Group] = []
    for months in (-12, -1):
        first = month_start(world.month, months)
        if not gone:
            continue
        last = world.calendar.add(first - timedelta(days=1), gone)
        share = min(1.0, gone / world.calendar.count(first, month_start(first, 1)))
        ordered = [(draft, _ordered(draft)) for draft in drafts if first <= draft.day <= last and _ordered(draft)]
        invoiced = [
            (draft, each.share) for draft in drafts for each in draft.shipments if first <= each.invoiced_on <= last
        ]
        aim = plan.company_target(world, first) * share
        groups += [(ordered, aim * plan.ORDERED), (invoiced, aim)]
    return groups


def _by_rep(world: World, drafts: list[Draft]) -> list[Group]:
    quarters: dict[tuple[str, date], list[tuple[Draft, float]]] = defaultdict(list)
    current: dict[tuple[str, float], list[tuple[Draft, float]]] = defaultdict(list)
    for draft in drafts:
        if draft.day >= world.start and _ordered(draft):
            quarter = month_start(draft.day, -((draft.day.month - 1) % 3))
            quarters[draft.rep.key, quarter].append((draft, _ordered(draft)))
        if draft.day >= world.month and _ordered(draft):
            current[draft.rep.key, plan.ORDERED].append((draft, _ordered(draft)))
        for each in draft.shipments:
            if world.month <= each.invoiced_on <= world.today:
                current[draft.rep.key, 1.0].append((draft, each.share))
    skills, groups = plan.skills(world), []
    for (key, quarter), weights in quarters.items():
        months = [month_start(quarter, each) for each in range(3)]
        aim = sum(_rep_plan(world, key, month) * plan.elapsed(world, month) for month in months if month >= world.start)
        if aim and len(weights) > 4:
            groups.append((weights, aim * plan.ORDERED * skills[key] * world.around(1, 0.06, 0.85, 1.15)))
    for (key, ratio), weights in current.items():
        aim = _rep_plan(world, key, world.month) * plan.elapsed(world, world.month) * skills[key]
        if aim and len(weights) > 1:
            groups.append((weights, aim * ratio * (1 if ratio == 1 else world.around(1, 0.12, 0.75, 1.25))))
    return groups


def _rep_plan(world: World, key: str, month: date) -> float:
    return plan.rep_target(world, "lucas" if key == "former" else key, month)
