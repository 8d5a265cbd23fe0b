from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import real_data
from cadran.checks.validity import (
    contact_checks,
    customer_checks,
    valid_email,
    valid_phone,
    valid_siren,
    valid_siret,
    valid_vat,
)
from cadran.rules.quality import contact_fields

COUNTRIES = st.sampled_from([None, "FR", "fr", "UK", "XX", "", "É", "FRANCE", "../x", "\ud800", "US", "CH", "GB"])


def test_emails() -> None:
    assert valid_email("ada@acme.fr")
    assert valid_email(" ada@acme.fr ")
    assert not valid_email("ada@acme")
    assert not valid_email("b.levy@expressl&t.net")
    assert not valid_email("ada" * 200 + "@acme.fr")


def test_a_phone_is_read_in_its_country() -> None:
    assert valid_phone("01 42 68 53 00", "FR")
    assert valid_phone("01 42 68 53 00", "fr")
    assert valid_phone("+33 1 42 68 53 00", None)
    assert valid_phone("020 7946 0018", "UK")
    assert not valid_phone("01 42 68 53 00", None)
    assert not valid_phone("01 42 68 53", "FR")
    assert not valid_phone("n/a", "FR")


def test_registration_numbers() -> None:
    assert valid_siren("732 829 320")
    assert not valid_siren("732 829 321")
    assert valid_siret("732 829 320 00074")
    assert valid_siret("356 000 000 00048")  # La Poste's own
    assert not valid_siret("732 829 320 00075")
    assert valid_vat("FR 44 732829320", None)
    assert valid_vat("44732829320", "FR")
    assert valid_vat("DE136695976", "FR")
    assert not valid_vat("FR 45 732829320", "FR")
    assert valid_vat("44732829320", None) is False
    assert valid_vat("12-3456789", "US") is None


def test_only_filled_values_are_checked() -> None:
    assert contact_checks("n/a", "", None, "FR") == {}
    assert contact_checks("ada@acme", "01 42 68 53 00", "xxx", "FR") == {"email": False, "phone": True}
    assert customer_checks(None, None, "732829320", "0000", "12-3456789", "US") == {"siren": True}


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60), COUNTRIES)
@settings(deadline=None)
def test_no_text_raises(value: str, country: str | None) -> None:
    contact_checks(value, value, value, country)
    found = customer_checks(value, value, value, value, value, country)
    assert set(found.values()) <= {True, False}


@pytest.mark.parametrize("file", ["Contact", "Lead"])
def test_salesforce_emails_and_phones(file: str) -> None:
    people = real_data.rows(f"salesforce_de/{file}.csv")
    wanted = real_data.expected("salesforce_de")
    emails = {row["Email"]: valid_email(row["Email"]) for row in people if row["Email"].strip()}
    assert len(emails) == wanted[f"{file.lower()}_email_quality"]["filled"]
    assert sorted(value for value, valid in emails.items() if not valid) == sorted(
        wanted[f"{file.lower()}_email_quality"]["invalid_values"]
    )
    phones = [valid_phone(row["Phone"], "US") for row in people if row["Phone"].strip()]
    assert (len(phones), sum(phones)) == tuple(
        wanted[f"{file.lower()}_phone_quality"][key] for key in ("filled", "valid")
    )


def test_salesforce_contacts_completeness() -> None:
    people = real_data.rows("salesforce_de/Contact.csv")
    fields = [
        contact_fields(r["FirstName"], r["LastName"], r["Title"], r["Department"], r["Email"], r["Phone"], None)
        for r in people
    ]
    wanted = real_data.expected("salesforce_de")["contact_completeness"]
    by_field = Counter(name for each in fields for name, filled in each.items() if filled)
    assert by_field == Counter({"job_title" if name == "function" else name: n for name, n in wanted["filled"].items()})
    assert sum(all(each.values()) for each in fields) == wanted["complete"]


def test_northwind_phones() -> None:
    codes = {
        "Argentina": "AR", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
        "Denmark": "DK", "Finland": "FI", "France": "FR", "Germany": "DE", "Ireland": "IE", "Italy": "IT",
        "Mexico": "MX", "Norway": "NO", "Poland": "PL", "Portugal": "PT", "Spain": "ES", "Sweden": "SE",
        "Switzerland": "CH", "UK": "GB", "USA": "US", "Venezuela": "VE",
    }  # fmt: skip
    customers = real_data.rows("northwind/csv/customers.csv")
    phones = [valid_phone(row["phone"], codes[row["country"]]) for row in customers]
    wanted = real_data.expected("northwind")["phone_quality"]
    assert (len(phones), sum(phones)) == (wanted["filled"], wanted["valid"])


def test_adventureworks_persons() -> None:
    phones = [valid_phone(r["PhoneNumber"], "US") for r in real_data.rows("adventureworks/PersonPhone.csv")]
    wanted = real_data.expected("adventureworks")["phone_quality_all_persons"]
    assert (len(phones), sum(phones)) == (wanted["filled"], wanted["valid"])
