"""Dashboard 4, feel the field: KPIs 11 to 13."""

from datetime import date
from decimal import Decimal

from cadran.metrics import counting as c
from cadran.metrics import details, plans
from cadran.metrics.facts import ZERO, LeadCell, PlanCell, VisitCell
from cadran.metrics.kpi import (
    Caveat,
    Context,
    Example,
    Input,
    Kpi,
    Measure,
    Number,
    Quotient,
    Text,
    Total,
    money,
    number,
    part,
)
from cadran.metrics.periods import Period

FLOW = ("rep", "team", "business_unit", "customer", "sector", "customer_class")
_NOVEMBER = Context(day=date(2026, 11, 23), period=Period(date(2026, 11, 1), date(2026, 12, 1)))
_OCTOBER = Context(day=date(2026, 11, 23), period=Period(date(2026, 9, 1), date(2026, 10, 1)))
_D = Decimal


def _held(of: Measure) -> Measure:
    return lambda x, k: of(x, k) if c.is_held(x, k.day) else 0


def _reported(cell: VisitCell, context: Context) -> Number:
    return cell.n if c.happened(cell.report_submitted_on, context.day) else 0


visit_reports = Kpi(
    name="visit_reports",
    number=11,
    dashboard="field",
    label=Text("Comptes rendus", "Visit reports"),
    definition=Text(
        "Visites tenues dans la période, avec un compte rendu remis, à la date de la visite.",
        "Visits held in the period with a submitted report, by visit date.",
    ),
    formula=Text("nombre de visites tenues avec compte rendu", "number of held visits with a report"),
    unit="count",
    fact="held_visits",
    resource="visits",
    details=details.held_visit,
    dimensions=FLOW,
    inputs={
        "count": number(_held(_reported), "Comptes rendus", "Visit reports"),
        "held": number(_held(lambda x, k: x.n), "Visites tenues", "Visits held"),
    },
    compute=Total("count"),
    components={
        "held": part(Total("held"), "count", "Visites tenues", "Visits held"),
        "reported_share": part(Quotient("count", "held"), "ratio", "Part avec compte rendu", "Share with a report"),
    },
    count="count",
    beside=("held",),
    takes_target=True,
    amounts=True,
    examples=(
        Example(
            text=Text("Deux visites tenues, un compte rendu remis", "Two visits held, one report submitted"),
            cells=(
                VisitCell(day=date(2026, 11, 3), status="held", held_on=date(2026, 11, 3), report_submitted_on=date(2026, 11, 4)),
                VisitCell(day=date(2026, 11, 5), status="held", held_on=date(2026, 11, 5)),
            ),
            value=_D(1),
            components={"held": _D(2)},
            context=_NOVEMBER,
        ),
    ),
)  # fmt: skip


def _immature(sums: object, context: Context) -> list[Caveat]:
    count = sums["immature"]  # type: ignore[index]
    if not count:
        return []
    text = Text(
        f"{count} visites ont moins de {context.rules.attribution_days} jours : leurs commandes peuvent encore venir.",
        f"{count} visits are under {context.rules.attribution_days} days old: their orders may still come.",
    )
    return [Caveat("immature", text)]


def _visits_and_orders() -> dict[str, Input]:
    return {
        "held": number(_held(lambda x, k: x.n if x.mature else 0), "Visites tenues", "Visits held"),
        "orders": number(_held(lambda x, k: x.orders if x.mature else 0), "Commandes attribuées", "Attributed orders"),
        "with_order": number(
            _held(lambda x, k: x.n if x.mature and x.orders else 0), "Visites avec commande", "Visits with an order"
        ),
        "immature": number(_held(lambda x, k: 0 if x.mature else x.n), "Visites récentes", "Immature visits"),
        "immature_orders": number(
            _held(lambda x, k: 0 if x.mature else x.orders),
            "Commandes de visites récentes",
            "Orders of immature visits",
        ),
    }


_VISIT_PARTS = {
    "held": part(Total("held"), "count", "Visites tenues", "Visits held"),
    "orders": part(Total("orders"), "count", "Commandes attribuées", "Attributed orders"),
    "with_order": part(Total("with_order"), "count", "Visites avec commande", "Visits with an order"),
    "immature": part(Total("immature"), "count", "Visites récentes, à part", "Immature visits, apart"),
    "immature_orders": part(Total("immature_orders"), "count", "Leurs commandes", "Their orders"),
}
_ATTRIBUTION_FR = (
    " Une commande va à la visite qu’elle nomme, sinon à la dernière visite tenue chez ce client dans les 30 jours avant sa "
    "confirmation. Les visites plus récentes que ce délai sont comptées à part."
)
_ATTRIBUTION_EN = (
    " An order goes to the visit it names, else to the customer’s last held visit in the 30 days before its confirmation. "
    "Visits younger than that are counted apart."
)
_THREE_VISITS = (
    VisitCell(day=date(2026, 9, 3), status="held", held_on=date(2026, 9, 3), orders=2),
    VisitCell(day=date(2026, 9, 7), status="held", held_on=date(2026, 9, 7)),
    VisitCell(day=date(2026, 9, 8), status="held", held_on=date(2026, 9, 8)),
)

