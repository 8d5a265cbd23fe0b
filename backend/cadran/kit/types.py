"""Strict shared types: what may enter, and how it leaves. Whatever is hostile stops here."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
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
# Control characters (tab and line feeds apart in long text), lone surrogates, and the two that are never characters.
_BAD = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BAD_LONG = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# No control characters, and something other than white space: what the schema says is what is accepted.
_VISIBLE = r"^[^\u0000-\u001f\u007f-\u009f]*$"


def _text(long: bool) -> Any:
    bad = _BAD_LONG if long else _BAD

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("Write text.")
        if bad.search(value):
            raise ValueError("Remove the control characters or broken Unicode in this text.")
        return value.strip()

    return check


def text(limit: int = 200, least: int = 1) -> Any:
    """One line of text of ``least`` to ``limit`` characters."""
    return Annotated[str, BeforeValidator(_text(long=False)), Field(min_length=least, max_length=limit)]


ShortText = text(200)
Code = text(100)
LongText = Annotated[str, BeforeValidator(_text(long=True)), Field(min_length=1, max_length=10_000)]
ExternalId = text(200)
Id = UUID


def _email(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError("This is not an e-mail address.") from error


Email = Annotated[
    str,
    BeforeValidator(_text(long=False)),
    Field(max_length=254),
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
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-23"]})
]


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        found = value
    else:
        if not isinstance(value, str) or len(value) > 40 or not re.match(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", value):
            raise ValueError("Write an instant as 2026-11-23T09:41:00Z.")
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("Write an instant as 2026-11-23T09:41:00Z.") from None
    if found.tzinfo is None:
        raise ValueError("Say the time zone: end with Z or an offset such as +02:00.")
    if not FIRST_DAY.year < found.year < LAST_DAY.year:
        raise ValueError("Give an instant from 1901 to 2198.")
    return found.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T09:41:00Z"]}),
]

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,12})?", re.ASCII)


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
    most: Decimal | int | None = None,
    show: Any = None,
) -> Any:
    """A decimal number read from text, an integer or a finite JSON number, and written as text."""
    sign = "" if least is not None and least >= 0 else "-?"
    pattern = rf"^{sign}\d{{1,{integers}}}(\.\d{{1,{decimals}}})?$"

    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
            raise ValueError("Write a decimal number, for example 1234.50.")
        written = value.strip() if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
        try:
            found = Decimal(written) if len(written) <= 60 and (not isinstance(value, str) or _plain(written)) else None
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite():
            raise ValueError("Write a decimal number, for example 1234.50.")
        if abs(found) >= Decimal(10) ** integers:
            raise ValueError(f"Give at most {integers} digits before the decimal point.")
        if found != found.quantize(Decimal(1).scaleb(-decimals)):
            raise ValueError(f"Give at most {decimals} decimals.")
        if least is not None and found < least:
            raise ValueError(f"Give {least} or more.")
        if most is not None and found > most:
            raise ValueError(f"Give {most} or less.")
        return found

    described: dict[str, Any] = {"type": "string", "pattern": pattern}
    number: dict[str, Any] = {"type": "integer", "minimum": -(10**9) if least is None else int(least)}
    number["maximum"] = int(most) if most is not None else 10 ** min(integers, 9) - 1
    schema = (
        {"anyOf": [described, number]}
        if most is None
        else {"anyOf": [{"type": "string", "pattern": r"^(0(\.\d{1,6})?|1)$"}, number]}
    )
    return Annotated[
        Decimal,
        BeforeValidator(read),
        PlainSerializer(show or plain_text, return_type=str, when_used="json"),
        WithJsonSchema(schema, mode="validation"),
        WithJsonSchema({"type": "string"}, mode="serialization"),
    ]


def _plain(written: str) -> bool:
    return (
        _NUMBER.fullmatch(written) is not None
        or re.fullmatch(r"-?\d{1,30}(\.\d{1,20})?", written, re.ASCII) is not None
    )


Money = decimal(12, 6, show=money_text)
PositiveMoney = decimal(12, 6, least=0, show=money_text)
Quantity = decimal(9, 4)
Rate = decimal(1, 6, least=0, most=1)
ExchangeRate = decimal(7, 8, least=Decimal("0.00000001"))
Weight = decimal(6, 2, least=Decimal("0.01"))


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def _currency(value: str) -> str:
    if value not in _currencies():
        raise ValueError("Give an ISO 4217 currency code in capitals, such as EUR.")
    return value


Currency = Annotated[
    str, BeforeValidator(_text(long=False)), Field(min_length=3, max_length=3), AfterValidator(_currency),
    WithJsonSchema({"type": "string", "enum": ["EUR", "USD", "GBP", "CHF", "CAD", "BRL", "JPY", "SEK", "NOK", "DKK", "PLN"],
                    "description": "ISO 4217; any code is taken, these are the usual ones."}, mode="validation"),
    WithJsonSchema({"type": "string"}, mode="serialization"),
]  # fmt: skip
Country = Annotated[str, BeforeValidator(_text(long=False)), Field(pattern=r"^[A-Z]{2}$")]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
DaysCount = Annotated[int, Field(strict=True, ge=1, le=3660)]


class StrictModel(BaseModel):
    """A body or a query: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Read(BaseModel):
    """What is answered: built from rows, every field always present."""

    model_config = ConfigDict(from_attributes=True)
