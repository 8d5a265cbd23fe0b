"""The shapes of KPI answers, for OpenAPI and for generated clients. Money and ratios are decimal strings."""

from typing import Any, Literal

from pydantic import BaseModel

Figure = str | int | None


class Bilingual(BaseModel):
    fr: str
    en: str


class PeriodShape(BaseModel):
    """``to`` is excluded."""

    kind: Literal["day", "week", "month", "quarter", "year", "custom"]
    label: str
    to: str


class NamedPart(BaseModel):
    name: str
    label: Bilingual
    unit: str


class InputPart(NamedPart):
    main: bool


class ExampleShape(BaseModel):
    text: Bilingual
    value: Figure


class CatalogueEntry(BaseModel):
    name: str
    number: int
    dashboard: str
    companion: bool
    label: Bilingual
    definition: Bilingual
    formula: Bilingual
    unit: Literal["money", "count", "ratio", "index", "number"]
    kind: Literal["flow", "stock", "history"]
    higher_is_better: bool | None
    additive: bool
    dimensions: list[str]
    resource: str
    takes_target: bool
    inputs: list[InputPart]
    components: list[NamedPart]
    examples: list[ExampleShape]
    definition_version: int


class Catalogue(BaseModel):
    items: list[CatalogueEntry]


class Valued(BaseModel):
    value: Figure
    reason: Bilingual | None
    components: dict[str, Figure]


class Aimed(Valued):
    target: Figure
    target_origin: str | None
    attainment: str | None
    expected_to_date: Figure
    gap: Figure
    pace: str | None
    target_met: bool | None


class Comparison(Valued):
    kind: Literal["previous", "previous_year"]
    period: PeriodShape
    change: str | None


class Point(Valued):
    period: PeriodShape


class Group(Aimed):
    key: str | None
    label: str | None
    unassigned: bool
    comparisons: list[Comparison]


class WarningShape(BaseModel):
    code: str
    message: Bilingual


class TeamAverage(BaseModel):
    value: Figure
    reps: int


class WorkingDays(BaseModel):
    elapsed: int
    total: int


class DashboardAnswer(Aimed):
    name: str
    label: Bilingual
    unit: str
    currency: str | None
    period: PeriodShape
    as_of: str
    as_of_day: str
    count: int | None
    working_days: WorkingDays
    comparisons: list[Comparison]
    series: list[Point]
    groups: list[Group]
    team_average: TeamAverage | None
    warnings: list[WarningShape]
    definition_version: int


class Answer(DashboardAnswer):
    records: str


class Record(BaseModel):
    resource: str
    id: str
    title: str | None
    status: str | None
    customer_id: str | None
    customer: str | None
    city: str | None
    owner_id: str | None
    owner: str | None
    on: str | None
    contribution: Figure
    contributions: dict[str, Figure]
    details: dict[str, Any]


class Records(BaseModel):
    name: str
    unit: str
    currency: str
    period: PeriodShape
    as_of: str
    filters: dict[str, list[str]]
    count: int
    counted: int | None
    totals: dict[str, Figure]
    items: list[Record]
    next_cursor: str | None


class Step(BaseModel):
    step: str
    amount: str
    records: list[str]


class Movement(BaseModel):
    since: str
    as_of: str
    currency: str
    start: str
    end: str
    steps: list[Step]


class Rhythm(BaseModel):
    """``ratio``: silence ÷ cycle. All null for a customer who has not ordered yet."""

    state: Literal["active", "inactive", "lost"] | None
    cycle_days: str | None
    cycle_source: Literal["own_orders", "customer", "sector", "company"] | None
    silence_days: int | None
    ratio: str | None
    last_order_on: str | None
    promised: bool | None
    last_visit_on: str | None
    visit_due: bool | None


class CustomerTodo(BaseModel):
    """``items``: visits, quotes, deliveries, invoices and tasks, as the day's list has them."""

    formula: dict[str, str]
    items: list[dict[str, Any]]


class SentencePart(BaseModel):
    text: str
    tone: Literal["strong", "plain", "bad"]


class Headline(BaseModel):
    fr: list[SentencePart]
    en: list[SentencePart]


class Dashboard(BaseModel):
    """``kpis``: answers by key; ``lists``: rows to act on, by key."""

    screen: str
    period: PeriodShape
    as_of: str
    as_of_day: str
    currency: str
    company: str
    headline: Headline
    kpis: dict[str, DashboardAnswer]
    lists: dict[str, Any]
