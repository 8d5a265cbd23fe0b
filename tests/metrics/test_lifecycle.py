"""The life cycle told day by day, as one would by hand, against the way it is computed."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from cadran.metrics.facts import CustomerCell
from cadran.metrics.kpi import Rules
from cadran.metrics.lifecycle import became_lost, in_base, life_cycle, median_interval

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def customers(draw: st.DrawFn) -> CustomerCell:
    days = tuple(sorted(set(draw(st.lists(DAYS, min_size=1, max_size=25)))))
    promises = [(day, day + timedelta(days=draw(st.integers(0, 90)))) for day in days if draw(st.booleans())]
    return CustomerCell(order_days=days, promises=tuple(promises[:4]), own_cycle=draw(st.sampled_from((None, 5, 40))))


@given(customers(), DAYS, st.integers(1, 120), DAYS, st.sampled_from((0, 7, 14)))
def test_becoming_lost(customer: CustomerCell, start: date, length: int, until: date, minimum: int) -> None:
    rules = Rules(minimum_cycle_days=minimum)
    end = start + timedelta(days=length)

    def lost(day: date) -> bool:
        state = life_cycle(customer, day, rules)
        return state is not None and state.state == "lost"

    window = [start + timedelta(days=n) for n in range(length)]
    turns = [day for day in window if day <= until and lost(day) and not lost(day - timedelta(days=1))]
    expected = in_base(customer, start, rules) and bool(turns)
    assert became_lost(customer, start, end, until, rules) is expected


@given(st.lists(DAYS, unique=True, max_size=30).map(sorted))
def test_the_median_interval(days: list[date]) -> None:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    assert median_interval(days) == (Decimal(str(median(gaps))) if len(days) > 2 else None)
