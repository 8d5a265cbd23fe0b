"""Every KPI keeps what it declares: its examples hold, its texts are complete, splitting cells changes nothing."""

import dataclasses
from decimal import Decimal

import pytest

from cadran.metrics import facts
from cadran.metrics.catalogue import BY_NAME, DASHBOARDS, KPIS
from cadran.metrics.kpi import PLACES, Example, Kpi, conclude, contributions, evaluate, sums

EXAMPLES = [(kpi, example) for kpi in KPIS for example in kpi.examples]
ASKABLE = {
    "invoiced_revenue", "ordered_amount", "order_count", "discount_rate", "margin_rate", "average_basket",
    "weighted_pipeline", "win_rate", "overdue_visits", "due_customers", "quotes_to_follow_up", "quote_conversion_rate",
    "outstanding", "contact_completeness", "customer_completeness", "data_quality_index", "new_prospects",
    "new_customers", "inactive_customers", "lost_customers", "churn_rate", "visit_reports", "visit_to_order_ratio",
    "conversion_rate", "action_plan_progress", "qualified_leads",
}  # fmt: skip


def test_every_name_of_the_definitions_is_askable() -> None:
    assert set(BY_NAME) == ASKABLE
    assert len(KPIS) == len(BY_NAME)
    assert {kpi.number for kpi in KPIS} == set(range(1, 14))


@pytest.mark.parametrize(("kpi", "example"), EXAMPLES, ids=[f"{k.name}-{i}" for i, (k, _) in enumerate(EXAMPLES)])
def test_examples_hold(kpi: Kpi, example: Example) -> None:
    assert example.context is not None
    result = evaluate(kpi, example.cells, example.context)
    assert result.value == example.value
    assert (result.reason is None) == (result.value is not None)
    for name, value in example.components.items():
        assert result.components[name] == value, name


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_declaration_is_complete(kpi: Kpi) -> None:
    for text in (kpi.label, kpi.definition, kpi.formula, kpi.no_value, *(part.label for part in kpi.inputs.values())):
        assert text.fr
        assert text.en
    assert kpi.dashboard in DASHBOARDS
    assert set(kpi.main) <= set(kpi.inputs)
    assert kpi.count is None or kpi.count in kpi.inputs
    assert kpi.examples
    assert kpi.unit in PLACES


@pytest.mark.parametrize(("kpi", "example"), EXAMPLES, ids=[f"{k.name}-{i}" for i, (k, _) in enumerate(EXAMPLES)])
def test_records_make_the_number(kpi: Kpi, example: Example) -> None:
    """Each cell as a record of its own: contributions sum to every input, so to the value."""
    assert example.context is not None
    cells = [dataclasses.replace(cell, record=position) for position, cell in enumerate(example.cells)]  # type: ignore[arg-type]
    found = contributions(kpi, cells, example.context)
    totals = {name: sum((row[name] for row in found.values()), Decimal(0)) for name in kpi.main}
    whole = sums(kpi, cells, example.context)
    assert totals == {name: whole[name] for name in kpi.main}
    assert conclude(kpi, whole, example.context).value == example.value


def test_facts_default_to_one_row() -> None:
    for name in dir(facts):
        kind = getattr(facts, name)
        if isinstance(kind, type) and issubclass(kind, facts.Cell):
            assert kind().n == 1
