"""What the screens list to act on: the ranked day, the deals that move the month, the fields to fill."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate, chain
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.parts import next_steps, strip
from cadran.answers.present import Plain, exact_money, plain
from cadran.answers.question import Question
from cadran.answers.records import Listed, described, listed, rows
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.facts import TaskCell
from cadran.metrics.listing import (
    BIGGEST,
    CYCLES,
    DEALS,
    DECISIONS,
    DOTS,
    DOTTED,
    EXPIRING,
    STATES,
    TO_COMPLETE,
    TO_DO,
    TO_DO_SHOWN,
    TO_FILL,
    behind,
)
from cadran.metrics.ranking import FORMULA, Todo, days_since, first, todo_of
from cadran.queries.agenda import last_heard, reports, task_groups, tasks_of, visits_of_day
from cadran.queries.ask import Ask
from cadran.queries.cards import cards
from cadran.queries.states import tasks

ZERO = Decimal(0)
QUIET = 100  # customers of each state told in full
AGENDA = 200  # visits of the day


@dataclass(frozen=True)
class Item:
    """One thing to do, and the record it is about."""

    todo: Todo
    resource: str
    id: UUID
    details: dict[str, Any]


def _plain(row: Plain) -> Plain:
    return {name: plain(value) for name, value in row.items()}


def _ranked(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: first(item.todo, item.id))[:TO_DO_SHOWN]


async def day(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> Plain:
    """The one ranked list, today's agenda and the tasks by priority."""
    ask = asked.ask_state(asked.day, frozenset({"record"}))
    groups = await task_groups(session, ask)
    lists = await _to_do(session, asked, dots=DOTS)
    items = [*_items(lists), *(_task(task, asked.day) for task in await _first_tasks(session, ask, groups))]
    visits, planned = await visits_of_day(session, ask, AGENDA)
    told = _task_counts(groups, asked.day)
    counts = {listing.name.removeprefix("to do: "): lists[listing.name].count for listing in chain(*TO_DO.values())}
    counts["task"] = told["total"]
    return {
        "formula": FORMULA.as_dict(),
        "todo": await _described(session, _ranked(items)),
        "todo_counts": {kind: count for kind, count in counts.items() if count},
        "agenda": [_plain(visit) for visit in visits],
        "agenda_count": planned,
        "tasks": told,
        "dots": await _dots(session, lists),
    }


async def of_customer(session: AsyncSession, customer: UUID, asked: Question) -> Plain:
    """What the ranked list of the day holds of one customer, for who asks."""
    asked = replace(asked, filters={"customer": frozenset({customer})})
    open_tasks: list[TaskCell] = await tasks(session, asked.ask_state(asked.day, frozenset({"record"})))
    items = [*_items(await _to_do(session, asked)), *(_task(task, asked.day) for task in open_tasks)]
    return {"formula": FORMULA.as_dict(), "items": await _described(session, _ranked(items))}


async def _to_do(session: AsyncSession, asked: Question, dots: int = 0) -> dict[str, Listed]:
    """The lists of what is to be done; with ``dots``, as many records behind the visits and quotes that make a dot."""
    found: dict[str, Listed] = {}
    for name, lists in TO_DO.items():
        kpi = BY_NAME[name]
        wanted = (*lists, behind(kpi)) if dots and name in DOTTED else lists
        found |= await listed(session, kpi, asked, wanted, dots if len(wanted) > len(lists) else TO_DO_SHOWN)
    return found


def _items(lists: dict[str, Listed]) -> list[Item]:
    found = []
    for name, listings in TO_DO.items():
        for row in chain(*(lists[listing.name].rows for listing in listings)):
            todo = todo_of(BY_NAME[name], row.details)
            if todo is not None:
                found.append(Item(todo, row.resource, row.id, row.details))
    return found


