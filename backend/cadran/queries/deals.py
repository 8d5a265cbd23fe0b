"""Facts about opportunities: those open at a day, those closed in a period."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Exists,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import Grouping

from cadran.metrics.facts import OpportunityCell
from cadran.models import Opportunity, Quote, Stage
from cadran.queries.ask import (
    Ask,
    array_of,
    bucket,
    cells,
    customers,
    dimensions,
    labelled,
    owners,
    real,
    remembered,
    scope,
    within,
)
from cadran.queries.asof import at

DAY = timedelta(days=1)


def _filled(*columns: ColumnElement[Any]) -> ColumnElement[int]:
    return sum((case((column.is_(None), 0), else_=1) for column in columns), start=literal(0))


async def opportunities(session: AsyncSession, ask: Ask) -> list[OpportunityCell]:
    """Opportunities not closed by the day asked: one cell each by record, else by what their measures tell apart."""
    return await (_open(session, ask) if ask.rows else _open_groups(session, ask))


@remembered
async def _open(session: AsyncSession, ask: Ask) -> list[OpportunityCell]:
    return await opportunity_rows(session, ask, closed=False)


async def _open_groups(session: AsyncSession, ask: Ask) -> list[OpportunityCell]:
    deal = _deals(ask, closed=False).subquery().c
    cuts = sorted({ask.day, *ask.cuts})
    bounds = cast(array_of(cuts, Date), ARRAY(Date))
    # Between two of the days that tell expected signatures apart, any day says as much as another.
    expected = func.coalesce(Grouping(bounds)[func.width_bucket(deal.expected_signature_on, bounds)], cuts[0] - DAY)
    keys = {
        **{name: deal[name] for name in sorted(ask.dimensions)},
        "stage_probability": deal.stage_probability,
        "manual_probability": deal.manual_probability,
        "opened_on": case((deal.opened_on > ask.day, deal.opened_on)),
        "expected_signature_on": case((deal.expected_signature_on.is_not(None), expected)),
        "quoted": deal.quote_amount.is_not(None),
    }
    summed = [func.sum(deal[name]).label(name) for name in ("budget", "quote_amount", "filled")]
    columns = [column.label(name) for name, column in keys.items() if name != "quoted"]
    statement = select(*columns, func.count().label("n"), *summed).group_by(*keys.values())
    return await cells(session, statement, OpportunityCell)


async def opportunity_rows(session: AsyncSession, ask: Ask, *, closed: bool | None) -> list[OpportunityCell]:
    """One cell an opportunity: those closed in the buckets asked, those still open at the day, or (None) all."""
    return await cells(session, _deals(ask, closed=closed), OpportunityCell)


def _deals(ask: Ask, *, closed: bool | None) -> Select[Any]:
    deal, stage, customer, owner = at(Opportunity, ask.moment), at(Stage, ask.moment), customers(ask), owners(ask)
    live = _live_quote(ask, deal)
    dims = dimensions(owner.columns(deal.c.owner_id), customer, deal.c.customer_id, deal.c.id) | {
        "stage": deal.c.stage_id,
        "product": deal.c.product_id,
        "source": deal.c.source,
    }
    shown = (deal.c.needs, deal.c.budget, deal.c.expected_signature_on, deal.c.wanted_delivery_on, deal.c.competition)
    source = owner.join(deal, deal.c.owner_id)
    source = source.outerjoin(customer, customer.c.id == deal.c.customer_id)
    source = source.outerjoin(stage, stage.c.id == deal.c.stage_id)
    when = within(ask, deal.c.closed_on) if closed else []
    if closed is False:
        when = [or_(deal.c.closed_on.is_(None), deal.c.closed_on > ask.day)]
    day = [bucket(ask, deal.c.closed_on).label("day")] if closed else []
    statement: Any = (
        select(
            *day,
            *labelled(dims),
            deal.c.status,
            deal.c.opened_on,
            deal.c.closed_on,
            stage.c.probability.label("stage_probability"),
            deal.c.probability.label("manual_probability"),
            func.round(deal.c.budget * deal.c.exchange_rate, 2).label("budget"),
            live.label("quote_amount"),
            deal.c.expected_signature_on,
            _filled(*shown, deal.c.stage_id).label("filled"),
        )
        .select_from(source)
        .where(*when, real(customer, deal.c.customer_id), *scope(ask, dims))
    )
    return statement  # type: ignore[no-any-return]  # of as many columns as mypy cannot tell


def _live_quote(ask: Ask, deal: FromClause) -> Any:
    """The amount of the latest live quote: sent, in force, neither refused nor run out on the day. A deal that is
    closed keeps what was live when it closed: the refusal that came with its loss does not empty it.
    """
    quote = at(Quote, ask.moment)
    closed = and_(deal.c.closed_on.is_not(None), deal.c.closed_on <= ask.day)
    day: ColumnElement[Any] = case((closed, deal.c.closed_on), else_=literal(ask.day, Date))
    undecided = or_(
        quote.c.decided_on.is_(None), quote.c.decided_on > day, and_(closed, quote.c.decided_on == deal.c.closed_on)
    )
    return (
        select(quote.c.base_amount)
        .where(
            quote.c.opportunity_id == deal.c.id,
            quote.c.status != "draft",
            quote.c.sent_on <= day,
            or_(
                and_(quote.c.status == "accepted", quote.c.decided_on <= day),
                and_(undecided, or_(quote.c.expires_on.is_(None), quote.c.expires_on >= day)),
            ),
            ~newer_version(ask, quote, day).correlate(quote, deal),
        )
        .order_by(quote.c.sent_on.desc(), quote.c.revision.desc(), quote.c.id.desc())
        .limit(1)
        .correlate(deal)
        .scalar_subquery()
    )


def newer_version(ask: Ask, quote: FromClause, day: Any) -> Exists:
    """Whether a later version of the same quote was sent by the day."""
    later = at(Quote, ask.moment, "later")
    return (
        select(later.c.id)
        .where(
            func.coalesce(later.c.root_id, later.c.id) == func.coalesce(quote.c.root_id, quote.c.id),
            later.c.revision > quote.c.revision,
            later.c.sent_on <= day,
        )
        .exists()
    )
