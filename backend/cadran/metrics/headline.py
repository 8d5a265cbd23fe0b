"""The sentence each screen opens with: what is achieved against the pace, then the worst deviation.

At most 110 characters in either language. It is also the title in print and the subject of the e-mail.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cadran.metrics.rounding import half_up

Language = Literal["fr", "en"]
Tone = Literal["strong", "plain", "bad"]
LIMIT = 110
THIN = "\u202f"
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF", "BRL": "R$"}


@dataclass(frozen=True)
class Part:
    text: str
    tone: Tone = "plain"


Sentence = Sequence[Part]


def text_of(sentence: Sentence) -> str:
    return "".join(part.text for part in sentence)


def fitted(candidates: Sequence[Sentence]) -> Sentence:
    """The first, fullest, sentence that fits; the last one is short enough by construction."""
    return next((sentence for sentence in candidates if len(text_of(sentence)) <= LIMIT), candidates[-1])


def money(value: Decimal, currency: str, language: Language) -> str:
    """Four significant digits at most: 412 k€, 1 284 k€, €412k."""
    symbol = _SYMBOLS.get(currency, currency)
    size = abs(value)
    unit = (
        ("M", Decimal(1_000_000)) if size >= 10_000_000 else ("k", Decimal(1000)) if size >= 1000 else ("", Decimal(1))
    )
    scaled = value / unit[1]
    # As the tiles write amounts, so that a figure reads the same twice.
    digits = half_up(scaled, 0 if abs(scaled) >= (100 if unit[0] == "M" else 10) else 2)
    shown = f"{digits:,f}".removesuffix(".00")
    if language == "fr":
        return shown.replace(",", THIN).replace(".", ",").replace("-", "−") + f"\u00a0{unit[0]}{symbol}"
    sign, shown = ("−", shown[1:]) if shown.startswith("-") else ("", shown)
    glue = "\u00a0" if symbol.isalpha() and len(symbol) > 1 else ""
    return f"{sign}{symbol}{glue}{shown}{unit[0].lower()}"


def percent(value: Decimal, language: Language) -> str:
    figure = f"{half_up(value * 100, 0)}"
    return f"{figure}\u00a0%" if language == "fr" else f"{figure}%"


def plural(count: int, one: str, many: str, language: Language) -> str:
    """French counts 0 and 1 as singular, English only 1."""
    single = abs(count) < 2 if language == "fr" else abs(count) == 1
    shown = f"{count:,}".replace(",", THIN if language == "fr" else ",")
    return f"{shown} {one if single else many}"


@dataclass(frozen=True)
class ActivityFacts:
    """Amounts in the company's currency; None when unknown. ``pipeline_gap``: target − pipeline."""

    invoiced: Decimal | None
    ahead: Decimal | None  # invoiced − expected to date
    orders: int
    pipeline_gap: Decimal | None
    price_guard_broken: bool
    worst_rep: tuple[str, Decimal] | None  # the name and how far behind
    running: bool
    currency: str


