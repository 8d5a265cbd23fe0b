"""Strict shared types: what may enter, and how it leaves. Whatever is hostile stops here."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any
from uuid import UUID

from babel.numbers import list_currencies
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
# Never in text: control characters (long text may hold tabs and line feeds), lone surrogates, the two non-characters.
_LINE = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_LONG = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"


def _schema_class(characters: str) -> str:
    """The same characters as JSON Schema's regular expressions write them, which cannot name lone surrogates."""
    return characters.replace(r"\ud800-\udfff", "").replace(r"\x", r"\u00")


def _checked(limit: int, least: int, pattern: str | None, long: bool) -> Any:
    bad = re.compile(f"[{_LONG if long else _LINE}]")
    form = re.compile(pattern, re.ASCII) if pattern else None

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("Write text.")
        if bad.search(value):
            raise ValueError("Remove the control characters or broken Unicode in this text.")
        if len(value) > limit:
            raise ValueError(f"Shorten it to at most {limit} characters.")
        stripped = value.strip()
        if len(stripped) < least:
            raise ValueError("Fill it, or leave it out." if least == 1 else f"Give at least {least} characters.")
        if form is not None and not form.fullmatch(stripped):
            raise ValueError(f"Write it in the form {pattern}.")
        return stripped

    return check


def text(limit: int = 200, least: int = 1, *, pattern: str | None = None, long: bool = False) -> Any:
    """Text of ``least`` to ``limit`` characters, kept without the white space around it.

    One line unless ``long``. ``pattern``: a regular expression of ASCII classes for the whole text.
    The JSON schema accepts exactly what is accepted here, so that no client and no fuzzer is surprised.
    """
    never = _schema_class(_LONG if long else _LINE)
    # Something besides white space, as the text is stripped.
    form = f"^{pattern}$" if pattern else rf"^[^{never}]*[^\s{never}][^{never}]*$" if least else f"^[^{never}]*$"
    schema = {"type": "string", "minLength": least, "maxLength": limit, "pattern": form}
    return Annotated[str, BeforeValidator(_checked(limit, least, pattern, long)), WithJsonSchema(schema)]


ShortText = text(200)
Code = text(100)
LongText = text(10_000, long=True)
ExternalId = text(200)
Id = UUID


def _email(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError("This is not an e-mail address.") from error


Email = Annotated[
    str,
    BeforeValidator(_checked(254, 1, None, long=False)),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        found = value
    else:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError("Write a date as YYYY-MM-DD.")
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise ValueError("This date is not in the calendar.") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError("Give a date from 1900-01-01 to 2199-12-31.")
    return found


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": "^(19|20|21)", "examples": ["2026-11-23"]}),
]

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        found = value
    else:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValueError("Write an instant as 2026-11-23T09:41:00Z.")
        try:
            found = datetime.fromisoformat(value.upper())
        except ValueError:
            raise ValueError("Write an instant as 2026-11-23T09:41:00Z.") from None
    if found.tzinfo is None:
        raise ValueError("Say the time zone: end with Z or an offset such as +02:00.")
    if not FIRST_DAY.year <= found.year <= LAST_DAY.year:
        raise ValueError("Give an instant from 1900 to 2199.")
    return found.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "pattern": "^(19|20|21)", "examples": ["2026-11-23T09:41:00Z"]}
    ),
]


def money_text(value: Decimal) -> str:
    """At least two decimals, more only when the amount has them."""
    whole, _, cents = plain_text(value).partition(".")
    return f"{whole}.{cents.ljust(2, '0')}"


