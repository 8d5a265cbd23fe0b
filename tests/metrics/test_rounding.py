"""Half-up, once, whatever the sign and the size."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadran.metrics.rounding import half_up, ratio

amounts = st.decimals(min_value=-(10**14), max_value=10**14, places=6)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("1.0049999", "1.00"),
        ("-0.004", "0.00"),
        ("7", "7.00"),
    ],
)
def test_ties_go_away_from_zero_and_zero_has_no_sign(value: str, rounded: str) -> None:
    assert str(half_up(Decimal(value))) == rounded
    assert str(half_up(Fraction(value))) == rounded


def test_more_digits_than_the_ambient_context_are_kept() -> None:
    assert half_up(Decimal("12345678901234567890123456789012.345")) == Decimal("12345678901234567890123456789012.35")


def test_a_quotient_just_under_a_tie_stays_under_it() -> None:
    # 0.00000049…9 with 99 nines: rounding it to fewer digits first would make the tie 0.0000005.
    denominator = Decimal("1e106")
    assert ratio(Decimal("4" + 99 * "9"), denominator) == 0
    assert ratio(Decimal("5e99"), denominator) == Decimal("0.000001")


def test_no_ratio_over_zero() -> None:
    assert ratio(Decimal(1), Decimal("0.00")) is None
    assert ratio(0, 3) == 0
    assert str(ratio(1, 3)) == "0.333333"
    assert str(ratio(-2, 3)) == "-0.666667"


@given(amounts, st.integers(0, 6))
def test_never_further_than_half_a_step(value: Decimal, places: int) -> None:
    rounded = half_up(value, places)
    assert abs(Fraction(rounded) - Fraction(value)) <= Fraction(1, 2 * 10**places)
    assert rounded == half_up(Fraction(value), places)
    assert rounded == -half_up(-value, places)
    assert rounded.as_tuple().exponent == -places


@given(amounts, amounts.filter(bool))
def test_a_ratio_is_the_exact_quotient_rounded_once(numerator: Decimal, denominator: Decimal) -> None:
    assert ratio(numerator, denominator) == half_up(Fraction(numerator) / Fraction(denominator), 6)
