import random
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import real_data
from cadran.checks.duplicates import CONTACTS, ContactCard, CustomerCard, contact_pairs, customer_pairs
from cadran.checks.matching import THRESHOLD, Pair

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
LYON: dict[str, Any] = {"street": "12 rue de la République", "postal_code": "69002", "city": "Lyon"}
PARIS: dict[str, Any] = {"street": "3 avenue de l'Opéra", "postal_code": "75001", "city": "Paris"}


def same_customer(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return bool(customer_pairs([CustomerCard(ONE, **a), CustomerCard(TWO, **b)]))


def same_contact(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return bool(contact_pairs([ContactCard(ONE, **a), ContactCard(TWO, **b)]))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"name": "Dupont Industrie SARL", **LYON}, {"name": "DUPONT INDUSTRIE", "city": "LYON"}),
        ({"name": "S.A.R.L. Dupont Industrie"}, {"name": "Dupont-Industrie (SARL)"}),
        ({"name": "Müller Söhne GmbH", "city": "Köln"}, {"name": "Muller Sohne", "city": "Koln"}),
        ({"name": "Transports Durand", **LYON}, {"name": "Transport Durand", **LYON}),
        ({"name": "Dupont", "siret": "73282932000074"}, {"name": "Dupond & fils", "siret": "732 829 320 00074"}),
        ({"name": "Acme", "siren": "732829320"}, {"name": "Acme France", "vat_number": "FR44 732829320"}),
        ({"name": "Acme", "website": "https://www.acme.fr/x"}, {"name": "Acme SAS", "email": "contact@acme.fr"}),
        ({"name": "Acme", "siren": "732829320", **LYON}, {"name": "Acme", "siren": "732829302", **LYON}),
    ],
)
def test_one_customer_written_twice(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert same_customer(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # Two establishments of one company.
        ({"name": "Acme", "siret": "73282932000074", **LYON}, {"name": "Acme", "siret": "73282932000082", **PARIS}),
        (
            {"name": "Acme Lyon", "siren": "732829320", "website": "acme.fr", **LYON},
            {"name": "Acme Paris", "siren": "732829320", "website": "acme.fr", **PARIS},
        ),
        (
            {"name": "Acme", "siret": "73282932000074", "phone": "0140000001", "website": "acme.fr"},
            {"name": "Acme", "siret": "73282932000082", "phone": "0140000001", "website": "acme.fr"},
        ),
        # Two companies of one name, of one address, of one desk.
        ({"name": "Garage du Centre", **LYON}, {"name": "Garage du Centre", **PARIS}),
        ({"name": "Acme", "siren": "732829320", **LYON}, {"name": "Acme", "siren": "404833048", **LYON}),
        ({"name": "Dupont Conseil", **LYON}, {"name": "Martin Avocats", **LYON}),
        ({"name": "Dupont Conseil", "phone": "0478000001"}, {"name": "Martin Avocats", "phone": "0478000001"}),
        ({"name": "Acme", "email": "a@gmail.com"}, {"name": "Bolt", "email": "b@gmail.com"}),
        ({"name": "Agence 12", **LYON}, {"name": "Agence 13", **LYON}),
        ({"name": "United Oil & Gas, UK", "country": "GB"}, {"name": "United Oil & Gas, Singapore", "country": "SG"}),
        ({"name": "xxx", "city": "Lyon"}, {"name": "xxx", "city": "Lyon"}),
        ({"name": "n/a", "phone": "0000000000"}, {"name": "Acme", "phone": "0000000000"}),
    ],
)
def test_two_customers(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert not same_customer(a, b)


ACME: dict[str, Any] = {"customer_id": UUID(int=9), "company": "Acme", **LYON}
BOLT: dict[str, Any] = {"customer_id": UUID(int=8), "company": "Bolt", **PARIS}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"first_name": "Zoé", "last_name": "Martin", **ACME}, {"first_name": "ZOE", "last_name": "MARTIN", **ACME}),
        ({"first_name": "Mme Zoé", "last_name": "Martin", **ACME}, {"first_name": "Z.", "last_name": "Martin", **ACME}),
        ({"first_name": "Martin", "last_name": "Zoé", **ACME}, {"first_name": "Zoé", "last_name": "Martin", **ACME}),
        (
            {"first_name": "Jean-Luc", "last_name": "Petit", **ACME},
            {"first_name": "Jean Luc", "last_name": "Petitt"} | ACME,
        ),
        # Left for another company with the same mobile, or written with the same address.
        (
            {"first_name": "Ann", "last_name": "Lee", "mobile": "+33 6 12 34 56 78", **ACME},
            {"first_name": "Ann", "last_name": "Lee", "phone": "06.12.34.56.78", "mobile": "0612345678", **BOLT},
        ),
        ({"first_name": "Bob", "last_name": "Ray", "email": "b.ray@x.fr"}, {"last_name": "Ray", "email": "B.RAY@x.fr"}),
    ],
)  # fmt: skip
def test_one_contact_written_twice(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert same_contact(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            {"first_name": "Zoé", "last_name": "Martin", "phone": "0478000001", **ACME},
            {"first_name": "Paul", "last_name": "Durand", "phone": "0478000001", **ACME},
        ),
        # A family business.
        (
            {"first_name": "Zoé", "last_name": "Martin", "phone": "0478000001", "email": "contact@acme.fr", **ACME},
            {"first_name": "Paul", "last_name": "Martin", "phone": "0478000001", "email": "contact@acme.fr", **ACME},
        ),
        ({"first_name": "Jean", "last_name": "Martin", **ACME}, {"first_name": "Jean", "last_name": "Martin", **BOLT}),
        (
            {"first_name": "Marie", "last_name": "Durand", "email": "marie.durand@acme.fr", **ACME},
            {"first_name": "Maria", "last_name": "Durant", "email": "maria.durant@acme.fr", **ACME},
        ),
        ({"first_name": "xxx", "last_name": "n/a", **ACME}, {"first_name": "xxx", "last_name": "n/a", **ACME}),
        ({"email": "contact@acme.fr", **ACME}, {"email": "contact@acme.fr", **ACME}),
    ],
)
def test_two_contacts(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert not same_contact(a, b)


def test_a_pair_is_ordered_scored_and_explained() -> None:
    rows = [CustomerCard(TWO, name="Acme SAS", **LYON), CustomerCard(ONE, name="Acme", phone="0478000001", **LYON)]
    (pair,) = customer_pairs(rows)
    assert (pair.first, pair.second) == (ONE, TWO)
    assert THRESHOLD <= pair.score < 1
    assert pair.reasons == ("address", "name")


NAMES = st.sampled_from(["Zoé", "Zoe", "Paul", "Martin", "Martyn", "Durand", "n/a", "", None])
CARDS = st.builds(
    ContactCard,
    id=st.integers(1, 8).map(lambda number: UUID(int=number)),
    first_name=NAMES,
    last_name=NAMES,
    email=st.sampled_from(["a@x.fr", "b@x.fr", "contact@x.fr", "@", None]),
    phone=st.sampled_from(["0478000001", "+33478000001", "?", None]),
    customer_id=st.sampled_from([UUID(int=9), UUID(int=8), None]),
    street=st.text(max_size=5),
)
SETS = st.lists(CARDS, max_size=8, unique_by=lambda card: card.id)


@given(SETS)
@settings(deadline=None)
def test_the_order_of_the_cards_does_not_tell(cards: list[ContactCard]) -> None:
    found = contact_pairs(cards)
    assert found == contact_pairs(reversed(cards))
    assert all(pair.first < pair.second and THRESHOLD <= pair.score <= 1 for pair in found)


@given(CARDS, CARDS)
def test_a_card_written_down_compares_as_before(card: ContactCard, other: ContactCard) -> None:
    one, another = CONTACTS.keyed(card), CONTACTS.keyed(replace(other, id=UUID(int=99)))
    read = CONTACTS.form.read(one.id, one.place, one.keys, one.told())
    assert read == one
    assert CONTACTS.pair(read, another) == CONTACTS.pair(one, another)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=30))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    customer = CustomerCard(ONE, *[text] * 11)
    customer_pairs([customer, replace(customer, id=TWO)])
    contact = ContactCard(ONE, text, text, text, text, text, None, text, text, text, text)
    contact_pairs([contact, replace(contact, id=TWO)])


