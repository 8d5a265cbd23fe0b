"""KPI thresholds: told once when a KPI goes beyond one, and once when it is back by more than the hysteresis."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.answer import answer
from cadran.answers.company import company
from cadran.answers.present import figure, instant
from cadran.answers.question import Question
from cadran.kit.db import Database
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.periods import parse
from cadran.models import Webhook, WebhookDelivery, WebhookState
from cadran.queries.principals import acting_for
from cadran.rules.principal import Principal
from cadran.webhooks.collect import ACTOR
from cadran.webhooks.events import CROSSED, RECOVERED
from cadran.webhooks.messages import message

Comparison = Literal["under", "over"]
KEYED = ("rep", "team", "business_unit", "customer", "product", "stage")
# After changes, at most this often; without any, time alone moves a KPI: a quote expires, a month ends.
SOON, AT_LEAST = timedelta(seconds=10), timedelta(minutes=15)


def identity(threshold: dict[str, Any]) -> UUID:
    """The id of a threshold: what it says, so that one sent again is the same and keeps its state."""
    said = {name: value for name, value in threshold.items() if name != "id"}
    stable = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return UUID(bytes=hashlib.blake2b(stable, digest_size=16).digest())


def beyond(value: Decimal, comparison: Comparison, limit: Decimal, hysteresis: Decimal, before: bool | None) -> bool:
    """Whether the value is beyond the limit; once it was, until it is back by more than ``hysteresis``."""
    margin = hysteresis if before else Decimal(0)
    return value < limit + margin if comparison == "under" else value > limit - margin


async def asked(session: AsyncSession, who: Principal, threshold: dict[str, Any]) -> Question:
    """The threshold's question as of now. Raises PeriodError on a period that is none."""
    known = await company(session)
    day = known.today()
    filters: dict[str, frozenset[Any]] = {}
    for name, values in threshold["filters"].items():
        filters[name] = frozenset(
            None if value == "unassigned" else UUID(value) if name in KEYED else value for value in values
        )
    period = parse(threshold["period"], day, known.fiscal_start_month)
    return Question(company=known, who=who, period=period, day=day, filters=filters)


async def evaluate(database: Database, webhook_id: UUID) -> int:
    """Asks the KPIs of a webhook's thresholds, as who made it; returns how many messages came of it."""
    async with database.session(ACTOR) as session:
        statement = (
            select(Webhook.thresholds, Webhook.user_id, WebhookState.crossed)
            .join(WebhookState, WebhookState.webhook_id == Webhook.id)
            .where(Webhook.id == webhook_id, Webhook.is_active)
        )
        row = (await session.execute(statement)).one_or_none()
        who = None if row is None else await acting_for(session, row.user_id)
        if row is None or who is None:
            return 0
        crossed: dict[str, bool] = {}
        messages = []
        for threshold in row.thresholds:
            before = row.crossed.get(threshold["id"])
            now, data = await _state(session, who, threshold, before)
            if now is not None:
                crossed[threshold["id"]] = now
            if now is not None and now != bool(before):
                event = CROSSED if now else RECOVERED
                messages.append(message(webhook_id, event, UUID(threshold["id"]), data))
        # Dated at its beginning: what is written meanwhile is looked at again. Whoever was quicker has told already.
        told = update(WebhookState).where(WebhookState.webhook_id == webhook_id, WebhookState.crossed == row.crossed)
        found = await session.execute(told.values(crossed=crossed, evaluated_at=func.now()).returning(literal(1)))
        if found.first() is None:
            return 0
        if messages:
            await session.execute(insert(WebhookDelivery), messages)
        return len(messages)


async def _state(
    session: AsyncSession, who: Principal, threshold: dict[str, Any], before: bool | None
) -> tuple[bool | None, dict[str, Any]]:
    """Whether it is crossed now (as before while the KPI has no value), and what a message says."""
    kpi = BY_NAME[threshold["kpi"]]
    question = await asked(session, who, threshold)
    value = (await answer(session, kpi, question)).result.value
    if value is None:
        return before, {}
    limit, hysteresis = Decimal(threshold["value"]), Decimal(threshold["hysteresis"])
    parameters = [("period", threshold["period"])]
    parameters += [(name, each) for name, values in threshold["filters"].items() for each in values]
    data = {
        "threshold": threshold,
        "kpi": kpi.name,
        "label": kpi.label.as_dict(),
        "unit": kpi.unit,
        "currency": question.company.currency if kpi.unit == "money" else None,
        "value": figure(value, kpi.unit),
        "as_of": instant(question.as_of),
        "records": f"/kpi/{kpi.name}/records?{urlencode(parameters)}",
    }
    return beyond(value, threshold["comparison"], limit, hysteresis, before), data