visit_to_order_ratio = Kpi(
    name="visit_to_order_ratio",
    number=11,
    dashboard="field",
    companion=True,
    label=Text("Visites par commande", "Visits per order"),
    definition=Text(
        "Visites tenues dans la période rapportées aux commandes qui leur sont attribuées." + _ATTRIBUTION_FR,
        "Visits held in the period over the orders attributed to them." + _ATTRIBUTION_EN,
    ),
    formula=Text("visites tenues ÷ commandes attribuées", "visits held ÷ attributed orders"),
    unit="number",
    fact="held_visits_with_orders",
    resource="visits",
    details=details.held_visit,
    dimensions=FLOW,
    higher_is_better=False,
    inputs=_visits_and_orders(),
    compute=Quotient("held", "orders"),
    components=_VISIT_PARTS,
    count="held",
    beside=("immature",),
    no_value=Text("Aucune commande attribuée à ces visites.", "No order attributed to these visits."),
    warn=_immature,
    examples=(
        Example(
            text=Text("Trois visites, deux commandes", "Three visits, two orders"),
            cells=_THREE_VISITS,
            value=_D("1.50"),
            context=_OCTOBER,
        ),
    ),
)

conversion_rate = Kpi(
    name="conversion_rate",
    number=11,
    dashboard="field",
    companion=True,
    label=Text("Visites suivies d’une commande", "Visits followed by an order"),
    definition=Text(
        "Visites tenues dans la période avec au moins une commande attribuée, rapportées aux visites tenues."
        + _ATTRIBUTION_FR,
        "Visits held in the period with at least one attributed order, over visits held." + _ATTRIBUTION_EN,
    ),
    formula=Text("visites avec commande ÷ visites tenues", "visits with an order ÷ visits held"),
    unit="ratio",
    fact="held_visits_with_orders",
    resource="visits",
    details=details.held_visit,
    dimensions=FLOW,
    inputs=_visits_and_orders(),
    compute=Quotient("with_order", "held"),
    components=_VISIT_PARTS,
    count="held",
    beside=("immature",),
    no_value=Text("Aucune visite tenue sur cette période.", "No visit held in this period."),
    warn=_immature,
    examples=(
        Example(
            text=Text("Une visite sur trois", "One visit in three"),
            cells=_THREE_VISITS,
            value=_D("0.333333"),
            context=_OCTOBER,
        ),
    ),
)


def _running(of: Measure) -> Measure:
    return lambda x, k: of(x, k) if plans.runs(x, k.day) else 0


def _state(name: str) -> Measure:
    return _running(lambda x, k: x.n if plans.state(x, k.day, k.calendar) == name else 0)


_STATES = {
    "on_track": Text("Dans les temps", "On track"),
    "late": Text("En retard", "Late"),
    "effort_without_result": Text("Effort sans résultat", "Effort without result"),
    "result_without_effort": Text("Résultat sans effort", "Result without effort"),
}