async def _dots(session: AsyncSession, lists: dict[str, Listed]) -> Plain:
    """The overdue visits by days late, the quotes by age: of many, the first of the list. With the customer's name."""
    found = {}
    for name, days in DOTTED.items():
        rows = [row for row in lists[name].rows[:DOTS] if row.details[days] is not None]
        resource = BY_NAME[name].resource
        known = await cards(session, resource, [row.id for row in rows])
        found[resource] = [
            {"id": str(row.id), "customer": known.get(row.id, {}).get("customer"), "days": row.details[days]}
            for row in rows
        ]
    return found


def _task(task: TaskCell, today: date) -> Item:
    assert task.record is not None  # noqa: S101 - asked by record
    return Item(_todo(task, today), "tasks", task.record, {})


def _todo(task: TaskCell, today: date) -> Todo:
    late = days_since(task.due_on, today)
    reason = "overdue" if (late or 0) > 0 else "today" if late == 0 else "planned"
    return Todo(kind="task", stake=ZERO, days_late=late, priority=task.priority, reason=reason, action="done")


async def _first_tasks(session: AsyncSession, ask: Ask, groups: list[TaskCell]) -> list[TaskCell]:
    """Those that may be among the first things to do: of each group all rank alike, but for their ids."""
    known = UUID(int=0)
    ranked = sorted(groups, key=lambda each: first(_todo(each, ask.day), known))
    before = accumulate((each.n for each in ranked), initial=0)
    wanted = [each for each, so_far in zip(ranked, before, strict=False) if so_far < TO_DO_SHOWN]
    return await tasks_of(session, ask, wanted, TO_DO_SHOWN)


def _task_counts(groups: list[TaskCell], today: date) -> Plain:
    late = [(days_since(each.due_on, today) or 0, each.n) for each in groups if each.due_on]
    return {
        "total": sum(each.n for each in groups),
        "late": sum(n for days, n in late if days > 0),
        "today": sum(n for days, n in late if days == 0),
        "this_week": sum(n for days, n in late if -7 < days <= 0),
        **{level: sum(each.n for each in groups if each.priority == level) for level in ("high", "normal", "low")},
    }


async def _described(session: AsyncSession, items: list[Item]) -> list[Plain]:
    lines: dict[tuple[str, Any], Plain] = {}
    for resource in {item.resource for item in items}:
        known = await cards(session, resource, [item.id for item in items if item.resource == resource])
        lines |= {(resource, key): line for key, line in known.items()}
    return [_line(item, lines.get((item.resource, item.id), {})) for item in items]


def _line(item: Item, line: Plain) -> Plain:
    todo = item.todo
    names = ("title", "customer_id", "customer", "city", "owner_id", "owner", "on", "status")
    return {
        "kind": todo.kind,
        "resource": item.resource,
        "id": str(item.id),
        **{name: plain(line.get(name)) for name in names},
        "stake": exact_money(todo.stake),
        "days_late": todo.days_late,
        "expires_in": todo.expires_in,
        "priority": todo.priority,
        "reason": todo.reason,
        "action": todo.action,
        "score": exact_money(todo.score),
        "details": {name: plain(value) for name, value in item.details.items()},
    }


