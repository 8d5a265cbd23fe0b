"""Half-up rounding, the one way amounts and ratios leave the metrics: exact until here, rounded once."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

# Wide enough for any sum of NUMERIC(20,6), so that the ambient 28 digits never round before we do.
_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)
_CUT = Context(prec=80, rounding=ROUND_DOWN)


def half_up(value: Decimal | Fraction | int, places: int = 2) -> Decimal:
    """``value`` to ``places`` decimals, ties away from zero; never a negative zero.

    Raises ``decimal.InvalidOperation`` on an infinite value.
    """
    if isinstance(value, Fraction):
        scaled, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
        if 2 * rest >= value.denominator:
            scaled += 1
        return Decimal(-scaled if value < 0 else scaled).scaleb(-places, _WIDE)
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), context=_WIDE)
    return rounded or rounded.copy_abs()


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
    """``numerator / denominator`` half-up to six places; None when the denominator is 0."""
    if not denominator:
        return None
    # Cut, not rounded, before the one rounding: a quotient just under a tie stays under it.
    return half_up(_CUT.divide(Decimal(numerator), Decimal(denominator)), 6)
