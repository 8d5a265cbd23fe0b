"""What PostgreSQL writes is, to the byte, what the reading's own type would."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text, true
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.resources.registry import BY_NAME
from factories import Maker, People

AWKWARD = 'Tab\there, "quoted" \\ back/slash, line\nfeed, é €, 𝄞, \u2028, <b>&amp;</b>'
AMOUNTS = {"0": "0.00", "1": "1.00", "0.5": "0.50", "1234.50": "1234.50", "0.000001": "0.000001", "10.1230": "10.123"}
INSTANTS = {
    "2026-03-29 01:30:00+00": "2026-03-29T01:30:00Z",
    "2026-01-01 00:00:00.5+00": "2026-01-01T00:00:00.500000Z",
    "1999-12-31 23:59:59.000001-01": "2000-01-01T00:59:59.000001Z",
}


@pytest.mark.parametrize("name", BY_NAME)
async def test_every_resource_is_written_as_its_type_writes_it(
    name: str, make: Maker, session: AsyncSession, people: People
) -> None:
    resource = BY_NAME[name]
    key = (await make(name))["id"]
    for role in ("admin", "marketing") if name in ("customers", "leads") else ("admin",):
        _, body = await resource.one(session, people.principal(role), resource.table.c.id == key)
        assert orjson.dumps(resource.read.model_validate_json(body).model_dump(mode="json")) == body
        assert list(orjson.loads(body)) == list(resource.read.model_fields)


async def customer(session: AsyncSession, people: People) -> dict[str, Any]:
    _, body = await BY_NAME["customers"].one(session, people.principal("admin"), true())
    assert orjson.dumps(orjson.loads(body)) == body
    found: dict[str, Any] = orjson.loads(body)
    return found


async def test_texts_amounts_and_instants(make: Maker, session: AsyncSession, people: People) -> None:
    await make("customers", notes=AWKWARD)
    assert (await customer(session, people))["notes"] == AWKWARD
    for stored, shown in AMOUNTS.items():
        await session.execute(text("UPDATE customers SET credit_limit = CAST(:it AS numeric)"), {"it": stored})
        assert (await customer(session, people))["credit_limit"] == shown
    for stored, shown in INSTANTS.items():
        await session.execute(text(f"UPDATE customers SET created_at = '{stored}'"))
        assert (await customer(session, people))["created_at"] == shown
