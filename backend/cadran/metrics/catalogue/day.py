"""Dashboard 2, organise one's day: KPIs 5 to 7."""

from datetime import date
from decimal import Decimal

from cadran.metrics import counting as c
from cadran.metrics import details, lifecycle
from cadran.metrics.facts import (
    ZERO,
    Cell,
    CustomerCell,
    OrderLineCell,
    QuoteCell,
    ReceivableCell,
    RequestCell,
    VisitCell,
)
from cadran.metrics.kpi import Context, Example, Kpi, Measure, Number, Quotient, Text, Total, money, number, part
from cadran.metrics.periods import Period

STATE = ("rep", "team", "business_unit", "customer", "sector", "customer_class")
_NOVEMBER = Context(day=date(2026, 11, 23), period=Period(date(2026, 11, 1), date(2026, 12, 1)))
_D = Decimal

overdue_visits = Kpi(
    name="overdue_visits",
    number=5,
    dashboard="day",
    label=Text("Visites en retard", "Overdue visits"),
    definition=Text(
        "Visites prévues avant la date demandée, ni tenues ni annulées. Le retard part de la première date prévue : "
        "replanifier ne l’efface pas. Montant en jeu : opportunités pondérées du client et lignes de commande en retard, "
        "chacune une fois.",
        "Visits planned before the date asked, neither held nor cancelled. Days late run from the first planned date: "
        "rescheduling does not erase them. At risk: the customer’s weighted opportunities and late order lines, each once.",
    ),
    formula=Text("nombre de visites en retard", "number of overdue visits"),
    unit="count",
    fact="visits",
    resource="visits",
    details=details.overdue_visit,
    dimensions=STATE,
    kind="stock",
    higher_is_better=False,
    inputs={
        "count": number(lambda x, k: x.n if c.is_overdue(x, k.day) else 0, "Visites en retard", "Overdue visits"),
        "over_week": number(
            lambda x, k: x.n if c.is_overdue(x, k.day) and c.days_late(x, k.day) > 7 else 0,
            "De plus de 7 jours",
            "Over 7 days",
        ),
        "days_late": number(lambda x, k: c.days_late(x, k.day) if c.is_overdue(x, k.day) else 0, "Jours", "Days"),
        "at_risk": money(
            lambda x, k: x.at_risk if c.is_overdue(x, k.day) else ZERO, "Montant en jeu", "Amount at risk"
        ),
    },
    compute=Total("count"),
    components={
        "over_week": part(Total("over_week"), "count", "De plus de 7 jours", "Over 7 days"),
        "at_risk": part(Total("at_risk"), "money", "Montant en jeu", "Amount at risk"),
        "average_days_late": part(
            Quotient("days_late", "count"), "number", "Retard moyen (jours)", "Average days late"
        ),
    },
    count="count",
    takes_target=True,
    examples=(
        Example(
            text=Text(
                "Replanifiée, toujours en retard depuis la première date", "Rescheduled, late since the first date"
            ),
            cells=(
                VisitCell(planned_on=date(2026, 11, 20), first_planned_on=date(2026, 11, 11), at_risk=_D(500)),
                VisitCell(planned_on=date(2026, 11, 23), first_planned_on=date(2026, 11, 23)),
                VisitCell(planned_on=date(2026, 11, 2), status="held", held_on=date(2026, 11, 3)),
            ),
            value=_D(1),
            components={"average_days_late": _D(12), "at_risk": _D(500)},
            context=_NOVEMBER,
        ),
    ),
)


def _due(cell: CustomerCell, context: Context) -> Number:
    return cell.n if lifecycle.is_due(cell, context.day, context.rules) else 0


due_customers = Kpi(
    name="due_customers",
    number=5,
    dashboard="day",
    companion=True,
    label=Text("Clients à revoir", "Customers due a visit"),
    definition=Text(
        "Clients actifs dont la dernière visite tenue est plus ancienne que leur cadence de visite. Jamais ajoutés aux "
        "visites en retard.",
        "Active customers whose last held visit is older than their visit cadence. Never added to overdue visits.",
    ),
    formula=Text("nombre de clients actifs à revoir", "number of active customers due"),
    unit="count",
    fact="customers",
    resource="customers",
    details=details.due_customer,
    dimensions=STATE,
    kind="stock",
    higher_is_better=False,
    inputs={"count": number(_due, "Clients à revoir", "Customers due")},
    compute=Total("count"),
    count="count",
    examples=(
        Example(
            text=Text("Vu il y a 70 jours pour une cadence de 60", "Seen 70 days ago for a cadence of 60"),
            cells=(
                CustomerCell(order_days=(date(2026, 11, 2),), last_visit_on=date(2026, 9, 14)),
                CustomerCell(order_days=(date(2026, 11, 2),), last_visit_on=date(2026, 9, 14), visit_cadence=90),
            ),
            value=_D(1),
            context=_NOVEMBER,
        ),
    ),
)


