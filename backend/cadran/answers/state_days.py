"""Which days the states are kept for: today, the one it is compared with, and those somebody asked for (ADR 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import Company
from cadran.metrics.periods import Period, comparison, parse, unit_at
from cadran.models.totals import state_days, state_ranks, state_sums, state_totals
from cadran.queries.kept_states import asked_for
from cadran.queries.made_by import MADE_BY

EVENING = 20  # the hour from which the next day is made, so that it is there when it begins
# Days gone by that are kept because somebody asked for them, and for how long after: each is as much work as today.
MOST_ASKED, REMEMBERED = 5, timedelta(days=7)
TREND = 12  # weeks of the pipeline on the screens
KEPT_IN = (state_sums, state_totals, state_ranks)


@dataclass(frozen=True)
class Day:
    """A day to keep: as it stood at ``moment`` (None: as it stands), all of it or only its ``part`` about deals, which
    depends on periods: ``windows``.
    """

    day: date
    moment: datetime | None
    part: str = "all"
    windows: tuple[Period, ...] = ()

    @property
    def bounds(self) -> list[date]:
        return [day for window in self.windows for day in (window.start, window.end)]


DAY = [state_days.c[name] for name in ("day", "moment", "part", "windows")]


def day_of(row: Any) -> Day:
    windows = (Period(*each) for each in zip(row.windows[::2], row.windows[1::2], strict=True))
    return Day(row.day, row.moment, row.part, tuple(windows))


async def open_days(session: AsyncSession, known: Company, now: datetime) -> None:
    """Opens the days to keep; forgets those that are over or asked for no more, and what other rules have made."""
    today = now.date()
    present = [today, *([today + timedelta(days=1)] if now.hour >= EVENING else [])]
    past = {day for each in present if (day := compared(known, each)) is not None}
    rows = (await session.execute(select(*DAY, state_days.c.asked_on, state_days.c.made_by))).all()
    before = {row.day: row.asked_on for row in rows if row.asked_on and row.moment == known.end_of(row.day)}
    asked = _asked(before, [day for day, end in _taken(session) if end == known.end_of(day) and day < today], today)
    wanted: dict[Day, date | None] = {}
    for day in {*present, *past, *asked, *_trend(present)}:
        moment = None if day in present else known.end_of(day)
        part = "all" if day in {*present, *past, *asked} else "deals"
        wanted[Day(day, moment, part, _periods(known, present, day))] = None if day in past else asked.get(day)
    there = {day_of(row): row for row in rows if row.made_by == MADE_BY and day_of(row) in wanted}
    for row in rows:
        if day_of(row) not in there:
            for table in (state_days, *KEPT_IN):
                await session.execute(delete(table).where(table.c.day == row.day))
    for each, on in wanted.items():
        if each not in there:
            values = {"day": each.day, "moment": each.moment, "part": each.part, "windows": each.bounds}
            await session.execute(insert(state_days).values(**values, asked_on=on, made_by=MADE_BY, done=False))
        elif there[each].asked_on != on:
            await session.execute(update(state_days).where(state_days.c.day == each.day).values(asked_on=on))


def _trend(present: Sequence[date]) -> set[date]:
    """The ends of the weeks gone by that the screens show the pipeline at."""
    ends = (unit_at(day, "week").end - timedelta(days=7 * back + 1) for day in present for back in range(1, TREND))
    return {end for end in ends if end not in present}


def _periods(known: Company, present: Sequence[date], day: date) -> tuple[Period, ...]:
    """The periods for which the screens look at the deals of ``day``."""
    week = unit_at(day, "week")
    found = [Period(week.start, week.end)] if day in present or day in _trend(present) else []
    found += [Period(week.end - timedelta(weeks=TREND), week.end)] if day in present else []
    for each in present:
        month, before = windows_of(known, each)
        found += [month] if day == each else [before] if day == compared(known, each) else []
    return tuple(dict.fromkeys(Period(each.start, each.end) for each in found))


def windows_of(known: Company, day: date) -> tuple[Period, Period]:
    """The period of the screens on ``day``, and what they compare it with, unless they are told otherwise."""
    month = parse("this-month", day, known.fiscal_start_month)
    return month, comparison(month, "previous_year", day, known.calendar.is_working_day)


def compared(known: Company, day: date) -> date | None:
    """The day gone by that the screens compare ``day`` with, if there is one."""
    window = windows_of(known, day)[1]
    return window.last if window.days else None


def _taken(session: AsyncSession) -> list[tuple[date, datetime]]:
    """The days asked for since the last step."""
    asked = asked_for(session)
    taken = list(asked)
    asked.clear()
    return taken


def _asked(before: dict[date, date], now: list[date], today: date) -> dict[date, date]:
    """The days gone by to keep, and when each was last asked for. None that was asked for today makes room."""
    last = {day: today if day in now else on for day, on in before.items() if on > today - REMEMBERED}
    room = MOST_ASKED - sum(on == today for on in last.values())
    last |= dict.fromkeys([day for day in now if day not in last][:room], today)
    return dict(sorted(last.items(), key=lambda each: each[1], reverse=True)[:MOST_ASKED])
