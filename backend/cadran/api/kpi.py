"""The KPIs over HTTP: the catalogue, one KPI, the records behind it, the pipeline's movement, the four dashboards."""

import base64
import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from cadran.answers.dashboards import dashboard
from cadran.answers.data import answer_data, number, table
from cadran.answers.lists import of_customer
from cadran.answers.movement import pipeline_movement
from cadran.answers.parts import rhythm
from cadran.answers.present import catalogue_data, exact_money, figure, instant, period_data
from cadran.answers.question import Question
from cadran.answers.records import described, page, rows
from cadran.api.asking import KpiQuery, RecordsQuery, ScopeQuery, question
from cadran.api.shapes import Answer, Catalogue, CustomerTodo, Dashboard, Movement, Records, Rhythm
from cadran.kit import replica
from cadran.kit.export import attachment, of, stamp_of, wanted_format
from cadran.kit.problems import Problem, documented, invalid
from cadran.kit.routes import KeyPath
from cadran.kit.types import Day
from cadran.kit.unchanged import unless_unchanged
from cadran.kit.unit import Unit, UnitDep, tagged
from cadran.metrics.catalogue import BY_NAME, KPIS
from cadran.metrics.kpi import Kpi
from cadran.metrics.listing import Row
from cadran.metrics.periods import PeriodError, parse
from cadran.metrics.rounding import half_up
from cadran.resources.customers import customers

router = APIRouter(prefix="/kpi", tags=["kpi"])
JSON = "application/json"
_CLOCK = re.compile(rb'"as_of":"[^"]*"')
DIGITS = 9  # decimals of the sum of a list
ERRORS = documented(400, 401, 403, 404, 406, 422, 429, 503)
KpiName: Any = Literal[tuple(BY_NAME)]
NamePath = Annotated[KpiName, Path(description="A KPI of the catalogue.")]
Screen = Literal["activity", "day", "data-health", "field"]


@router.get("", operation_id="list_kpis", response_model=Catalogue, responses=ERRORS)
async def list_kpis(unit: UnitDep) -> Response:
    """Every KPI: name, label, definition, formula, unit, direction, dimensions and version, in French and English."""
    return tagged(unit.request, orjson.dumps({"items": catalogue(unit)}), JSON)


def catalogue(unit: Unit) -> list[dict[str, Any]]:
    """Every KPI the caller may ask."""
    unit.require("kpi", "read")
    return [catalogue_data(kpi) for kpi in KPIS if _may_ask(unit, kpi)]


def _may_ask(unit: Unit, kpi: Kpi) -> bool:
    return unit.who.sees_amounts or not kpi.amounts


def askable(unit: Unit, name: str) -> Kpi:
    """The KPI of this name. Raises a 403 when the key or the role may not ask it."""
    unit.require("kpi", "read")
    kpi = BY_NAME[name]
    if not _may_ask(unit, kpi):
        raise Problem("forbidden", f"Your role ({unit.who.role}) sees no amounts, so not this KPI.")
    return kpi


def _answered(request: Request, data: dict[str, Any]) -> Response:
    """``as_of`` moves with the clock, the answer does not: it is left out of the ETag."""
    body = orjson.dumps(data)
    return tagged(request, body, JSON, stamp=_CLOCK.sub(b"", body))


@router.get("/dashboards/{screen}", operation_id="get_dashboard", response_model=Dashboard, responses=ERRORS)
async def get_dashboard(unit: UnitDep, screen: Screen, query: Annotated[ScopeQuery, Query()]) -> Response:
    """Everything one screen needs, in one request."""
    unit.require("kpi", "read")
    if not unit.who.sees_amounts and screen in ("activity", "day"):
        raise Problem("forbidden", f"Your role ({unit.who.role}) sees no amounts, so not this screen.")

    async def told(unit: Unit) -> Response:
        return _answered(unit.request, await dashboard(unit.session, screen, await question(unit, query)))

    return await unless_unchanged(unit, lambda: replica.read(unit, told))


