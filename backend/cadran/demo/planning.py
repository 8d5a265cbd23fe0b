"""The settings, the targets and the action plans."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from cadran.demo import names, plan, texts
from cadran.demo.billing import Booked
from cadran.demo.catalogue import Item
from cadran.demo.customers import Buyer
from cadran.demo.people import COMPANY, TEAMS, reps
from cadran.demo.world import SEASON, Person, Row, World, month_start
from cadran.models import (
    ActionPlan,
    Opportunity,
    PlanAction,
    PlanCustomer,
    PlanProduct,
    Quote,
    Settings,
    Stage,
    Target,
)

MARGIN_FLOOR, DISCOUNT_CEILING = Decimal("0.28"), Decimal("0.12")
VISITS, PROSPECTS, LEADS = 10, 6, 6  # a rep and an average month; the company's for the last two
PIPELINE_STRETCH = 1.14


def aim(world: World, buyers: list[Buyer], booked: list[Booked], stock: list[Item]) -> None:
    _settings(world)
    _targets(world)
    _plans(world, buyers, booked, stock)


def _settings(world: World) -> None:
    cycles = {name: cycle for name, cycle, _ in names.SECTORS.values() if cycle}
    world.add(
        Settings, company_name=COMPANY, language="fr", country="FR", time_zone="Europe/Paris", currency="EUR",
        monthly_weights=[str(weight) for weight in SEASON], sector_cycle_days=cycles, margin_floor=MARGIN_FLOOR,
        discount_ceiling=DISCOUNT_CEILING, is_demo=True,
    )  # fmt: skip


class _Book:
    """Adds targets; ``unit`` sums what its teams aim at."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.teams = {one.team_name: one for one in world.people.values() if one.role == "manager"}

    def set(self, kpi: str, kind: str, key: object, first: date, last: date, value: float) -> None:
        self.world.add(
            Target, kpi=kpi, scope_kind=kind, scope_id=key, starts_on=first, ends_on=last,
            value=Decimal(str(round(value, 4))),
        )  # fmt: skip

    def month(self, kpi: str, kind: str, key: object, month: date, value: float) -> None:
        self.set(kpi, kind, key, month, month_start(month, 1), value)

    def everyone(self, kpi: str, month: date, of_rep: Callable[[str], float], of_team: Callable[[str], float]) -> None:
        """Reps (but the newcomer), teams, units and company; each above the sum of those below, but where stretched."""
        for rep in reps(self.world):
            if plan.has_target(rep.key):
                self.month(kpi, "rep", rep.id, month, of_rep(rep.key))
        units: dict[object, float] = {}
        for team, person in self.teams.items():
            value = of_team(team)
            self.month(kpi, "team", person.team, month, value)
            units[person.unit] = units.get(person.unit, 0) + value
        for unit, value in units.items():
            self.month(kpi, "business_unit", unit, month, value)
        self.month(kpi, "company", None, month, sum(units.values()))


def _targets(world: World) -> None:
    """Month by month for last year and this one; yearly where the board thinks in years."""
    book = _Book(world)
    january = date(world.today.year, 1, 1)
    for months in range(-12, 12):
        month = month_start(january, months)
        _sales(world, book, month)
        _effort(world, book, month)
    _stocks(world, book)
    for year in (january.year - 1, january.year):
        first, last = date(year, 1, 1), date(year + 1, 1, 1)
        # The board's figure, not the sum of the months: the screen says so.
        book.set("new_prospects", "company", None, first, last, PROSPECTS * 12 + 14)
        book.set("new_customers", "company", None, first, last, 40)
        book.set("average_basket", "company", None, first, last, plan.BASKET)
        book.set("data_quality_index", "company", None, first, last, 75)


def _sales(world: World, book: _Book, month: date) -> None:
    def of_rep(key: str) -> float:
        return plan.rep_target(world, key, month)

    def of_team(team: str) -> float:
        return plan.team_target(world, team, month)

    book.everyone("invoiced_revenue", month, of_rep, of_team)
    book.everyone(
        "ordered_amount", month, lambda key: of_rep(key) * plan.ORDERED, lambda team: of_team(team) * plan.ORDERED
    )
    # Counts are set for the reps alone: teams and company add them up, without the newcomer.
    for rep in reps(world):
        if plan.has_target(rep.key):
            book.month("order_count", "rep", rep.id, month, max(1, round(of_rep(rep.key) * plan.ORDERED / plan.BASKET)))
    book.month("average_basket", "company", None, month, plan.BASKET)
    for unit in dict.fromkeys(person.unit for person in book.teams.values()):
        book.month("average_basket", "business_unit", unit, month, plan.BASKET)
    for team in ("ouest", "nordest"):
        book.month("average_basket", "team", book.teams[team].team, month, plan.BASKET)


