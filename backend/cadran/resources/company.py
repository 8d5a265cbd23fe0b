"""What writes need to know of the company: its day and its currency. Read once a transaction."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Write
from cadran.models import Settings, Team, User
from cadran.resources.lookups import look_up_one


async def _row(session: AsyncSession) -> tuple[str, str]:
    if "company" not in session.info:
        row = (await session.execute(select(Settings.time_zone, Settings.currency))).first()
        session.info["company"] = (row.time_zone, row.currency) if row else ("Europe/Paris", "EUR")
    found: tuple[str, str] = session.info["company"]
    return found


async def today(session: AsyncSession) -> date:
    """The civil day it is for the company."""
    return datetime.now(UTC).astimezone(await zone(session)).date()


async def zone(session: AsyncSession) -> ZoneInfo:
    return ZoneInfo((await _row(session))[0])


async def currency(session: AsyncSession) -> str:
    return (await _row(session))[1]


async def priced(write: Write) -> None:
    """Completes the currency; a foreign one needs the rate of the document's own day."""
    own = await currency(write.session)
    if write.now("currency") is None:
        write.values["currency"] = own
    if write.now("currency") == own:
        if write.now("exchange_rate") not in (None, Decimal(1)):
            raise invalid("/exchange_rate", "The document is in the company's currency.", "Leave the rate out.")
        write.values["exchange_rate"] = Decimal(1)
    elif write.now("exchange_rate") is None or ("currency" in write.given and "exchange_rate" not in write.given):
        remedy = f"Give exchange_rate: what one {write.now('currency')} is worth in {own} on the document's date."
        raise invalid("/exchange_rate", "A document in another currency needs its rate.", remedy)


async def stamped(write: Write, rep: str = "rep_id") -> None:
    """Stamps team and business unit from the rep, where the caller did not state them."""
    if "team_id" in write.given and "business_unit_id" in write.given:
        return
    rep_id = write.now(rep)
    team = None
    if "team_id" in write.given:
        team = write.values.get("team_id")
    elif rep_id is not None:
        team = (await look_up_one(write.session, User, rep_id)).get("team_id")
    write.values["team_id"] = team
    if "business_unit_id" not in write.given:
        unit = None
        if team is not None:
            unit = (await look_up_one(write.session, Team, team)).get("business_unit_id")
        write.values["business_unit_id"] = unit


def conflict(detail: str) -> Problem:
    """The record's state does not allow this."""
    return Problem("conflict", detail)
