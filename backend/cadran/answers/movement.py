"""How the weighted pipeline went from one day to another, to the cent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.question import Question
from cadran.metrics.facts import OpportunityCell
from cadran.metrics.periods import Period
from cadran.metrics.pipeline import STEPS, Movement, movement
from cadran.queries.ask import keep
from cadran.queries.deals import opportunities, opportunity_rows

__all__ = ["STEPS", "pipeline_movement"]


async def pipeline_movement(
    session: AsyncSession, question: Question, start: date, signature: Period | None = None
) -> Movement:
    """From the end of ``start`` to the day asked. ``signature``: only what is expected to be signed in that period,
    so that a date moved across its bounds is pulled in or pushed out.
    """
    # Both states are read whole, then scoped: a deal handed to another rep leaves one scope and enters the other.
    who = question.who if question.who is not None and question.who.sees_all else None
    wide = replace(question, filters={}, who=who)
    after_ask = wide.ask_state(question.day, frozenset({"record"}))
    before = await opportunities(session, wide.ask_state(start, frozenset({"record"})))
    after = await opportunities(session, after_ask)
    gone = _keys(before) - _keys(after)  # closed since, or deleted
    if gone:
        closed = replace(after_ask, filters={"record": gone})
        after = [*after, *await opportunity_rows(session, closed, closed=None)]
    scope = question.ask_state(question.day, frozenset({"record"}))
    return movement(
        before, after, _keys(keep(scope, before)), _keys(keep(scope, after)), start, question.day, signature
    )


def _keys(cells: Iterable[OpportunityCell]) -> frozenset[Any]:
    return frozenset(cell.record for cell in cells)
