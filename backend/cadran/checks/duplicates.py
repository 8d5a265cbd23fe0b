"""Which records describe the same customer or the same person.

Records that share a cheap key (e-mail, phone, SIREN, domain, sounds of the name with the place …) are compared two by
two. Each field that agrees adds to the evidence, each that contradicts takes away, one that is missing says nothing;
the evidence, in powers of two, becomes a score from 0 to 1. Wrong pairs cost a reader's trust: in doubt, none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import ratio, token_sort_ratio

from cadran.checks import keys
from cadran.checks.matching import ENOUGH, Evidence, Keyed, Kind, Pair, keys_of
from cadran.rules.quality import is_filled


@dataclass(frozen=True, slots=True)
class CustomerCard:
    id: UUID
    name: str | None = None
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A person; ``company`` and the address are their customer's."""

    id: UUID
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    customer_id: UUID | None = None
    company: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None


def customer_pairs(rows: Iterable[CustomerCard]) -> list[Pair]:
    """Pairs scoring ``THRESHOLD`` or more, the surest first."""
    return CUSTOMERS.pairs(rows)


def contact_pairs(rows: Iterable[ContactCard]) -> list[Pair]:
    """Pairs scoring ``THRESHOLD`` or more, the surest first."""
    return CONTACTS.pairs(rows)


def _value(text: str | None) -> str | None:
    return text if is_filled(text) else None


# Customers


@dataclass(slots=True)
class _Company(Keyed):
    core: str
    forms: frozenset[str]
    siren: str
    siret: str
    vat: str
    street: str
    postal: str
    city: str
    country: str
    phone: str
    email: str
    domain: str

    @classmethod
    def of(cls, card: CustomerCard) -> "_Company":
        core, forms = keys.company_core(_value(card.name) or "")
        siret = keys.digits(_value(card.siret))
        vat = keys.plain(_value(card.vat_number) or "").replace(" ", "")
        siren = keys.digits(_value(card.siren)) or siret[:9]
        if not siren and vat.startswith("fr"):
            siren = vat[4:]
        street, postal = keys.street_key(_value(card.street)), keys.postal_key(_value(card.postal_code))
        city, phone = keys.plain(_value(card.city) or ""), keys.phone_key(card.phone)
        email = keys.email_key(_value(card.email))
        domain = keys.web_domain(card.website, email)
        words = core.split()
        heard = " ".join(sorted(keys.sound(word) for word in words))
        shared = keys_of(
            "customers", ("siren", siren), ("vat", vat), ("email", email), ("phone", phone), ("domain", domain),
            ("name", core), ("heard", heard), ("place", core.replace(" ", "")[:4], postal),
            ("street", street, postal or city), ("city", words and keys.sound(words[0]), city),
        )  # fmt: skip
        country = (card.country or "").upper()
        return cls(
            card.id, core, shared, core, forms, siren, siret, vat, street, postal, city, country, phone, email, domain
        )


def _compare_companies(a: _Company, b: _Company) -> Evidence | None:
    reasons: list[str] = []
    place = _place(a, b, reasons)
    total = place + _registration(a, b, place, reasons) + _company_name(a, b, reasons)
    if total + 12 < ENOUGH:
        return None
    for name, weight in (("phone", 4.0), ("email", 4.0), ("domain", 4.0)):
        one, other = getattr(a, name), getattr(b, name)
        if one and one == other:
            total += weight
            reasons.append("website" if name == "domain" else name)
    if "website" in reasons and "email" in reasons:
        total -= 3  # both say the same domain
    if a.country and b.country and a.country != b.country:
        total -= 6
    return total, reasons


def _registration(a: _Company, b: _Company, place: float, reasons: list[str]) -> float:
    if a.siret and a.siret == b.siret:
        reasons.append("siret")
        return 20
    if a.siren and b.siren and a.siren != b.siren:
        # One digit wrong or two swapped is a typing error; else they are two legal entities, whatever else agrees.
        return -2 if OSA.distance(a.siren, b.siren, score_cutoff=1) <= 1 else -16
    same = "siren" if a.siren and a.siren == b.siren else "vat_number" if a.vat and a.vat == b.vat else None
    if same is None:
        return -8 if a.vat and b.vat and a.vat[:2] == b.vat[:2] and not (a.siren or b.siren) else 0
    reasons.append(same)
    if a.siret and b.siret:
        return -9  # two establishments of one company, unless everything else agrees
    return 8 if place > -5 else 0  # they may be two establishments


def _company_name(a: _Company, b: _Company, reasons: list[str]) -> float:
    if not a.core or not b.core:
        return 0
    if a.core == b.core or a.core.replace(" ", "") == b.core.replace(" ", ""):
        reasons.append("name")
        return 12 if a.forms == b.forms or not a.forms or not b.forms else 10
    if _numbers(a.core) != _numbers(b.core):
        return -8  # "Agence 12" is not "Agence 13"
    alike = token_sort_ratio(a.core, b.core) / 100
    if alike >= 0.9:
        reasons.append("name")
        return 7
    if alike >= 0.8 or _within(a.core, b.core):
        reasons.append("name")
        return 4
    return -6


def _numbers(core: str) -> list[str]:
    return [word for word in core.split() if any("0" <= each <= "9" for each in word)]


def _within(one: str, other: str) -> bool:
    """Whether every word of the shorter name is in the longer one."""
    first, second = set(one.split()), set(other.split())
    return first <= second or second <= first


