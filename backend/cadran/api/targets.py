"""A year of targets at once: the grid of months and holders, as it is or as it would be, and its saving."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from cadran.answers.present import figure, plain_decimal
from cadran.answers.target_grid import Change, Group, Row, Sheet, Way, sheet
from cadran.api.shapes import Figure
from cadran.kit.problems import Problem, invalid
from cadran.kit.routes import JSON, READ, WRITE
from cadran.kit.types import Id, StrictModel
from cadran.kit.unit import Unit, UnitDep, tagged
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.periods import Period, label
from cadran.metrics.targets import Scope
from cadran.models import Target
from cadran.resources import rights
from cadran.resources.targets import KpiName, PeriodText, TargetCreate, Value, Year, targets
from cadran.rules.vocabulary import ScopeKind

router = APIRouter(tags=["targets"])
MOST = 3000
OWN = "You may set targets for your teams and their reps only."


class GridQuery(StrictModel):
    """Which grid: for a manager the levels team and rep, of the own teams."""

    kpi: Annotated[KpiName, Field(description="A KPI that takes targets.")]
    year: Annotated[int, Field(ge=1901, le=2198, description="The fiscal year.")]
    level: Annotated[ScopeKind, Field(description="Whose targets are the rows; each group is under its parent.")]
    of: Annotated[Id | None, Field(description="Only the group of this business unit or team.")] = None


class Holder(StrictModel):
    scope_kind: ScopeKind
    scope_id: Id | None = None


class GridCell(Holder):
    """``value``: null takes the target away."""

    period: PeriodText = Field(description="A month of the year, 2026-11, or the year itself, 2026.")
    value: Value | None


class GridChange(GridCell):
    was: Value | None = Field(None, description="What one saw: when something else stands by now, all is refused.")


class YearFigure(Holder):
    value: Value | None


class GridPreview(GridQuery):
    """``cells`` are put first, then ``spread``."""

    year: Annotated[Year, Field(description="The fiscal year.")]
    cells: Annotated[list[GridCell], Field(max_length=MOST)] = Field(default_factory=list)
    spread: Annotated[list[YearFigure], Field(max_length=500)] = Field(
        default_factory=list, description="Figures of the year to spread over its months."
    )
    by: Literal["company", "working_days", "even", "last_year"] | None = Field(
        None, description="How: the company's monthly weights (default, where set), working days, evenly, or as the "
        "last twelve months went.",
    )  # fmt: skip


class GridSaving(StrictModel):
    kpi: KpiName
    year: Year
    cells: Annotated[list[GridChange], Field(min_length=1, max_length=MOST)]


class GridPeriod(BaseModel):
    """``ends_on`` is excluded."""

    period: str
    starts_on: str
    ends_on: str
    working_days: int


class GridValue(BaseModel):
    """``value``: set for this very scope and period; ``resolved``: the target that holds, from ``origin``."""

    value: Figure
    resolved: Figure
    origin: str | None


class OtherTarget(BaseModel):
    period: str
    value: Figure


class GridRow(BaseModel):
    """``cells``: the months, then the year. ``others``: targets of other periods of the year, such as quarters."""

    scope_kind: ScopeKind
    scope_id: str | None
    name: str | None
    editable: bool
    cells: list[GridValue]
    others: list[OtherTarget]


class GridGroup(BaseModel):
    """``sums``: of the rows; ``gaps``: the parent's own target minus that sum. One a period."""

    parent: GridRow | None
    rows: list[GridRow]
    sums: list[Figure]
    gaps: list[Figure]


class Grid(BaseModel):
    """``adds_over_months``: a year can be spread, in one of ``ways``. ``filled``: the cells that spreading made."""

    kpi: str
    year: int
    level: ScopeKind
    unit: str
    currency: str
    adds_up: bool
    adds_over_months: bool
    ways: list[Way]
    periods: list[GridPeriod]
    groups: list[GridGroup]
    filled: list[GridCell]


