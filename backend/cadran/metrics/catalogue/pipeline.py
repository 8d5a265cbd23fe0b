"""Dashboard 1, the pipeline and what becomes of it: KPI 4."""

from datetime import date
from decimal import Decimal

from cadran.metrics import counting as c
from cadran.metrics import details
from cadran.metrics.facts import ZERO, OpportunityCell
from cadran.metrics.kpi import (
    Context,
    Example,
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

_MAY = Context(day=date(2026, 5, 31), period=Period(date(2026, 5, 1), date(2026, 6, 1)))
_D = Decimal


def _open(measure: Measure) -> Measure:
    return lambda cell, context: measure(cell, context) if c.is_open(cell, context.day) else ZERO


_PIPELINE = (
    OpportunityCell(stage_probability=_D("0.5"), budget=_D(10_000), filled=6),
    OpportunityCell(
        stage_probability=_D("0.5"), manual_probability=_D("0.9"), budget=_D(9_000), quote_amount=_D(1_000), filled=3,
        expected_signature_on=date(2026, 5, 4),
    ),
    OpportunityCell(status="won", closed_on=date(2026, 5, 2), stage_probability=_D("0.9"), budget=_D(70_000)),
)  # fmt: skip

weighted_pipeline = Kpi(
    name="weighted_pipeline",
    number=4,
    dashboard="activity",
    label=Text("Pipeline pondéré", "Weighted pipeline"),
    definition=Text(
        "Opportunités ouvertes à la date demandée : montant × probabilité. Montant : dernier devis en cours, sinon budget "
        "estimé. Probabilité : saisie à la main, sinon celle de l’étape. Signature prévue dépassée : comptée, signalée.",
        "Opportunities open at the date asked: amount × probability. Amount: the latest live quote, else the estimated "
        "budget. Probability: set by hand, else the stage’s. Past their expected signature: still counted, shown as slipped.",
    ),
    formula=Text("Σ montant × probabilité", "Σ amount × probability"),
    unit="money",
    fact="opportunities",
    resource="opportunities",
    details=details.opportunity,
    dimensions=("rep", "team", "business_unit", "customer", "stage", "product", "source", "sector", "customer_class"),
    kind="stock",
    inputs={
        "amount": money(_open(lambda x, k: c.weighted(x)), "Pipeline pondéré", "Weighted pipeline"),
        "unweighted": money(_open(lambda x, k: c.opportunity_amount(x)), "Pipeline brut", "Unweighted pipeline"),
        "count": number(_open(lambda x, k: x.n), "Opportunités", "Opportunities"),
        "slipped": number(lambda x, k: x.n if c.is_slipped(x, k.day) else 0, "Signature dépassée", "Slipped"),
        "slipped_amount": money(
            lambda x, k: c.weighted(x) if c.is_slipped(x, k.day) else ZERO, "Pondéré dépassé", "Weighted, slipped"
        ),
        "manual": number(
            _open(lambda x, k: x.n if x.manual_probability is not None else 0), "Probabilité manuelle", "Manual probability"
        ),
        "filled": number(_open(lambda x, k: x.filled), "Champs remplis", "Fields filled"),
        "fields": number(_open(lambda x, k: x.fields * x.n), "Champs attendus", "Fields expected"),
        "expected": money(
            _open(
                lambda x, k: c.opportunity_amount(x)
                if x.expected_signature_on is not None and k.period.start <= x.expected_signature_on < k.period.end
                else ZERO
            ),
            "Brut attendu dans la période",
            "Unweighted, expected in the period",
        ),
    },
    compute=Total("amount"),
    components={
        "unweighted": part(Total("unweighted"), "money", "Pipeline brut", "Unweighted pipeline"),
        "count": part(Total("count"), "count", "Opportunités", "Opportunities"),
        "slipped": part(Total("slipped"), "count", "Signature dépassée", "Slipped"),
        "slipped_amount": part(Total("slipped_amount"), "money", "Pondéré dépassé", "Weighted, slipped"),
        "manual": part(Total("manual"), "count", "Probabilité manuelle", "Manual probability"),
        "filled_share": part(Quotient("filled", "fields"), "ratio", "Part des champs remplis", "Share of fields filled"),
        "expected": part(Total("expected"), "money", "Brut attendu dans la période", "Unweighted, expected in the period"),
    },
    count="count",
    takes_target=True,
    examples=(
        Example(
            text=Text("50 % d’un budget, 90 % d’un devis ; la gagnée ne compte plus", "50 % of a budget, 90 % of a quote; the won one is out"),
            cells=_PIPELINE,
            value=_D("5900.00"),
            components={"unweighted": _D("11000.00"), "count": _D(2), "slipped": _D(1), "filled_share": _D("0.75")},
            context=_MAY,
        ),
    ),
)  # fmt: skip


def _closed(status: str, amount: bool = False) -> Measure:
    def measure(cell: OpportunityCell, context: Context) -> Decimal | int:
        if cell.status != status or not c.happened(cell.closed_on, context.day):
            return 0
        return c.opportunity_amount(cell) if amount else cell.n

    return measure


def _either(amount: bool = False) -> Measure:
    won, lost = _closed("won", amount), _closed("lost", amount)
    return lambda cell, context: won(cell, context) + lost(cell, context)


win_rate = Kpi(
    name="win_rate",
    number=4,
    dashboard="activity",
    companion=True,
    label=Text("Taux de succès", "Win rate"),
    definition=Text(
        "Opportunités gagnées rapportées aux gagnées et perdues, closes dans la période ; en nombre et en montant.",
        "Opportunities won over won and lost, closed in the period; by count and by amount.",
    ),
    formula=Text("gagnées ÷ (gagnées + perdues)", "won ÷ (won + lost)"),
    unit="ratio",
    fact="closed_opportunities",
    resource="opportunities",
    dimensions=("rep", "team", "business_unit", "customer", "product", "source", "sector", "customer_class"),
    inputs={
        "won": number(_closed("won"), "Gagnées", "Won"),
        "closed": number(_either(), "Closes", "Closed"),
        "lost": number(_closed("lost"), "Perdues", "Lost"),
        "won_amount": money(_closed("won", amount=True), "Montant gagné", "Amount won"),
        "lost_amount": money(_closed("lost", amount=True), "Montant perdu", "Amount lost"),
        "closed_amount": money(_either(amount=True), "Montant clos", "Amount closed"),
    },
    compute=Quotient("won", "closed"),
    components={
        "won": part(Total("won"), "count", "Gagnées", "Won"),
        "lost": part(Total("lost"), "count", "Perdues", "Lost"),
        "won_amount": part(Total("won_amount"), "money", "Montant gagné", "Amount won"),
        "lost_amount": part(Total("lost_amount"), "money", "Montant perdu", "Amount lost"),
        "rate_by_amount": part(Quotient("won_amount", "closed_amount"), "ratio", "Taux en montant", "Rate by amount"),
    },
    count="closed",
    no_value=Text("Aucune opportunité close sur cette période.", "No opportunity closed in this period."),
    examples=(
        Example(
            text=Text("Trois gagnées, une perdue", "Three won, one lost"),
            cells=(
                OpportunityCell(day=date(2026, 5, 4), closed_on=date(2026, 5, 4), status="won", n=3, budget=_D(900)),
                OpportunityCell(day=date(2026, 5, 4), closed_on=date(2026, 5, 4), status="lost", n=1, budget=_D(100)),
            ),
            value=_D("0.75"),
            components={"rate_by_amount": _D("0.9")},
            context=_MAY,
        ),
    ),
)

KPIS = (weighted_pipeline, win_rate)
