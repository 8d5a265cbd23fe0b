"""Which customers and which contacts look like one, kept behind the writes (ADR 10).

Nothing here is the truth: the records and the log are. A record that was written since is under a mark
(``stale_totals``) and compared anew by whoever asks, until it is made again.
"""

from sqlalchemy import ARRAY, UUID, BigInteger, Boolean, Column, DateTime, Double, Index, Table, Text, text

from cadran.kit.tables import Base


def _span() -> tuple[Column[object], ...]:
    return (
        Column("since", DateTime(timezone=True), nullable=False),
        Column("until", DateTime(timezone=True), nullable=False),
    )


# What a record said from one moment to another, as it is compared (``checks.matching.Keyed``).
duplicate_cards = Table(
    "duplicate_cards",
    Base.metadata,
    Column("kind", Text, nullable=False),
    Column("record", UUID, nullable=False),
    *_span(),
    Column("place", Text, nullable=False),
    Column("keys", ARRAY(BigInteger), nullable=False),
    Column("told", Text, nullable=False),
    Column("customer", UUID),  # of a contact: whose card tells where it is
    Index("ix_duplicate_cards_record", "record"),
    Index("ix_duplicate_cards_customer", "customer"),
)
# Who shares a key, by name, and while they did.
duplicate_keys = Table(
    "duplicate_keys",
    Base.metadata,
    Column("key", BigInteger, nullable=False),
    Column("place", Text(collation="C"), nullable=False),
    Column("record", UUID, nullable=False),
    *_span(),
    Index("ix_duplicate_keys_now", "key", "place", "record", postgresql_where=text("until = 'infinity'")),
    Index("ix_duplicate_keys_before", "key", "place", "record", postgresql_where=text("until < 'infinity'")),
)
duplicate_pairs = Table(
    "duplicate_pairs",
    Base.metadata,
    Column("kind", Text, nullable=False),
    Column("first", UUID, nullable=False),
    Column("second", UUID, nullable=False),
    *_span(),
    Column("score", Double, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Index("ix_duplicate_pairs_first", "first"),
    Index("ix_duplicate_pairs_second", "second"),
)
# How far each kind is made, in the order of ids, by which version of the rules.
duplicate_kinds = Table(
    "duplicate_kinds",
    Base.metadata,
    Column("kind", Text, primary_key=True),
    Column("made_by", Text, nullable=False),
    Column("upto", UUID),
    Column("done", Boolean, nullable=False, server_default=text("false")),
)
