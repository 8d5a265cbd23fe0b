"""Whether an e-mail, a phone or a registration number can be true. No network is asked, no text makes it raise."""

from functools import lru_cache
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.fr import siren as fr_siren
from stdnum.fr import siret as fr_siret

from cadran.rules.quality import is_filled

_LONGEST = 320  # of an e-mail address; phones and numbers are far shorter
_EU = frozenset(eu_vat.MEMBER_STATES) | {"el"}  # Greece writes EL on its VAT numbers
_REGIONS = {"UK": "GB", "EL": "GR"}


@lru_cache(maxsize=1 << 16)
def valid_email(value: str) -> bool:
    """Its syntax, not whether the mailbox exists."""
    if len(value) > _LONGEST:
        return False
    try:
        validate_email(value.strip(), check_deliverability=False)
    except (EmailNotValidError, ValueError):
        return False
    return True


@lru_cache(maxsize=1 << 16)
def valid_phone(value: str, country: str | None) -> bool:
    """Whether it can be written in E.164 and is in use by its country's plan; ``country`` (ISO 3166 alpha-2) reads one
    without ``+``.
    """
    if len(value) > _LONGEST:
        return False
    region = None if country is None else _REGIONS.get(country.upper(), country.upper())
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=1 << 16)
def valid_siren(value: str) -> bool:
    return len(value) <= _LONGEST and bool(fr_siren.is_valid(value))


@lru_cache(maxsize=1 << 16)
def valid_siret(value: str) -> bool:
    return len(value) <= _LONGEST and bool(fr_siret.is_valid(value))


@lru_cache(maxsize=1 << 16)
def valid_vat(value: str, country: str | None) -> bool | None:
    """By the number's own prefix in the EU, else by the country's rule; None when no rule is known for that country."""
    if len(value) > _LONGEST:
        return False
    compact = "".join(each for each in value if each.isalnum()).lower()
    if compact[:2] in _EU:
        return bool(eu_vat.is_valid(value))
    code = None if country is None else _REGIONS.get(country.upper(), country.upper()).lower()
    if code is None:
        return False
    rule = _vat_rule(code)
    return None if rule is None else bool(rule.is_valid(value))


@lru_cache(maxsize=512)
def _vat_rule(code: str) -> Any:
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        return None
    return get_cc_module(code, "vat")


def contact_checks(email: str | None, phone: str | None, mobile: str | None, country: str | None) -> dict[str, bool]:
    """Whether each filled value is valid, by field; ``country``: the customer's, else the company's."""
    found = {}
    if email is not None and is_filled(email):
        found["email"] = valid_email(email)
    if phone is not None and is_filled(phone):
        found["phone"] = valid_phone(phone, country)
    if mobile is not None and is_filled(mobile):
        found["mobile"] = valid_phone(mobile, country)
    return found


def customer_checks(
    email: str | None,
    phone: str | None,
    siren: str | None,
    siret: str | None,
    vat_number: str | None,
    country: str | None,
) -> dict[str, bool]:
    """Whether each filled value that can be checked is valid, by field."""
    found = contact_checks(email, phone, None, country)
    if siren is not None and is_filled(siren):
        found["siren"] = valid_siren(siren)
    if siret is not None and is_filled(siret):
        found["siret"] = valid_siret(siret)
    if vat_number is not None and is_filled(vat_number):
        vat = valid_vat(vat_number, country)
        if vat is not None:
            found["vat_number"] = vat
    return found