def persons(file: str, start: int) -> tuple[list[ContactCard], dict[UUID, str]]:
    """Febrl persons with what a contact has: no date of birth, no social security number."""
    cards, truth = [], {}
    for position, row in enumerate(real_data.rows(f"febrl_public/{file}.csv", skip_spaces=True)):
        key = UUID(int=start + position)
        truth[key] = row["rec_id"].split("-")[1]
        street = f"{row['street_number']} {row['address_1']}"
        cards.append(
            ContactCard(
                key, row["given_name"], row["surname"], street=street, postal_code=row["postcode"], city=row["suburb"]
            )
        )
    return cards, truth


def precision_and_recall(pairs: list[Pair], truth: dict[UUID, str]) -> tuple[float, float]:
    right = sum(truth[pair.first] == truth[pair.second] for pair in pairs)
    possible = sum(count * (count - 1) // 2 for count in Counter(truth.values()).values())
    return right / len(pairs), right / possible


def test_febrl_persons_with_typing_errors() -> None:
    cards, truth = persons("dataset1", 1)
    baseline = real_data.expected("febrl_public")["dataset1_exact_match_baseline"]["recall"]
    precision, recall = precision_and_recall(contact_pairs(cards), truth)
    assert precision >= 0.99
    assert recall >= 0.75 > baseline


def test_febrl_links_between_two_files() -> None:
    one, truth = persons("dataset4a", 1)
    other, more = persons("dataset4b", 1_000_001)
    precision, recall = precision_and_recall(contact_pairs(one + other), truth | more)
    assert precision >= 0.99
    assert recall >= 0.75


def test_a_public_customer_base_holds_no_false_pair() -> None:
    rows = real_data.rows("northwind/csv/customers.csv")
    cards = [
        CustomerCard(UUID(int=number + 1), row["company_name"], city=row["city"], phone=row["phone"])
        for number, row in enumerate(rows)
    ]
    assert customer_pairs(cards) == []


def test_comparisons_grow_with_the_records_not_with_their_square() -> None:
    draw = random.Random(7)
    syllables = "ba be do da fi ga lo le mi ma no pa ri ro sa so ti vo".split()  # noqa: SIM905

    def word() -> str:
        return "".join(draw.choice(syllables) for _ in range(3))

    def cards(count: int) -> list[ContactCard]:
        crowd = UUID(int=draw.getrandbits(64))  # everybody at one customer, with one phone: the worst keys there are
        return [
            ContactCard(UUID(int=number), word(), word(), phone="0478000001", customer_id=crowd)
            for number in range(count)
        ]

    compared = 0

    def counting(one: Any, other: Any) -> Any:
        nonlocal compared
        compared += 1
        return CONTACTS.weigh(one, other)

    def comparisons(count: int) -> int:
        nonlocal compared
        compared = 0
        replace(CONTACTS, weigh=counting).pairs(cards(count))
        return compared

    small, large = comparisons(1_000), comparisons(8_000)
    assert 0 < large < 24 * small  # 8 when linear, 64 when quadratic