def activity(facts: ActivityFacts, language: Language) -> Sentence:
    fr = language == "fr"

    def cash(value: Decimal) -> str:
        return money(value, facts.currency, language)

    if facts.invoiced is None or (not facts.invoiced and not facts.orders):
        return [
            Part(
                "Rien de facturé ni commandé sur cette période."
                if fr
                else "Nothing invoiced or ordered in this period.",
                "strong",
            )
        ]
    achieved = f"{cash(facts.invoiced)} {'facturés' if fr else 'invoiced'}"
    if facts.ahead is None:
        first = [Part(f"{achieved}, {'sans objectif' if fr else 'no target'}.", "strong")]
    elif facts.ahead >= 0:
        tail = (
            ("d’avance" if facts.running else "au-dessus de l’objectif")
            if fr
            else ("ahead" if facts.running else "above target")
        )
        first = [Part(f"{achieved}, {cash(facts.ahead)} {tail}.", "strong")]
    else:
        tail = (
            ("de retard" if facts.running else "sous l’objectif")
            if fr
            else ("behind" if facts.running else "under target")
        )
        first = [Part(f"{achieved}, ", "strong"), Part(f"{cash(-facts.ahead)} {tail}", "bad"), Part(".", "strong")]
    worst: list[list[Part]] = []
    if facts.pipeline_gap is not None and facts.pipeline_gap > 0:
        gap = cash(facts.pipeline_gap)
        worst.append(
            [
                Part(" Il " if fr else " The pipeline is "),
                Part(f"manque {gap} au pipeline" if fr else f"{gap} short", "bad"),
                Part("."),
            ]
        )
    if facts.worst_rep is not None:
        name, behind = facts.worst_rep
        worst.append(
            [
                Part(f" {name} : " if fr else f" {name}: "),
                Part(f"{cash(behind)} de retard" if fr else f"{cash(behind)} behind", "bad"),
                Part("."),
            ]
        )
    if facts.price_guard_broken:
        worst.insert(
            0,
            [
                Part(" La marge passe " if fr else " Margin is "),
                Part("sous le garde-fou" if fr else "under the price guard", "bad"),
                Part("."),
            ],
        )
    return fitted([*([*first, *last] for last in worst), first])


@dataclass(frozen=True)
class DayFacts:
    visits_today: int
    overdue_visits: int
    quotes: int
    quotes_amount: Decimal
    expiring: int
    late_tasks: int
    overdue_amount: Decimal
    currency: str


def day(facts: DayFacts, language: Language) -> Sentence:
    fr = language == "fr"
    today = (
        plural(facts.visits_today, "visite", "visites", "fr")
        if fr
        else plural(facts.visits_today, "visit", "visits", "en")
    )
    first = [Part(f"{today} aujourd’hui." if fr else f"{today} today.", "strong")]
    seconds: list[list[Part]] = []
    if facts.quotes:
        quotes = (
            plural(facts.quotes, "devis à relancer", "devis à relancer", "fr")
            if fr
            else plural(facts.quotes, "quote", "quotes", "en") + " to follow up"
        )
        amount = money(facts.quotes_amount, facts.currency, language)
        sentence = [Part(f" {quotes} pour {amount}" if fr else f" {quotes} worth {amount}")]
        if facts.expiring:
            soon = (
                plural(facts.expiring, "expire sous 7 jours", "expirent sous 7 jours", "fr")
                if fr
                else plural(facts.expiring, "expires", "expire", "en") + " within 7 days"
            )
            seconds.append([*sentence, Part(", dont " if fr else ", of which "), Part(soon, "bad"), Part(".")])
        seconds.append([*sentence, Part(".")])
    if facts.overdue_visits:
        late = (
            plural(facts.overdue_visits, "visite en retard", "visites en retard", "fr")
            if fr
            else plural(facts.overdue_visits, "visit", "visits", "en") + " overdue"
        )
        seconds.append([Part(" "), Part(late, "bad"), Part(".")])
    if facts.overdue_amount > 0:
        due = money(facts.overdue_amount, facts.currency, language)
        seconds.append([Part(" "), Part(f"{due} échus" if fr else f"{due} overdue", "bad"), Part(".")])
    if facts.late_tasks:
        late = (
            plural(facts.late_tasks, "tâche en retard", "tâches en retard", "fr")
            if fr
            else plural(facts.late_tasks, "task", "tasks", "en") + " late"
        )
        seconds.append([Part(" "), Part(late, "bad"), Part(".")])
    if not seconds:
        seconds.append([Part(" Rien en retard." if fr else " Nothing is late.")])
    return fitted([*([*first, *last] for last in seconds), first])


@dataclass(frozen=True)
class DataFacts:
    completeness: Decimal | None
    missing_decision_makers: int  # contacts that decide and miss a field
    lost: int
    lost_stake: Decimal | None  # None when amounts are not shown
    inactive: int
    currency: str


