"""The shared types: what enters, what is refused with which words, how it leaves, and that the schema says the same."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError, create_model
from schemathesis import GenerationMode

from cadran.kit import types

NAMES = (
    "ShortText", "Code", "LongText", "Email", "Day", "Instant", "Money", "PositiveMoney", "Quantity", "Rate",
    "ExchangeRate", "Weight", "Currency", "Country", "Count", "DaysCount", "Flag", "Id",
)  # fmt: skip

BODIES: dict[str, Any] = {
    name: create_model(
        f"{name}Body",
        __base__=types.StrictModel,
        value=(getattr(types, name), ...),
        maybe=(getattr(types, name) | None, None),
    )
    for name in NAMES
}


def read(name: str, value: Any) -> Any:
    return TypeAdapter(getattr(types, name)).validate_python(value)


def written(name: str, value: Any) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(getattr(types, name))
    return json.loads(adapter.dump_json(adapter.validate_python(value)))


def why_not(name: str, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(name, value)
    return str(caught.value.errors()[0]["msg"])


def accepted(model: Any, value: Any) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ShortText", "  Dupont & fils ", "Dupont & fils"),
        ("ShortText", "x" * 200, "x" * 200),
        ("ShortText", "Łódź 東京 🚀", "Łódź 東京 🚀"),
        ("LongText", "one\n\ttwo\r\nthree", "one\n\ttwo\r\nthree"),
        ("Email", " Anne.Martin@Example.COM ", "anne.martin@example.com"),
        ("Day", "2024-02-29", date(2024, 2, 29)),
        ("Day", "1900-01-01", date(1900, 1, 1)),
        ("Day", "2199-12-31", date(2199, 12, 31)),
        ("Instant", "2026-11-23T10:41:00+01:00", datetime(2026, 11, 23, 9, 41, tzinfo=UTC)),
        ("Instant", "2026-11-23t09:41:00.123456789z", datetime(2026, 11, 23, 9, 41, 0, 123456, tzinfo=UTC)),
        ("Money", "1234.50", Decimal("1234.50")),
        ("Money", "-0.000001", Decimal("-0.000001")),
        ("Money", 12, Decimal(12)),
        ("Money", 0.1, Decimal("0.1")),
        ("Money", 0.1 + 0.2, Decimal("0.3")),
        ("Money", 1e-7, Decimal(0)),
        ("Money", 2.5e-6, Decimal("0.000003")),
        ("Money", "999999999999.999999", Decimal("999999999999.999999")),
        ("Rate", "0.25", Decimal("0.25")),
        ("Rate", 1, Decimal(1)),
        ("ExchangeRate", "0.00000001", Decimal("0.00000001")),
        ("Currency", "EUR", "EUR"),
        ("Country", "FR", "FR"),
        ("Count", 3.0, 3),
        ("Flag", True, True),
    ],
)
def test_what_is_accepted(name: str, value: Any, expected: Any) -> None:
    found = read(name, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ShortText", "", "Fill it"),
        ("ShortText", " \u3000\t".replace("\t", ""), "Fill it"),
        ("ShortText", "x" * 201, "at most 200"),
        ("ShortText", "a\x00b", "control characters"),
        ("ShortText", "a\nb", "control characters"),
        ("ShortText", "a\ud800b", "control characters"),
        ("ShortText", "\uffff", "control characters"),
        ("ShortText", "a\x85b", "control characters"),
        ("ShortText", 12, "Write text"),
        ("ShortText", None, "Write text"),
        ("ShortText", ["a"], "Write text"),
        ("LongText", "a\x00b", "control characters"),
        ("LongText", "a\x1bb", "control characters"),
        ("LongText", "\udfff", "control characters"),
        ("LongText", "x" * 10_001, "at most 10000"),
        ("Email", "nobody", "not an e-mail address"),
        ("Email", "a@b\x00.fr", "control characters"),
        ("Email", "\ud800@example.com", "control characters"),
        ("Email", "a" * 250 + "@example.com", "at most 254"),
        ("Day", "2026-02-30", "not in the calendar"),
        ("Day", "1899-12-31", "1900-01-01 to 2199-12-31"),
        ("Day", "2200-01-01", "1900-01-01 to 2199-12-31"),
        ("Day", "0001-01-01", "1900-01-01"),
        ("Day", "9999-12-31", "1900-01-01"),
        ("Day", "2026-11-23T00:00:00Z", "YYYY-MM-DD"),
        ("Day", "20261123", "YYYY-MM-DD"),
        ("Day", "2026-W48-1", "YYYY-MM-DD"),
        ("Day", "2026-11-23\n", "YYYY-MM-DD"),
        ("Day", "٢٠٢٦-11-23", "YYYY-MM-DD"),
        ("Day", 1763856000, "YYYY-MM-DD"),
        ("Day", True, "YYYY-MM-DD"),
        ("Day", datetime(2026, 11, 23, tzinfo=UTC), "YYYY-MM-DD"),
        ("Instant", "2026-11-23T09:41:00", "time zone"),
        ("Instant", "0001-01-01T00:00:00Z", "1900 to 2199"),
        ("Instant", "9999-12-31T23:59:59-14:00", "1900 to 2199"),
        ("Instant", "2026-11-23T25:00:00Z", "2026-11-23T09:41:00Z"),
        ("Instant", "2026-11-23", "2026-11-23T09:41:00Z"),
        ("Instant", 1763856000, "2026-11-23T09:41:00Z"),
        ("Money", "NaN", "decimal number"),
        ("Money", "Infinity", "decimal number"),
        ("Money", "1e3", "decimal number"),
        ("Money", "1_000", "decimal number"),
        ("Money", " 1", "decimal number"),
        ("Money", "1,50", "decimal number"),
        ("Money", "١٢", "decimal number"),
        ("Money", "", "decimal number"),
        ("Money", True, "decimal number"),
        ("Money", None, "decimal number"),
        ("Money", "9" * 5000, "decimal number"),
        ("Money", Decimal("NaN"), "decimal number"),
        ("Money", Decimal("Infinity"), "at most 12 digits"),
        ("Money", float("nan"), "at most 12 digits"),
        ("Money", float("inf"), "at most 12 digits"),
        ("Money", 10**400, "at most 12 digits"),
        ("Money", -(10**12), "at most 12 digits"),
        ("Money", "1000000000000", "at most 12 digits"),
        ("Money", "0.1234567", "at most 6 decimals"),
        ("PositiveMoney", "-1", "0 or more"),
        ("PositiveMoney", -1e-30, "0 or more"),
        ("Rate", "1.000001", "1 or less"),
        ("Rate", 1.0000000000000002, "1 or less"),
        ("Rate", "-0.1", "0 or more"),
        ("ExchangeRate", "0", "0.00000001 or more"),
        ("Weight", 0.001, "0.01 or more"),
        ("Currency", "eur", "ISO 4217"),
        ("Currency", "AAA", "ISO 4217"),
        ("Country", "France", "at most 2"),
        ("Country", "fr", "form"),
        ("Count", "3", "valid integer"),
        ("Count", True, "valid integer"),
        ("Count", 3.5, "valid integer"),
        ("Count", 2**63, "less than or equal"),
        ("Flag", "yes", "valid boolean"),
        ("Flag", 1, "valid boolean"),
        ("Id", "not-an-id", "valid UUID"),
    ],
)
def test_what_is_refused_and_how(name: str, value: Any, words: str) -> None:
    assert words in why_not(name, value)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Money", "1234", "1234.00"),
        ("Money", "1234.5", "1234.50"),
        ("Money", "1234.5670", "1234.567"),
        ("Money", "-0.00", "0.00"),
        ("Money", Decimal("1E+3"), "1000.00"),
        ("Quantity", "12.5000", "12.5"),
        ("Quantity", "100", "100"),
        ("Rate", "0.250000", "0.25"),
        ("Rate", "0", "0"),
        ("Instant", "2026-11-23T10:41:00+01:00", "2026-11-23T09:41:00Z"),
        ("Instant", "2026-11-23T09:41:00.5Z", "2026-11-23T09:41:00.500000Z"),
        ("Day", "2026-11-23", "2026-11-23"),
    ],
)
def test_how_it_leaves(name: str, value: Any, shown: str) -> None:
    assert written(name, value) == shown


def test_a_body_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError) as caught:
        BODIES["Money"].model_validate({"value": "1", "vaule": "1"})
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(("vaule",), "extra_forbidden")]


@given(st.decimals(min_value=-(10**12) + 1, max_value=10**12 - 1, places=6))
@settings(max_examples=200, deadline=None)
def test_money_survives_a_round_trip_exactly(amount: Decimal) -> None:
    assert read("Money", written("Money", format(amount, "f"))) == amount


@pytest.fixture(scope="module")
def described() -> Any:
    app = FastAPI()
    for name in NAMES:

        async def create(body: Any) -> None:
            return None

        create.__annotations__["body"] = BODIES[name]
        app.post(f"/{name}")(create)
    return schemathesis.openapi.from_dict(app.openapi())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_schema_says_what_the_type_does(described: Any, name: str, mode: GenerationMode) -> None:
    """What the published schema admits is accepted, what it excludes is refused: the fuzzer of the whole API agrees."""
    seen = 0

    @given(case=described[f"/{name}"]["POST"].as_strategy(generation_mode=mode))
    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def run(case: Any) -> None:
        nonlocal seen
        if mode is GenerationMode.NEGATIVE and isinstance(case.body, dict) and case.meta is not None:
            places = {str(getattr(place, "value", place)) for place in case.meta.components}
            if "body" not in places:
                return
        seen += 1
        assert accepted(BODIES[name], case.body) is (mode is GenerationMode.POSITIVE), case.body

    run()
    assert seen
