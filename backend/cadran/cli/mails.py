"""`cadran digest`: read before it is sent."""

import aiosmtplib
from sqlalchemy import func, select

from cadran.cli.store import fail
from cadran.digest.letter import letter
from cadran.digest.post import ACTOR, deliver, message
from cadran.kit.db import Database, engine
from cadran.models import User
from cadran.queries.principals import acting_for
from cadran.settings import Settings


async def digest_of(url: str, settings: Settings, email: str, *, send: bool) -> str:
    """The digest's text, or a word that it was sent. Ends the command when there is none, or no mail server."""
    if send and not settings.smtp_host:
        raise fail("No mail server: set CADRAN_SMTP_HOST.", 2)
    store = Database(engine(url, 1))
    try:
        async with store.session(ACTOR) as session:
            key = await session.scalar(select(User.id).where(User.email == func.lower(email.strip())))
            who = None if key is None else await acting_for(session, key)
            if who is None:
                raise fail(f"No active user has the e-mail {email}.", 2)
            found = await letter(session, who)
            if found is None:
                raise fail(f"There is no digest for the role {who.role}: it is for reps, managers and directors.", 2)
            if not send:
                return found.text(settings.url)
            try:
                await deliver(settings, message(settings, found, who.email, f"{who.user_id}.now"))
            except (aiosmtplib.SMTPException, OSError) as error:
                raise fail(f"The mail server did not take it: {error}") from None
            return f"Sent to {who.email}: {found.subject}"
    finally:
        await store.close()
