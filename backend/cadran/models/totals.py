"""Sums kept by day and month of what documents add up to, and the marks of those that writes have made stale.

Nothing here is the truth: the documents are. Triggers leave a mark in the transaction of every write that may change a
sum; a sum under a mark is read from the documents until it has been made again (ADR 4).
"""

from typing import Literal

from sqlalchemy import UUID, BigInteger, Column, Date, Identity, Index, Integer, Numeric, Table, Text, text

from cadran.kit.tables import Base

Grain = Literal["day", "month"]
MEASURES = ("amount", "list_amount", "list_net", "cost_amount", "cost_net")


def _totals(name: str, states: tuple[Column[object], ...], measures: tuple[str, ...]) -> Table:
    return Table(
        name,
        Base.metadata,
        Column("grain", Text, nullable=False),
        Column("day", Date, nullable=False),  # a month's first
        Column("month", Date, nullable=False),  # the first of the day's month
        Column("rep", UUID),
        Column("team", UUID),
        Column("business_unit", UUID),
        *states,
        Column("n", Integer, nullable=False),
        *(Column(measure, Numeric, nullable=False) for measure in measures),
        Index(f"ix_{name}_day", "grain", "day"),
        Index(f"ix_{name}_month", "grain", "month"),
    )


order_totals = _totals(
    "order_totals",
    (Column("status", Text, nullable=False), Column("cancelled_on", Date), Column("closed_on", Date)),
    (*MEASURES, *(f"delivered_{name}" for name in MEASURES)),
)
invoice_totals = _totals(
    "invoice_totals",
    (Column("kind", Text, nullable=False), Column("status", Text, nullable=False), Column("cancelled_on", Date)),
    ("amount",),
)

# ``kind`` says what ``key`` names: an order, a line or a customer whose days are stale; ``day`` is one; ``all`` are.
# ``since``: the day from which the mark holds, for what is dated ahead.
stale_totals = Table(
    "stale_totals",
    Base.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fact", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", UUID),
    Column("day", Date),
    Column("since", Date, nullable=False, server_default=text("'-infinity'")),
    Index("ix_stale_totals_fact", "fact", "kind"),
)