def _effort(world: World, book: _Book, month: date) -> None:
    """Visits, prospects and leads follow the seasons, not the prices."""
    season = SEASON[month.month - 1]
    for rep in reps(world):
        if plan.has_target(rep.key):
            book.month("visit_reports", "rep", rep.id, month, round(VISITS * season))
    book.month("new_prospects", "company", None, month, max(1, round(PROSPECTS * season)))
    book.month("qualified_leads", "company", None, month, max(1, round(LEADS * season)))
    for rep in reps(world)[:6]:
        book.month("qualified_leads", "rep", rep.id, month, 1)
    for key, share in (("ouest", 0.3), ("nordest", 0.25)):
        book.month("new_prospects", "team", book.teams[key].team, month, max(1, round(PROSPECTS * share * season)))


def _stocks(world: World, book: _Book) -> None:
    """What holds all year: the pipeline to have, the late visits to bear, the data to keep."""
    year = date(world.today.year, 1, 1), date(world.today.year + 1, 1, 1)
    before = date(world.today.year - 1, 1, 1), year[0]
    whole = _pipeline(world) * PIPELINE_STRETCH
    units: dict[object, float] = {}
    for name in TEAMS:
        members, boss = [rep for rep in reps(world) if rep.team_name == name], book.teams[name]
        figures = {rep.key: round(whole * rep.share / 5000) * 5000 for rep in members}
        for rep in members:
            if plan.has_target(rep.key):
                book.set("weighted_pipeline", "rep", rep.id, *year, figures[rep.key])
            book.set("overdue_visits", "rep", rep.id, *year, 2)
        book.set("weighted_pipeline", "team", boss.team, *year, sum(figures.values()))
        units[boss.unit] = units.get(boss.unit, 0) + sum(figures.values())
    for key, value in units.items():
        book.set("weighted_pipeline", "business_unit", key, *year, value)
    total = sum(units.values())
    book.set("weighted_pipeline", "company", None, *year, total)
    for first, last in (before, year):
        book.set("contact_completeness", "company", None, first, last, 0.85)
        for person in book.teams.values():
            book.set("contact_completeness", "team", person.team, first, last, 0.85)
        for rep in reps(world)[::2]:
            book.set("contact_completeness", "rep", rep.id, first, last, 0.85)
        book.set("quotes_to_follow_up", "company", None, first, last, 30)


def _pipeline(world: World) -> float:
    """What the open deals weigh today."""
    stages = {row["id"]: row["probability"] for row in world.rows[Stage]}
    quotes = {
        row["opportunity_id"]: row["base_amount"]
        for row in world.rows[Quote]
        if row.get("opportunity_id") and row["status"] == "sent"
    }
    total = Decimal(0)
    for deal in world.rows[Opportunity]:
        if deal["status"] == "open":
            amount = quotes.get(deal["id"], deal["budget"]) or Decimal(0)
            total += amount * (deal["probability"] or stages[deal["stage_id"]])
    return float(total)


# Action plans: days since the start and to the end, share of the actions done, revenue against its target.
PLANS = (
    (120, 60, 0.72, 0.72), (90, 91, 0.55, 0.60), (150, 30, 0.90, 0.34), (60, 120, 0.20, 1.05), (100, 80, 0.30, 0.42),
    (45, 135, 0.30, 0.25), (170, 10, 0.96, 0.88), (75, 105, 0.25, 0.33), (130, 50, 0.85, 0.41), (30, 150, 0.20, 0.12),
)  # fmt: skip


