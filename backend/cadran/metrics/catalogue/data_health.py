"""Dashboard 3, new prospects and customers, inactive and lost ones: KPIs 9 and 10."""

from datetime import date
from decimal import Decimal

from cadran.metrics import details, lifecycle
from cadran.metrics.facts import CustomerCell, OrderDays, ProspectCell
from cadran.metrics.kpi import Context, Example, Kpi, Measure, Number, Quotient, Text, Total, money, number, part
from cadran.metrics.periods import Period

STATE = ("rep", "team", "business_unit", "customer", "sector", "customer_class")
_NOVEMBER = Context(day=date(2026, 11, 23), period=Period(date(2026, 11, 1), date(2026, 12, 1)))
_D = Decimal


new_prospects = Kpi(
    name="new_prospects",
    number=9,
    dashboard="data-health",
    label=Text("Nouveaux prospects", "New prospects"),
    definition=Text(
        "Clients dont le premier jour comme prospect tombe dans la période ; devenir client ensuite ne les retire pas. Les "
        "imports en masse sont comptés à part sur demande.",
        "Customers whose first prospect date falls in the period; converting later does not remove them. Bulk imports are "
        "counted apart on request.",
    ),
    formula=Text("nombre de nouveaux prospects", "number of new prospects"),
    unit="count",
    fact="prospects",
    resource="customers",
    dimensions=(*STATE, "source"),
    inputs={
        "count": number(lambda x, k: x.n, "Nouveaux prospects", "New prospects"),
        "imported": number(lambda x, k: x.n if x.imported else 0, "Dont importés en masse", "Of which bulk imported"),
    },
    compute=Total("count"),
    components={"imported": part(Total("imported"), "count", "Dont importés en masse", "Of which bulk imported")},
    count="count",
    takes_target=True,
    amounts=False,
    examples=(
        Example(
            text=Text("Deux prospects de mai, un d’avril", "Two prospects of May, one of April"),
            cells=(
                ProspectCell(day=date(2026, 11, 2), n=2),
                ProspectCell(day=date(2026, 10, 30)),
            ),
            value=_D(2),
            context=_NOVEMBER,
        ),
    ),
)

new_customers = Kpi(
    name="new_customers",
    number=9,
    dashboard="data-health",
    companion=True,
    label=Text("Nouveaux clients", "New customers"),
    definition=Text(
        "Clients dont la première commande confirmée, non annulée, tombe dans la période. Attribués à qui la commande compte.",
        "Customers whose first confirmed order, not cancelled, falls in the period. They count for whom that order counts.",
    ),
    formula=Text("nombre de premières commandes", "number of first orders"),
    unit="count",
    fact="first_orders",
    resource="customers",
    dimensions=(*STATE, "source"),
    inputs={"count": number(lambda x, k: x.n, "Nouveaux clients", "New customers")},
    compute=Total("count"),
    count="count",
    takes_target=True,
    amounts=False,
    examples=(
        Example(
            text=Text("Première commande le 2 novembre", "First order on 2 November"),
            cells=(CustomerCell(day=date(2026, 11, 2), first_order=OrderDays(day=date(2026, 11, 2))),),
            value=_D(1),
            context=_NOVEMBER,
        ),
    ),
)


def _in(state: str, of: Measure) -> Measure:
    def measure(cell: CustomerCell, context: Context) -> Number:
        found = lifecycle.life_cycle(cell, context.day, context.rules)
        return of(cell, context) if found is not None and found.state == state else 0

    return measure


def _silent(state: str) -> Measure:
    return _in(state, lambda x, k: 0 if lifecycle.answers(x, k.day, k.rules) else x.n)