def _place(a: Any, b: Any, reasons: list[str]) -> float:
    """What two addresses say: up to +9 when they are one, down to −9.5 when they are two."""
    total = 0.0
    if a.street and b.street:
        (number, street), (other_number, other_street) = _split(a.street), _split(b.street)
        if number and other_number:
            total += 1 if number == other_number else -0.5
        if street and other_street:
            total += 3 if street == other_street else 2 if ratio(street, other_street) >= 80 else -4
    if a.postal and b.postal:
        total += 3 if a.postal == b.postal else 1 if OSA.distance(a.postal, b.postal, score_cutoff=1) <= 1 else -3
    if a.city and b.city:
        total += 2 if a.city == b.city else 1.5 if ratio(a.city, b.city) >= 80 else -2
    if total >= 2:
        reasons.append("address")
    return total


def _split(street: str) -> tuple[str, str]:
    """The numbers of a street, and its name."""
    words = street.split()
    numbers = [word for word in words if word.isdigit()]
    return " ".join(numbers), " ".join(word for word in words if not word.isdigit())


# Contacts


@dataclass(slots=True)
class _Person(Keyed):
    first: str
    last: str
    email: str
    phones: frozenset[str]
    mobile: str
    customer: str
    company: str
    street: str
    postal: str
    city: str

    @property
    def leans_on(self) -> UUID | None:
        return UUID(self.customer) if self.customer else None

    @classmethod
    def of(cls, card: ContactCard) -> "_Person":
        first, last = keys.person_name(_value(card.first_name)), keys.person_name(_value(card.last_name))
        if not first or not last:  # "Na" is a name beside a real one
            first, last = keys.person_name(card.first_name), keys.person_name(card.last_name)
            if not (is_filled(card.first_name) or is_filled(card.last_name)):
                first = last = ""
        email = keys.email_key(_value(card.email))
        phone, mobile = keys.phone_key(card.phone), keys.phone_key(card.mobile)
        company = keys.company_core(_value(card.company) or "")[0]
        street, postal = keys.street_key(_value(card.street)), keys.postal_key(_value(card.postal_code))
        city = keys.plain(_value(card.city) or "")
        customer = str(card.customer_id or "")
        heard_first, heard_last = keys.sound(first), keys.sound(last)
        where = street and " ".join(sorted(keys.sound(word) for word in street.split()))
        shared = keys_of(
            "contacts", ("email", email), ("phone", phone), ("phone", mobile if mobile != phone else ""),
            ("name", *sorted((heard_first, heard_last))), ("last", heard_last, customer),
            ("first", heard_first, customer), ("last", heard_last, company), ("first", heard_first, company),
            ("last", heard_last, postal), ("first", heard_first, postal), ("street", where, heard_last),
            ("street", where, heard_first), ("street", where, postal),
        )  # fmt: skip
        phones = frozenset(each for each in (phone, mobile) if each)
        return cls(
            card.id, last + " " + first, shared, first, last, email, phones, mobile, customer, company, street,
            postal, city,
        )  # fmt: skip


def _compare_persons(a: _Person, b: _Person) -> Evidence | None:
    reasons: list[str] = []
    total = _person_name(a, b, reasons)
    if total < -10:
        return None
    own = False
    if a.email and a.email == b.email:
        own = not keys.is_shared_mailbox(a.email)
        total += 12 if own else 2
        reasons.append("email")
    elif a.email and b.email and a.email.partition("@")[2] == b.email.partition("@")[2]:
        total -= 3  # two people of one company, rather
    if a.mobile and a.mobile == b.mobile:
        own = True
        total += 8
        reasons.append("mobile")
    elif a.phones & b.phones:
        total += 1 if a.customer and a.customer == b.customer else 4  # colleagues share their company's line
        reasons.append("phone")
    if a.customer and a.customer == b.customer:
        reasons.append("customer")
        return total + 6, reasons
    where = _place(a, b, reasons)
    if a.company and b.company:
        if a.company == b.company:
            where += 5
            reasons.append("company")
        else:
            where += 1 if token_sort_ratio(a.company, b.company) >= 85 else -4
    # Whoever keeps an address or a mobile of their own has changed company.
    return total + (max(where, 0) if own else where), reasons


def _person_name(a: _Person, b: _Person, reasons: list[str]) -> float:
    straight = _last(a.last, b.last) + _first(a.first, b.first)
    crossed = (
        _last(a.last, b.first) + _first(a.first, b.last) - 1 if a.first and b.first and a.last and b.last else -99.0
    )
    total = max(straight, crossed)
    if total >= 5:
        reasons.insert(0, "name")
    return total


def _last(one: str, other: str) -> float:
    if not one or not other:
        return 0
    if one == other:
        return 6
    alike = JaroWinkler.similarity(one, other)
    return 4.5 if alike >= 0.92 else 3 if alike >= 0.85 else -6


def _first(one: str, other: str) -> float:
    if not one or not other:
        return 0
    if one == other:
        return 4
    if len(one) == 1 or len(other) == 1:
        return 1 if one[0] == other[0] else -9
    alike = JaroWinkler.similarity(one, other)
    return 3 if alike >= 0.92 else 2 if alike >= 0.82 else -9


CUSTOMERS = Kind(CustomerCard, _Company, _Company.of, _compare_companies)
CONTACTS = Kind(ContactCard, _Person, _Person.of, _compare_persons)
