"""Amounts of documents: exact, half-up, tax once a rate."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadran.rules import transitions
from cadran.rules.documents import agrees, exact_net, in_base, line_net, totals
from cadran.rules.vocabulary import InvoiceStatus, OpportunityStatus, OrderStatus, QuoteStatus, words

D = Decimal
amounts = st.decimals(D("-1e9"), D("1e9"), places=6)
rates = st.sampled_from([None, D("0"), D("0.055"), D("0.1"), D("0.2")])


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net"),
    [
        ("3", "12.50", "0", "37.50"),
        ("1", "2.345", "0", "2.35"),  # half-up, not to even
        ("1", "2.335", "0", "2.34"),
        ("-1", "2.345", "0", "-2.35"),  # ties go away from zero on both sides
        ("7", "19.99", "0.15", "118.94"),
        ("0.3333", "3", "1", "0.00"),
        ("999999999.9999", "999999999999.999999", "0", "999999999999899999000.00"),
    ],
)
def test_a_line_is_quantity_by_price_less_discount_half_up(quantity: str, price: str, discount: str, net: str) -> None:
    assert line_net(D(quantity), D(price), D(discount)) == D(net)


def test_a_stated_net_may_be_rounded_in_any_way_but_not_be_another_amount() -> None:
    exact = exact_net(D(1), D("2.345"), D(0))
    for stated in ("2.34", "2.35", "2.345", "2.3451"):
        assert agrees(D(stated), exact), stated
    for stated in ("2.33", "2.36", "2.355", "0"):
        assert not agrees(D(stated), exact), stated
    assert not agrees(D("100.01"), D("100.00"))


def test_a_rate_of_one_keeps_sub_cents_and_any_other_rounds() -> None:
    assert in_base(D("10.123456"), D(1)) == D("10.123456")
    assert in_base(D("10.125"), D("1.1")) == D("11.14")


def test_tax_is_rounded_once_a_rate_not_once_a_line() -> None:
    line = {"net_amount": D("0.13"), "base_amount": D("0.13"), "vat_rate": D("0.2")}
    found = totals([line] * 3, D(1))
    assert (found.net, found.tax, found.gross) == (D("0.39"), D("0.08"), D("0.47"))
    mixed = totals([line, line | {"vat_rate": None}, line | {"vat_rate": D("0.055")}], D(1))
    assert (mixed.tax, mixed.gross) == (D("0.04"), D("0.43"))


@given(st.lists(st.tuples(amounts, rates), max_size=8), st.sampled_from([D(1), D("1.0873"), D("0.00650001")]))
def test_totals_are_the_sums_of_their_lines(lines: list[tuple[D, D | None]], rate: D) -> None:
    rows: list[dict[str, Any]] = [
        {"net_amount": net, "base_amount": in_base(net, rate), "vat_rate": vat} for net, vat in lines
    ]
    found, backwards = totals(rows, rate), totals(reversed(rows), rate)
    assert found == backwards
    assert found.net == sum((row["net_amount"] for row in rows), D(0))
    assert found.base == sum((row["base_amount"] for row in rows), D(0))
    assert found.gross == found.net + found.tax
    assert found.tax == found.tax.quantize(D("0.01"))
    if rate == 1:
        assert (found.base, found.base_gross) == (found.net, found.gross)


@pytest.mark.parametrize(
    ("table", "statuses"),
    [
        (transitions.QUOTES, QuoteStatus), (transitions.ORDERS, OrderStatus), (transitions.INVOICES, InvoiceStatus),
        (transitions.OPPORTUNITIES, OpportunityStatus),
    ],
)  # fmt: skip
def test_every_status_has_its_ways_out(table: dict[str, frozenset[str]], statuses: object) -> None:
    known = set(words(statuses))
    assert set(table) == known
    for was, ways in table.items():
        assert ways <= known - {was}
        assert all(transitions.allowed(table, was, now) == (now in ways or now == was) for now in known)


def test_what_is_final_stays() -> None:
    assert not transitions.allowed(transitions.INVOICES, "posted", "draft")
    assert not transitions.allowed(transitions.INVOICES, "cancelled", "posted")
    assert not transitions.allowed(transitions.QUOTES, "superseded", "sent")
    assert not transitions.allowed(transitions.ORDERS, "confirmed", "draft")
