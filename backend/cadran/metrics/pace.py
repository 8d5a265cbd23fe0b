"""Where a value should stand by now, and how it compares."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from cadran.metrics.rounding import half_up

PaceReason = Literal["no_target", "no_working_days", "not_started", "zero_target", "no_value"]


@dataclass(frozen=True, slots=True)
class Pace:
    """``expected_to_date`` in the KPI's unit, to the cent; ``pace``: 1 is on time. ``reason`` says why pace is None."""

    expected_to_date: Decimal | None
    pace: Decimal | None
    reason: PaceReason | None = None


PACE_REASONS: dict[PaceReason, tuple[str, str]] = {
    "no_target": ("Aucun objectif sur cette période.", "No target for this period."),
    "no_working_days": ("Aucun jour ouvré dans cette période.", "No working day in this period."),
    "not_started": ("Aucun jour ouvré écoulé.", "No working day has elapsed."),
    "zero_target": ("L’objectif est nul.", "The target is zero."),
    "no_value": ("Aucune valeur sur cette période.", "No value in this period."),
}


def pace(
    value: Decimal | None, target: Decimal | None, elapsed_days: int, total_days: int, *, accrues: bool = True
) -> Pace:
    """Where ``value`` should stand, and how it compares; days are working days, elapsed as by ``Calendar.elapsed``.

    A finished period expects its target, one to come expects 0. With ``accrues=False``, for a stock or a ratio, whose
    target does not build up day by day, the target is expected as it is from the first working day on.
    """
    if target is None:
        return Pace(None, None, "no_target")
    if total_days <= 0:
        return Pace(None, None, "no_working_days")
    if elapsed_days <= 0:
        return Pace(Decimal("0.00"), None, "not_started")
    done = Fraction(min(elapsed_days, total_days), total_days) if accrues else Fraction(1)
    expected = target if done == 1 else half_up(Fraction(target) * done)
    if not target:
        return Pace(expected, None, "zero_target")
    if value is None:
        return Pace(expected, None, "no_value")
    # Against what is expected exactly: rounding happens once, at the end.
    return Pace(expected, half_up(Fraction(value) / (Fraction(target) * done), 6))
