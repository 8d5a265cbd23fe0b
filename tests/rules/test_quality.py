from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadran.rules.quality import (
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    PLACEHOLDERS,
    contact_fields,
    customer_fields,
    folded,
    freshness,
    is_filled,
)

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
ANY = st.none() | st.text(max_size=20)
BOTH = st.booleans()


@pytest.mark.parametrize(
    "value",
    [
        None, "", "   ", "\t", "xxx", "XXXXX", "x x x", "n/a", "N / A", "n.a.", "#N/A", "na", "NULL", "<null>", "None",
        "nan", "-", "--", "/", ".", "…", "?", "???", "0000", "00 00 00 00 00", "1111111111", "0", "inconnu", "INCONNUE",
        "unknown", "à compléter", "A COMPLETER", "tbd", "TODO", "test", "Non renseigné", "xxx@xxx.fr", "test@test.com",
        "n/a@n/a", "aaa",
    ],
)  # fmt: skip
def test_a_placeholder_is_empty(value: str | None) -> None:
    assert not is_filled(value)


@pytest.mark.parametrize(
    "value",
    [
        "Li", "Oo", "J", "3M", "Nabil", "Testard", "Nullmeyer", "0612345678", "+33 1 40 00 00 00", "75001", "DSI", "王",
        "contact@xxx-industrie.fr", "test@acme.fr", "a@b@c", "Xavier", "Nadia", "Directeur (à compléter)",
    ],
)  # fmt: skip
def test_what_says_something_is_filled(value: str) -> None:
    assert is_filled(value)


@given(st.sampled_from(sorted(PLACEHOLDERS)), st.data())
def test_case_spaces_and_punctuation_never_fill_a_placeholder(word: str, data: st.DataObject) -> None:
    letters = [data.draw(st.sampled_from((each, each.upper(), f" {each}", f"{each}."))) for each in word]
    assert not is_filled("".join(letters))


@given(st.characters(max_codepoint=0x24F).filter(lambda each: len(folded(each)) <= 1), st.integers(3, 40))
def test_one_character_repeated_is_empty(character: str, times: int) -> None:
    assert not is_filled(character * times)


@given(st.text())
@settings(deadline=None)
def test_spaces_around_change_nothing(value: str) -> None:
    assert is_filled(value) == is_filled(f"  {value}\n")


def test_a_name_is_one_field_filled_by_either_part() -> None:
    def named(first: str | None, last: str | None) -> bool:
        return contact_fields(first, last, None, None, None, None, None)["name"]

    assert named("Hong-jin", "Na")
    assert named(None, "Durand")
    assert named("Zoé", None)
    assert not named(None, "Na")
    assert not named("xxx", "inconnu")


def test_a_mobile_is_a_phone() -> None:
    fields = contact_fields("Ada", "Byron", "Directrice", "Achats", "ada@acme.fr", "n/a", "06 12 34 56 78")
    assert all(fields.values())


def test_an_address_is_a_street_with_a_postal_code_or_a_city() -> None:
    def address(street: str | None, postal_code: str | None, city: str | None) -> bool:
        return customer_fields("A", None, None, None, street, postal_code, city, None, None, False, False)["address"]

    assert address("1 rue Verte", "69001", None)
    assert address("1 rue Verte", None, "Lyon")
    assert not address(None, "69001", "Lyon")
    assert not address("1 rue Verte", "00000", "?")


@given(st.tuples(*[ANY] * 7))
def test_contacts_have_their_five_fields(values: tuple[str | None, ...]) -> None:
    assert tuple(contact_fields(*values)) == CONTACT_FIELDS


@given(st.tuples(*[ANY] * 9, BOTH, BOTH))
def test_customers_have_their_seven_fields(values: tuple[str | bool | None, ...]) -> None:
    fields = customer_fields(*values)  # type: ignore[arg-type]
    assert tuple(fields) == CUSTOMER_FIELDS
    assert (fields["owner"], fields["decision_maker"]) == values[-2:]


def test_freshness_runs_straight_from_one_to_zero() -> None:
    assert freshness(date(2025, 1, 1), date(2025, 1, 1)) == 1
    assert freshness(date(2025, 1, 1), date(2026, 1, 1)) == Decimal("0.5")
    assert freshness(date(2025, 1, 1), date(2026, 12, 31)) == Decimal(1) / 730
    assert freshness(date(2025, 1, 1), date(2027, 1, 1)) == 0
    assert freshness(date(2024, 2, 29), date(2026, 2, 28)) == 0
    assert freshness(date(2024, 2, 29), date(2026, 2, 27)) > 0
    assert freshness(None, date(2026, 1, 1)) == 0
    assert freshness(date(2027, 1, 1), date(2026, 1, 1)) == 1
    assert freshness(date(9999, 1, 1), date.max) >= 0  # the calendar ends there


@given(DAYS, DAYS)
def test_freshness_stays_between_zero_and_one_and_never_grows(verified: date, day: date) -> None:
    now, tomorrow = freshness(verified, day), freshness(verified, day + timedelta(days=1))
    assert 0 <= tomorrow <= now <= 1
    assert (now == 1) == (day <= verified)
    assert now > 0 or (day - verified).days >= 730
    assert now == 0 or (day - verified).days <= 730
