"""Who works here: business units, teams, users, and what signs them in."""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from cadran.kit.tables import Base, Owned, Record, folded, one_of, reference, trigram
from cadran.rules.vocabulary import Language, Role, words


class BusinessUnit(Owned):
    __tablename__ = "business_units"

    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    search: Mapped[str] = folded("name")


class Team(Owned):
    __tablename__ = "teams"

    name: Mapped[str]
    business_unit_id: Mapped[uuid.UUID | None] = reference("business_units")
    manager_id: Mapped[uuid.UUID | None] = mapped_column(index=True)  # a user; no key: users refer to teams already
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    search: Mapped[str] = folded("name")


class User(Owned):
    __tablename__ = "users"
    __table_args__ = (
        one_of("role", words(Role)),
        one_of("language", words(Language)),
        Index("ix_users_search_id", "search", "id"),
        trigram("users"),
    )

    email: Mapped[str] = mapped_column(unique=True)  # stored lower-cased
    name: Mapped[str]
    role: Mapped[str]
    team_id: Mapped[uuid.UUID | None] = reference("teams")
    language: Mapped[str] = mapped_column(default="fr", server_default="fr")
    phone: Mapped[str | None]
    digest: Mapped[bool] = mapped_column(default=False, server_default="false")  # wants the morning e-mail
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    password_hash: Mapped[str | None]
    search: Mapped[str] = folded("name", "email")


class Session(Base):
    """A signed-in browser; the cookie holds a token, the row only its SHA-256."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = reference("users", cascade=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SignInFailure(Base):
    """Failed sign-ins by address typed, kept a quarter of an hour: the lock-out counts them."""

    __tablename__ = "sign_in_failures"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ApiKey(Record):
    __tablename__ = "api_keys"

    name: Mapped[str]
    prefix: Mapped[str]  # the first characters, shown so that a person recognises the key
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    user_id: Mapped[uuid.UUID] = reference("users")
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
