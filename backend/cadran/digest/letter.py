"""A digest composed: what the person's own screen says this morning, as text and as HTML."""

from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import company
from cadran.answers.dashboards import dashboard
from cadran.answers.question import Question
from cadran.digest.words import WORDS, Said, reason, urgency
from cadran.metrics.headline import Language, money
from cadran.metrics.periods import parse
from cadran.rules.principal import Principal

SHOWN = 12
SCREENS = {"rep": "day", "manager": "activity", "director": "activity"}


@dataclass(frozen=True)
class Line:
    """``where``: path of its record in the app."""

    title: str
    note: str
    amount: str = ""
    where: str = ""


@dataclass
class Letter:
    """``subject``: the sentence of the screen; ``parts``: titles and their lines."""

    subject: str
    language: Language
    link: tuple[str, str]  # the word of the screen it opens, and its path
    parts: list[tuple[str, list[Line]]] = field(default_factory=list)

    def text(self, url: str) -> str:
        """Plain text; ``url``: where Cadran is reached, without a slash at the end."""
        found = [self.subject, ""]
        for title, lines in self.parts:
            found += [title.upper(), *(_plain(line) for line in lines), ""]
        found += [WORDS[self.language][self.link[0]].format(url=url + self.link[1]), "", self._why(url)]
        return "\n".join(found)

    def html(self, url: str) -> str:
        """The same as HTML, with a link to each record."""
        found = [f"<h1 style='font-size:18px'>{escape(self.subject)}</h1>"]
        for title, lines in self.parts:
            rows = "".join(_row(line, url) for line in lines)
            found.append(f"<h2 style='font-size:15px;margin:20px 0 6px'>{escape(title)}</h2>")
            found.append(f"<table style='border-collapse:collapse;width:100%;max-width:640px'>{rows}</table>")
        opening = WORDS[self.language][self.link[0]].partition("{url}")[0].rstrip(" :\u00a0")
        found.append(f"<p style='margin-top:20px'>{_anchor(opening, url + self.link[1])}</p>")
        found.append(f"<p style='color:#5b6770;font-size:12px'>{escape(self._why(url))}</p>")
        body = "\n".join(found)
        head = f"<head><meta charset='utf-8'><title>{escape(self.subject)}</title></head>"
        style = "font-family:sans-serif;font-size:14px;color:#16262d"
        return f"<!doctype html><html lang='{self.language}'>{head}<body style='{style}'>{body}</body></html>"

    def _why(self, url: str) -> str:
        return WORDS[self.language]["why"].format(url=f"{url}/app/settings")


def _plain(line: Line) -> str:
    return "- " + ", ".join(filter(None, (line.title, line.note, line.amount)))


def _anchor(text: str, url: str) -> str:
    return f"<a href='{escape(url, quote=True)}' style='color:#0b6170'>{escape(text)}</a>"


def _row(line: Line, url: str) -> str:
    title = _anchor(line.title, url + line.where) if line.where else escape(line.title)
    cell = "<td style='padding:6px 8px 6px 0;border-bottom:1px solid #dde3e6{}'>{}</td>"
    return (
        "<tr>" + cell.format("", title) + cell.format(";color:#5b6770", escape(line.note))
        + cell.format(";text-align:right;white-space:nowrap", escape(line.amount)) + "</tr>"
    )  # fmt: skip


async def letter(session: AsyncSession, who: Principal) -> Letter | None:
    """What the person reads this morning; None for roles that have no digest."""
    screen = SCREENS.get(who.role)
    if screen is None:
        return None
    known = await company(session)
    today = known.today()
    asked = Question(company=known, who=who, period=parse("this-month", today, known.fiscal_start_month), day=today)
    board = await dashboard(session, screen, asked)
    language: Language = "en" if who.language == "en" else "fr"
    said = WORDS[language]
    subject = "".join(part["text"] for part in board["headline"][language])

    def cash(amount: Any) -> str:
        return money(Decimal(amount), known.currency, language)

    if screen == "day":
        parts = _day(board["lists"], said, cash)
        return Letter(subject, language, ("open_day", "/app/day"), parts)
    parts = _activity(board, said, cash)
    return Letter(subject, language, ("open_activity", "/app/activity"), parts)


def _day(lists: Any, said: Said, cash: Any) -> list[tuple[str, list[Line]]]:
    visits = [
        Line(
            " ".join(filter(None, ((visit["planned_time"] or "")[:5], visit["customer"]))),
            ", ".join(filter(None, (visit["purpose"], visit["city"]))),
            where=f"/app/records/visits/{visit['id']}",
        )
        for visit in lists["agenda"]
    ]
    todo = [
        Line(
            f"{said['kind.' + each['kind']]}, {_about(each)}",
            urgency(said, each),
            cash(each["stake"]) if Decimal(each["stake"]) else "",
            f"/app/records/{each['resource']}/{each['id']}",
        )
        for each in lists["todo"][:SHOWN]
    ]
    left = sum(lists["todo_counts"].values()) - len(todo)
    if left > 0:
        todo.append(Line(said["todo_more"].format(n=left), "", where="/app/day"))
    return _filled((said["agenda"], visits), (said["todo"], todo))


def _about(todo: Any) -> str:
    found: str = todo["title"] if todo["kind"] == "task" else todo["customer"] or todo["title"]
    return found or ""


def _activity(board: Any, said: Said, cash: Any) -> list[tuple[str, list[Line]]]:
    people = []
    for group in board["kpis"]["invoiced_revenue_by_rep"]["groups"]:
        value, expected = group["value"], group["expected_to_date"]
        if group["key"] is None or value is None:
            continue
        gap = None if expected is None else Decimal(value) - Decimal(expected)
        pace = said["no_target"]
        if gap is not None:
            pace = said["ahead" if gap >= 0 else "behind"].format(amount=cash(abs(gap)))
        people.append((gap, Line(group["label"] or "–", pace, cash(value), f"/app/activity?rep={group['key']}")))
    # Who needs help first.
    people.sort(key=lambda pair: (pair[0] is None, pair[0] or Decimal(0)))
    decide = [
        Line(
            _named(entry["title"] or "", entry["customer"] or ""),
            reason(said, entry),
            cash(entry["amount"]),
            f"/app/activity?rep={entry['id']}"
            if entry["resource"] == "users"
            else f"/app/records/{entry['resource']}/{entry['id']}",
        )
        for entry in board["lists"]["to_decide"]
    ]
    return _filled((said["decide"], decide), (said["people"], [line for _, line in people]))


def _named(title: str, customer: str) -> str:
    """A deal often has its customer's name in its own."""
    return title if customer in title else ", ".join(filter(None, (title, customer)))


def _filled(*parts: tuple[str, list[Line]]) -> list[tuple[str, list[Line]]]:
    return [part for part in parts if part[1]]