def plain_text(value: Decimal) -> str:
    shown = format(value, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def decimal(
    integers: int,
    decimals: int,
    least: Decimal | int | None = None,
    most: int | None = None,
    show: Callable[[Decimal], str] | None = None,
) -> Any:
    """A decimal number of ``integers`` digits before and ``decimals`` after the point, written out as text.

    Text is exact and must fit. JSON numbers are taken too: a float by its shortest form, half-up to ``decimals``, since
    0.1 + 0.2 is not meant to have seventeen. ``least``: 0, or the smallest positive step; ``most``: 1 for rates.
    """
    above, step = Decimal(10) ** integers, Decimal(1).scaleb(-decimals)
    if most == 1:
        pattern = rf"(0(\.[0-9]{{1,{decimals}}})?|1(\.0{{1,{decimals}}})?)"
    else:
        sign = "-?" if least is None else ""
        pattern = rf"{sign}[0-9]{{1,{integers}}}(\.[0-9]{{1,{decimals}}})?"
    form = re.compile(pattern)
    lowest = -int(above) + 1 if least is None else float(least)
    highest = most or int(above) - 1

    def read(value: Any) -> Decimal:
        if isinstance(value, str):
            if len(value) > 60 or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
                raise ValueError("Write a decimal number, for example 1234.50.")
            found = Decimal(value)
        elif isinstance(value, Decimal):
            found = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            # Compared as floats and integers: a Decimal cannot be compared with NaN, nor made of a thousand digits.
            found = Decimal(repr(value)) if abs(value) < 10**integers else Decimal("Infinity")
        else:
            raise ValueError("Write a decimal number, for example 1234.50.")
        if found.is_nan():
            raise ValueError("Write a decimal number, for example 1234.50.")
        if abs(found) >= above:
            raise ValueError(f"Give at most {integers} digits before the decimal point.")
        rounded = found.quantize(step, ROUND_HALF_UP)
        if rounded != found and not isinstance(value, float):
            raise ValueError(f"Give at most {decimals} decimals.")
        if least is not None and (rounded < least or found < 0):
            raise ValueError(f"Give {Decimal(least):f} or more.")
        if found > most if most else isinstance(value, float) and abs(found) > highest:
            raise ValueError(f"Give {highest} or less.")
        if isinstance(value, str) and not form.fullmatch(value):
            raise ValueError(f"Write it like {'0.25' if most else '1234.50'}, with at most {decimals} decimals.")
        # Without the zeros that rounding added, and never minus zero.
        return (rounded if isinstance(value, float) else found) + 0

    not_zero = r"(?!0*(\.0*)?$)" if least else ""
    number = {"type": "number", "minimum": lowest, "maximum": highest}
    schema = {"anyOf": [{"type": "string", "pattern": f"^{not_zero}{pattern}$"}, number]}
    return Annotated[
        Decimal,
        BeforeValidator(read),
        PlainSerializer(show or plain_text, return_type=str, when_used="json"),
        WithJsonSchema(schema, mode="validation"),
        WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, mode="serialization"),
    ]


Money = decimal(12, 6, show=money_text)
PositiveMoney = decimal(12, 6, least=0, show=money_text)
Quantity = decimal(9, 4)
Rate = decimal(1, 6, least=0, most=1)
ExchangeRate = decimal(7, 8, least=Decimal("0.00000001"))
Weight = decimal(6, 2, least=Decimal("0.01"))


CURRENCIES = frozenset(list_currencies())


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise ValueError("Give an ISO 4217 currency code in capitals, such as EUR.")
    return value


Currency = Annotated[
    str,
    BeforeValidator(_checked(3, 3, None, long=False)),
    AfterValidator(_currency),
    WithJsonSchema({"type": "string", "enum": sorted(CURRENCIES)}, mode="validation"),
    WithJsonSchema({"type": "string"}, mode="serialization"),
]
Country = text(2, 2, pattern="[A-Z]{2}")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def whole(least: int, most: int) -> Any:
    """A whole number in a body: 3 and 3.0, which JSON does not tell apart, but neither "3" nor true."""
    return Annotated[int, Field(strict=True, ge=least, le=most), BeforeValidator(_whole)]


Count = whole(0, 2**31 - 1)
DaysCount = whole(1, 3660)
# A yes or no in a body: "yes", 1 and "on" are not JSON's true. (In a query, plain bool: everything is text there.)
Flag = Annotated[bool, Field(strict=True)]


class StrictModel(BaseModel):
    """A body or a query: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Read(BaseModel):
    """What is answered: built from rows, every field always present."""

    model_config = ConfigDict(from_attributes=True)
