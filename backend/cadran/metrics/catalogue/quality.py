"""Dashboard 3, how complete and sound customer data are: KPI 8."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from cadran.metrics import details
from cadran.metrics.facts import ZERO, QualityCell
from cadran.metrics.kpi import Context, Example, Input, Kpi, Measure, Quotient, Text, Total, number, part
from cadran.metrics.periods import Period

STATE = ("rep", "team", "business_unit", "customer", "sector", "customer_class")
_NOVEMBER = Context(day=date(2026, 11, 23), period=Period(date(2026, 11, 1), date(2026, 12, 1)))
_D = Decimal


def _completeness() -> dict[str, Input]:
    return {
        "filled": number(lambda x, k: x.filled * x.weight, "Champs remplis (pondérés)", "Fields filled (weighted)"),
        "possible": number(
            lambda x, k: x.possible * x.weight, "Champs possibles (pondérés)", "Possible fields (weighted)"
        ),
        "count": number(lambda x, k: x.n, "Fiches", "Records"),
        "complete": number(lambda x, k: x.n if x.filled == x.possible else 0, "Fiches complètes", "Complete records"),
    }


_COMPLETE = {
    "count": part(Total("count"), "count", "Fiches", "Records"),
    "complete": part(Total("complete"), "count", "Fiches complètes", "Complete records"),
}


def _has(field: str) -> Measure:
    return lambda x, k: 0 if field in x.missing else x.weight


_FIELDS = {
    "name": ("nom", "name"),
    "job_title": ("fonction", "function"),
    "department": ("service", "department"),
    "email": ("e-mail", "e-mail"),
    "phone": ("téléphone", "phone"),
}
# Field by field, for who has to fill them: contacts that have it, of those that should.
_BY_FIELD = {"weight": number(lambda x, k: x.weight, "Contacts (pondérés)", "Contacts (weighted)")} | {
    f"filled_{name}": number(_has(name), f"Avec {fr} (pondérés)", f"With {en} (weighted)")
    for name, (fr, en) in _FIELDS.items()
}

contact_completeness = Kpi(
    name="contact_completeness",
    number=8,
    dashboard="data-health",
    label=Text("Contacts complets", "Contact completeness"),
    definition=Text(
        "Champs remplis rapportés aux champs possibles des contacts : nom, fonction exacte, service, e-mail, téléphone. Un "
        "décideur pèse 3. Une valeur de remplissage (« xxx », « n/a », « 0000 ») est vide.",
        "Filled over possible fields of contacts: name, exact function, department, e-mail, phone. A decision-maker weighs "
        "3. A placeholder value (“xxx”, “n/a”, “0000”) is empty.",
    ),
    formula=Text("Σ remplis ÷ Σ possibles", "Σ filled ÷ Σ possible"),
    unit="ratio",
    fact="contacts",
    resource="contacts",
    details=details.quality,
    dimensions=STATE,
    kind="stock",
    inputs=_completeness() | _BY_FIELD,
    compute=Quotient("filled", "possible"),
    components=_COMPLETE,
    count="count",
    takes_target=True,
    amounts=False,
    no_value=Text("Aucun contact.", "No contact."),
    examples=(
        Example(
            text=Text(
                "Un décideur complet, un contact à deux champs", "A complete decision-maker, a contact with two fields"
            ),
            cells=(QualityCell(weight=3, filled=5, possible=5), QualityCell(filled=2, possible=5)),
            value=_D("0.85"),
            components={"count": _D(2), "complete": _D(1)},
            context=_NOVEMBER,
        ),
    ),
)

customer_completeness = Kpi(
    name="customer_completeness",
    number=8,
    dashboard="data-health",
    companion=True,
    label=Text("Fiches clients complètes", "Customer completeness"),
    definition=Text(
        "Champs remplis rapportés aux champs possibles des fiches clients : raison sociale, SIREN/SIRET ou n° de TVA, adresse, "
        "secteur, téléphone, commercial, au moins un décideur.",
        "Filled over possible fields of customer cards: legal name, SIREN/SIRET or VAT number, address, sector, phone, "
        "owner, at least one decision-maker.",
    ),
    formula=Text("Σ remplis ÷ Σ possibles", "Σ filled ÷ Σ possible"),
    unit="ratio",
    fact="customer_cards",
    resource="customers",
    details=details.quality,
    dimensions=STATE,
    kind="stock",
    inputs=_completeness(),
    compute=Quotient("filled", "possible"),
    components=_COMPLETE,
    count="count",
    takes_target=True,
    amounts=False,
    no_value=Text("Aucun client.", "No customer."),
    examples=(
        Example(
            text=Text("Une fiche à 6 champs sur 7", "A card with 6 fields of 7"),
            cells=(QualityCell(filled=6, possible=7),),
            value=_D("0.857143"),
            context=_NOVEMBER,
        ),
    ),
)

TERMS = (("filled", "possible", 40), ("valid", "checked", 25), ("fresh", "freshness_base", 20), ("unique", "count", 15))


def quality_index(sums: Mapping[str, Decimal]) -> Decimal | None:
    """Σ weight × ratio over the terms that have data ÷ Σ of their weights, out of 100."""
    found = [(weight, sums[top] / sums[bottom]) for top, bottom, weight in TERMS if sums[bottom]]
    weights = sum(weight for weight, _ in found)
    return 100 * sum((weight * ratio for weight, ratio in found), ZERO) / weights if weights else None


data_quality_index = Kpi(
    name="data_quality_index",
    number=8,
    dashboard="data-health",
    companion=True,
    label=Text("Indice de qualité", "Data quality index"),
    definition=Text(
        "De 0 à 100, sur les contacts et les fiches clients : 40 complétude + 25 validité (syntaxe des e-mails, téléphones, "
        "clés SIRET et TVA) + 20 fraîcheur (1 le jour de la vérification, 0 après 24 mois) + 15 unicité (part sans doublon "
        "non résolu). Un terme sans donnée sort et le reste est ramené à 100.",
        "From 0 to 100, over contacts and customer cards: 40 completeness + 25 validity (e-mail syntax, phones, SIRET and "
        "VAT keys) + 20 freshness (1 on the day verified, 0 after 24 months) + 15 uniqueness (share in no unresolved "
        "duplicate pair). A term without data leaves and the rest is brought back to 100.",
    ),
    formula=Text(
        "40 × complétude + 25 × validité + 20 × fraîcheur + 15 × unicité",
        "40 × completeness + 25 × validity + 20 × freshness + 15 × uniqueness",
    ),
    unit="index",
    fact="quality",
    resource="customers",
    details=details.quality,
    dimensions=STATE,
    kind="stock",
    inputs=_completeness()
    | {
        "valid": number(lambda x, k: x.valid, "Valeurs valides", "Valid values"),
        "checked": number(lambda x, k: x.checked, "Valeurs contrôlées", "Values checked"),
        "fresh": number(lambda x, k: x.freshness, "Fraîcheur", "Freshness"),
        "freshness_base": number(lambda x, k: x.n, "Fiches datables", "Records that age"),
        "unique": number(lambda x, k: 0 if x.duplicated else x.n, "Fiches sans doublon", "Records without duplicate"),
    },
    compute=quality_index,
    components={
        "completeness": part(Quotient("filled", "possible"), "ratio", "Complétude", "Completeness"),
        "validity": part(Quotient("valid", "checked"), "ratio", "Validité", "Validity"),
        "freshness": part(Quotient("fresh", "freshness_base"), "ratio", "Fraîcheur", "Freshness"),
        "uniqueness": part(Quotient("unique", "count"), "ratio", "Unicité", "Uniqueness"),
        "count": part(Total("count"), "count", "Fiches", "Records"),
    },
    count="count",
    takes_target=True,
    amounts=False,
    no_value=Text("Aucune fiche.", "No record."),
    examples=(
        Example(
            text=Text("Rien à valider : les 75 points restants sont ramenés à 100", "Nothing to validate: the other 75 points become 100"),
            cells=(QualityCell(filled=3, possible=5, freshness=_D("0.5"), verified=True),),
            value=_D("65.3"),
            context=_NOVEMBER,
        ),
        Example(
            text=Text("Les quatre termes", "All four terms"),
            cells=(
                QualityCell(filled=5, possible=5, valid=2, checked=2, freshness=_D(1), verified=True),
                QualityCell(filled=0, possible=5, valid=1, checked=2, duplicated=True),
            ),
            value=_D("56.3"),
            context=_NOVEMBER,
        ),
    ),
)  # fmt: skip

KPIS = (contact_completeness, customer_completeness, data_quality_index)
