"""The generated rows into an empty database: one COPY a table, in the caller's transaction."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from cadran.demo.company import generate
from cadran.demo.world import Row, World
from cadran.kit.auth import hash_password
from cadran.kit.db import Actor, introduce
from cadran.kit.tables import Base
from cadran.models import LOGGED, Customer, Invoice, Order, Settings, User

# Documented: the demo holds nothing to protect, and whoever loads it is told.
PASSWORD = "bienvenue-cadran"  # noqa: S105
ACTOR = Actor("demo")


class CompanyExists(RuntimeError):  # noqa: N818 - reads as what it is
    """The database already holds a company; the demo goes into an empty one."""


@dataclass(frozen=True)
class Account:
    """``role``: as in the product; ``note``: who it is, in French."""

    email: str
    role: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Accounts:
    """Everyone who may sign in, all with the same ``password``."""

    accounts: tuple[Account, ...]
    password: str

    @property
    def shown(self) -> tuple[Account, ...]:
        """A few to begin with: one of each role, and the team whose prices slip."""
        return tuple(account for account in self.accounts if account.note)


async def load(
    target: AsyncSession | AsyncConnection, today: date, progress: Callable[[str, int, int], None] | None = None
) -> Accounts:
    """Writes the demo company as it stands on ``today`` in the caller's transaction, by the actor "demo".

    ``progress(stage, done, total)``. Raises CompanyExists when there are users, settings, customers or documents.
    """
    report = progress or _silent
    connection = target if isinstance(target, AsyncConnection) else await target.connection()
    await _refuse_unless_empty(connection)
    await connection.run_sync(introduce, ACTOR)
    await connection.execute(text("SET LOCAL statement_timeout = '60s'"))
    await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    report("generate", 0, 1)
    world = generate(today)
    hashed = await hash_password(PASSWORD)  # once: argon2 is slow by design
    for user in world.rows[User]:
        user["password_hash"] = hashed if user["is_active"] else None
    report("generate", 1, 1)
    await _copy(connection, world, report)
    # Without it the first screens would be planned as if the tables were empty.
    await connection.execute(text(f"ANALYZE {', '.join(model.__tablename__ for model in world.rows)}"))
    return _accounts(world)


def _silent(stage: str, done: int, total: int) -> None:
    """Reports to nobody."""


async def _refuse_unless_empty(connection: AsyncConnection) -> None:
    for model in (Settings, User, Customer, Order, Invoice):
        if (await connection.execute(select(func.count()).select_from(model))).scalar_one():
            raise CompanyExists("This database already holds a company: the demo goes into an empty one.")


async def _copy(connection: AsyncConnection, world: World, report: Callable[[str, int, int], None]) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    unknown = [model.__tablename__ for model in world.rows if model not in LOGGED]
    if unknown:
        raise ValueError(f"Nothing loads {unknown}.")
    total, done = sum(len(rows) for rows in world.rows.values()), 0
    for model in LOGGED:  # a parent before its children
        rows = world.rows.get(model)
        if rows:
            names, records = _records(model, rows)
            await driver.copy_records_to_table(model.__tablename__, records=records, columns=names)
            done += len(rows)
            report("load", done, total)


def _records(model: type[Base], rows: list[Row]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns any row gives, and every row's values for them; what a row leaves out is the column's default."""
    table: Any = model.__table__
    given = set().union(*rows)
    if given - set(table.c.keys()):
        raise ValueError(f"{table.name} has no {given - set(table.c.keys())}.")
    names = [column.name for column in table.columns if column.name in given]
    missing = {name: _default(table, name) for name in names}
    return names, [tuple(_plain(row.get(name, missing[name])) for name in names) for row in rows]


def _default(table: Table, name: str) -> Any:
    default: Any = table.c[name].default
    return default.arg if default is not None and default.is_scalar else None


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def _accounts(world: World) -> Accounts:
    notes = {
        "director": "la directrice commerciale : tout le commercial",
        "manager_ouest": "le responsable de l’équipe Grand Ouest",
        "manager_sud": "la responsable de l’équipe Sud, dont les remises dépassent le plafond",
        "camille": "une commerciale de l’équipe Grand Ouest",
        "mehdi": "un commercial de l’équipe Nord-Est",
        "marketing": "le marketing : clients, contacts, leads, aucun montant",
        "admin": "l’administratrice",
    }
    people = [person for person in world.people.values() if person.key != "former"]
    return Accounts(tuple(Account(one.email, one.role, one.name, notes.get(one.key, "")) for one in people), PASSWORD)