class GridSaved(BaseModel):
    """``previous``: what stood before; saving it again undoes."""

    changed: int
    previous: list[GridChange]


@router.get("/targets/grid", operation_id="get_target_grid", response_model=Grid, responses=READ)
async def get_target_grid(unit: UnitDep, query: Annotated[GridQuery, Query()]) -> Response:
    """The targets of a fiscal year: months across, holders down."""
    _may(unit, query, "read")
    found = await sheet(unit.session, unit.who, BY_NAME[query.kpi], query.year)
    return tagged(unit.request, orjson.dumps(await _shown(found, query, [])), JSON)


@router.post("/targets/grid/preview", operation_id="preview_target_grid", response_model=Grid, responses=READ)
async def preview_target_grid(unit: UnitDep, body: Annotated[GridPreview, Body()]) -> Response:
    """The grid as it would be with these cells, and with these years spread over their months. Writes nothing."""
    _may(unit, body, "read")
    found = await sheet(unit.session, unit.who, BY_NAME[body.kpi], body.year)
    if body.spread and not found.ways:
        raise invalid("/spread", f"{body.kpi} does not add up over months.", "Set its target for each period.")
    if body.by is not None and found.ways and body.by not in found.ways:
        raise invalid("/by", "The company has no monthly weights.", f"Give one of {', '.join(found.ways)}.")
    if not all(found.may_aim(_scope(each)) for each in (*body.cells, *body.spread)):
        raise Problem("forbidden", OWN)
    found.change(_changes(found, body.cells))
    filled: list[Change] = []
    for each in body.spread:
        filled += await found.spread(_scope(each), each.value, body.by or found.ways[0])
    found.change(filled)
    return Response(orjson.dumps(await _shown(found, body, filled)), media_type=JSON)


@router.post("/targets/grid", operation_id="save_target_grid", response_model=GridSaved, responses=WRITE)
async def save_target_grid(unit: UnitDep, body: Annotated[GridSaving, Body()]) -> Response:
    """Sets, changes and takes away targets of one KPI and year, all or nothing."""
    unit.require("targets", "write")
    rights.require_role(unit.who, rights.MANAGEMENT, "targets")

    async def produce() -> Response:
        found = await sheet(unit.session, unit.who, BY_NAME[body.kpi], body.year)
        changes = _changes(found, body.cells)
        standing = await _standing(unit, found, changes)
        previous = []
        for given, change in zip(body.cells, changes, strict=True):
            row = standing.get((change.scope, change.period.start, change.period.end))
            before = row.value if row else None
            if "was" in given.model_fields_set and given.was != before:
                raise Problem("conflict", "A target was changed meanwhile: read the grid again.")
            if before != change.value:
                await _write(unit, found, change, row.id if row else None)
                previous.append(_cell(found, Change(change.scope, change.period, before)) | {"was": given.value})
        for each in previous:
            each["was"] = None if each["was"] is None else plain_decimal(each["was"])
        return Response(orjson.dumps({"changed": len(previous), "previous": previous}), media_type=JSON)

    return await unit.once(produce)


def _may(unit: Unit, query: GridQuery, action: str) -> None:
    unit.require("targets", action)
    rights.require_role(unit.who, rights.MANAGEMENT, "targets")
    if not unit.who.sees_all and query.level not in ("team", "rep"):
        raise Problem("forbidden", OWN)


def _scope(holder: Holder) -> Scope:
    if (holder.scope_kind == "company") != (holder.scope_id is None):
        raise invalid("/scope_id", "The company's target has no scope_id, others do.", "Give it, or leave it out.")
    return Scope(holder.scope_kind, holder.scope_id)


