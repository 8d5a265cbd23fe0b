"""What the screens list to act on: the ranked day, the deals that move the month, the fields to fill."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.parts import next_steps
from cadran.answers.present import Plain, exact_money, plain
from cadran.answers.question import Question
from cadran.answers.records import Row, described, rows
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.facts import TaskCell
from cadran.metrics.ranking import FORMULA, Kind, Todo, days_since, ranked
from cadran.queries.agenda import last_heard, reports, visits_of_day
from cadran.queries.cards import cards
from cadran.queries.states import tasks

ZERO = Decimal(0)
SHOWN = 50


def _plain(row: Plain) -> Plain:
    return {name: plain(value) for name, value in row.items()}


async def day(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> Plain:
    """The one ranked list, today's agenda and the tasks by priority."""
    ask = asked.ask_state(asked.day, frozenset({"record"}))
    open_tasks: list[TaskCell] = await tasks(session, ask)
    todos = [*await _from_kpis(session, asked), *(_task(task, asked.day) for task in open_tasks)]
    ordered = ranked(todos)
    counts: dict[str, int] = {}
    for todo in ordered:
        counts[todo.kind] = counts.get(todo.kind, 0) + 1
    return {
        "formula": FORMULA.as_dict(),
        "todo": await _described(session, ordered[:SHOWN]),
        "todo_counts": counts,
        "agenda": [_plain(visit) for visit in await visits_of_day(session, ask)],
        "tasks": _task_counts(open_tasks, asked.day),
        "dots": await _dots(session, todos),
    }


async def of_customer(session: AsyncSession, customer: UUID, asked: Question) -> Plain:
    """What the ranked list of the day holds of one customer, for who asks."""
    asked = replace(asked, filters={"customer": frozenset({customer})})
    open_tasks: list[TaskCell] = await tasks(session, asked.ask_state(asked.day, frozenset({"record"})))
    todos = [*await _from_kpis(session, asked), *(_task(task, asked.day) for task in open_tasks)]
    return {"formula": FORMULA.as_dict(), "items": await _described(session, ranked(todos)[:SHOWN])}


async def _dots(session: AsyncSession, todos: list[Todo]) -> Plain:
    """Every overdue visit by its days late and every quote by its age, with the customer's name."""
    visits = [todo for todo in todos if todo.kind == "visit"]
    quotes = [todo for todo in todos if todo.kind == "quote" and todo.details["age_days"] is not None]
    known = await cards(session, "visits", [todo.id for todo in visits])
    known |= await cards(session, "quotes", [todo.id for todo in quotes])

    def dot(todo: Todo, days: int | None) -> Plain:
        return {"id": str(todo.id), "customer": known.get(todo.id, {}).get("customer"), "days": days}

    return {
        "visits": [dot(todo, todo.days_late) for todo in visits],
        "quotes": [dot(todo, todo.details["age_days"]) for todo in quotes],
    }


async def _from_kpis(session: AsyncSession, asked: Question) -> list[Todo]:
    found: list[Todo] = []
    for row in await rows(session, BY_NAME["overdue_visits"], asked):
        details = row.details
        found.append(_todo("visit", row, details["at_risk"], details["days_late"], reason="overdue"))
    for row in await rows(session, BY_NAME["quotes_to_follow_up"], asked):
        details = row.details
        expires = details["expires_in_days"] if details["reason"] == "expiring" else None
        found.append(_todo("quote", row, details["amount"], 0, expires_in=expires, reason=details["reason"]))
    for row in await rows(session, BY_NAME["outstanding"], asked):
        action = row.details["next_action"]
        if action == "call":
            found.append(_todo("invoice", row, row.details["unpaid"], row.details["days_overdue"], reason="overdue"))
        elif action == "chase_delivery":
            found.append(_todo("delivery", row, row.details["to_deliver"], 1, reason="late_delivery"))
    return found


def _todo(kind: Kind, row: Row, stake: Any, late: int | None, **more: Any) -> Todo:
    return Todo(
        kind=kind,
        resource=row.resource,
        id=row.id,
        stake=Decimal(stake or 0),
        days_late=late,
        action=row.details.get("next_action"),
        details=row.details,
        **more,
    )


def _task(task: TaskCell, today: date) -> Todo:
    assert task.record is not None  # noqa: S101 - asked by record
    late = days_since(task.due_on, today)
    return Todo(
        kind="task", resource="tasks", id=task.record, stake=ZERO, days_late=late, priority=task.priority,
        reason="overdue" if (late or 0) > 0 else "today" if late == 0 else "planned", action="done",
    )  # fmt: skip


def _task_counts(open_tasks: list[TaskCell], today: date) -> Plain:
    late = [days_since(task.due_on, today) or 0 for task in open_tasks if task.due_on]
    return {
        "total": len(open_tasks),
        "late": sum(days > 0 for days in late),
        "today": sum(days == 0 for days in late),
        "this_week": sum(-7 < days <= 0 for days in late),
        **{level: sum(task.priority == level for task in open_tasks) for level in ("high", "normal", "low")},
    }


async def _described(session: AsyncSession, todos: list[Todo]) -> list[Plain]:
    lines: dict[tuple[str, Any], Plain] = {}
    for resource in {todo.resource for todo in todos}:
        known = await cards(session, resource, [todo.id for todo in todos if todo.resource == resource])
        lines |= {(resource, key): line for key, line in known.items()}
    return [_line(todo, lines.get((todo.resource, todo.id), {})) for todo in todos]


def _line(todo: Todo, line: Plain) -> Plain:
    names = ("title", "customer_id", "customer", "city", "owner_id", "owner", "on", "status")
    return {
        "kind": todo.kind,
        "resource": todo.resource,
        "id": str(todo.id),
        **{name: plain(line.get(name)) for name in names},
        "stake": exact_money(todo.stake),
        "days_late": todo.days_late,
        "expires_in": todo.expires_in,
        "priority": todo.priority,
        "reason": todo.reason,
        "action": todo.action,
        "score": exact_money(todo.score),
        "details": {name: plain(value) for name, value in todo.details.items()},
    }


async def to_decide(session: AsyncSession, asked: Question, kpis: dict[str, Plain], most: int = 5) -> list[Plain]:
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
    return kept[:most]


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
    ranked_rows = sorted(await rows(session, kpi, asked), key=lambda row: -row.contributions["amount"])[:40]
    items = await described(session, kpi, ranked_rows)
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
    kpi = BY_NAME["quotes_to_follow_up"]
    soon = [row for row in await rows(session, kpi, asked) if row.details["reason"] == "expiring"]
    return await described(session, kpi, soon)


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
    for name in ("contact_completeness", "customer_completeness"):
        kpi = BY_NAME[name]
        missing = [row for row in await rows(session, kpi, asked) if row.details["missing"]]
        # The decision-makers of the biggest customers first.
        missing.sort(
            key=lambda row: (-row.details["weight"], -row.details["at_stake"], -row.details["gain"], str(row.id))
        )
        fixes += await described(session, kpi, missing[:30], amounts=may)
    cycles = []
    for name in ("inactive_customers", "lost_customers"):
        kpi = BY_NAME[name]
        quiet = await rows(session, kpi, asked)
        cycles += await described(session, kpi, quiet[:100], amounts=may)
    return {"to_complete": fixes, "cycles": cycles}


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
