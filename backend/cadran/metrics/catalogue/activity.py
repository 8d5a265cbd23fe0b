"""Dashboard 1, steer the sales activity: KPIs 1 to 3."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from cadran.metrics import counting as c
from cadran.metrics.facts import InvoiceCell, OrderCell
from cadran.metrics.kpi import (
    Caveat,
    Context,
    Example,
    Input,
    Kpi,
    Measure,
    Quotient,
    Text,
    Total,
    money,
    number,
    part,
)
from cadran.metrics.periods import Period

FLOW = ("rep", "team", "business_unit", "customer", "sector", "customer_class")
BY_PRODUCT = (*FLOW, "product")

_MAY = Context(day=date(2026, 5, 31), period=Period(date(2026, 5, 1), date(2026, 6, 1)))
_D = Decimal


def percent(value: Decimal) -> str:
    return f"{value * 100:.0f} %"


def _order(name: str) -> Measure:
    return lambda cell, context: c.order_measure(name, cell, context)


def _orders() -> dict[str, Input]:
    return {
        "amount": money(_order("amount"), "Montant commandé", "Ordered amount"),
        "count": number(lambda x, k: x.n if c.order_counts(x, k.day) else 0, "Commandes", "Orders"),
    }


def _discount() -> dict[str, Input]:
    return {
        "list_amount": money(_order("list_amount"), "Montant au tarif", "Amount at list price"),
        "list_net": money(_order("list_net"), "Net des lignes au tarif", "Net of lines with a list price"),
    }


def _margin() -> dict[str, Input]:
    return {
        "cost_amount": money(_order("cost_amount"), "Coût", "Cost"),
        "cost_net": money(_order("cost_net"), "Net des lignes à coût connu", "Net of lines with a cost"),
    }


def discount_rate(sums: Mapping[str, Decimal]) -> Decimal | None:
    return (sums["list_amount"] - sums["list_net"]) / sums["list_amount"] if sums["list_amount"] else None


def margin_rate(sums: Mapping[str, Decimal]) -> Decimal | None:
    return (sums["cost_net"] - sums["cost_amount"]) / sums["cost_net"] if sums["cost_net"] else None


def _coverage(covered: str, sums: Mapping[str, Decimal]) -> Decimal | None:
    return sums[covered] / sums["amount"] if sums["amount"] else None


def _warn_coverage(covered: str, fr: str, en: str, sums: Mapping[str, Decimal]) -> list[Caveat]:
    share = _coverage(covered, sums)
    if share is None or share == 1:
        return []
    text = Text(f"{fr} couvre {percent(share)} du montant.", f"{en} covers {percent(share)} of the amount.")
    return [Caveat(f"{covered}_coverage", text)]


def price_guard(sums: Mapping[str, Decimal], context: Context) -> bool | None:
    """Whether margin and discount hold the company's limits; None when it sets none or neither rate is known."""
    margin, discount = margin_rate(sums), discount_rate(sums)
    floor, ceiling = context.rules.margin_floor, context.rules.discount_ceiling
    checks = [margin >= floor] if floor is not None and margin is not None else []
    checks += [discount <= ceiling] if ceiling is not None and discount is not None else []
    return all(checks) if checks else None


def _warn_orders(sums: Mapping[str, Decimal], context: Context) -> list[Caveat]:
    found = [
        *_warn_coverage("list_net", "La remise", "The discount", sums),
        *_warn_coverage("cost_net", "La marge", "The margin", sums),
    ]
    if price_guard(sums, context) is False:
        text = Text(
            "Le garde-fou de prix n’est pas tenu : l’objectif ne compte pas comme atteint.",
            "The price guard does not hold: the target does not count as met.",
        )
        found.append(Caveat("price_guard", text))
    return found


_PRICE_COMPONENTS = {
    "discount_rate": part(discount_rate, "ratio", "Taux de remise", "Discount rate"),
    "margin_rate": part(margin_rate, "ratio", "Taux de marge", "Margin rate"),
    "discount_coverage": part(
        lambda s: _coverage("list_net", s), "ratio", "Part couverte (remise)", "Covered (discount)"
    ),
    "margin_coverage": part(lambda s: _coverage("cost_net", s), "ratio", "Part couverte (marge)", "Covered (margin)"),
}
_COUNT = {"count": part(Total("count"), "count", "Commandes", "Orders")}
_AMOUNT = {"amount": part(Total("amount"), "money", "Montant commandé", "Ordered amount")}

