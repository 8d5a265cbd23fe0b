"""Sums kept by day and month of what documents add up to, and the marks of those that writes have made stale.

Nothing here is the truth: the documents are. Triggers leave a mark in the transaction of every write that may change a
sum; a sum under a mark is read from the documents until it has been made again (ADR 4).
"""

from typing import Literal

from sqlalchemy import (
    ARRAY,
    UUID,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)

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

# What is dated a day adds to each input of the KPIs kept by day, for whom and by source (ADR 9). Of what is not
# ``stamped`` only the rep is told: the team and the unit are theirs as they stand.
day_sums = Table(
    "day_sums",
    Base.metadata,
    Column("kpi", Text, nullable=False),
    Column("grain", Text, nullable=False),
    Column("day", Date, nullable=False),  # a month's first
    Column("rep", UUID),
    Column("team", UUID),
    Column("business_unit", UUID),
    Column("source", Text),
    Column("stamped", Boolean, nullable=False),
    Column("sums", ARRAY(Numeric), nullable=False),  # in the order of the KPI's inputs
    Index("ix_day_sums_day", "kpi", "grain", "day"),
)
# The facts kept by day, made up to a day by which version of the rules: later days are read from the documents.
kept_facts = Table(
    "kept_facts",
    Base.metadata,
    Column("fact", Text, primary_key=True),
    Column("made_by", Text, nullable=False),
    Column("upto", Date, nullable=False),
)

# ``kind`` says what ``key`` names: a document or customer whose days or states are stale; ``day`` is one; ``all`` are.
# ``since``: the day from which the mark holds, for what is dated ahead. ``day`` … ``until``, of a state: the days gone
# by that a record first written afterwards counts for; all others stand as the log says, whatever is written now.
stale_totals = Table(
    "stale_totals",
    Base.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fact", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", UUID),
    Column("day", Date),
    Column("since", Date, nullable=False, server_default=text("'-infinity'")),
    Column("until", Date),
    Index("ix_stale_totals_fact", "fact", "kind"),
)


# What each customer's records add to each input of the KPIs that are states, on a day (ADR 7), and its sums by rep. A
# record of no customer is kept under the null UUID.
def _states(name: str, *own: Column[object] | Index) -> Table:
    return Table(
        name,
        Base.metadata,
        Column("kpi", Text, nullable=False),
        Column("day", Date, nullable=False),
        Column("rep", UUID),
        Column("stage", UUID),  # of deals
        Column("sums", ARRAY(Numeric), nullable=False),  # in the order of the KPI's inputs
        *own,
    )


state_sums = _states(
    "state_sums",
    Column("customer", UUID, nullable=False),
    Index("ix_state_sums_customer", "customer", "day"),
    Index("ix_state_sums_kpi", "kpi", "day", "rep"),
)
state_totals = _states("state_totals", Index("ix_state_totals_kpi", "kpi", "day"))
# The first records a list holds of each customer, with what it shows of them; after them, or alone where none is kept,
# the rank of the next one, without a ``record``.
state_ranks = Table(
    "state_ranks",
    Base.metadata,
    Column("list", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("rep", UUID),
    Column("customer", UUID, nullable=False),
    Column("rank", ARRAY(Numeric), nullable=False),
    Column("resource", Text),
    Column("record", UUID),
    Column("told", Text),
    Index("ix_state_ranks_customer", "customer", "day"),
    Index("ix_state_ranks_list", "list", "day", "rank"),
)
# The days kept: made up to a customer, in the order of their ids, by which version of the rules; ``done``: all. A day
# gone by is kept as it stood at ``moment``, its end, while it is asked for; of some only a ``part``. ``windows``: the
# periods, start and end in turns, for which what depends on one is kept.
state_days = Table(
    "state_days",
    Base.metadata,
    Column("day", Date, primary_key=True),
    Column("moment", DateTime(timezone=True)),
    Column("asked_on", Date),
    Column("part", Text, nullable=False, server_default="all"),
    Column("windows", ARRAY(Date), nullable=False, server_default="{}"),
    Column("made_by", Text, nullable=False),
    Column("upto", UUID),
    Column("done", Boolean, nullable=False),
)
