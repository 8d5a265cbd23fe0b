"""Every KPI once more, straight from the rows and as slowly as one likes: what the product's answers are held against.

Each function gives, for every record that may count, what it adds to the inputs of its KPI and whom it counts for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from answers.ledger import Item, Ledger, Who, until, worked
from answers.little_company import EMPTY, Row


class Oracle(Ledger):
    """Named as the KPIs."""

    def of(self, name: str) -> list[Item]:
        found: Callable[[], Iterator[Item]] = getattr(self, name)
        return list(found())

    def invoiced_revenue(self) -> Iterator[Item]:
        for row in self.company["invoices"]:
            sign = {"invoice": 1, "credit_note": -1}.get(row["kind"], 0)
            if row["status"] == "draft" or until(row["cancelled_on"], self.day) or not self.real(row["customer_id"]):
                continue
            if sign and self.inside(row["issued_on"]):
                yield self.stamp(row), {"amount": sign * Fraction(row["base_amount"])}

    def _ordered(self) -> Iterator[tuple[Row, dict[str, Fraction]]]:
        for order in self.orders():
            if not self.inside(order["confirmed_on"]):
                continue
            sums = dict.fromkeys(("amount", "list_amount", "discount", "cost_net", "margin"), Fraction(0))
            for line in self.lines(order):
                part, rate = self.kept(order, line), Fraction(order["exchange_rate"])
                net = Fraction(line["base_amount"])
                sums["amount"] += part * net
                if line["list_price"] is not None:
                    listed = Fraction(line["list_price"]) * Fraction(line["quantity"]) * rate
                    sums["list_amount"] += part * listed
                    sums["discount"] += part * (listed - net)
                if line["unit_cost"] is not None:
                    sums["cost_net"] += part * net
                    sums["margin"] += part * (net - Fraction(line["unit_cost"]) * Fraction(line["quantity"]) * rate)
            yield order, sums | {"count": Fraction(1)}

    def ordered_amount(self) -> Iterator[Item]:
        yield from ((self.stamp(order), sums) for order, sums in self._ordered())

    order_count = discount_rate = margin_rate = average_basket = ordered_amount

    def weighted_pipeline(self) -> Iterator[Item]:
        for deal in self.company["opportunities"]:
            if self.is_open(deal):
                yield (
                    self.owner(deal["owner_id"], deal["customer_id"]),
                    {"amount": self.weighted(deal), "count": Fraction(1)},
                )

    def win_rate(self) -> Iterator[Item]:
        for deal in self.company["opportunities"]:
            if deal["status"] != "open" and self.inside(deal["closed_on"]) and self.real(deal["customer_id"]):
                won = deal["status"] == "won"
                yield self.owner(deal["owner_id"], deal["customer_id"]), {
                    "won": Fraction(won), "closed": Fraction(1), "closed_amount": self.amount(deal),
                }  # fmt: skip

    def risk(self, customer: UUID) -> Fraction:
        deals = (
            self.weighted(deal)
            for deal in self.company["opportunities"]
            if deal["customer_id"] == customer and self.is_open(deal)
        )
        found = sum(deals, Fraction(0))
        for order, line, quantity, delivered in self.open_lines():
            if order["customer_id"] == customer and self.late(order, line, quantity, delivered):
                found += Fraction(line["base_amount"]) * (quantity - max(delivered, 0)) / quantity
        return found

    def overdue_visits(self) -> Iterator[Item]:
        seen: set[UUID] = set()
        for row in sorted(self.late_visits(), key=lambda each: (each["planned_on"], each["id"])):
            late = (self.day - row["first_planned_on"]).days
            once = Fraction(0) if row["customer_id"] in seen else self.risk(row["customer_id"])
            seen.add(row["customer_id"])
            yield self.owner(row["owner_id"], row["customer_id"]), {
                "count": Fraction(1), "days_late": Fraction(late), "at_risk": once,
            }  # fmt: skip

    def due_customers(self) -> Iterator[Item]:
        for key, days in self.buyers().items():
            if self.life(key, days, self.day)[0] == "active":
                seen = self.last("visits", "held_on", key) or min(days)
                cadence = self.by["customers"][key]["visit_cadence_days"] or self.rules["default_visit_cadence_days"]
                if (self.day - seen).days > cadence:
                    yield self.of_customer(key), {"count": Fraction(1)}

    def quotes_to_follow_up(self) -> Iterator[Item]:
        for row in self.sent_quotes():
            out = row["expires_on"]
            if until(row["decided_on"], self.day) or (out and out < self.day):
                continue
            heard = [row["sent_on"], self.last("visits", "held_on", row["customer_id"])]
            heard.append(self.last("interactions", "occurred_on", row["customer_id"]))
            quiet = worked(max(filter(None, heard)) + timedelta(days=1), self.day)
            follow = row["next_follow_up_on"]
            if (out and (out - self.day).days <= 7) or (follow <= self.day if follow else quiet >= 7):
                yield self.owner(row["owner_id"], row["customer_id"]), {
                    "count": Fraction(1), "amount": Fraction(row["base_amount"]),
                }  # fmt: skip

    def quote_conversion_rate(self) -> Iterator[Item]:
        for row in self.sent_quotes():
            on, kind = row["decided_on"], row["status"]
            if on is None and row["expires_on"]:
                on, kind = row["expires_on"] + timedelta(days=1), "expired"
            if until(row["expires_on"], self.day - timedelta(days=1)) and on and on > self.day:
                continue  # run out by then, decided later: it counts on its decision
            if on and self.inside(on):
                yield self.owner(row["owner_id"], row["customer_id"]), {
                    "accepted": Fraction(kind == "accepted"), "decided": Fraction(1),
                }  # fmt: skip

    def outstanding(self) -> Iterator[Item]:
        for order, line, quantity, delivered in self.open_lines():
            billed = self.billed(line["id"])
            price = Fraction(line["base_amount"]) * (1 + Fraction(line["vat_rate"] or 0)) / quantity
            left = (
                Fraction(0)
                if until(order["closed_on"], self.day)
                else max(quantity - max(delivered, billed), Fraction(0))
            )
            shipped = max(delivered - billed, Fraction(0))
            yield self.of_customer(order["customer_id"]), {
                "amount": (left + shipped) * price, "to_deliver": left * price,
                "late_deliveries": Fraction(self.late(order, line, quantity, delivered)),
            }  # fmt: skip
        for row in self.company["invoices"]:
            if not self.posted(row) or not self.real(row["customer_id"]) or row["credited_invoice_id"]:
                continue
            rows = [each for each in self.company["payments"] if each["invoice_id"] == row["id"]]
            due = Fraction(row["base_gross_amount"])
            due -= sum((Fraction(each["base_amount"]) for each in rows if each["paid_on"] <= self.day), Fraction(0))
            notes = [each for each in self.company["invoices"] if each["credited_invoice_id"] == row["id"]]
            credited = sum((Fraction(each["base_gross_amount"]) for each in notes if self.posted(each)), Fraction(0))
            unpaid = {"invoice": due - credited, "credit_note": -due}.get(row["kind"], Fraction(0))
            yield self.of_customer(row["customer_id"]), {"amount": unpaid, "unpaid": unpaid}
        for row in self.company["service_requests"]:
            if (
                until(row["opened_on"], self.day)
                and not until(row["closed_on"], self.day)
                and self.real(row["customer_id"])
            ):
                yield self.of_customer(row["customer_id"]), {"open_requests": Fraction(1)}

    def contact_completeness(self) -> Iterator[Item]:
        for row in self.people():
            weight = 3 if row["is_decision_maker"] else 1
            filled = sum(row[name] not in EMPTY for name in ("last_name", "job_title", "department", "email", "phone"))
            who = self.of_customer(row["customer_id"]) if row["customer_id"] else (None,) * 4
            yield who, {"filled": Fraction(filled * weight), "possible": Fraction(5 * weight)} | self.health(row)

    def customer_completeness(self) -> Iterator[Item]:
        deciding = {row["customer_id"] for row in self.people() if row["is_decision_maker"]}
        for row in self.cards():
            address = row["street"] not in EMPTY and (row["postal_code"] not in EMPTY or row["city"] not in EMPTY)
            filled = [True, row["siren"] not in EMPTY, address, row["sector"] is not None, False]
            filled += [row["owner_id"] is not None, row["id"] in deciding]
            yield (
                self.of_customer(row["id"]),
                {"filled": Fraction(sum(filled)), "possible": Fraction(7)} | self.health(row),
            )

    def data_quality_index(self) -> Iterator[Item]:
        yield from self.contact_completeness()
        yield from self.customer_completeness()

    def new_prospects(self) -> Iterator[Item]:
        for row in self.company["customers"]:
            if self.inside(row["prospect_on"]) and self.real(row["id"]):
                yield self.stamp(row, "prospect_"), {"count": Fraction(1), "imported": Fraction(row["is_imported"])}

    def new_customers(self) -> Iterator[Item]:
        first: dict[UUID, Row] = {}
        for order in sorted(self.orders(), key=lambda row: (row["confirmed_on"], row["id"]), reverse=True):
            first[order["customer_id"]] = order
        for order in first.values():
            if self.inside(order["confirmed_on"]):
                yield self.stamp(order), {"count": Fraction(1)}

    def _state(self, state: str) -> Iterator[Item]:
        for key, days in self.buyers().items():
            found, cycle = self.life(key, days, self.day)
            if found != state:
                continue
            after = self.day + timedelta(days=1)
            year = Oracle(self.company, after.replace(year=after.year - 1), after, self.day)
            stake = sum((sums["amount"] for who, sums in year.invoiced_revenue() if who[3] == key), Fraction(0))
            since = self.day - timedelta(days=int(cycle))
            seen = self.last("visits", "held_on", key), self.last("interactions", "occurred_on", key, answered=True)
            silent = not any(each is not None and each >= since for each in seen)
            yield self.of_customer(key), {"count": Fraction(1), "at_stake": stake, "silent": Fraction(silent)}

    def inactive_customers(self) -> Iterator[Item]:
        return self._state("inactive")

    def lost_customers(self) -> Iterator[Item]:
        return self._state("lost")

    def churn_rate(self) -> Iterator[Item]:
        before = self.start - timedelta(days=1)
        for key, days in self.buyers().items():
            state, _ = self.life(key, days, before)
            if state in ("none", "lost"):
                continue
            span = (min(self.end - timedelta(days=1), self.day) - self.start).days + 1
            lost = any(self.life(key, days, self.start + timedelta(days=n))[0] == "lost" for n in range(span))
            yield self.of_customer(key), {"base": Fraction(1), "lost": Fraction(lost)}

    def visit_reports(self) -> Iterator[Item]:
        reported = {
            row["visit_id"] for row in self.company["visit_reports"]
            if row["status"] == "submitted"
            and row["submitted_at"].astimezone(ZoneInfo("Europe/Paris")).date() <= self.day
        }  # fmt: skip
        for row in self.held():
            if self.inside(row["held_on"]):
                yield self.stamp(row), {"count": Fraction(row["id"] in reported), "held": Fraction(1)}

    def visit_to_order_ratio(self) -> Iterator[Item]:
        won: dict[UUID, int] = defaultdict(int)
        for order in self.orders():
            visit = order["visit_id"]
            if visit is None:
                near = [
                    (row["held_on"], str(row["id"]), row["id"]) for row in self.held()
                    if row["customer_id"] == order["customer_id"]
                    and 0 <= (order["confirmed_on"] - row["held_on"]).days <= 30
                ]  # fmt: skip
                visit = max(near)[-1] if near else None
            won[visit] += 1
        for row in self.held():
            if self.inside(row["held_on"]) and (self.day - row["held_on"]).days >= 30:
                orders = won[row["id"]]
                yield self.stamp(row), {
                    "held": Fraction(1), "orders": Fraction(orders), "with_order": Fraction(orders > 0),
                }  # fmt: skip

    conversion_rate = visit_to_order_ratio

    def action_plan_progress(self) -> Iterator[Item]:
        for plan in self.company["action_plans"]:
            if plan["status"] != "active" or plan["starts_on"] > self.day:
                continue
            actions = [row for row in self.company["plan_actions"] if row["action_plan_id"] == plan["id"]]
            actions = [row for row in actions if row["status"] != "cancelled"]
            buyers = {
                row["customer_id"] for row in self.company["plan_customers"] if row["action_plan_id"] == plan["id"]
            }
            sold = {row["product_id"] for row in self.company["plan_products"] if row["action_plan_id"] == plan["id"]}
            revenue = sum(
                (Fraction(line["base_amount"]) * self.kept(order, line)
                 for order in self.orders() if order["confirmed_on"] >= plan["starts_on"]
                 for line in self.lines(order)
                 if (buyers or sold) and (not buyers or order["customer_id"] in buyers)
                 and (not sold or line["product_id"] in sold)),
                Fraction(0),
            )  # fmt: skip
            rep, team, unit, _ = self.owner(plan["owner_id"], None)
            done = sum(row["weight"] for row in actions if until(row["done_on"], self.day))
            yield (rep, team, unit, None), {
                "done": Fraction(done), "weight": Fraction(sum(row["weight"] for row in actions)),
                "revenue": revenue if plan["revenue_target"] else Fraction(0),
                "days": Fraction(worked(plan["starts_on"], plan["ends_on"])),
                "days_elapsed": Fraction(worked(plan["starts_on"], min(self.day, plan["ends_on"]))),
            }  # fmt: skip

    def qualified_leads(self) -> Iterator[Item]:
        for row in self.company["leads"]:
            if not self.real(row["customer_id"]):
                continue
            qualified = until(row["qualified_on"], self.day)
            who = self.stamp(row) if qualified else self.owner(row["owner_id"], None)
            yield (*who[:3], None), {
                "count": Fraction(self.inside(row["qualified_on"])),
                "created": Fraction(self.inside(row["created_on"])),
            }  # fmt: skip


def total(items: list[Item], keep: Callable[[Who], bool] = lambda _: True) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for who, given in items:
        if keep(who):
            for name, value in given.items():
                sums[name] += value
    return sums


def quotient(top: Fraction, bottom: Fraction) -> Fraction | None:
    return top / bottom if bottom else None


def value(name: str, sums: dict[str, Fraction]) -> Fraction | None:
    """The KPI's value of the sums of its inputs."""
    if name == "data_quality_index":
        pairs = (("filled", "possible", 40), ("valid", "checked", 25), ("fresh", "count", 20), ("unique", "count", 15))
        parts = [(weight, sums[top] / sums[bottom]) for top, bottom, weight in pairs if sums[bottom]]
        return (
            100 * sum(weight * part for weight, part in parts) / sum(weight for weight, _ in parts) if parts else None
        )
    ratios = {
        "discount_rate": ("discount", "list_amount"), "margin_rate": ("margin", "cost_net"),
        "average_basket": ("amount", "count"), "win_rate": ("won", "closed"),
        "quote_conversion_rate": ("accepted", "decided"), "contact_completeness": ("filled", "possible"),
        "customer_completeness": ("filled", "possible"), "churn_rate": ("lost", "base"),
        "visit_to_order_ratio": ("held", "orders"), "conversion_rate": ("with_order", "held"),
        "action_plan_progress": ("done", "weight"),
    }  # fmt: skip
    if name in ratios:
        return quotient(*(sums[part] for part in ratios[name]))
    return sums[
        "amount" if name in ("invoiced_revenue", "ordered_amount", "weighted_pipeline", "outstanding") else "count"
    ]


def rounded(exact: Fraction | None, places: int) -> Decimal | None:
    """Half-up, ties away from zero."""
    if exact is None:
        return None
    scaled = abs(exact) * 10**places
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    return Decimal(-whole if exact < 0 else whole).scaleb(-places)