_ORDERS_FR = (
    "Commandes confirmées dans la période et non annulées à la date demandée, hors taxes ; une commande soldée compte pour "
    "ce qui a été livré. "
)
_ORDERS_EN = (
    "Orders confirmed in the period and not cancelled at the date asked, net of tax; an order closed short counts for what "
    "was delivered. "
)

_TWO_ORDERS = (
    OrderCell(day=date(2026, 5, 4), amount=_D(1000), list_amount=_D(1100), list_net=_D(1000), cost_amount=_D(700), cost_net=_D(1000)),
    OrderCell(day=date(2026, 5, 6), amount=_D(500), list_amount=_D(500), list_net=_D(500)),
    OrderCell(day=date(2026, 5, 7), amount=_D(9000), status="cancelled", cancelled_on=date(2026, 5, 20)),
)  # fmt: skip

invoiced_revenue = Kpi(
    name="invoiced_revenue",
    number=1,
    dashboard="activity",
    label=Text("CA facturé", "Invoiced revenue"),
    definition=Text(
        "Montant net des factures validées datées de la période, moins celui des avoirs validés datés de la période, payés "
        "ou non. Brouillons, annulées, pro forma et acomptes exclus (la facture finale compte entière). Peut être négatif.",
        "Net amount of posted invoices dated in the period, minus that of posted credit notes dated in the period, paid or "
        "not. Drafts, cancelled, pro-forma and deposit invoices are out (the final invoice counts whole). May be negative.",
    ),
    formula=Text("Σ factures HT − Σ avoirs HT", "Σ net invoices − Σ net credit notes"),
    unit="money",
    fact="invoices",
    resource="invoices",
    dimensions=BY_PRODUCT,
    inputs={
        "amount": money(c.signed_invoice_amount, "CA facturé", "Invoiced revenue"),
        "count": number(lambda x, k: x.n if c.invoice_counts(x, k) else 0, "Factures", "Invoices"),
    },
    compute=Total("amount"),
    components={"count": part(Total("count"), "count", "Factures", "Invoices")},
    count="count",
    takes_target=True,
    examples=(
        Example(
            text=Text("Une facture et, dans le même mois, son avoir partiel", "An invoice and, in the same month, a partial credit"),
            cells=(
                InvoiceCell(day=date(2026, 5, 4), amount=_D("1200.00")),
                InvoiceCell(day=date(2026, 5, 18), amount=_D("200.00"), kind="credit_note"),
                InvoiceCell(day=date(2026, 5, 19), amount=_D("999.00"), kind="deposit"),
            ),
            value=_D("1000.00"),
            context=_MAY,
        ),
    ),
)  # fmt: skip

ordered_amount = Kpi(
    name="ordered_amount",
    number=2,
    dashboard="activity",
    label=Text("Commandes", "Orders"),
    definition=Text(
        _ORDERS_FR + "L’objectif ne compte comme atteint que si la marge et la remise tiennent le garde-fou de prix.",
        _ORDERS_EN + "The target counts as met only if margin and discount hold the price guard as well.",
    ),
    formula=Text("Σ montant HT des commandes", "Σ net amount of orders"),
    unit="money",
    fact="orders",
    resource="orders",
    dimensions=BY_PRODUCT,
    inputs=_orders() | _discount() | _margin(),
    compute=Total("amount"),
    components=_COUNT | _PRICE_COMPONENTS,
    count="count",
    takes_target=True,
    warn=_warn_orders,
    examples=(
        Example(
            text=Text("Deux commandes et une annulée", "Two orders and a cancelled one"),
            cells=_TWO_ORDERS,
            value=_D("1500.00"),
            components={"count": _D(2), "margin_rate": _D("0.3"), "discount_rate": _D("0.0625")},
            context=_MAY,
        ),
        Example(
            text=Text(
                "Soldée après une livraison partielle : le livré compte", "Closed short: what was delivered counts"
            ),
            cells=(
                OrderCell(day=date(2026, 5, 4), amount=_D(1000), delivered_amount=_D(600), closed_on=date(2026, 5, 30)),
            ),
            value=_D("600.00"),
            context=_MAY,
        ),
    ),
)

order_count = Kpi(
    name="order_count",
    number=2,
    dashboard="activity",
    label=Text("Nombre de commandes", "Order count"),
    definition=Text(_ORDERS_FR + "Leur nombre.", _ORDERS_EN + "Their number."),
    formula=Text("nombre de commandes", "number of orders"),
    unit="count",
    fact="orders",
    resource="orders",
    dimensions=FLOW,
    inputs=_orders() | _discount() | _margin(),
    compute=Total("count"),
    components=_AMOUNT | _PRICE_COMPONENTS,
    count="count",
    takes_target=True,
    warn=_warn_orders,
    examples=(
        Example(
            text=Text("Deux commandes et une annulée", "Two orders and a cancelled one"),
            cells=_TWO_ORDERS,
            value=_D(2),
            context=_MAY,
        ),
    ),
)