def _to_follow_up(of: Measure, *reasons: str) -> Measure:
    def measure(cell: QuoteCell, context: Context) -> Number:
        found = c.follow_up_reason(cell, context.day, context.rules, context.calendar)
        return of(cell, context) if found and (not reasons or found in reasons) else 0

    return measure


def _aged(name: str, of: Measure) -> Measure:
    return _to_follow_up(lambda x, k: of(x, k) if c.quote_age(x, k.day) == name else 0)


_AGES = ("0-7", "8-15", "16-30", "31-60", "60+")

quotes_to_follow_up = Kpi(
    name="quotes_to_follow_up",
    number=6,
    dashboard="day",
    label=Text("Devis à relancer", "Quotes to follow up"),
    definition=Text(
        "Dernières versions de devis envoyées et encore ouvertes : date de relance atteinte ; ou aucune fixée et 7 jours "
        "ouvrés sans contact ; ou expirant sous 7 jours. Nombre, montant net et ancienneté.",
        "Latest versions of quotes sent and still open: follow-up date reached; or none set and 7 working days without "
        "contact; or expiring within 7 days. Count, net amount and age.",
    ),
    formula=Text("nombre de devis à relancer", "number of quotes to follow up"),
    unit="count",
    fact="quotes",
    resource="quotes",
    details=details.quote,
    dimensions=STATE,
    kind="stock",
    higher_is_better=False,
    inputs={
        "count": number(_to_follow_up(lambda x, k: x.n), "Devis à relancer", "Quotes to follow up"),
        "amount": money(_to_follow_up(lambda x, k: x.amount), "Montant net", "Net amount"),
        "expiring": number(_to_follow_up(lambda x, k: x.n, "expiring"), "Expirant bientôt", "Expiring soon"),
        "expiring_amount": money(
            _to_follow_up(lambda x, k: x.amount, "expiring"), "Montant expirant bientôt", "Amount expiring soon"
        ),
    }
    | {f"count_{name}": number(_aged(name, lambda x, k: x.n), f"{name} jours", f"{name} days") for name in _AGES}
    | {f"amount_{name}": money(_aged(name, lambda x, k: x.amount), f"{name} jours", f"{name} days") for name in _AGES},
    compute=Total("count"),
    components={
        "amount": part(Total("amount"), "money", "Montant net", "Net amount"),
        "expiring": part(Total("expiring"), "count", "Expirant bientôt", "Expiring soon"),
        "expiring_amount": part(Total("expiring_amount"), "money", "Montant expirant bientôt", "Amount expiring soon"),
    }
    | {f"count_{name}": part(Total(f"count_{name}"), "count", f"{name} jours", f"{name} days") for name in _AGES}
    | {f"amount_{name}": part(Total(f"amount_{name}"), "money", f"{name} jours", f"{name} days") for name in _AGES},
    count="count",
    takes_target=True,
    examples=(
        Example(
            text=Text(
                "Silence de 7 jours ouvrés, ou expiration proche", "Silent for 7 working days, or about to expire"
            ),
            cells=(
                QuoteCell(sent_on=date(2026, 11, 12), amount=_D(700)),
                QuoteCell(sent_on=date(2026, 11, 13), amount=_D(900)),
                QuoteCell(sent_on=date(2026, 11, 20), expires_on=date(2026, 11, 27), amount=_D(300)),
                QuoteCell(sent_on=date(2026, 10, 1), next_follow_up_on=date(2026, 12, 1), amount=_D(400)),
            ),
            value=_D(2),
            components={"amount": _D(1000), "expiring": _D(1), "count_8-15": _D(1)},
            context=_NOVEMBER,
        ),
    ),
)


