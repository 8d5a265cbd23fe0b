"""How the weighted pipeline went from one day to another, to the cent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import Company
from cadran.answers.question import Question
from cadran.metrics.facts import ZERO, OpportunityCell
from cadran.metrics.periods import Period
from cadran.metrics.pipeline import STEPS, Movement, compared, concluded, movement
from cadran.queries import kept_states
from cadran.queries.deals import opportunities, opportunity_rows
from cadran.queries.made_by import MADE_BY
from cadran.queries.state_marks import NOBODY

__all__ = ["STEPS", "movement_sums", "of_customers", "pipeline_movement"]

SUMS = ("start", "end", *STEPS)
RECORDS = frozenset({"record"})


async def pipeline_movement(
    session: AsyncSession, question: Question, start: date, signature: Period | None = None
) -> Movement:
    """From the end of ``start`` to the day asked. ``signature``: only what is expected to be signed in that period,
    so that a date moved across its bounds is pulled in or pushed out.
    """
    before, after, scope_before, scope_after = await _states(session, question, start)
    return movement(before, after, scope_before, scope_after, start, question.day, signature)


async def movement_sums(session: AsyncSession, question: Question, start: date) -> Movement:
    """The same without telling who moved: of the whole company, from what is kept of each customer where it is."""
    whole = not question.filters and (question.who is None or question.who.sees_all)
    ask = question.ask_state(question.day, frozenset())
    kept = await kept_states.kept_day(session, ask, MADE_BY) if whole and question.moment is None else None
    name = kept_as(start)
    if kept is None or not await kept_states.holds(session, kept, name):
        return await pipeline_movement(session, question, start)
    found = await kept_states.cells(session, ask, kept, name, SUMS)
    if found is None:
        return await pipeline_movement(session, question, start)
    stale = await of_customers(session, question.company, kept.stale, question.day, start) if kept.stale else {}
    every = [*(cell.sums for cell in found), *(dict(zip(SUMS, sums, strict=True)) for sums in stale.values())]
    total = {name: sum((sums.get(name, ZERO) for sums in every), ZERO) for name in SUMS}
    return concluded(total.pop("start"), total.pop("end"), total)


def kept_as(start: date) -> str:
    """The name under which what each customer's deals add to the movement since a day is kept."""
    return f"movement {start}"


async def of_customers(
    session: AsyncSession, known: Company, customers: Iterable[UUID], day: date, start: date
) -> Mapping[UUID, tuple[Decimal, ...]]:
    """What the deals of each customer add to the movement of the whole. A deal is its customer's of now; one that is
    gone, of then.
    """
    whose = frozenset(map(kept_states.unit_of, customers))
    question = Question(known, None, Period(day, day), day, filters={"customer": whose})
    before, after, _, _ = await _states(session, question, start)
    theirs = {cell.record: cell.customer for cell in (*before, *after)}
    parted: dict[UUID | None, tuple[list[OpportunityCell], list[OpportunityCell]]] = defaultdict(lambda: ([], []))
    for place, cells in enumerate((before, after)):
        for cell in cells:
            if theirs[cell.record] in whose:
                parted[theirs[cell.record]][place].append(cell)
    found = {}
    for customer, (was, now) in parted.items():
        opening, closing, steps, _ = compared(was, now, _keys(was), _keys(now), start, day)
        found[customer or NOBODY] = (opening, closing, *steps.values())
    return found


async def _states(
    session: AsyncSession, question: Question, start: date
) -> tuple[list[OpportunityCell], list[OpportunityCell], frozenset[Any], frozenset[Any]]:
    """The deals inside the scope asked on either day, as they stood on both; and which were inside on each."""
    wide = replace(question, filters={}, who=None)
    before = await opportunities(session, question.ask_state(start, RECORDS))
    after = await opportunities(session, question.ask_state(question.day, RECORDS))
    inside_before, inside_after = _keys(before), _keys(after)
    entered, left = inside_after - inside_before, inside_before - inside_after
    if entered:  # new, or elsewhere before
        asked = replace(wide, filters={"record": entered}).ask_state(start, RECORDS)
        before = [*before, *await opportunities(session, asked)]
    if left:  # closed since, deleted, or elsewhere now
        asked = replace(wide, filters={"record": left}).ask_state(question.day, RECORDS)
        after = [*after, *await opportunity_rows(session, asked, closed=None)]
    return before, after, inside_before, inside_after


def _keys(cells: Iterable[OpportunityCell]) -> frozenset[Any]:
    return frozenset(cell.record for cell in cells)