discount = Kpi(
    name="discount_rate",
    number=2,
    dashboard="activity",
    companion=True,
    label=Text("Taux de remise", "Discount rate"),
    definition=Text(
        _ORDERS_FR + "Écart entre le tarif et le net, rapporté au tarif, sur les lignes qui ont un prix tarif.",
        _ORDERS_EN + "What list price exceeds net by, over list price, on lines with a list price.",
    ),
    formula=Text("Σ(tarif × quantité − net) ÷ Σ(tarif × quantité)", "Σ(list × quantity − net) ÷ Σ(list × quantity)"),
    unit="ratio",
    fact="orders",
    resource="orders",
    dimensions=BY_PRODUCT,
    inputs={
        "discount": money(
            lambda x, k: c.order_measure("list_amount", x, k) - c.order_measure("list_net", x, k),
            "Remises",
            "Discounts",
        )
    }
    | _discount()
    | _orders(),
    compute=Quotient("discount", "list_amount"),
    components={"discount_coverage": _PRICE_COMPONENTS["discount_coverage"]},
    higher_is_better=False,
    no_value=Text("Aucune ligne commandée n’a de prix tarif.", "No ordered line has a list price."),
    warn=lambda s, k: _warn_coverage("list_net", "La remise", "The discount", s),
    examples=(
        Example(
            text=Text("100 € de remise sur 1 600 € de tarif", "€100 off a list amount of €1,600"),
            cells=_TWO_ORDERS,
            value=_D("0.0625"),
            context=_MAY,
        ),
    ),
)

margin = Kpi(
    name="margin_rate",
    number=2,
    dashboard="activity",
    companion=True,
    label=Text("Taux de marge", "Margin rate"),
    definition=Text(
        _ORDERS_FR + "Marge rapportée au net, sur les lignes dont le coût est connu.",
        _ORDERS_EN + "Margin over net, on lines whose cost is known.",
    ),
    formula=Text("Σ(net − coût × quantité) ÷ Σ net", "Σ(net − cost × quantity) ÷ Σ net"),
    unit="ratio",
    fact="orders",
    resource="orders",
    dimensions=BY_PRODUCT,
    inputs={
        "margin": money(
            lambda x, k: c.order_measure("cost_net", x, k) - c.order_measure("cost_amount", x, k), "Marge", "Margin"
        )
    }
    | _margin()
    | _orders(),
    compute=Quotient("margin", "cost_net"),
    components={"margin_coverage": _PRICE_COMPONENTS["margin_coverage"]},
    no_value=Text("Aucune ligne commandée n’a de coût.", "No ordered line has a cost."),
    warn=lambda s, k: _warn_coverage("cost_net", "La marge", "The margin", s),
    examples=(
        Example(
            text=Text("300 € de marge sur 1 000 € à coût connu", "A margin of €300 on €1,000 with a known cost"),
            cells=_TWO_ORDERS,
            value=_D("0.3"),
            context=_MAY,
        ),
    ),
)

average_basket = Kpi(
    name="average_basket",
    number=3,
    dashboard="activity",
    label=Text("Panier moyen", "Average basket"),
    definition=Text(
        _ORDERS_FR + "Leur montant divisé par leur nombre.",
        _ORDERS_EN + "Their amount divided by their number.",
    ),
    formula=Text("montant commandé ÷ nombre de commandes", "ordered amount ÷ order count"),
    unit="money",
    fact="orders",
    resource="orders",
    dimensions=FLOW,
    inputs=_orders(),
    compute=Quotient("amount", "count"),
    components=_COUNT | _AMOUNT,
    count="count",
    takes_target=True,
    target_ratio=("ordered_amount", "order_count"),
    no_value=Text("Aucune commande sur cette période.", "No order in this period."),
    examples=(
        Example(
            text=Text("1 500 € en deux commandes", "€1,500 in two orders"),
            cells=_TWO_ORDERS,
            value=_D("750.00"),
            context=_MAY,
        ),
        Example(text=Text("Un mois sans commande", "A month with no order"), cells=(), value=None, context=_MAY),
    ),
)

KPIS = (invoiced_revenue, ordered_amount, order_count, discount, margin, average_basket)