def _changes(found: Sheet, cells: Sequence[GridCell]) -> list[Change]:
    written = found.written()
    changes, places = [], set()
    for position, cell in enumerate(cells):
        if cell.period not in written:
            known = ", ".join(written)
            raise invalid(f"/cells/{position}/period", "Not a month of this year.", f"Give one of {known}.")
        change = Change(_scope(cell), written[cell.period], cell.value)
        place = (change.scope, change.period)
        if place in places:
            raise invalid(f"/cells/{position}", "The same cell stands twice.", "Keep one.")
        places.add(place)
        changes.append(change)
    return changes


async def _standing(unit: Unit, found: Sheet, changes: Sequence[Change]) -> dict[tuple[Scope, Any, Any], Any]:
    """The targets to be changed, as they stand, locked."""
    keys = {change.scope.id for change in changes if change.scope.id}
    statement = (
        select(Target.id, Target.scope_kind, Target.scope_id, Target.starts_on, Target.ends_on, Target.value)
        .where(Target.kpi == found.kpi.name, Target.starts_on >= found.year.start, Target.ends_on <= found.year.end)
        .where(Target.scope_id.in_(keys) | Target.scope_id.is_(None))
        .order_by(Target.id)
        .with_for_update()
    )
    rows = await unit.session.execute(statement)
    return {(Scope(row.scope_kind, row.scope_id), row.starts_on, row.ends_on): row for row in rows}


async def _write(unit: Unit, found: Sheet, change: Change, key: UUID | None) -> None:
    session, who = unit.session, unit.who
    if key is None:
        body = TargetCreate(
            kpi=found.kpi.name, scope_kind=change.scope.kind, scope_id=change.scope.id,
            starts_on=change.period.start, ends_on=change.period.end, value=change.value,
        )  # fmt: skip
        await targets.insert(session, who, body)
        return
    existing = await targets.locked(session, who, key)
    if change.value is None:
        await targets.remove(session, who, existing)
    else:
        await targets.change(session, who, existing, {"value": change.value})


def _cell(found: Sheet, change: Change) -> dict[str, Any]:
    return {
        "scope_kind": change.scope.kind,
        "scope_id": str(change.scope.id) if change.scope.id else None,
        "period": _written(found, change.period),
        "value": _plain(change.value),
    }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain_decimal(value)


def _written(found: Sheet, period: Period) -> str:
    return label(period, found.company.fiscal_start_month)


async def _shown(found: Sheet, query: GridQuery, filled: Sequence[Change]) -> dict[str, Any]:
    company, unit = found.company, found.kpi.unit
    periods = [
        {
            "period": _written(found, period),
            "starts_on": period.start.isoformat(),
            "ends_on": period.end.isoformat(),
            "working_days": company.calendar.count(period.start, period.end),
        }
        for period in found.periods
    ]

    def row(one: Row) -> dict[str, Any]:
        return {
            "scope_kind": one.scope.kind,
            "scope_id": str(one.scope.id) if one.scope.id else None,
            "name": one.name,
            "editable": one.editable,
            "cells": [
                {
                    "value": figure(cell.value, unit),
                    "resolved": figure(cell.resolved.value, unit),
                    "origin": cell.resolved.origin,
                }
                for cell in one.cells
            ],
            "others": [
                {"period": _written(found, each.period), "value": figure(each.value, unit)} for each in one.others
            ],
        }

    def group(one: Group) -> dict[str, Any]:
        return {
            "parent": row(one.parent) if one.parent else None,
            "rows": [row(each) for each in one.rows],
            "sums": [figure(value, unit) for value in one.sums],
            "gaps": [figure(value, unit) for value in one.gaps],
        }

    return {
        "kpi": found.kpi.name,
        "year": query.year,
        "level": query.level,
        "unit": unit,
        "currency": company.currency,
        "adds_up": found.kpi.additive,
        "adds_over_months": found.adds_over_months,
        "ways": found.ways,
        "periods": periods,
        "groups": [group(one) for one in await found.groups(query.level, query.of)],
        "filled": [_cell(found, change) for change in filled],
    }