def _decided(state: str, amount: bool = False) -> Measure:
    def measure(cell: QuoteCell, context: Context) -> Number:
        if c.quote_state(cell, context.day) != state:
            return 0
        return cell.amount if amount else cell.n

    return measure


def _all_decided(amount: bool = False) -> Measure:
    parts = [_decided(state, amount) for state in ("accepted", "refused", "expired")]
    return lambda cell, context: sum((measure(cell, context) for measure in parts), ZERO)


quote_conversion_rate = Kpi(
    name="quote_conversion_rate",
    number=6,
    dashboard="day",
    companion=True,
    label=Text("Transformation des devis", "Quote conversion"),
    definition=Text(
        "Devis acceptés rapportés aux acceptés, refusés et expirés, décidés dans la période ; en nombre et en montant. "
        "Sans décision, un devis expire le lendemain de son dernier jour de validité.",
        "Quotes accepted over accepted, refused and expired, decided in the period; by count and by amount. With no "
        "decision, a quote expires the day after its last day of validity.",
    ),
    formula=Text("acceptés ÷ (acceptés + refusés + expirés)", "accepted ÷ (accepted + refused + expired)"),
    unit="ratio",
    fact="decided_quotes",
    resource="quotes",
    dimensions=STATE,
    inputs={
        "accepted": number(_decided("accepted"), "Acceptés", "Accepted"),
        "decided": number(_all_decided(), "Décidés", "Decided"),
        "refused": number(_decided("refused"), "Refusés", "Refused"),
        "expired": number(_decided("expired"), "Expirés", "Expired"),
        "accepted_amount": money(_decided("accepted", amount=True), "Montant accepté", "Amount accepted"),
        "decided_amount": money(_all_decided(amount=True), "Montant décidé", "Amount decided"),
    },
    compute=Quotient("accepted", "decided"),
    components={
        "accepted": part(Total("accepted"), "count", "Acceptés", "Accepted"),
        "refused": part(Total("refused"), "count", "Refusés", "Refused"),
        "expired": part(Total("expired"), "count", "Expirés", "Expired"),
        "rate_by_amount": part(Quotient("accepted_amount", "decided_amount"), "ratio", "Taux en montant", "Rate by amount"),
    },
    count="decided",
    no_value=Text("Aucun devis décidé sur cette période.", "No quote decided in this period."),
    examples=(
        Example(
            text=Text("Un accepté, un refusé, un laissé expirer", "One accepted, one refused, one left to expire"),
            cells=(
                QuoteCell(day=date(2026, 11, 4), sent_on=date(2026, 10, 1), status="accepted", decided_on=date(2026, 11, 4), amount=_D(600)),
                QuoteCell(day=date(2026, 11, 5), sent_on=date(2026, 10, 1), status="refused", decided_on=date(2026, 11, 5), amount=_D(200)),
                QuoteCell(day=date(2026, 11, 6), sent_on=date(2026, 10, 1), expires_on=date(2026, 11, 5), amount=_D(200)),
            ),
            value=_D("0.333333"),
            components={"rate_by_amount": _D("0.6")},
            context=_NOVEMBER,
        ),
    ),
)  # fmt: skip


def _terms(cell: Cell, context: Context) -> dict[str, Decimal]:
    """Each euro of the outstanding amount in exactly one term, tax included."""
    day = context.day
    if isinstance(cell, OrderLineCell):
        return {"to_deliver": c.to_deliver(cell, day), "delivered_not_invoiced": c.delivered_not_invoiced(cell, day)}
    if isinstance(cell, ReceivableCell):
        return {"unpaid": c.unpaid(cell, day)}
    return {}


def _term(name: str) -> Measure:
    return lambda cell, context: _terms(cell, context).get(name, ZERO)


def _aged_unpaid(name: str) -> Measure:
    return lambda x, k: c.unpaid(x, k.day) if isinstance(x, ReceivableCell) and c.ageing(x, k.day) == name else ZERO


def _late(of: Measure) -> Measure:
    return lambda x, k: of(x, k) if isinstance(x, OrderLineCell) and c.is_late_delivery(x, k.day) else 0


def _request(cell: Cell, context: Context) -> Number:
    if not isinstance(cell, RequestCell):
        return 0
    return cell.n if c.happened(cell.opened_on, context.day) and not c.happened(cell.closed_on, context.day) else 0