action_plan_progress = Kpi(
    name="action_plan_progress",
    number=12,
    dashboard="field",
    label=Text("Plans d’action", "Action plans"),
    definition=Text(
        "Plans en cours à la date demandée, trois anneaux : actions faites (poids fait ÷ poids non annulé, la valeur), chiffre "
        "commandé par les clients et produits du plan depuis son début ÷ son objectif, jours ouvrés écoulés. Sur plusieurs "
        "plans : Σ ÷ Σ. En retard : actions plus de 10 points derrière le temps.",
        "Plans running at the date asked, three rings: actions done (weight done ÷ weight not cancelled, the value), revenue "
        "ordered by the plan’s customers and products since its start ÷ its target, working days elapsed. Over several "
        "plans: Σ ÷ Σ. Late: actions over 10 points behind time.",
    ),
    formula=Text("Σ poids fait ÷ Σ poids non annulé", "Σ weight done ÷ Σ weight not cancelled"),
    unit="ratio",
    fact="plans",
    resource="action-plans",
    details=details.plan,
    dimensions=("rep", "team", "business_unit"),
    kind="stock",
    inputs={
        "done": number(_running(lambda x, k: x.weight_done), "Poids fait", "Weight done"),
        "weight": number(_running(lambda x, k: x.weight), "Poids", "Weight"),
        "revenue": money(
            _running(lambda x, k: x.revenue if x.revenue_target else ZERO), "Chiffre commandé", "Revenue ordered"
        ),
        "revenue_target": money(_running(lambda x, k: x.revenue_target or ZERO), "Objectif", "Revenue target"),
        "days_elapsed": number(
            _running(lambda x, k: plans.working_days(x, k.day, k.calendar)[0]), "Jours ouvrés écoulés", "Working days elapsed"
        ),
        "days": number(_running(lambda x, k: plans.working_days(x, k.day, k.calendar)[1]), "Jours ouvrés", "Working days"),
        "count": number(_running(lambda x, k: x.n), "Plans", "Plans"),
        **{name: number(_state(name), text.fr, text.en) for name, text in _STATES.items()},
    },
    compute=Quotient("done", "weight"),
    components={
        "actions": part(Quotient("done", "weight"), "ratio", "Actions", "Actions"),
        "revenue_ring": part(Quotient("revenue", "revenue_target"), "ratio", "Chiffre", "Revenue"),
        "time": part(Quotient("days_elapsed", "days"), "ratio", "Temps", "Time"),
        "revenue": part(Total("revenue"), "money", "Chiffre commandé", "Revenue ordered"),
        "revenue_target": part(Total("revenue_target"), "money", "Objectif", "Revenue target"),
        "count": part(Total("count"), "count", "Plans", "Plans"),
        **{name: part(Total(name), "count", text.fr, text.en) for name, text in _STATES.items()},
    },
    count="count",
    no_value=Text("Aucun plan d’action en cours.", "No action plan running."),
    examples=(
        Example(
            text=Text("Neuf dixièmes des actions, un quart du chiffre", "Nine tenths of the actions, a quarter of the revenue"),
            cells=(
                PlanCell(
                    starts_on=date(2026, 11, 2), ends_on=date(2026, 12, 11), weight=_D(10), weight_done=_D(9),
                    revenue=_D(25), revenue_target=_D(100),
                ),
            ),
            value=_D("0.9"),
            components={"revenue_ring": _D("0.25"), "effort_without_result": _D(1)},
            context=_NOVEMBER,
        ),
    ),
)  # fmt: skip


def _in_period(on: date | None, context: Context) -> bool:
    return on is not None and context.period.start <= on < context.period.end and on <= context.day


def _qualified(cell: LeadCell, context: Context) -> Number:
    return cell.n if _in_period(cell.qualified_on, context) else 0


def _created(cell: LeadCell, context: Context) -> Number:
    return cell.n if _in_period(cell.created_on, context) else 0


qualified_leads = Kpi(
    name="qualified_leads",
    number=13,
    dashboard="field",
    label=Text("Leads qualifiés", "Qualified leads"),
    definition=Text(
        "Leads par date de leur premier passage à « qualifié ». La source est le premier contact et ne change jamais. À côté : "
        "taux de qualification des leads créés dans la période.",
        "Leads by the date of their first move to qualified. The source is the first touch and never changes. Beside it: the "
        "qualification rate of the leads created in the period.",
    ),
    formula=Text("nombre de premières qualifications", "number of first qualifications"),
    unit="count",
    fact="leads",
    resource="leads",
    dimensions=("rep", "team", "business_unit", "product", "source"),
    kind="history",
    inputs={
        "count": number(_qualified, "Leads qualifiés", "Qualified leads"),
        "converted": number(
            lambda x, k: _qualified(x, k) if c.happened(x.converted_on, k.day) else 0, "Convertis", "Converted"
        ),
        "created": number(_created, "Leads créés", "Leads created"),
        "cohort_qualified": number(
            lambda x, k: _created(x, k) if c.happened(x.qualified_on, k.day) else 0, "Créés et qualifiés", "Created and qualified"
        ),
    },
    compute=Total("count"),
    components={
        "converted": part(Total("converted"), "count", "Convertis", "Converted"),
        "conversion_rate": part(Quotient("converted", "count"), "ratio", "Taux de conversion", "Conversion rate"),
        "created": part(Total("created"), "count", "Leads créés", "Leads created"),
        "qualification_rate": part(
            Quotient("cohort_qualified", "created"), "ratio", "Taux de qualification", "Qualification rate"
        ),
    },
    count="count",
    beside=("created",),
    takes_target=True,
    amounts=False,
    examples=(
        Example(
            text=Text("Créés en octobre et novembre, qualifiés en novembre", "Created in October and November, qualified in November"),
            cells=(
                LeadCell(created_on=date(2026, 10, 20), qualified_on=date(2026, 11, 4)),
                LeadCell(created_on=date(2026, 11, 2), qualified_on=date(2026, 11, 5), n=2),
                LeadCell(created_on=date(2026, 11, 9), n=2),
            ),
            value=_D(3),
            components={"qualification_rate": _D("0.5")},
            context=_NOVEMBER,
        ),
    ),
)  # fmt: skip

KPIS = (visit_reports, visit_to_order_ratio, conversion_rate, action_plan_progress, qualified_leads)
