"""A company's rows read one by one: who counts, what was delivered, billed, promised and heard by a day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import UUID

from answers.little_company import EMPTY, Company, Row
from cadran.checks.holidays import holidays_of

Who = tuple[UUID | None, UUID | None, UUID | None, UUID | None]  # rep, team, business unit, customer
Item = tuple[Who, dict[str, Fraction]]
HOLIDAYS = holidays_of("FR", None)


def until(value: date | None, day: date) -> bool:
    return value is not None and value <= day


def worked(start: date, last: date) -> int:
    """Working days from ``start`` to ``last``, both included."""
    days = [start + timedelta(days=n) for n in range((last - start).days + 1)]
    return sum(day.weekday() < 5 and day not in HOLIDAYS(day.year) for day in days)


@dataclass
class Ledger:
    """``start`` and ``end``: the period, end excluded; ``day``: what is known of it."""

    company: Company
    start: date
    end: date
    day: date
    twins: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        self.by = {name: {row["id"]: row for row in rows} for name, rows in self.company.rows.items()}
        self.rules = self.company["settings"][0]

    def real(self, key: UUID | None) -> bool:
        row = self.by["customers"].get(key)
        return row is None or not (row["is_internal"] or row["merged_into_id"])

    def owner(self, rep: UUID | None, customer: UUID | None) -> Who:
        team = self.by["users"][rep]["team_id"] if rep else None
        return rep, team, self.by["teams"][team]["business_unit_id"] if team else None, customer

    def of_customer(self, key: UUID) -> Who:
        return self.owner(self.by["customers"][key]["owner_id"], key)

    def inside(self, on: date | None) -> bool:
        return on is not None and self.start <= on < self.end and on <= self.day

    @staticmethod
    def stamp(row: Row, prefix: str = "") -> Who:
        rep, team, unit = (row[f"{prefix}{name}"] for name in ("rep_id", "team_id", "business_unit_id"))
        return rep, team, unit, row.get("customer_id", row["id"])

    def orders(self) -> Iterator[Row]:
        for row in self.company["orders"]:
            known = row["status"] != "draft" and until(row["confirmed_on"], self.day)
            if known and not until(row["cancelled_on"], self.day) and self.real(row["customer_id"]):
                yield row

    def delivered(self, line: UUID, day: date) -> Fraction:
        rows = (
            row for row in self.company["deliveries"] if row["order_line_id"] == line and row["delivered_on"] <= day
        )
        return sum((Fraction(row["quantity"]) for row in rows), Fraction(0))

    def lines(self, order: Row) -> list[Row]:
        return [line for line in self.company["order_lines"] if line["order_id"] == order["id"]]

    def kept(self, order: Row, line: Row) -> Fraction:
        """The part of a line that counts."""
        short = until(order["closed_on"], self.day)
        return self.delivered(line["id"], self.day) / Fraction(line["quantity"]) if short else Fraction(1)

    def quoted(self, deal: Row) -> Fraction | None:
        closed = until(deal["closed_on"], self.day)
        day = deal["closed_on"] if closed else self.day
        found: list[tuple[Any, ...]] = []
        for root in {
            row["root_id"] or row["id"] for row in self.company["quotes"] if row["opportunity_id"] == deal["id"]
        }:
            versions = [row for row in self.company["quotes"] if root in (row["id"], row["root_id"])]
            sent = [row for row in versions if until(row["sent_on"], day) and row["status"] != "draft"]
            if not sent:
                continue
            row = max(sent, key=lambda each: each["revision"])
            decided = row["decided_on"]
            if row["status"] == "accepted" and until(decided, day):
                live = True
            elif decided is not None and (decided < day if closed else decided <= day):
                live = False
            else:
                live = row["expires_on"] is None or row["expires_on"] >= day
            if live:
                found.append((row["sent_on"], row["revision"], row["id"], row["base_amount"]))
        return Fraction(max(found)[-1]) if found else None

    def amount(self, deal: Row) -> Fraction:
        quoted = self.quoted(deal)
        if quoted is not None:
            return quoted
        if deal["budget"] is None:
            return Fraction(0)
        exact = Fraction(deal["budget"]) * Fraction(deal["exchange_rate"])
        return Fraction(int(exact * 100 + Fraction(1, 2)), 100)  # a document's amount, half-up to the cent

    def weighted(self, deal: Row) -> Fraction:
        chance = deal["probability"]
        if chance is None:
            chance = self.by["stages"][deal["stage_id"]]["probability"] if deal["stage_id"] else 0
        return self.amount(deal) * Fraction(chance)

    def is_open(self, deal: Row) -> bool:
        begun = deal["opened_on"] is None or deal["opened_on"] <= self.day
        return begun and not until(deal["closed_on"], self.day) and self.real(deal["customer_id"])

    def late_visits(self) -> list[Row]:
        return [
            row for row in self.company["visits"]
            if row["planned_on"] < self.day and not until(row["held_on"], self.day) and self.real(row["customer_id"])
            and not until(row["cancelled_on"], self.day)
            and (row["created_on"] is None or row["created_on"] <= self.day)
        ]  # fmt: skip

    def sent_quotes(self) -> list[Row]:
        latest: dict[UUID, Row] = {}
        for row in sorted(self.company["quotes"], key=lambda each: each["revision"]):
            if until(row["sent_on"], self.day) and self.real(row["customer_id"]):
                latest[row["root_id"] or row["id"]] = row
        return [row for row in latest.values() if row["status"] != "draft"]

    def open_lines(self) -> Iterator[tuple[Row, Row, Fraction, Fraction]]:
        for order in self.orders():
            for line in self.lines(order):
                yield order, line, Fraction(line["quantity"]), self.delivered(line["id"], self.day)

    def late(self, order: Row, line: Row, quantity: Fraction, delivered: Fraction) -> bool:
        promised = line["promised_on"] or order["promised_on"]
        return bool(
            promised and promised < self.day and delivered < quantity and not until(order["closed_on"], self.day)
        )

    def posted(self, row: Row) -> bool:
        return (
            row["status"] != "draft" and until(row["issued_on"], self.day) and not until(row["cancelled_on"], self.day)
        )

    def billed(self, line: UUID) -> Fraction:
        rows = (row for row in self.company["invoice_lines"] if row["order_line_id"] == line)
        bills = self.by["invoices"]
        return sum(
            (Fraction(row["quantity"]) for row in rows
             if bills[row["invoice_id"]]["kind"] == "invoice" and self.posted(bills[row["invoice_id"]])),
            Fraction(0),
        )  # fmt: skip

    def people(self) -> list[Row]:
        return [
            row for row in self.company["contacts"]
            if (row["created_on"] is None or row["created_on"] <= self.day) and not row["merged_into_id"]
            and self.real(row["customer_id"])
        ]  # fmt: skip

    def cards(self) -> list[Row]:
        return [
            row for row in self.company["customers"]
            if (row["prospect_on"] is None or row["prospect_on"] <= self.day) and self.real(row["id"])
        ]  # fmt: skip

    def health(self, row: Row) -> dict[str, Fraction]:
        given = {name: row.get(name) for name in ("email", "phone", "siren") if row.get(name) not in EMPTY}
        good = sum(
            value.endswith("@acme.fr") or value.startswith("+33") or value == "732829320" for value in given.values()
        )
        fresh, on = Fraction(0), row["verified_on"]
        if on is not None:
            until_ = on.replace(year=on.year + 2)
            fresh = Fraction((until_ - self.day).days, (until_ - on).days)
        return {
            "valid": Fraction(good), "checked": Fraction(len(given)), "count": Fraction(1),
            "fresh": min(max(fresh, Fraction(0)), Fraction(1)), "unique": Fraction(row["id"] not in self.twins),
        }  # fmt: skip

    def buyers(self) -> dict[UUID, set[date]]:
        found: dict[UUID, set[date]] = defaultdict(set)
        for order in self.orders():
            found[order["customer_id"]].add(order["confirmed_on"])
        return found

    def promised(self, customer: UUID, day: date) -> bool:
        for order in self.orders():
            if (
                order["customer_id"] != customer
                or order["confirmed_on"] > day
                or until(order["closed_on"], min(day, self.day))
            ):
                continue
            for line in self.lines(order):
                promised = line["promised_on"] or order["promised_on"]
                if promised and promised >= day and not self.complete(line, min(day, self.day)):
                    return True
        return False

    def complete(self, line: Row, day: date) -> bool:
        """Wholly delivered by the day: the last of the deliveries known is behind."""
        known = [row for row in self.company["deliveries"] if row["order_line_id"] == line["id"]]
        known = [row for row in known if row["delivered_on"] <= self.day]
        whole = sum(row["quantity"] for row in known) >= line["quantity"]
        return bool(known) and whole and max(row["delivered_on"] for row in known) <= day

    def life(self, customer: UUID, ordered: set[date], day: date) -> tuple[str, Fraction]:
        days = sorted(each for each in ordered if each <= day)
        if not days:
            return "none", Fraction(0)
        row = self.by["customers"][customer]
        gaps = [(two - one).days for one, two in pairwise(days)]
        if len(days) >= 3:
            cycle = Fraction(median(gaps))
        else:
            sector = self.rules["sector_cycle_days"].get(row["sector"])
            cycle = Fraction(row["order_cycle_days"] or sector or self.rules["default_cycle_days"])
        cycle = max(cycle, Fraction(self.rules["minimum_cycle_days"]))
        silence = (day - days[-1]).days
        if silence <= cycle or self.promised(customer, day):
            return "active", cycle
        return ("inactive" if silence <= 2 * cycle else "lost"), cycle

    def last(self, table: str, column: str, customer: UUID, **also: Any) -> date | None:
        rows = (row for row in self.company[table] if row["customer_id"] == customer)
        days = [
            row[column] for row in rows
            if until(row[column], self.day) and all(row[name] == value for name, value in also.items())
        ]  # fmt: skip
        return max(days, default=None)

    def held(self) -> list[Row]:
        return [
            row for row in self.company["visits"] if until(row["held_on"], self.day) and self.real(row["customer_id"])
        ]
