"""What makes a contact or a customer card complete and fresh. What needs a library (valid e-mails) is in ``checks``."""

import re
import unicodedata
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import lru_cache

FRESH_YEARS = 2
CONTACT_FIELDS = ("name", "job_title", "department", "email", "phone")
CUSTOMER_FIELDS = ("name", "registration", "address", "sector", "phone", "owner", "decision_maker")

# Compared once folded to lower-case letters and digits: "N / A", "n.a." and "#N/A" are all "na".
PLACEHOLDERS = frozenset(
    {
        "0", "00", "x", "xx", "na", "nan", "null", "none", "nil", "void", "undefined", "empty", "blank", "tbd",
        "tbc", "tba", "todo", "test", "tests", "testtest", "dummy", "unknown", "notavailable", "notapplicable",
        "notprovided", "notset", "missing", "tobecompleted", "tobedefined", "azerty", "qwerty", "qwertz", "asdf",
        "asdfgh", "qsdf", "inconnu", "inconnue", "nonconnu", "nonconnue", "acompleter", "arenseigner", "arevoir",
        "adefinir", "averifier", "nonrenseigne", "nonrenseignee", "noncommunique", "nondisponible", "nondefini",
        "nondefinie", "indefini", "nc", "nd", "nr", "neant", "vide", "aucun", "aucune", "rien", "sansobjet",
        "manquant", "manquante", "unbekannt", "keine", "desconocido", "sconosciuto",
    }
)  # fmt: skip
_RUN = re.compile(r"(.)\1{2,}")


def folded(value: str) -> str:
    """Lower-case letters and digits only, without accents or spaces."""
    plain = unicodedata.normalize("NFKD", value).casefold()
    return "".join(each for each in unicodedata.normalize("NFKD", plain) if each.isalnum())


@lru_cache(maxsize=1 << 17)
def _says_something(value: str) -> bool:
    core = folded(value)
    return core != "" and core not in PLACEHOLDERS and _RUN.fullmatch(core) is None


def is_filled(value: str | None) -> bool:
    """Whether a field says something. Blank, punctuation alone, one character repeated ("xxx", "00 00 00") and words
    that stand for nothing ("n/a", "inconnu") do not; an e-mail is empty when both its sides are ("xxx@xxx.fr").

    Two repeated letters are kept ("Oo" and "Ii" are family names), as is any placeholder inside a longer text.
    """
    if not value:
        return False
    local, at, domain = value.partition("@")
    if at and "@" not in domain:
        return _says_something(local) or _says_something(domain.split(".")[0])
    return _says_something(value)


def contact_fields(
    first_name: str | None,
    last_name: str | None,
    job_title: str | None,
    department: str | None,
    email: str | None,
    phone: str | None,
    mobile: str | None,
) -> dict[str, bool]:
    """Which of ``CONTACT_FIELDS`` are filled.

    First and last name are one field, filled by either: "Hong-jin Na" or "Jennifer Null" is a name, "Na" alone is not.
    """
    return {
        "name": is_filled(first_name) or is_filled(last_name),
        "job_title": is_filled(job_title),
        "department": is_filled(department),
        "email": is_filled(email),
        "phone": is_filled(phone) or is_filled(mobile),
    }


def customer_fields(
    name: str | None,
    siren: str | None,
    siret: str | None,
    vat_number: str | None,
    street: str | None,
    postal_code: str | None,
    city: str | None,
    sector: str | None,
    phone: str | None,
    has_owner: bool,
    has_decision_maker: bool,
) -> dict[str, bool]:
    """Which of ``CUSTOMER_FIELDS`` are filled; an address is a street with a postal code or a city."""
    return {
        "name": is_filled(name),
        "registration": is_filled(siren) or is_filled(siret) or is_filled(vat_number),
        "address": is_filled(street) and (is_filled(postal_code) or is_filled(city)),
        "sector": is_filled(sector),
        "phone": is_filled(phone),
        "owner": has_owner,
        "decision_maker": has_decision_maker,
    }


def freshness(verified_on: date | None, day: date) -> Decimal:
    """From 1 on the day verified (or when that is still to come) down a straight line to 0 at 24 months; 0 if never."""
    if verified_on is None:
        return Decimal(0)
    if verified_on >= day:
        return Decimal(1)
    stale_on = _years_later(verified_on)
    if day >= stale_on:
        return Decimal(0)
    return Decimal((stale_on - day).days) / Decimal((stale_on - verified_on).days)


def _years_later(day: date) -> date:
    year = min(day.year + FRESH_YEARS, MAXYEAR)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
