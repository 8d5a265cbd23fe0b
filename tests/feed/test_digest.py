"""The digest, received by a real mail server and read: its figures are those of the screens."""

import asyncio
import email
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.answers.company import company
from cadran.digest import post
from cadran.jobs.worker import Worker
from cadran.kit.db import Database, engine
from cadran.models import Digest, User
from cadran.settings import Settings
from following import Office
from served import free_port

PLACE = "https://cadran.durand.test"


class Mailbox:
    """An SMTP server's hand: keeps what it is given, after refusing as often as it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusing = 0
        self.unknown: set[str] = set()  # addresses it has nobody at
        self.asked = 0
        self.slow = 0.0  # seconds it keeps a mail before it says so

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked += 1
        if address in self.unknown:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusing:
            self.refusing -= 1
            return "451 Try again later"
        mail = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        await asyncio.sleep(self.slow)
        return "250 OK"


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, Settings]]:
    box = Mailbox()
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(server.start)
    yield box, Settings(
        CADRAN_SMTP_HOST="127.0.0.1", CADRAN_SMTP_PORT=port, CADRAN_SMTP_TLS="none",
        CADRAN_SMTP_FROM="cadran@durand.test", CADRAN_PUBLIC_URL=PLACE + "/",
    )  # fmt: skip
    await asyncio.to_thread(server.stop)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def morning(office: Office, day: date | None = None, hour: int = 7) -> datetime:
    """That hour of a day of the company, the next working one unless said."""
    async with office.database.session() as session:
        known = await company(session)
    day = day or known.today()
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=known.zone).astimezone(UTC)


async def wants(office: Office, *names: str) -> None:
    async with office.database.session() as session:
        keys = [office.people[name].id for name in names]
        await session.execute(update(User).where(User.id.in_(keys)).values(digest=True))


async def due(office: Office, settings: Settings, now: datetime) -> set[str]:
    async with office.database.session(post.ACTOR) as session:
        keys = await post.due(session, settings, now)
    return {name for name, user in office.people.users.items() if user.id in keys}


async def test_a_reps_morning_is_what_the_screen_says(office: Office, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    rep = office.as_user("rep")
    today = (await rep.get("/kpi/dashboards/day")).json()["as_of_day"]
    customer = await office.make("customers", name="Tôlerie <Nord> & Fils", owner_id=office.id("rep"))
    await office.make("visits", customer_id=customer["id"], owner_id=office.id("rep"), planned_on=today,
                      planned_time="09:30", purpose="Démonstration")  # fmt: skip
    late = (date.fromisoformat(today) - timedelta(days=3)).isoformat()
    await office.make("tasks", title="Rappeler le chef d’atelier", owner_id=office.id("rep"), due_on=late)
    await office.make("tasks", title="Celle d’un autre", owner_id=office.id("stranger"), due_on=late)
    assert (await rep.patch("/session", json={"digest": True})).json()["user"]["digest"] is True
    async with office.database.session(post.ACTOR) as session:
        session.add(Digest(user_id=office.people["rep"].id, on=date.fromisoformat(today)))
    assert await post.send(office.database, settings, office.people["rep"].id)
    assert not await post.send(office.database, settings, office.people["rep"].id), "once a day"

    (mail,) = box.mails
    board = (await rep.get("/kpi/dashboards/day")).json()
    assert mail["subject"] == "".join(part["text"] for part in board["headline"]["fr"])
    assert (mail["to"], mail["from"]) == ("rep@durand.test", "cadran@durand.test")
    assert mail["list-unsubscribe"] == f"<{PLACE}/app/settings>"
    plain, html = text_of(mail), text_of(mail, "html")
    assert "- 09:30 Tôlerie <Nord> & Fils, Démonstration" in plain
    assert "- Tâche, Rappeler le chef d’atelier, en retard de 3 j" in plain
    assert "Celle d’un autre" not in plain
    assert "Tôlerie &lt;Nord&gt; &amp; Fils" in html
    linked = set(re.findall(rf"href='{PLACE}(/app/records/[^']+)'", html))
    assert {f"/app/records/{row['resource']}/{row['id']}" for row in board["lists"]["todo"]} <= linked


async def test_a_managers_monday_is_the_teams_activity_in_her_language(
    office: Office, mailbox: tuple[Mailbox, Settings]
) -> None:
    box, settings = mailbox
    manager = office.as_user("manager")
    today = (await manager.get("/kpi/dashboards/activity")).json()["as_of_day"]
    line = {"description": "Roulement", "quantity": "1", "unit_price": "12345.60"}
    for name, unit_price in (("rep", "12345.60"), ("stranger", "99.00")):
        customer = await office.make("customers", owner_id=office.id(name))
        await office.make("invoices", customer_id=customer["id"], issued_on=today, status="posted",
                          lines=[line | {"unit_price": unit_price}])  # fmt: skip
    async with office.database.session(post.ACTOR) as session:
        await session.execute(
            update(User).where(User.id == office.people["manager"].id).values(digest=True, language="en")
        )
        session.add(Digest(user_id=office.people["manager"].id, on=date.fromisoformat(today)))
    assert await post.send(office.database, settings, office.people["manager"].id)
    board = (await manager.get("/kpi/dashboards/activity")).json()
    assert mail_subject(box) == "".join(part["text"] for part in board["headline"]["en"])
    plain = text_of(box.mails[0])
    (group,) = board["kpis"]["invoiced_revenue_by_rep"]["groups"]
    assert group["value"] == "12345.60"
    assert "- Rep, no target, €12k" in plain
    assert "Stranger" not in plain


def mail_subject(box: Mailbox) -> str:
    return str(box.mails[0]["subject"])


async def test_it_is_off_until_asked_for_and_until_there_is_a_server(
    office: Office, mailbox: tuple[Mailbox, Settings]
) -> None:
    _, settings = mailbox
    now = await morning(office, date(2026, 11, 23))  # a Monday
    assert await due(office, settings, now) == set()
    await wants(office, "rep", "manager", "director", "marketing", "admin")
    assert await due(office, Settings(), now) == set()
    assert await due(office, settings, now) == {"rep", "manager", "director"}


@pytest.mark.parametrize(
    ("day", "hour", "who"),
    [
        (date(2026, 11, 24), 7, {"rep"}),  # a Tuesday
        (date(2026, 11, 22), 7, set()),  # a Sunday
        (date(2026, 11, 11), 7, set()),  # a public holiday
        (date(2027, 3, 29), 7, set()),  # Easter Monday
        (date(2027, 3, 30), 7, {"rep", "manager"}),  # so Tuesday is the first of the week
        (date(2026, 11, 23), 6, set()),  # too early
        (date(2026, 11, 23), 13, set()),  # too late to be of use
        (date(2026, 3, 30), 7, {"rep", "manager"}),  # the clocks went forward the day before
    ],
)
async def test_when_it_is_due(
    office: Office, mailbox: tuple[Mailbox, Settings], day: date, hour: int, who: set[str]
) -> None:
    await wants(office, "rep", "manager")
    assert await due(office, mailbox[1], await morning(office, day, hour)) == who


async def test_refused_it_is_sent_later_once_and_never_the_next_day(
    office: Office, mailbox: tuple[Mailbox, Settings]
) -> None:
    box, settings = mailbox
    await wants(office, "rep")
    key, now = office.people["rep"].id, await morning(office, date(2026, 11, 23))
    box.refusing = 1
    assert await due(office, settings, now) == {"rep"}
    with pytest.raises(aiosmtplib.SMTPException):
        await post.send(office.database, settings, key, now)
    assert await due(office, settings, now + timedelta(minutes=5)) == {"rep"}, "it still waits"
    sent = await asyncio.gather(*(post.send(office.database, settings, key, now) for _ in range(3)))
    assert sorted(sent) == [False, False, True]
    assert len(box.mails) == 1
    assert await due(office, settings, now + timedelta(minutes=10)) == set()
    box.refusing = 1
    tuesday = now + timedelta(days=1)
    assert await due(office, settings, tuesday) == {"rep"}
    with pytest.raises(aiosmtplib.SMTPException):
        await post.send(office.database, settings, key, tuesday)
    assert not await post.send(office.database, settings, key, tuesday + timedelta(days=1)), "yesterday's is over"


async def test_a_mail_server_slower_than_an_idle_transaction_may_be_is_not_given_it_twice(
    office: Office, mailbox: tuple[Mailbox, Settings]
) -> None:
    box, settings = mailbox
    await wants(office, "rep")
    key, now = office.people["rep"].id, await morning(office, date(2026, 11, 23))
    assert await due(office, settings, now) == {"rep"}
    assert isinstance(office.database.bind, AsyncEngine)
    url = office.database.bind.url.render_as_string(hide_password=False)
    impatient = Database(engine(url, 1, idle_in_transaction_session_timeout="200ms"))
    box.slow = 0.8
    try:
        assert await post.send(impatient, settings, key, now)
    finally:
        await impatient.close()
    assert len(box.mails) == 1
    assert await due(office, settings, now + timedelta(minutes=1)) == set()


async def test_an_address_refused_for_good_is_not_asked_again(
    office: Office, mailbox: tuple[Mailbox, Settings]
) -> None:
    box, settings = mailbox
    await wants(office, "rep")
    box.unknown = {office.people["rep"].email}
    key, now = office.people["rep"].id, await morning(office, date(2026, 11, 23))
    assert await due(office, settings, now) == {"rep"}
    assert not await post.send(office.database, settings, key, now)
    assert await due(office, settings, now + timedelta(minutes=1)) == set()
    assert (box.asked, box.mails) == (1, [])


async def test_the_worker_sends_what_is_due(
    office: Office, mailbox: tuple[Mailbox, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, settings = mailbox
    await wants(office, "rep")
    true_due, now = post.due, await morning(office)

    async def this_morning(session: Any, settings: Settings) -> Any:
        return await true_due(session, settings, now)

    monkeypatch.setattr(post, "due", this_morning)
    monkeypatch.setattr(post, "reads", lambda role, known, day: role == "rep")
    assert isinstance(office.database.bind, AsyncEngine)
    database = Database(engine(office.database.bind.url.render_as_string(hide_password=False), 5))
    worker = Worker(database, settings)
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(40):
            while True:
                async with office.database.session() as session:
                    if (await session.execute(select(Digest.sent_at))).scalar() is not None:
                        break
                await asyncio.sleep(0.05)
    finally:
        await worker.stop()
        await asyncio.wait_for(task, 15)
        await database.close()
    assert len(box.mails) == 1