def _life_cycle_kpi(state: str, name: str, label: Text, definition: Text, value: int) -> Kpi:
    return Kpi(
        name=name,
        number=10,
        dashboard="data-health",
        label=label,
        definition=definition,
        formula=Text(f"nombre de clients : {label.fr.lower()}", f"number of {label.en.lower()}"),
        unit="count",
        fact="customers",
        resource="customers",
        details=details.life_cycle,
        dimensions=STATE,
        kind="stock",
        higher_is_better=False,
        inputs={
            "count": number(_in(state, lambda x, k: x.n), label.fr, label.en),
            "at_stake": money(_in(state, lambda x, k: x.revenue), "CA 12 mois en jeu", "12-month revenue at stake"),
            "silent": number(_silent(state), "Ne répondent plus", "No longer answer"),
            "base": number(lambda x, k: x.n if lifecycle.life_cycle(x, k.day, k.rules) else 0, "Clients", "Customers"),
        },
        compute=Total("count"),
        components={
            "at_stake": part(Total("at_stake"), "money", "CA 12 mois en jeu", "12-month revenue at stake"),
            "silent": part(Total("silent"), "count", "Ne répondent plus", "No longer answer"),
            "base": part(Total("base"), "count", "Clients ayant commandé", "Customers who ordered"),
        },
        count="count",
        takes_target=True,
        amounts=False,
        examples=(
            Example(
                text=Text(
                    "Intervalles 30-30-90, cycle 30 : silence de 20, 45 et 75 jours",
                    "Intervals 30-30-90, cycle 30: silences of 20, 45 and 75 days",
                ),
                cells=tuple(
                    CustomerCell(order_days=tuple(date.fromordinal(last - gap) for gap in (150, 120, 90, 0)))
                    for last in (date(2026, 11, 23).toordinal() - silence for silence in (20, 45, 75))
                ),
                value=_D(value),
                components={"base": _D(3)},
                context=_NOVEMBER,
            ),
        ),
    )


_CYCLE_FR = (
    "Cycle : intervalle médian entre les jours de commande (dès 3 jours), sinon celui du client, du secteur, puis de la société, "
    "jamais sous le cycle minimal. Une commande à livrer promise pour ce jour ou plus tard garde le client actif."
)
_CYCLE_EN = (
    "Cycle: the median interval between order days (from 3 days), else the customer’s, the sector’s, then the company’s own, "
    "never under the minimum cycle. An undelivered order promised for that day or later keeps the customer active."
)

inactive_customers = _life_cycle_kpi(
    "inactive",
    "inactive_customers",
    Text("Clients inactifs", "Inactive customers"),
    Text(
        "Clients ayant déjà commandé dont le silence dépasse un cycle, sans dépasser deux. " + _CYCLE_FR,
        "Customers who have ordered and been silent for over one cycle, up to two. " + _CYCLE_EN,
    ),
    1,
)
lost_customers = _life_cycle_kpi(
    "lost",
    "lost_customers",
    Text("Clients perdus", "Lost customers"),
    Text(
        "Clients ayant déjà commandé dont le silence dépasse deux cycles. " + _CYCLE_FR,
        "Customers who have ordered and been silent for over two cycles. " + _CYCLE_EN,
    ),
    1,
)


def _base(cell: CustomerCell, context: Context) -> Number:
    return cell.n if lifecycle.in_base(cell, context.period.start, context.rules) else 0


def _became_lost(cell: CustomerCell, context: Context) -> Number:
    start, end = context.period.start, context.period.end
    return cell.n if lifecycle.became_lost(cell, start, end, context.day, context.rules) else 0


churn_rate = Kpi(
    name="churn_rate",
    number=10,
    dashboard="data-health",
    companion=True,
    label=Text("Taux d’attrition", "Churn rate"),
    definition=Text(
        "Clients devenus perdus dans la période, rapportés à ceux qui avaient déjà commandé et n’étaient pas perdus à son début.",
        "Customers become lost in the period, over those who had ordered and were not lost at its start.",
    ),
    formula=Text("devenus perdus ÷ non perdus au début", "become lost ÷ not lost at the start"),
    unit="ratio",
    fact="customer_histories",
    resource="customers",
    dimensions=STATE,
    kind="history",
    higher_is_better=False,
    inputs={
        "lost": number(_became_lost, "Devenus perdus", "Become lost"),
        "base": number(_base, "Non perdus au début", "Not lost at the start"),
    },
    compute=Quotient("lost", "base"),
    components={
        "lost": part(Total("lost"), "count", "Devenus perdus", "Become lost"),
        "base": part(Total("base"), "count", "Non perdus au début", "Not lost at the start"),
    },
    count="lost",
    amounts=False,
    no_value=Text("Aucun client n’avait commandé avant cette période.", "No customer had ordered before this period."),
    examples=(
        Example(
            text=Text(
                "Deux clients, cycle 90 : l’un perdu le 3 novembre", "Two customers, cycle 90: one lost on 3 November"
            ),
            cells=(
                CustomerCell(order_days=(date(2026, 5, 6),)),
                CustomerCell(order_days=(date(2026, 10, 6),)),
            ),
            value=_D("0.5"),
            context=_NOVEMBER,
        ),
    ),
)

KPIS = (new_prospects, new_customers, inactive_customers, lost_customers, churn_rate)