def data_health(facts: DataFacts, language: Language) -> Sentence:
    fr = language == "fr"
    if facts.completeness is None:
        first = [Part("Aucun contact encore." if fr else "No contact yet.", "strong")]
    else:
        share = percent(facts.completeness, language)
        first = [Part(f"Contacts complets à {share}." if fr else f"Contacts are {share} complete.", "strong")]
    seconds: list[list[Part]] = []
    if facts.lost:
        lost = (
            plural(facts.lost, "client perdu", "clients perdus", "fr")
            if fr
            else plural(facts.lost, "customer", "customers", "en") + " lost"
        )
        stake = ""
        if facts.lost_stake:
            worth = money(facts.lost_stake, facts.currency, language)
            stake = f" ({worth} sur 12 mois)" if fr else f" ({worth} over 12 months)"
        seconds.append([Part(" "), Part(lost + stake, "bad"), Part(".")])
    if facts.inactive:
        quiet = (
            plural(facts.inactive, "client inactif", "clients inactifs", "fr")
            if fr
            else plural(facts.inactive, "inactive customer", "inactive customers", "en")
        )
        seconds.append([Part(" "), Part(quiet, "bad"), Part(".")])
    if facts.missing_decision_makers:
        missing = (
            plural(facts.missing_decision_makers, "décideur incomplet", "décideurs incomplets", "fr")
            if fr
            else plural(facts.missing_decision_makers, "decision-maker", "decision-makers", "en") + " incomplete"
        )
        seconds.append([Part(" "), Part(missing, "bad"), Part(".")])
    return fitted([*([*first, *last] for last in seconds), first])


@dataclass(frozen=True)
class FieldFacts:
    reports: int
    held: int
    visits_per_order: Decimal | None
    late_plans: int
    leads: int


def field(facts: FieldFacts, language: Language) -> Sentence:
    fr = language == "fr"
    reports = (
        plural(facts.reports, "compte rendu", "comptes rendus", "fr")
        if fr
        else plural(facts.reports, "visit report", "visit reports", "en")
    )
    visits = plural(facts.held, "visite", "visites", "fr") if fr else plural(facts.held, "visit", "visits", "en")
    first = [Part(f"{reports} pour {visits}." if fr else f"{reports} for {visits}.", "strong")]
    seconds: list[list[Part]] = []
    if facts.late_plans:
        late = (
            plural(facts.late_plans, "plan d’action en retard", "plans d’action en retard", "fr")
            if fr
            else plural(facts.late_plans, "action plan", "action plans", "en") + " late"
        )
        seconds.append([Part(" "), Part(late, "bad"), Part(".")])
    if facts.held > facts.reports:
        without = facts.held - facts.reports
        missing = (
            plural(without, "visite sans compte rendu", "visites sans compte rendu", "fr")
            if fr
            else plural(without, "visit", "visits", "en") + " without a report"
        )
        seconds.append([Part(" "), Part(missing, "bad"), Part(".")])
    if facts.visits_per_order is not None:
        rate = f"{half_up(facts.visits_per_order, 1)}"
        seconds.append(
            [Part(f" 1 commande pour {rate.replace('.', ',')} visites." if fr else f" 1 order for {rate} visits.")]
        )
    return fitted([*([*first, *last] for last in seconds), first])


def leads(count: int, language: Language) -> Sentence:
    words = ("lead qualifié", "leads qualifiés") if language == "fr" else ("qualified lead", "qualified leads")
    return [Part(f"{plural(count, *words, language)}.", "strong")]


def both(write: Callable[[Language], Sentence]) -> dict[str, list[dict[str, str]]]:
    """The sentence in both languages, as plain data."""
    languages: tuple[Language, ...] = ("fr", "en")
    return {language: [{"text": part.text, "tone": part.tone} for part in write(language)] for language in languages}
