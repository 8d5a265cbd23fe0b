"""A KPI's query string, read into a question: each parameter checked, each error naming it."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from cadran.answers.company import Company, company
from cadran.answers.question import Question
from cadran.kit.problems import Problem, invalid
from cadran.kit.types import Day, StrictModel, text
from cadran.kit.unit import Unit
from cadran.metrics.kpi import Kpi
from cadran.metrics.periods import Comparison, Interval, Period, PeriodError, between, buckets, parse
from cadran.models import Customer
from cadran.queries.labels import NAMED
from cadran.queries.visibility import visible

Dimension = Literal[
    "rep", "team", "business_unit", "customer", "product", "source", "stage", "sector", "customer_class"
]
Key = UUID | Literal["unassigned"]
Keys = Annotated[list[Key] | None, Field(max_length=100)]
Word = Annotated[str, text(200)]
Words = Annotated[list[Word] | None, Field(max_length=100)]
KEYED = ("rep", "team", "business_unit", "customer", "product", "stage")
WORDED = ("source", "sector", "customer_class")
PERIOD = "2026-11, 2026-Q4, 2026, 2026-W47, this-month, last-quarter, year-to-date …; default this-month."


class ScopeQuery(StrictModel):
    """When, and whose numbers."""

    period: Annotated[str | None, Field(max_length=40, description=PERIOD)] = None
    from_: Annotated[Day | None, Field(alias="from", description="First day; with `to`, instead of `period`.")] = None
    to: Annotated[Day | None, Field(description="The day after the last.")] = None
    rep: Keys = None
    team: Keys = None
    business_unit: Keys = None
    compare: Annotated[list[Comparison] | None, Field(max_length=2)] = None
    as_of: Annotated[str | None, Field(max_length=40, description="An instant with its zone, or the end of a day.")] = (
        None
    )


class KpiQuery(ScopeQuery):
    """Everything one KPI may be asked."""

    interval: Annotated[Interval | None, Field(description="A series, every bucket present.")] = None
    group_by: Dimension | None = None
    customer: Keys = None
    product: Keys = None
    stage: Keys = None
    source: Words = None
    sector: Words = None
    customer_class: Words = None
    exclude_imports: Annotated[bool, Field(description="New prospects: leave bulk imports out.")] = False
    format: Literal["json", "csv", "xlsx"] | None = None
    dialect: Literal["standard", "excel-fr"] = "standard"


class RecordsQuery(KpiQuery):
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: Annotated[str | None, Field(max_length=200)] = None


async def question(unit: Unit, query: ScopeQuery, kpi: Kpi | None = None) -> Question:
    """The question the query asks. Raises a 422 naming the parameter, a 404 on a scope one may not see."""
    now = await company(unit.session)
    moment, day = _as_of(query.as_of, now)
    counted = now if moment is None else await company(unit.session, moment)
    period = _period(query, counted, day)
    filters = _filters(query, kpi)
    await _visible(unit, filters)
    interval = getattr(query, "interval", None)
    if interval is not None:
        _bounded(period, interval, counted)
    return Question(
        company=counted,
        who=unit.who,
        period=period,
        day=day,
        moment=moment,
        interval=interval,
        group_by=_dimension(getattr(query, "group_by", None), kpi),
        compare=tuple(dict.fromkeys(query.compare or ())),
        filters=filters,
    )


def _as_of(given: str | None, known: Company) -> tuple[datetime | None, date]:
    today = known.today()
    if given is None:
        return None, today
    remedy = "Write 2026-05-31T18:00:00Z, or 2026-05-31 for the end of that day."
    try:
        if len(given) == 10:
            day = date.fromisoformat(given)
            moment = known.end_of(day)
        else:
            moment = datetime.fromisoformat(given.replace(" ", "+"))
            if moment.tzinfo is None:
                raise ValueError
            moment = moment.astimezone(UTC)
            day = known.day_of(moment)
    except (ValueError, OverflowError):
        raise invalid("?as_of", "This is no instant.", remedy) from None
    if not 1900 < day.year < 2200:
        raise invalid("?as_of", "Out of range.", "Give a day from 1901 to 2199.")
    if day > today:
        raise invalid("?as_of", "This day has not come.", "Give today or a day before; leave it out for now.")
    # The end of today is now.
    return (None, today) if moment >= datetime.now(UTC) else (moment, day)


def _period(query: ScopeQuery, known: Company, day: date) -> Period:
    first = known.fiscal_start_month
    if query.from_ is not None or query.to is not None:
        if query.period is not None:
            raise invalid("?period", "Given beside from and to.", "Give either period, or from and to.")
        if query.from_ is None or query.to is None:
            missing = "?from" if query.from_ is None else "?to"
            raise invalid(missing, "from and to go together.", "Give both; to is the day after the last.")
        try:
            return between(query.from_, query.to, first)
        except PeriodError as error:
            raise invalid("?to", str(error), "Give a later day.") from None
    try:
        return parse(query.period or "this-month", day, first)
    except PeriodError as error:
        raise invalid("?period", str(error), "Write it as one of those.") from None


def _bounded(period: Period, interval: Interval, known: Company) -> None:
    try:
        found = buckets(period, interval, known.fiscal_start_month)
    except PeriodError as error:
        raise invalid("?interval", str(error), "Ask for a longer interval or a shorter period.") from None
    if len(found) > 400:
        raise invalid("?interval", f"{len(found)} buckets are too many.", "Ask for at most 400.")


def _dimension(given: str | None, kpi: Kpi | None) -> str | None:
    if given is not None and kpi is not None and given not in kpi.dimensions:
        raise invalid("?group_by", f"{kpi.name} is not told apart by {given}.", f"Use {', '.join(kpi.dimensions)}.")
    return given


def _filters(query: ScopeQuery, kpi: Kpi | None) -> dict[str, frozenset[Any]]:
    filters: dict[str, frozenset[Any]] = {}
    for name in (*KEYED, *WORDED):
        values = getattr(query, name, None)
        if not values:
            continue
        if kpi is not None and name not in kpi.dimensions:
            raise invalid(f"?{name}", f"{kpi.name} is not told apart by {name}.", f"Use {', '.join(kpi.dimensions)}.")
        filters[name] = frozenset(None if value == "unassigned" else value for value in values)
    if getattr(query, "exclude_imports", False):
        filters["imported"] = frozenset({False})
    return filters


async def _visible(unit: Unit, filters: dict[str, frozenset[Any]]) -> None:
    """A scope one may not see, or that is not there, is a 404, the same for both."""
    who = unit.who
    for name in KEYED:
        keys = [key for key in filters.get(name, ()) if key is not None]
        if not keys:
            continue
        model = NAMED[name]
        statement = select(model.id).where(model.id.in_(keys))
        if model is Customer:
            statement = statement.where(visible(Customer, who))
        found = set((await unit.session.execute(statement)).scalars())
        if found != set(keys):
            raise Problem("not_found", f"?{name}: no such record, or you may not see it.")
        if who.role == "rep":
            allowed = {"rep": {who.user_id}, "team": set(who.team_ids)}
            if name in allowed and not set(keys) <= allowed[name]:
                raise Problem("not_found", f"?{name}: no such record, or you may not see it.")
        if who.role == "manager" and name == "team" and not set(keys) <= set(who.team_ids):
            raise Problem("not_found", "?team: no such record, or you may not see it.")
