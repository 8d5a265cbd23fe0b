"""What an assistant may call: each tool reads by the REST API's own functions, with its rights and its errors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field, ValidationError

from cadran.answers.present import catalogue_data
from cadran.api.asking import KpiQuery, RecordsQuery
from cadran.api.kpi import KpiName, askable, catalogue, kpi_answer, kpi_records
from cadran.kit.filters import Words
from cadran.kit.problems import Problem, from_validation, invalid
from cadran.kit.types import StrictModel
from cadran.kit.unit import Unit
from cadran.resources.registry import BY_NAME, RESOURCES

Plain = dict[str, Any]
SEARCHED = tuple(resource.name for resource in RESOURCES if "search" in resource.table.c)
# What a list of names and one line each holds; the rest is told by the explanation.
_LISTED = (
    "name", "number", "companion", "label", "definition", "unit", "higher_is_better", "dimensions", "takes_target",
    "definition_version",
)  # fmt: skip
_ANSWERED = (
    "period", "as_of", "currency", "value", "reason", "components", "count", "target", "target_origin", "attainment",
    "warnings",
)  # fmt: skip
Searched: Any = Literal[SEARCHED]
AnyResource: Any = Literal[tuple(BY_NAME)]
OneKpi = Annotated[KpiName, Field(description="A KPI of list_kpis.")]


class Nothing(StrictModel):
    """No argument."""


class Search(StrictModel):
    q: Annotated[Words, Field(description="Words, in any accent: parts of names, numbers, e-mails, cities.")]
    resources: Annotated[
        list[Searched] | None,
        Field(min_length=1, max_length=len(SEARCHED), description="Where to look; everywhere when left out."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=50, description="Records told of each kind.")] = 5


class OneRecord(StrictModel):
    resource: Annotated[AnyResource, Field(description="Its kind, as search_records and kpi_records tell it.")]
    id: UUID


class AskKpi(KpiQuery):
    name: OneKpi
    limit: Annotated[int, Field(ge=1, le=500, description="Groups told, in the order of the answer.")] = 50


class KpiRecords(RecordsQuery):
    name: OneKpi
    limit: Annotated[int, Field(ge=1, le=500, description="Records a page.")] = 20


async def _search(unit: Unit, asked: Search) -> Plain:
    for name in asked.resources or ():
        unit.require(name, "read")
    names = asked.resources or [name for name in SEARCHED if unit.who.allows(name, "read")]
    if not names:
        raise Problem("forbidden", "This API key may read no records: it needs *:read, or customers:read and the like.")
    found = []
    for name in names:
        resource = BY_NAME[name]
        rows, rest = await resource.page_of(unit.session, unit.who, resource.query(q=asked.q, limit=asked.limit))  # type: ignore[call-arg]
        if rows:
            items = [_short(orjson.loads(row)) for row in rows]
            found.append({"resource": name, "items": items, "more": rest["next_cursor"] is not None})
    return {"q": asked.q, "found": found}


def _short(record: Plain) -> Plain:
    """A record without what is empty, nested or of no interest in a list."""
    spare = {"version", "created_at", "updated_at"}
    kept = {name: value for name, value in record.items() if name not in spare and not isinstance(value, list)}
    return {name: value for name, value in kept.items() if value not in (None, "", {})}


async def _get(unit: Unit, asked: OneRecord) -> Plain:
    unit.require(asked.resource, "read")
    resource = BY_NAME[asked.resource]
    _, body = await resource.one(unit.session, unit.who, resource.table.c.id == asked.id)
    return {"resource": resource.name, "record": orjson.loads(body)}


async def _list(unit: Unit, asked: Nothing) -> Plain:
    return {"items": [{name: entry[name] for name in _LISTED} for entry in catalogue(unit)]}


async def _ask(unit: Unit, asked: AskKpi) -> Plain:
    data = await kpi_answer(unit, askable(unit, asked.name), asked)
    groups = data["groups"]
    return data | {"groups": groups[: asked.limit], "groups_count": len(groups)}


async def _explain(unit: Unit, asked: AskKpi) -> Plain:
    kpi = askable(unit, asked.name)
    data = await kpi_answer(unit, kpi, asked)
    return catalogue_data(kpi) | {"answer": {name: data[name] for name in _ANSWERED}}


async def _records(unit: Unit, asked: KpiRecords) -> Plain:
    return await kpi_records(unit, askable(unit, asked.name), asked)


@dataclass(frozen=True)
class Tool:
    """``spare``: parameters of the REST query that mean nothing here: neither offered nor taken."""

    name: str
    title: str
    text: str
    takes: type[StrictModel]
    run: Callable[[Unit, Any], Awaitable[Plain]]
    spare: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> Plain:
        """The arguments as JSON Schema."""
        found = self.takes.model_json_schema()
        properties = {name: each for name, each in found.get("properties", {}).items() if name not in self.spare}
        return {**found, "properties": properties}

    async def __call__(self, unit: Unit, arguments: Plain) -> Plain:
        """What the tool found. Raises the problems the REST API would answer, each field named as ``?field``."""
        for name in self.spare:
            if name in arguments:
                raise invalid(f"?{name}", "There is no such parameter here.", "Remove it.")
        try:
            asked = self.takes.model_validate(arguments)
        except ValidationError as error:
            raise from_validation([{**each, "loc": ("query", *each["loc"])} for each in error.errors()]) from None
        return await self.run(unit, asked)


_FILES = ("format", "dialect")
_SERIES = ("interval", "group_by", "compare")
TOOLS: dict[str, Tool] = {tool.name: tool for tool in (
    Tool(
        "search_records",
        "Search records",
        "Find customers, contacts, quotes, orders, opportunities, people, teams and so on by words: any accent, part "
        "of a word, small typos. Gives ids for the other tools. Only what the caller may see.",
        Search,
        _search,
    ),
    Tool(
        "get_record",
        "Read one record",
        "One record whole, with its lines, by its kind and id.",
        OneRecord,
        _get,
    ),
    Tool(
        "list_kpis",
        "List the KPIs",
        "Every KPI that can be asked: name, label, definition, unit, and the dimensions it may be grouped or filtered "
        "by.",
        Nothing,
        _list,
    ),
    Tool(
        "ask_kpi",
        "Ask a KPI",
        "The value of one KPI over a period: components, target and pace, and, when asked, comparisons, a series or "
        "groups. Filters take ids.",
        AskKpi,
        _ask,
        _FILES,
    ),
    Tool(
        "explain_kpi",
        "Explain a KPI",
        "What one KPI means: definition, formula, inputs, worked examples, version of the definition; and, for the "
        "period and filters given, what its value is made of, the reason why there is none, and the warnings.",
        AskKpi,
        _explain,
        (*_FILES, *_SERIES, "limit"),
    ),
    Tool(
        "kpi_records",
        "Records behind a KPI",
        "The records that make the value of one KPI, each with its contribution, with the same period and filters.",
        KpiRecords,
        _records,
        (*_FILES, *_SERIES),
    ),
)}  # fmt: skip