def _plans(world: World, buyers: list[Buyer], booked: list[Booked], stock: list[Item]) -> None:
    """Plans in each of the four states, one in draft, one closed, one cancelled."""
    owners = [*reps(world), *(one for one in world.people.values() if one.role == "manager")]
    world.random.shuffle(owners)
    for position, (age, left, done, reached) in enumerate(PLANS):
        owner = world.people["camille"] if position == 0 else owners[position]
        plan_row = _plan(world, position, owner, world.last_workday(world.ago(age)), world.today + timedelta(days=left))
        revenue = _followed(world, plan_row, owner, buyers, booked, stock, by_product=position % 4 == 2)
        plan_row["revenue_target"] = Decimal(max(10_000, round(float(revenue) / reached / 1000) * 1000))
        _actions(world, plan_row, owner, done)
    for position, (status, age, left) in enumerate(
        (("draft", -10, 100), ("closed", 300, -120), ("cancelled", 200, -20)), start=9
    ):
        owner = owners[position - 9]
        row = _plan(world, position % len(texts.PLANS), owner, world.ago(age), world.today + timedelta(days=left))
        row |= {"status": status, "revenue_target": Decimal(60_000)}
        _followed(world, row, owner, buyers, booked, stock, by_product=False)
        _actions(world, row, owner, 1.0 if status == "closed" else 0.0)


def _plan(world: World, position: int, owner: Person, first: date, last: date) -> Row:
    return world.add(
        ActionPlan, name=texts.PLANS[position], owner_id=owner.id, status="active", starts_on=first, ends_on=last,
        external_id=f"PLAN-{len(world.rows[ActionPlan]) + 1:02d}",
    )  # fmt: skip


def _followed(
    world: World,
    row: Row,
    owner: Person,
    buyers: list[Buyer],
    booked: list[Booked],
    stock: list[Item],
    *,
    by_product: bool,
) -> Decimal:
    """Names the plan's customers (and, at times, its products); what they ordered since it began."""
    team = [
        b for b in buyers if b.owner.team == owner.team and (owner.role == "manager" or b.owner is owner) and b.since
    ]
    chosen = world.random.sample(team, min(len(team), world.random.randint(8, 14)))
    for buyer in chosen:
        world.add(PlanCustomer, action_plan_id=row["id"], customer_id=buyer.id)
    products: set[object] = set()
    if by_product:
        family = _favourite({buyer.id for buyer in chosen}, row["starts_on"], booked, stock)
        products = {item.row["id"] for item in stock if item.row["family"] == family}
        for item in stock:
            if item.row["id"] in products:
                world.add(PlanProduct, action_plan_id=row["id"], product_id=item.row["id"])
    wanted = {buyer.id for buyer in chosen}
    return sum(
        (
            line["base_amount"]
            for each in booked
            if each.counts and each.order["customer_id"] in wanted and each.draft.day >= row["starts_on"]
            for line in each.lines
            if not products or line["product_id"] in products
        ),
        Decimal(0),
    )


def _favourite(customers: set[object], since: date, booked: list[Booked], stock: list[Item]) -> str:
    """The family these customers have ordered most of."""
    families = {item.row["id"]: str(item.row["family"]) for item in stock}
    found = Counter[str]()
    for each in booked:
        if each.counts and each.order["customer_id"] in customers and each.draft.day >= since:
            for line in each.lines:
                if line["product_id"] in families:
                    found[families[line["product_id"]]] += int(line["base_amount"])
    return found.most_common(1)[0][0] if found else next(iter(families.values()))


def _actions(world: World, row: Row, owner: Person, done: float) -> None:
    """Actions of different weights, those done first."""
    titles = world.random.sample(texts.PLAN_ACTIONS, world.random.randint(6, 8))
    weights = [world.weighted(((1, 50), (2, 35), (3, 15))) for _ in titles]
    whole, reached = sum(weights), 0
    span = max((row["ends_on"] - row["starts_on"]).days, 1)
    last = max(row["starts_on"], min(world.today, row["ends_on"]))
    for position, (title, weight) in enumerate(zip(titles, weights, strict=True)):
        due = world.workday(row["starts_on"] + timedelta(days=span * (position + 1) // len(titles)))
        finished = (reached + weight) / whole <= done + 0.04
        if finished:
            reached += weight
        on = world.between(row["starts_on"], max(row["starts_on"], min(due, last))) if finished else None
        status = "done" if finished else "cancelled" if row["status"] == "cancelled" else "planned"
        world.add(
            PlanAction, action_plan_id=row["id"], position=position, title=title, weight=Decimal(weight),
            owner_id=owner.id,
            status=status, due_on=due, done_on=min(on, last) if on else None,
        )  # fmt: skip
