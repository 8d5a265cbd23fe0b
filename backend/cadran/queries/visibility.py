"""The one door: which rows of a table a principal may see. Lists, gets, KPIs, drill-downs and exports all pass here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, false, literal, or_, select, true

from cadran.models import (
    ActionPlan,
    ApiKey,
    BusinessUnit,
    Contact,
    Customer,
    Delivery,
    Interaction,
    Invoice,
    Lead,
    Opportunity,
    Order,
    OrderLine,
    Payment,
    Product,
    Quote,
    ServiceRequest,
    Settings,
    Stage,
    Target,
    Task,
    Team,
    User,
    Visit,
    VisitReport,
    Webhook,
)
from cadran.rules.principal import Principal

Rows = FromClause
Door = Callable[[Rows, Principal], ColumnElement[bool]]


def _people(column: ColumnElement[Any], who: Principal) -> ColumnElement[bool]:
    """Whether the person in ``column`` is one whose records the principal sees."""
    if who.role == "manager":
        return or_(column == who.user_id, column.in_(select(User.id).where(User.team_id.in_(list(who.team_ids)))))
    return column == literal(who.user_id, type_=column.type)


def _own_customers(column: ColumnElement[Any], who: Principal) -> ColumnElement[bool]:
    return column.in_(select(Customer.id).where(_people(Customer.__table__.c.owner_id, who)))


def _everyone(rows: Rows, who: Principal) -> ColumnElement[bool]:
    return true()


def _customers(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.sees_all or who.role == "marketing":
        return true()
    return _people(rows.c.owner_id, who)


def _contacts(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.sees_all or who.role == "marketing":
        return true()
    return _own_customers(rows.c.customer_id, who)


def _leads(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.sees_all or who.role == "marketing":
        return true()
    return or_(_people(rows.c.owner_id, who), _stamped(rows, who))


def _stamped(rows: Rows, who: Principal) -> ColumnElement[bool]:
    seen = _people(rows.c.rep_id, who)
    if who.role == "manager":
        seen = or_(seen, rows.c.team_id.in_(list(who.team_ids)))
    return seen


def _flow_document(rows: Rows, who: Principal) -> ColumnElement[bool]:
    """Orders, invoices: stamped with one's name, or of one's customers."""
    if who.sees_all:
        return true()
    if not who.sees_amounts:
        return false()
    return or_(_stamped(rows, who), _own_customers(rows.c.customer_id, who))


def _owned(rows: Rows, who: Principal) -> ColumnElement[bool]:
    """Opportunities, quotes, visits, tasks …: one's own, or of one's customers."""
    if who.sees_all:
        return true()
    if not who.sees_amounts:
        return false()
    return or_(_people(rows.c.owner_id, who), _own_customers(rows.c.customer_id, who))


def _visits(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.sees_all or not who.sees_amounts:
        return _owned(rows, who)
    return or_(_owned(rows, who), _stamped(rows, who))


def _tasks(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.role == "marketing":
        return rows.c.owner_id == literal(who.user_id, type_=rows.c.owner_id.type)
    return _owned(rows, who)


def _plans(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.sees_all:
        return true()
    return _people(rows.c.owner_id, who) if who.sees_amounts else false()


def _through(column: str, model: Any, parent: Door) -> Door:
    def door(rows: Rows, who: Principal) -> ColumnElement[bool]:
        if who.sees_all:
            return true()
        table = model.__table__
        return rows.c[column].in_(select(table.c.id).where(parent(table, who)))

    return door


def _targets(rows: Rows, who: Principal) -> ColumnElement[bool]:
    if who.sees_all:
        return true()
    if not who.sees_amounts:
        return false()
    mine = and_(rows.c.scope_kind == "rep", _people(rows.c.scope_id, who))
    teams = list(who.team_ids) if who.role == "manager" else []
    return or_(mine, and_(rows.c.scope_kind == "team", rows.c.scope_id.in_(teams))) if teams else mine


def _keys(rows: Rows, who: Principal) -> ColumnElement[bool]:
    return true() if who.role == "admin" else rows.c.user_id == literal(who.user_id, type_=rows.c.user_id.type)


def _admins(rows: Rows, who: Principal) -> ColumnElement[bool]:
    return true() if who.role == "admin" else false()


_DOORS: dict[Any, Door] = {
    BusinessUnit: _everyone,
    Team: _everyone,
    User: _everyone,
    Product: _everyone,
    Stage: _everyone,
    Settings: _everyone,
    Customer: _customers,
    Contact: _contacts,
    Opportunity: _owned,
    Quote: _owned,
    Order: _flow_document,
    Invoice: _flow_document,
    OrderLine: _through("order_id", Order, _flow_document),
    Delivery: _through("order_line_id", OrderLine, _through("order_id", Order, _flow_document)),
    Payment: _through("invoice_id", Invoice, _flow_document),
    Visit: _visits,
    VisitReport: _through("visit_id", Visit, _visits),
    Interaction: _owned,
    Lead: _leads,
    Task: _tasks,
    ServiceRequest: _owned,
    ActionPlan: _plans,
    Target: _targets,
    ApiKey: _keys,
    Webhook: _admins,
}


MODELS = tuple(_DOORS)


def visible(model: Any, who: Principal, rows: Rows | None = None) -> ColumnElement[bool]:
    """The condition on ``rows`` (default: the model's table; also a state of :func:`cadran.queries.asof.at`)."""
    return _DOORS[model](model.__table__ if rows is None else rows, who)


def is_public(model: Any) -> bool:
    """Whether everyone signed in sees every row."""
    return _DOORS[model] is _everyone


def led_teams(user_id: UUID, own_team: UUID | None) -> Any:
    """The teams whose records a manager sees: those led, and the own one."""
    return select(Team.id).where(or_(Team.manager_id == user_id, Team.id == own_team))
