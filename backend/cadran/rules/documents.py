"""Amounts of quotes, orders and invoices: lines to the cent, tax by rate, totals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from cadran.metrics.rounding import half_up

ZERO = Decimal(0)
CENT = Decimal("0.01")


# Figures of 16, 20 and 9 digits multiply exactly.
_EXACT = Context(prec=60)


def exact_net(quantity: Decimal, unit_price: Decimal, discount_rate: Decimal) -> Decimal:
    return _EXACT.multiply(_EXACT.multiply(quantity, unit_price), 1 - discount_rate)


def line_net(quantity: Decimal, unit_price: Decimal, discount_rate: Decimal) -> Decimal:
    """Quantity × price × (1 − discount), half-up to the cent."""
    return half_up(exact_net(quantity, unit_price, discount_rate), 2)


def agrees(stated: Decimal, exact: Decimal) -> bool:
    """Whether a stated net is the exact one, give or take less than a cent: sources round in their own ways."""
    return abs(stated - exact) < CENT


def in_base(amount: Decimal, exchange_rate: Decimal) -> Decimal:
    """An amount in the company's currency, to the cent; kept as it is at a rate of 1."""
    return amount if exchange_rate == 1 else half_up(amount * exchange_rate, 2)


@dataclass(frozen=True)
class Totals:
    """``net`` and ``base``: sums of the lines; ``tax`` and ``gross`` in the document's currency, ``base_gross`` in the
    company's."""

    net: Decimal
    base: Decimal
    tax: Decimal
    gross: Decimal
    base_gross: Decimal


def totals(lines: Iterable[Mapping[str, Any]], exchange_rate: Decimal) -> Totals:
    """Lines have ``net_amount``, ``base_amount`` and ``vat_rate`` (None: no tax). Tax is rounded once a rate."""
    by_rate: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    net = base = ZERO
    for line in lines:
        net += line["net_amount"]
        base += line["base_amount"]
        by_rate[line.get("vat_rate") or ZERO] += line["net_amount"]
    tax = sum((half_up(amount * rate, 2) for rate, amount in by_rate.items() if rate), ZERO)
    return Totals(net, base, tax, net + tax, base + in_base(tax, exchange_rate))