_AGEING = {
    "not_due": Text("Non échu", "Not due"),
    "1-30": Text("1 à 30 jours", "1 to 30 days"),
    "31-60": Text("31 à 60 jours", "31 to 60 days"),
    "61-90": Text("61 à 90 jours", "61 to 90 days"),
    "91+": Text("91 jours et plus", "91 days and more"),
}

outstanding = Kpi(
    name="outstanding",
    number=7,
    dashboard="day",
    label=Text("Encours", "Outstanding"),
    definition=Text(
        "Toutes taxes comprises, par quantité de chaque ligne de commande, chaque euro dans un seul terme : à livrer, livré "
        "non facturé, factures impayées (validées − payées − créditées) par ancienneté d’échéance. À comparer au plafond du "
        "client ; avec les livraisons en retard et les demandes ouvertes.",
        "Tax included, by quantity of each order line, each euro in exactly one term: to deliver, delivered not invoiced, "
        "unpaid invoices (posted − paid − credited) by age past due. Against the customer’s credit limit; with late "
        "deliveries and open requests.",
    ),
    formula=Text(
        "à livrer + livré non facturé + factures impayées", "to deliver + delivered not invoiced + unpaid invoices"
    ),
    unit="money",
    fact="outstanding",
    resource="orders",
    details=details.outstanding,
    dimensions=STATE,
    kind="stock",
    higher_is_better=None,
    inputs={
        "amount": money(lambda x, k: sum(_terms(x, k).values(), ZERO), "Encours", "Outstanding"),
        "to_deliver": money(_term("to_deliver"), "À livrer", "To deliver"),
        "delivered_not_invoiced": money(
            _term("delivered_not_invoiced"), "Livré non facturé", "Delivered, not invoiced"
        ),
        "unpaid": money(_term("unpaid"), "Factures impayées", "Unpaid invoices"),
        **{f"unpaid_{name}": money(_aged_unpaid(name), text.fr, text.en) for name, text in _AGEING.items()},
        "late_deliveries": number(_late(lambda x, k: x.n), "Livraisons en retard", "Late deliveries"),
        "late_amount": money(
            _late(lambda x, k: c.late_amount(x, k.day)), "À livrer en retard", "Late, still to deliver"
        ),
        "open_requests": number(_request, "Demandes ouvertes", "Open requests"),
    },
    compute=Total("amount"),
    components={
        "to_deliver": part(Total("to_deliver"), "money", "À livrer", "To deliver"),
        "delivered_not_invoiced": part(
            Total("delivered_not_invoiced"), "money", "Livré non facturé", "Delivered, not invoiced"
        ),
        "unpaid": part(Total("unpaid"), "money", "Factures impayées", "Unpaid invoices"),
        **{
            f"unpaid_{name}": part(Total(f"unpaid_{name}"), "money", text.fr, text.en) for name, text in _AGEING.items()
        },
        "overdue": part(lambda s: s["unpaid"] - s["unpaid_not_due"], "money", "Échu", "Overdue"),
        "late_deliveries": part(Total("late_deliveries"), "count", "Livraisons en retard", "Late deliveries"),
        "late_amount": part(Total("late_amount"), "money", "À livrer en retard", "Late, still to deliver"),
        "open_requests": part(Total("open_requests"), "count", "Demandes ouvertes", "Open requests"),
    },
    beside=("late_deliveries", "open_requests"),
    examples=(
        Example(
            text=Text(
                "Commandé 10, livré 6, facturé 4, payé 1 : 4 à livrer, 2 livrés non facturés, 3 impayés",
                "Ordered 10, delivered 6, invoiced 4, paid 1: 4 to deliver, 2 delivered not invoiced, 3 unpaid",
            ),
            cells=(
                OrderLineCell(
                    confirmed_on=date(2026, 11, 2),
                    quantity=_D(10),
                    delivered=_D(6),
                    invoiced=_D(4),
                    gross_amount=_D(10),
                ),
                ReceivableCell(issued_on=date(2026, 11, 9), due_on=date(2026, 11, 20), gross_amount=_D(4), paid=_D(1)),
            ),
            value=_D("9.00"),
            components={"to_deliver": _D(4), "delivered_not_invoiced": _D(2), "unpaid": _D(3), "unpaid_1-30": _D(3)},
            context=_NOVEMBER,
        ),
    ),
)

KPIS = (overdue_visits, due_customers, quotes_to_follow_up, quote_conversion_rate, outstanding)