@router.get("/customers/{id}/rhythm", operation_id="get_customer_rhythm", response_model=Rhythm, responses=ERRORS)
async def get_customer_rhythm(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    """One customer's own order cycle, silence and state today, as inactive and lost customers are told."""
    unit.require("kpi", "read")

    async def told(unit: Unit) -> Response:
        await customers.get(unit.session, unit.who, id)
        return _answered(unit.request, await rhythm(unit.session, id, await question(unit, ScopeQuery())))

    return await replica.read(unit, told)


@router.get("/customers/{id}/todo", operation_id="get_customer_todo", response_model=CustomerTodo, responses=ERRORS)
async def get_customer_todo(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    """What to do for one customer today, the most pressing first: its part of the ranked list of the day."""
    unit.require("kpi", "read")

    async def told(unit: Unit) -> Response:
        await customers.get(unit.session, unit.who, id)
        if not unit.who.sees_amounts:
            raise Problem("forbidden", f"Your role ({unit.who.role}) sees no amounts, so not this list.")
        return _answered(unit.request, await of_customer(unit.session, id, await question(unit, ScopeQuery())))

    return await replica.read(unit, told)


class MovementQuery(ScopeQuery):
    since: Day
    signature: str | None = None


@router.get(
    "/weighted_pipeline/movement", operation_id="get_pipeline_movement", response_model=Movement, responses=ERRORS
)
async def get_pipeline_movement(unit: UnitDep, query: Annotated[MovementQuery, Query()]) -> Response:
    """From the end of ``since`` to the day asked: start plus every step is the end, exactly.

    ``signature``: only what is expected to be signed in that period, so that dates moved in or out of it show.
    """
    return await replica.read(unit, lambda unit: _movement_told(unit, query))


async def _movement_told(unit: Unit, query: MovementQuery) -> Response:
    kpi = askable(unit, "weighted_pipeline")
    asked = await question(unit, query, kpi)
    if query.since > asked.day:
        raise invalid("?since", "It comes after the day asked.", "Give an earlier day.")
    signature = None
    if query.signature is not None:
        try:
            signature = parse(query.signature[:40], asked.day, asked.company.fiscal_start_month)
        except PeriodError as error:
            raise invalid("?signature", str(error), "Write it as one of those.") from None
    found = await pipeline_movement(unit.session, asked, query.since, signature)
    data = {
        "since": query.since.isoformat(),
        "as_of": instant(asked.as_of),
        "currency": asked.company.currency,
        "start": exact_money(found.start),
        "end": exact_money(found.end),
        "steps": [
            {"step": step, "amount": exact_money(amount), "records": [str(key) for key in found.records[step]]}
            for step, amount in found.steps.items()
        ],
    }
    return _answered(unit.request, data)


@router.get("/{name}", operation_id="get_kpi", response_model=Answer, responses=ERRORS)
async def get_kpi(unit: UnitDep, name: NamePath, query: Annotated[KpiQuery, Query()]) -> Response:
    """One KPI over a period: value, components, target and pace, comparisons, series, groups and warnings."""
    return await unless_unchanged(unit, lambda: replica.read(unit, lambda unit: _kpi_told(unit, name, query)))


async def _kpi_told(unit: Unit, name: str, query: KpiQuery) -> Response:
    kpi = askable(unit, name)
    kind = wanted_format(unit.request, query.format)
    data = await kpi_answer(unit, kpi, query)
    if kind != "json":
        header, lines = table(data)
        return attachment(unit.request, kind, header, of(lines), kpi.name, query.dialect, stamp_of(lines))
    data["records"] = _records_link(unit.request, name)
    return _answered(unit.request, data)


async def kpi_answer(unit: Unit, kpi: Kpi, query: KpiQuery) -> dict[str, Any]:
    """The KPI's answer as plain data, but for the link to its records. Raises the problems of the question."""
    return await answer_data(unit.session, kpi, await question(unit, query, kpi))


def _records_link(request: Request, name: str) -> str:
    dropped = {"interval", "group_by", "compare", "format", "dialect"}
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in dropped]
    return f"/kpi/{name}/records" + (f"?{urlencode(kept)}" if kept else "")


@router.get("/{name}/records", operation_id="list_kpi_records", response_model=Records, responses=ERRORS)
async def list_kpi_records(unit: UnitDep, name: NamePath, query: Annotated[RecordsQuery, Query()]) -> Response:
    """The records that make the number, with the same parameters, each with its contribution."""
    return await replica.read(unit, lambda unit: _records_told(unit, name, query))


async def _records_told(unit: Unit, name: str, query: RecordsQuery) -> Response:
    kpi = askable(unit, name)
    if query.interval is not None or query.group_by is not None or query.compare:
        raise invalid(
            "?group_by", "Records are not grouped.", "Leave interval, group_by and compare out; filter instead."
        )
    kind = wanted_format(unit.request, query.format)
    if kind == "json":
        return _answered(unit.request, await kpi_records(unit, kpi, query))
    asked = await question(unit, query, kpi)
    return await _download(unit, kpi, query, await rows(unit.session, kpi, asked))


async def kpi_records(unit: Unit, kpi: Kpi, query: RecordsQuery) -> dict[str, Any]:
    """A page of the records behind the number, as plain data. Raises the problems of the question."""
    asked = await question(unit, query, kpi)
    found, start, totals = await page(unit.session, kpi, asked, partial(_offset, query.cursor), query.limit)
    if start is None:
        raise invalid(
            "?cursor", "This cursor is not one of this list, or its record left it.", "Start again without it."
        )
    shown = found.rows[start : start + query.limit]
    more = start + query.limit < found.count
    return {
        "name": kpi.name,
        "unit": kpi.unit,
        "currency": asked.company.currency,
        "period": period_data(asked.period, asked.company.fiscal_start_month),
        "as_of": instant(asked.as_of),
        "filters": _filters(asked),
        "count": found.count,
        # 63 invoices, whose list holds the credit notes as well.
        "counted": None if kpi.count is None else figure(totals[kpi.count], "count"),
        # Of quotients (a line delivered in part) the order of a sum tells in the 28th digit.
        "totals": {name: figure(half_up(totals[name], DIGITS), kpi.inputs[name].unit) for name in kpi.main},
        "items": await described(unit.session, kpi, shown, amounts=unit.who.sees_amounts),
        "next_cursor": _cursor(shown[-1]) if more and shown else None,
    }


def _filters(asked: Question) -> dict[str, list[str]]:
    """What the drill-down filters by, so that a caller can compare."""
    return {
        name: sorted("unassigned" if value is None else str(value) for value in values)
        for name, values in asked.filters.items()
    }


def _cursor(row: Row) -> str:
    return base64.urlsafe_b64encode(f"{row.resource}:{row.id}".encode()).decode().rstrip("=")


def _offset(cursor: str | None, found: Sequence[Row]) -> int | None:
    """Where the page starts: after the record the cursor names; None when it is not there."""
    if cursor is None:
        return 0
    return next((position + 1 for position, row in enumerate(found) if _cursor(row) == cursor), None)


async def _download(unit: Unit, kpi: Kpi, query: RecordsQuery, found: list[Row]) -> Response:
    items = await described(unit.session, kpi, found, amounts=unit.who.sees_amounts)
    details = list(dict.fromkeys(name for item in items for name in item["details"]))
    fixed = ["resource", "id", "title", "status", "customer", "owner", "on"]
    header = [*fixed, *kpi.main, *details]
    lines = [
        [
            *(item[name] for name in fixed),
            *(number(item["contributions"][name]) for name in kpi.main),
            *(_cell(item["details"].get(name)) for name in details),
        ]
        for item in items
    ]
    kind, name = wanted_format(unit.request, query.format), f"{kpi.name}_records"
    return attachment(unit.request, kind, header, of(lines), name, query.dialect, stamp_of(lines))


def _cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
