"""When a digest is due, and its way to the mail server: once a person and day, never yesterday's."""

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

import aiosmtplib
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import Company, company
from cadran.digest.letter import SCREENS, Letter, letter
from cadran.kit.db import Actor, Database
from cadran.models import Digest, User
from cadran.queries.principals import acting_for
from cadran.settings import Settings

ACTOR = Actor("digest")
WINDOW = timedelta(hours=5)  # after which the morning is over: a mail server down all morning costs that day's digest
KEPT = timedelta(days=30)
TIMEOUT = 30.0  # seconds the mail server has for each answer
LONGEST = 90.0  # seconds for all of them
PATIENCE = text(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST + 30:.0f}s'")
log = logging.getLogger(__name__)


def reads(role: str, known: Company, day: date) -> bool:
    """Whether a role has a digest on a day: a rep on working days, a manager on the first one of the week."""
    if role not in SCREENS or not known.calendar.is_working_day(day):
        return False
    before = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
    return role == "rep" or not any(map(known.calendar.is_working_day, before))


async def due(session: AsyncSession, settings: Settings, now: datetime | None = None) -> list[UUID]:
    """The people whose digest of today is to be sent now: asked for, and not yet taken by the mail server."""
    known = await company(session)
    local = (now or datetime.now(UTC)).astimezone(known.zone)
    start = local.replace(hour=settings.digest_hour, minute=0, second=0, microsecond=0)
    if not settings.smtp_host or not start <= local < start + WINDOW:
        return []
    today = local.date()
    people = (await session.execute(select(User.id, User.role).where(User.is_active, User.digest))).all()
    wanted = [person.id for person in people if reads(person.role, known, today)]
    if not wanted:
        return []
    rows = [{"user_id": key, "on": today} for key in wanted]
    await session.execute(insert(Digest).values(rows).on_conflict_do_nothing())
    await session.execute(delete(Digest).where(Digest.on < today - KEPT))
    waiting = select(Digest.user_id).where(Digest.on == today, Digest.sent_at.is_(None), Digest.user_id.in_(wanted))
    return list((await session.execute(waiting)).scalars())


async def send(database: Database, settings: Settings, user_id: UUID, now: datetime | None = None) -> bool:
    """Sends today's digest of a person if it still waits; whether it did. Raises what is worth another try.

    The row is locked meanwhile, so that two workers never send the same; it is marked once the server took the mail,
    or refused it for good. A slow server must not cost the lock: a mail taken and not marked would be sent again.
    """
    async with database.session(ACTOR) as session:
        await session.execute(PATIENCE)
        known = await company(session)
        today = (now or datetime.now(UTC)).astimezone(known.zone).date()
        row = (Digest.user_id == user_id, Digest.on == today, Digest.sent_at.is_(None))
        waiting = (
            await session.execute(select(Digest).where(*row).with_for_update(skip_locked=True))
        ).scalar_one_or_none()
        who = None if waiting is None else await acting_for(session, user_id)
        wants = select(User.digest).where(User.id == user_id)
        if waiting is None or who is None or not (await session.execute(wants)).scalar_one():
            return False
        found = await letter(session, who)
        if found is None:
            return False
        waiting.sent_at = datetime.now(UTC)
        try:
            await deliver(settings, message(settings, found, who.email, f"{user_id}.{today}"))
        except aiosmtplib.SMTPException as error:
            if not _for_good(error):
                raise
            log.warning("The digest of %s is refused for good: %s", user_id, error)
            return False
    return True


def _for_good(error: aiosmtplib.SMTPException) -> bool:
    """Whether the address or the mail is refused (5xx). A wrong password or sender is for whoever runs the server."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(each.code >= 500 for each in error.recipients)
    return isinstance(error, aiosmtplib.SMTPDataError) and error.code >= 500


def message(settings: Settings, found: Letter, to: str, key: str) -> EmailMessage:
    """The mail. The same ``key`` gives the same Message-ID: a mail sent twice is known as one."""
    mail = EmailMessage()
    domain = settings.smtp_from.rpartition("@")[2] or "localhost"
    mail["Subject"], mail["From"], mail["To"] = found.subject, settings.smtp_from, to
    mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), f"<digest.{key}@{domain}>"
    mail["Auto-Submitted"], mail["Content-Language"] = "auto-generated", found.language
    mail["List-Unsubscribe"] = f"<{settings.url}/app/settings>"
    mail.set_content(found.text(settings.url))
    mail.add_alternative(found.html(settings.url), subtype="html")
    return mail


async def deliver(settings: Settings, mail: EmailMessage) -> None:
    """Hands a mail to the server of the settings. Raises aiosmtplib.SMTPException or OSError."""
    async with asyncio.timeout(LONGEST):
        await aiosmtplib.send(
            mail,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            timeout=TIMEOUT,
        )