async def to_decide(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> list[Plain]:
    """The deals and people that move the period most, each with its reason and action."""
    found = await _deals(session, asked)
    found += [_expiring(item) for item in await _expiring_quotes(session, asked)]
    found += _people_behind(kpis)
    found.sort(key=lambda each: (-abs(Decimal(each["amount"])), each["id"] or ""))
    seen: set[Any] = set()
    kept = []
    for each in found:
        key = each["customer_id"] or each["id"]
        if key not in seen:
            seen.add(key)
            kept.append(each)
    return kept[:DECISIONS]


def _entry(kind: str, item: Plain, amount: Any, code: str, values: Plain, action: str) -> Plain:
    return {
        "kind": kind,
        "resource": item.get("resource"),
        "id": item.get("id"),
        "title": item.get("title"),
        "customer_id": item.get("customer_id"),
        "customer": item.get("customer"),
        "owner": item.get("owner"),
        "amount": exact_money(Decimal(amount)),
        "reason": {"code": code, "values": values},
        "action": action,
    }


async def _deals(session: AsyncSession, asked: Question) -> list[Plain]:
    """Open opportunities that slipped, went silent, or are to be signed in the period."""
    kpi = BY_NAME["weighted_pipeline"]
    biggest = (await listed(session, kpi, asked, [BIGGEST], DEALS))[BIGGEST.name].rows
    items = await described(session, kpi, biggest[:DEALS])
    heard = await last_heard(session, [row["customer_id"] for row in items if row["customer_id"]], asked.day)
    found = []
    for item in items:
        expected = date.fromisoformat(item["on"]) if item["on"] else None
        quiet = heard.get(item["customer_id"])
        silent = (asked.day - quiet).days if quiet else None
        amount = item["details"]["weighted"]
        if item["details"]["slipped"] and expected is not None:
            late = {"days": (asked.day - expected).days}
            found.append(_entry("deal", item, amount, "slipped", late, "open"))
        elif silent is not None and silent > 14:
            found.append(_entry("deal", item, amount, "silent", {"days": silent}, "plan_call"))
        elif expected is not None and expected in asked.period:
            found.append(_entry("deal", item, amount, "to_sign", {"on": item["on"]}, "open"))
    return found


async def _expiring_quotes(session: AsyncSession, asked: Question) -> list[Plain]:
    """The biggest of each of as many customers."""
    kpi = BY_NAME["quotes_to_follow_up"]
    soon = (await listed(session, kpi, asked, [EXPIRING], DECISIONS))[EXPIRING.name].rows
    biggest = {row.customer: row for row in reversed(soon)}
    return await described(session, kpi, list(reversed(biggest.values()))[:DECISIONS])


def _expiring(item: Plain) -> Plain:
    details = item["details"]
    values = {"number": item["title"], "days": details["expires_in_days"]}
    return _entry("quote", item, details["amount"], "expiring", values, "follow_up")


def _people_behind(kpis: dict[str, Plain]) -> list[Plain]:
    found = []
    for group in kpis["invoiced_revenue_by_rep"]["groups"]:
        if group["expected_to_date"] is None or group["value"] is None or group["key"] is None:
            continue
        gap = Decimal(group["value"]) - Decimal(group["expected_to_date"])
        if gap < 0:
            item = {"resource": "users", "id": group["key"], "title": group["label"], "owner": group["label"]}
            found.append(_entry("rep", item, gap, "behind", {}, "prepare_review"))
    return found


async def data_health(session: AsyncSession, asked: Question) -> Plain:
    """What to fill first, and every customer by its silence over its own cycle."""
    may = asked.who is None or asked.who.sees_amounts
    fixes = []
    for name, listing in TO_COMPLETE.items():
        kpi = BY_NAME[name]
        missing = (await listed(session, kpi, asked, [listing], TO_FILL))[listing.name].rows
        fixes += await described(session, kpi, missing[:TO_FILL], amounts=may)
    lists = await listed(session, BY_NAME["lost_customers"], asked, tuple(STATES.values()), CYCLES)
    cycles = []
    for state in ("inactive", "lost"):
        cycles += await described(session, BY_NAME[f"{state}_customers"], lists[state].rows[:QUIET], amounts=may)
    return {"to_complete": fixes, "cycles": cycles, "strip": await strip(session, lists, amounts=may)}


async def field(session: AsyncSession, asked: Question) -> Plain:
    """Action plans with their rings, and the period's reports in the customers' words."""
    may = asked.who is None or asked.who.sees_amounts
    kpi = BY_NAME["action_plan_progress"]
    plans = await described(session, kpi, await rows(session, kpi, asked), amounts=may) if may else []
    steps = await next_steps(session, [UUID(plan["id"]) for plan in plans])
    for plan in plans:
        plan["next_step"] = steps.get(plan["id"])
    ask = asked.ask(kpi, [asked.period], frozenset())
    words = [_plain(report) for report in await reports(session, ask)] if may else []
    return {"plans": plans, "reports": words}
