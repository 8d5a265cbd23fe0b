"""Random small companies, written row by row as a database holds them: all that may be, dates to come too."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.tables import Base

Row = dict[str, Any]
DAY = date(2026, 7, 15)  # the day asked; rows go a month beyond
FIRST = date(2025, 1, 1)
SPAN = (DAY - FIRST).days + 30
EMPTY = (None, "n/a", "xxx", "", "0000")
ORDER = (
    "settings", "business_units", "teams", "users", "products", "stages", "customers", "contacts", "opportunities",
    "quotes", "visits", "visit_reports", "interactions", "orders", "order_lines", "deliveries", "invoices",
    "invoice_lines", "payments", "service_requests", "leads", "action_plans", "plan_actions", "plan_customers",
    "plan_products",
)  # fmt: skip


@dataclass
class Company:
    """The rows of each table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in ORDER})

    def __getitem__(self, table: str) -> list[Row]:
        return self.rows[table]

    async def store(self, session: AsyncSession) -> None:
        for name in ORDER:
            table: Table = Base.metadata.tables[name]
            if self.rows[name]:
                await session.execute(table.insert(), self.rows[name])


class Writer:
    """Draws one company. ``size``: about how many records of each kind."""

    def __init__(self, seed: int, size: int) -> None:
        self.random, self.size, self.made = Random(seed), size, Company()

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def one(self, table: str, chance: float = 1.0) -> UUID | None:
        rows = self.made[table]
        return self.random.choice(rows)["id"] if rows and self.random.random() < chance else None

    def day(self, after: date = FIRST, chance: float = 1.0, most: int = SPAN) -> date | None:
        if self.random.random() >= chance:
            return None
        return after + timedelta(days=self.random.randint(0, min(most, (FIRST - after).days + SPAN)))

    def cents(self, most: int = 200_000) -> Decimal:
        return Decimal(self.random.randint(0, most)) / 100

    def add(self, table: str, **values: Any) -> Row:
        row = {"id": self.id(), **values}
        self.made[table].append(row)
        return row

    def some(self, least: int = 0) -> range:
        return range(self.random.randint(max(least, self.size // 3), self.size))

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def stamps(self) -> Row:
        return {
            "rep_id": self.one("users", 0.8), "team_id": self.one("teams", 0.8),
            "business_unit_id": self.one("business_units", 0.8),
        }  # fmt: skip

    def write(self) -> Company:
        self._people()
        self._customers()
        self._deals()
        self._visits()
        self._orders()
        self._invoices()
        self._rest()
        return self.made

    def _people(self) -> None:
        self.add(
            "settings", company_name="Little", minimum_cycle_days=self.random.choice((0, 14)), default_cycle_days=60,
            sector_cycle_days={"Steel": 25}, default_visit_cadence_days=45,
        )  # fmt: skip
        units = [self.add("business_units", name=f"Unit {n}")["id"] for n in range(2)]
        for n in range(4):
            self.add("teams", name=f"Team {n}", business_unit_id=self.random.choice((*units, None)))
        for n in range(5):
            self.add("users", name=f"Rep {n}", email=f"r{n}@little.test", role="rep", team_id=self.one("teams", 0.8))
        for n in range(3):
            self.add("products", name=f"Product {n}")
            self.add("stages", name=f"Stage {n}", probability=Decimal(self.random.randint(0, 1000)) / 1000)

    def _text(self, *values: str) -> str | None:
        return self.random.choice((*values, *values, *EMPTY))

    def _customers(self) -> None:
        for _ in range(self.random.randint(3, 3 + self.size)):
            verified = self.day(date(2024, 6, 1), 0.6, 900)
            stamps = {f"prospect_{name}": value for name, value in self.stamps().items()}
            self.add(
                "customers", name=f"{self.random.getrandbits(60):x}", owner_id=self.one("users", 0.8),
                sector=self.random.choice((None, "Steel", "Wood")), customer_class=self.random.choice((None, "A", "B")),
                source=self.random.choice((None, "fair", "web")), is_internal=self.maybe(0.1),
                merged_into_id=self.one("customers", 0.1), is_imported=self.maybe(0.3),
                prospect_on=self.day(chance=0.8),
                order_cycle_days=self.random.choice((None, None, 10, 33)), verified_on=verified,
                visit_cadence_days=self.random.choice((None, None, 20, 90)), street=self._text("1 rue Verte"),
                postal_code=self._text("69001"), city=self._text("Lyon"), siren=self._text("732829320", "732829321"),
                siret=None, vat_number=None, phone=None, email=None, **stamps,
            )  # fmt: skip
        for _ in self.some():
            self.add(
                "contacts", customer_id=self.one("customers", 0.9), first_name=None,
                last_name=self._text(f"{self.random.getrandbits(60):x}"), job_title=self._text("Buyer"),
                department=self._text("Purchasing"), email=self._text(f"{self.random.getrandbits(60):x}@acme.fr", "no"),
                phone=self._text(f"+3347800{self.random.randint(1000, 9999)}", "12"), mobile=None,
                is_decision_maker=self.maybe(0.4), created_on=self.day(chance=0.8), merged_into_id=None,
                verified_on=self.day(date(2024, 6, 1), 0.6, 900),
            )  # fmt: skip

    def _deals(self) -> None:
        for _ in self.some(1):
            status = self.random.choice(("open", "open", "won", "lost"))
            opened = self.day(chance=0.9)
            self.add(
                "opportunities", name="Deal", customer_id=self.one("customers", 0.9), owner_id=self.one("users", 0.8),
                stage_id=self.one("stages", 0.9), product_id=self.one("products", 0.5), status=status,
                opened_on=opened, closed_on=self.day(opened or FIRST) if status != "open" else None,
                budget=self.random.choice((None, self.cents())), currency="EUR",
                exchange_rate=self.random.choice((Decimal(1), Decimal("0.915"))),
                probability=self.random.choice((None, Decimal("0.333333"), Decimal("0.9"))),
                expected_signature_on=self.day(chance=0.7), source=self.random.choice((None, "fair")),
                needs=self.random.choice((None, "ten")), competition=None, wanted_delivery_on=None,
            )  # fmt: skip
        for _ in self.some(1):
            self._quote()

    def _quote(self) -> None:
        root, revisions = None, self.random.choice((1, 1, 2, 3))
        shared = {
            "customer_id": self.one("customers"), "owner_id": self.one("users", 0.8), "currency": "EUR",
            "opportunity_id": self.one("opportunities", 0.7),
        }  # fmt: skip
        sent = self.day(most=500) or FIRST
        for revision in range(1, revisions + 1):
            last = revision == revisions
            status = self.random.choice(("draft", "sent", "sent", "accepted", "refused", "expired"))
            status = status if last else "superseded"
            row = self.add(
                "quotes", **shared, root_id=root, revision=revision, status=status,
                sent_on=None if status == "draft" else sent, expires_on=self.day(sent, 0.6, 60),
                decided_on=self.day(sent, most=50) if status in ("accepted", "refused", "expired") else None,
                next_follow_up_on=self.day(sent, 0.4, 40), base_amount=(amount := self.cents()), net_amount=amount,
            )  # fmt: skip
            root = root or row["id"]
            sent = self.day(sent, most=40) or sent

    def _visits(self) -> None:
        for _ in range(2 * self.size):
            status = self.random.choice(("planned", "planned", "held", "held", "held", "cancelled"))
            planned = self.day() or FIRST
            stamps = self.stamps() if status == "held" else dict.fromkeys(("rep_id", "team_id", "business_unit_id"))
            visit = self.add(
                "visits", customer_id=self.one("customers"), owner_id=self.one("users", 0.8), status=status,
                created_on=self.day(chance=0.3), planned_on=planned,
                first_planned_on=planned - timedelta(days=self.random.choice((0, 0, 3, 12))),
                held_on=self.day(planned, most=20) if status == "held" else None,
                cancelled_on=self.day(planned, most=20) if status == "cancelled" else None, **stamps,
            )  # fmt: skip
            if status == "held" and self.maybe(0.6):
                on = datetime.combine(self.day(visit["held_on"], most=9) or DAY, time(12), UTC)
                done = self.maybe(0.8)
                self.add(
                    "visit_reports", visit_id=visit["id"], status="submitted" if done else "draft",
                    submitted_at=on if done else None,
                )  # fmt: skip
        for _ in self.some():
            self.add(
                "interactions", customer_id=self.one("customers"), kind="call", occurred_on=self.day(),
                answered=self.maybe(0.7),
            )  # fmt: skip

    def _line(self, **values: Any) -> Row:
        net = self.cents()
        return {
            "position": 0, "quantity": self.random.choice((Decimal(1), Decimal(3), Decimal(7), Decimal("0.5"))),
            "unit_price": net, "net_amount": net, "base_amount": net, "product_id": self.one("products", 0.7),
            "vat_rate": self.random.choice((None, Decimal("0.2"), Decimal("0.055"))), **values,
        }  # fmt: skip

    def _orders(self) -> None:
        for _ in range(self.random.randint(self.size, 2 * self.size)):
            status = self.random.choice(("confirmed",) * 4 + ("closed", "cancelled", "draft"))
            confirmed = self.day() or FIRST
            rate = self.random.choice((Decimal(1), Decimal(1), Decimal("0.915")))
            order = self.add(
                "orders", customer_id=self.one("customers"), status=status, currency="EUR", exchange_rate=rate,
                confirmed_on=None if status == "draft" else confirmed, promised_on=self.day(confirmed, 0.7, 90),
                cancelled_on=self.day(confirmed, most=60) if status == "cancelled" else None,
                closed_on=self.day(confirmed, most=60) if status == "closed" else None,
                visit_id=self.one("visits", 0.2), **self.stamps(),
            )  # fmt: skip
            for _ in range(self.random.choice((0, 1, 1, 2))):
                price = self.random.choice((None, self.cents()))
                line = self.add(
                    "order_lines", order_id=order["id"], list_price=price, promised_on=self.day(confirmed, 0.3, 90),
                    unit_cost=self.random.choice((None, self.cents())), **self._line(),
                )  # fmt: skip
                for _ in range(self.random.choice((0, 1, 2))):
                    part = line["quantity"] * self.random.choice((Decimal("0.5"), Decimal(1)))
                    self.add(
                        "deliveries", order_line_id=line["id"], delivered_on=self.day(confirmed, most=70), quantity=part
                    )

    def _invoices(self) -> None:
        for _ in self.some(1):
            kind = self.random.choice(("invoice",) * 4 + ("credit_note", "deposit", "pro_forma"))
            status = self.random.choice(("posted",) * 5 + ("draft", "cancelled"))
            issued = self.day() or FIRST
            key, rate = self.id(), Decimal("0.2")
            lines = [
                {"id": self.id(), "invoice_id": key, "order_line_id": self.one("order_lines", 0.6), **self._line()}
                for _ in range(self.random.choice((0, 1, 2)))
            ]
            net = sum((line["base_amount"] for line in lines), Decimal(0))
            bills = [row["id"] for row in self.made["invoices"] if row["kind"] == "invoice"]
            self.made["invoices"].append(
                {
                    "id": key, "customer_id": self.one("customers"), "kind": kind, "status": status, "currency": "EUR",
                    "issued_on": issued, "due_on": self.day(issued, 0.8, 60), "net_amount": net, "base_amount": net,
                    "cancelled_on": self.day(issued, most=60) if status == "cancelled" else None,
                    "tax_amount": net * rate, "gross_amount": net * (1 + rate), "base_gross_amount": net * (1 + rate),
                    "credited_invoice_id": self.random.choice(bills)
                    if kind == "credit_note" and bills and self.maybe(0.7)
                    else None,
                    **self.stamps(),
                }
            )  # fmt: skip
            self.made["invoice_lines"].extend(lines)
            if self.maybe(0.5):
                paid = self.random.choice((net * (1 + rate), self.cents(5000)))
                self.add("payments", invoice_id=key, paid_on=self.day(issued, most=60), amount=paid, base_amount=paid)

    def _rest(self) -> None:
        for _ in self.some():
            opened = self.day() or FIRST
            closed = self.day(opened, 0.5, 60)
            self.add(
                "service_requests", title="Help", customer_id=self.one("customers"), opened_on=opened, closed_on=closed,
                status="closed" if closed else "open",
            )  # fmt: skip
        for _ in self.some(1):
            created = self.day() or FIRST
            qualified = self.day(created, 0.6, 60)
            none = dict.fromkeys(("rep_id", "team_id", "business_unit_id"))
            self.add(
                "leads", company_name="Lead", status="qualified" if qualified else "new", created_on=created,
                qualified_on=qualified, converted_on=self.day(qualified, 0.3, 30) if qualified else None,
                source=self.random.choice((None, "fair", "web")), product_id=self.one("products", 0.6),
                owner_id=self.one("users", 0.8), customer_id=self.one("customers", 0.2),
                **(self.stamps() if qualified else none),
            )  # fmt: skip
        for _ in self.some():
            start = self.day(most=500) or FIRST
            plan = self.add(
                "action_plans", name="Plan", owner_id=self.one("users", 0.8), starts_on=start,
                status=self.random.choice(("active", "active", "active", "draft", "closed")),
                ends_on=start + timedelta(days=self.random.randint(0, 200)),
                revenue_target=self.random.choice((None, Decimal(0), self.cents())),
            )["id"]  # fmt: skip
            for position in range(self.random.choice((0, 1, 4))):
                status = self.random.choice(("planned", "done", "cancelled"))
                self.add(
                    "plan_actions", action_plan_id=plan, position=position, title="Act", status=status,
                    weight=Decimal(self.random.randint(1, 5)),
                    done_on=self.day(start, most=90) if status == "done" else None,
                )  # fmt: skip
            for table, column, of in (
                ("plan_customers", "customer_id", "customers"),
                ("plan_products", "product_id", "products"),
            ):
                for key in {self.one(of) for _ in range(self.random.choice((0, 1, 2)))} - {None}:
                    self.add(table, action_plan_id=plan, **{column: key})
