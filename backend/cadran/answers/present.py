"""Answers as plain data for JSON, CSV and XLSX: money and ratios as decimal strings, counts as integers."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from cadran.answers.aims import Aim
from cadran.answers.answer import Answer, Compared
from cadran.metrics.kpi import Caveat, Kpi, Result, Text, Unit
from cadran.metrics.periods import Period, label

Plain = dict[str, Any]


def figure(value: Decimal | None, unit: Unit) -> str | int | None:
    """A count as an integer; money with its cents; anything else without idle zeros."""
    if value is None:
        return None
    if unit == "count" and value == value.to_integral_value():
        return int(value)
    if unit == "money":
        return exact_money(value)
    return plain_decimal(value)


def exact_money(value: Decimal) -> str:
    """At least two decimals, more only when the amount has them."""
    text = plain_decimal(value)
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents.ljust(2, '0')}"


def plain_decimal(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Any) -> Any:
    """Decimals, dates, times and ids as text, inside lists and maps too."""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def period_data(period: Period, fiscal_start_month: int) -> Plain:
    """``to`` is excluded."""
    return {
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "kind": period.kind,
        "label": label(period, fiscal_start_month),
    }


def text(value: Text | None) -> Plain | None:
    return None if value is None else value.as_dict()


def result_data(kpi: Kpi, result: Result) -> Plain:
    return {
        "value": figure(result.value, kpi.unit),
        "reason": text(result.reason),
        "components": {name: figure(result.components.get(name), part.unit) for name, part in kpi.components.items()},
    }


def aim_data(kpi: Kpi, aim: Aim, result: Result) -> Plain:
    """``gap``: value − what is expected by now."""
    value, expected = result.value, aim.expected_to_date
    gap = None if value is None or expected is None else value - expected
    return {
        "target": figure(aim.target, kpi.unit),
        "target_origin": aim.origin,
        "attainment": figure(aim.attainment, "ratio"),
        "expected_to_date": None if aim.expected_to_date is None else figure(aim.expected_to_date, _expected_unit(kpi)),
        "gap": None if gap is None else figure(gap, _expected_unit(kpi)),
        "pace": figure(aim.pace, "ratio"),
        "target_met": aim.met,
    }


def _expected_unit(kpi: Kpi) -> Unit:
    # What is expected of a count by today is rarely whole.
    return "number" if kpi.unit == "count" else kpi.unit


def compared_data(answer: Answer, compared: Compared) -> Plain:
    fiscal = answer.question.company.fiscal_start_month
    return {
        "kind": compared.kind,
        "period": period_data(compared.period, fiscal),
        **result_data(answer.kpi, compared.result),
        "change": figure(compared.change, "ratio"),
    }


def warning_data(caveat: Caveat) -> Plain:
    return {"code": caveat.code, "message": caveat.message.as_dict()}


def catalogue_data(kpi: Kpi) -> Plain:
    """One entry of the catalogue."""
    return {
        "name": kpi.name,
        "number": kpi.number,
        "dashboard": kpi.dashboard,
        "companion": kpi.companion,
        "label": kpi.label.as_dict(),
        "definition": kpi.definition.as_dict(),
        "formula": kpi.formula.as_dict(),
        "unit": kpi.unit,
        "kind": kpi.kind,
        "higher_is_better": kpi.higher_is_better,
        "additive": kpi.additive,
        "dimensions": list(kpi.dimensions),
        "resource": kpi.resource,
        "takes_target": kpi.takes_target,
        "inputs": [
            {"name": name, "label": part.label.as_dict(), "unit": part.unit, "main": name in kpi.main}
            for name, part in kpi.inputs.items()
        ],
        "components": [
            {"name": name, "label": part.label.as_dict(), "unit": part.unit} for name, part in kpi.components.items()
        ],
        "examples": [
            {"text": example.text.as_dict(), "value": figure(example.value, kpi.unit)} for example in kpi.examples
        ],
        "definition_version": kpi.definition_version,
    }
