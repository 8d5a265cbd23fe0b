"""Messages as they are kept: what is signed, when it is given up, and how long to wait between attempts."""

import base64
import random
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from cadran.kit.types import rfc3339

GIVEN_UP = timedelta(days=3)  # after which a message is given up, and a webhook that only fails is disabled
LONGEST_WAIT = timedelta(hours=6)
LONGEST_QUIET = timedelta(minutes=5)


def new_secret() -> str:
    """256 random bits, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def wait_after(attempts: int, first: float, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long to wait after so many failed attempts: doubled from ``first`` seconds, ± a quarter by chance."""
    seconds = min(first * 2 ** min(attempts - 1, 30), longest.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - no secret, only to spread attempts


def message(webhook_id: UUID, event: str, lane: UUID, data: Any, at: datetime | None = None, **more: Any) -> Any:
    """A delivery's row. ``lane``: what it is about; messages of one lane go one after the other."""
    now = datetime.now(UTC)
    body = orjson.dumps({"type": event, "timestamp": rfc3339(at or now), "data": data}).decode()
    return {
        "id": uuid7(), "webhook_id": webhook_id, "type": event, "record_id": lane, "body": body,
        "expires_at": now + GIVEN_UP, "resource": None, "xid": None, **more,
    }  # fmt: skip
