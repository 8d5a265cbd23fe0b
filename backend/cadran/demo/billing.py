"""Orders as written: their lines, what was delivered, invoiced, credited and paid."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from math import sin
from typing import Any

from cadran.demo.catalogue import VAT
from cadran.demo.customers import Buyer
from cadran.demo.sales import Draft, Line, Shipment
from cadran.demo.world import Row, World, month_start
from cadran.metrics.rounding import half_up
from cadran.models import Delivery, Invoice, InvoiceLine, Order, OrderLine, Payment
from cadran.rules.documents import Totals, in_base, line_net, totals

# Company units for one unit of the currency, in the middle of its range.
RATES = {"CHF": 1.043, "USD": 0.921}
CREDITED, CANCELLED_INVOICES, DEPOSITS, PRO_FORMAS, DRAFTS = 0.02, 5, 10, 6, 6
UNPAID = timedelta(days=4000)
METHODS = (("virement", 70), ("LCR", 22), ("chèque", 8))
ZERO = Decimal(0)


@dataclass
class Booked:
    """An order with its rows. ``bills``: its posted invoices."""

    draft: Draft
    order: Row
    lines: list[Row]
    bills: list[Row] = field(default_factory=list)

    @property
    def buyer(self) -> Buyer:
        return self.draft.buyer

    @property
    def counts(self) -> bool:
        return self.order["status"] in ("confirmed", "closed")


def rate_on(currency: str, day: date) -> Decimal:
    """A plausible rate of the day, the same for all documents of that day."""
    if currency == "EUR":
        return Decimal(1)
    return half_up(Decimal(RATES[currency] * (1 + 0.025 * sin(day.toordinal() / 47))), 4)


def write(world: World, drafts: list[Draft]) -> list[Booked]:
    """Every draft as an order with its deliveries, invoices and payments; numbers follow the days."""
    payers = _payers(world, drafts)
    booked = [_order(world, draft) for draft in drafts]
    for each in booked:
        _deliver(world, each)
    jobs = [(shipment, each) for each in booked for shipment in each.draft.shipments]
    jobs.sort(key=lambda job: (job[0].invoiced_on, job[1].draft.day, job[1].buyer.row["external_id"]))
    for shipment, each in jobs:
        if shipment.invoiced_on <= world.today:
            bill = _bill(world, each, shipment)
            if bill is not None:
                _settle(world, each, bill, payers[id(each.buyer)])
    _aside(world, booked, jobs)
    _dispute(world, booked)
    _number(world)
    for each in booked:
        _expose(world, each)
    return booked


def _order(world: World, draft: Draft) -> Booked:
    rate = rate_on(draft.currency, draft.day)
    status = "cancelled" if draft.cancelled else "closed" if draft.closed else "confirmed"
    stamps = draft.rep.stamps
    if draft.buyer.row["owner_id"] is None and draft.day > world.ago(150):
        stamps = dict.fromkeys(stamps)
    channel = (
        "EDI"
        if draft.buyer.edi
        else world.weighted((("Téléphone", 22), ("E-mail", 44), ("Site internet", 16), ("Visite", 18)))
    )
    row = world.add(
        Order, number=None, external_id=f"ERP-C{len(world.rows[Order]) + 10001}", customer_id=draft.buyer.id,
        contact_id=draft.buyer.contacts[0]["id"] if draft.buyer.contacts else None, **stamps, status=status,
        confirmed_on=draft.day, promised_on=draft.promised, cancelled_on=draft.cancelled, closed_on=draft.closed,
        source=channel, currency=draft.currency, exchange_rate=rate, net_amount=ZERO, base_amount=ZERO,
        customer_reference=f"BC {world.random.randrange(10_000, 99_999)}" if world.chance(0.5) else None,
    )  # fmt: skip
    vat = VAT if draft.buyer.row["country"] == "FR" else ZERO
    lines = [order_line(world, row, position, line, draft.scale, vat) for position, line in enumerate(draft.lines)]
    total = totals(lines, rate)
    row |= {"net_amount": total.net, "base_amount": total.base}
    return Booked(draft, row, lines)


def order_line(world: World, order: Row, position: int, line: Line, scale: float, vat: Decimal) -> Row:
    """A line in the order's currency; made to drawing or bare, it has no list price or no cost."""
    rate = order["exchange_rate"]
    quantity = Decimal(max(1, round(line.quantity * scale)))
    price = half_up(line.price / rate, 2)
    net = line_net(quantity, price, line.discount)
    product = line.item.row if line.item else None
    listed = product["list_price"] if product and not line.bare else None
    cost = product["cost"] if product else None
    return world.add(
        OrderLine, order_id=order["id"], position=position, product_id=product["id"] if product else None,
        description=product["name"] if product else "Pièce sur plan", quantity=quantity, unit_price=price,
        discount_rate=line.discount, net_amount=net, base_amount=in_base(net, rate), vat_rate=vat,
        list_price=None if listed is None else half_up(listed / rate, 2),
        unit_cost=None if cost is None else half_up(cost / rate, 2),
    )  # fmt: skip


def _portion(shipment: Shipment, each: Booked, line: Row) -> Decimal:
    """What of a line a shipment holds: the first of two takes the greater part, the last the rest."""
    quantity: Decimal = line["quantity"]
    if shipment.share == 1.0:
        return quantity
    first = Decimal(max(1, round(float(quantity) * 0.6)))
    return first if shipment is each.draft.shipments[0] else quantity - first


def _deliver(world: World, each: Booked) -> None:
    for shipment in each.draft.shipments:
        if shipment.on > world.today:
            continue
        number = f"BL-{shipment.on:%y%m%d}-{len(world.rows[Delivery]) % 1000:03d}"
        for line in each.lines:
            quantity = _portion(shipment, each, line)
            if quantity:
                world.add(
                    Delivery, order_line_id=line["id"], delivered_on=shipment.on, quantity=quantity, number=number
                )


def _bill(world: World, each: Booked, shipment: Shipment) -> Row | None:
    parts = [(line, _portion(shipment, each, line)) for line in each.lines]
    parts = [(line, quantity) for line, quantity in parts if quantity]
    if not parts:
        return None
    bill = _document(world, each, "invoice", "posted", shipment.invoiced_on, parts)
    bill["order_id"] = each.order["id"]
    each.bills.append(bill)
    return bill


def _document(
    world: World, each: Booked, kind: str, status: str, on: date | None, parts: list[tuple[Row, Decimal]]
) -> Row:
    """An invoice or credit note over quantities of order lines, its totals made as the API makes them."""
    order = each.order
    terms = 30 + 15 * (each.buyer.row["external_id"][-1] in "2468")
    row = world.add(
        Invoice, number=None, kind=kind, status=status, customer_id=order["customer_id"], rep_id=order["rep_id"],
        team_id=order["team_id"], business_unit_id=order["business_unit_id"], currency=order["currency"],
        exchange_rate=order["exchange_rate"], issued_on=on,
        due_on=on + timedelta(days=terms) if on and kind == "invoice" else on,
    )  # fmt: skip
    lines = []
    for position, (line, quantity) in enumerate(parts):
        net = line_net(quantity, line["unit_price"], line["discount_rate"])
        copied = ("product_id", "description", "unit_price", "discount_rate", "vat_rate")
        lines.append(
            world.add(
                InvoiceLine, invoice_id=row["id"], position=position, quantity=quantity, net_amount=net,
                base_amount=in_base(net, order["exchange_rate"]),
                order_line_id=line["id"] if kind == "invoice" else None,
                **{name: line[name] for name in copied},
            )
        )  # fmt: skip
    row |= _amounts(totals(lines, order["exchange_rate"]))
    return row


def _amounts(total: Totals) -> Row:
    return {
        "net_amount": total.net, "base_amount": total.base, "tax_amount": total.tax, "gross_amount": total.gross,
        "base_gross_amount": total.base_gross,
    }  # fmt: skip


def _payers(world: World, drafts: list[Draft]) -> dict[int, tuple[int, int]]:
    """How many days past due each customer pays, at best and at worst."""
    habits = (((-3, 6), 76), ((8, 40), 17), ((45, 170), 7))
    return {id(draft.buyer): world.weighted(habits) for draft in reversed(drafts)}


def _settle(world: World, each: Booked, bill: Row, habit: tuple[int, int]) -> None:
    """Sometimes a credit note the month after; then the payment of what is left, on time, late or not yet."""
    credit = None
    on = world.workday(month_start(bill["issued_on"], 1) + timedelta(days=world.random.randint(2, 19)))
    if world.chance(CREDITED) and on <= world.today:
        line = max(each.lines, key=lambda one: one["net_amount"])
        part = Decimal(max(1, int(line["quantity"] * Decimal("0.3"))))
        credit = _document(world, each, "credit_note", "posted", on, [(line, part)])
        credit |= {"credited_invoice_id": bill["id"], "notes": "Retour de matériel non conforme"}
        world.add(Delivery, order_line_id=line["id"], delivered_on=on, quantity=-part, number=f"RET-{on:%y%m%d}")
        world.add(Delivery, order_line_id=line["id"], delivered_on=on, quantity=part, number=f"BL-{on:%y%m%d}-R")
    paid_on = world.workday(bill["due_on"] + timedelta(days=world.random.randint(*habit)))
    bill["_credit"] = credit["base_gross_amount"] if credit else ZERO
    bill["_paid"] = ZERO
    if paid_on > world.today:
        return
    left = bill["gross_amount"] - (credit["gross_amount"] if credit else ZERO)
    base = bill["base_gross_amount"] - bill["_credit"]
    if world.chance(0.01) and paid_on > world.ago(60):  # a first half only
        left = half_up(left / 2, 2)
        base = in_base(left, bill["exchange_rate"])
    if left > 0:
        world.add(
            Payment, invoice_id=bill["id"], paid_on=paid_on, amount=left, base_amount=base,
            method=world.weighted(METHODS), external_id=f"ERP-R{len(world.rows[Payment]) + 1}",
        )  # fmt: skip
        bill["_paid"] = base


def _aside(world: World, booked: list[Booked], jobs: list[tuple[Shipment, Booked]]) -> None:
    """What counts in no revenue: invoices in draft, cancelled, pro forma and deposits; orders in draft; a return."""
    waiting = [(s, b) for s, b in jobs if s.on <= world.today < s.invoiced_on]
    for shipment, each in waiting[:DRAFTS]:
        draft = _document(
            world, each, "invoice", "draft", None, [(line, _portion(shipment, each, line)) for line in each.lines]
        )
        draft["order_id"] = each.order["id"]
    billed = [each for each in booked if each.bills and each.draft.day > world.ago(500)]
    for each in world.random.sample(billed, CANCELLED_INVOICES):
        first = each.bills[0]
        on = world.last_workday(first["issued_on"] - timedelta(days=1))
        wrong = _document(world, each, "invoice", "cancelled", on, [(line, line["quantity"]) for line in each.lines])
        wrong |= {"cancelled_on": first["issued_on"], "order_id": each.order["id"], "notes": "Adresse erronée, refaite"}
    biggest = sorted(
        (b for b in booked if b.counts and b.draft.day > world.ago(300)), key=lambda b: -b.order["base_amount"]
    )
    for each in biggest[:DEPOSITS]:
        _single(world, each, "deposit", "Acompte de 30 %", Decimal("0.3"))
    foreign = [each for each in booked if each.counts and each.order["currency"] != "EUR"]
    for each in foreign[-PRO_FORMAS:]:
        _single(world, each, "pro_forma", "Facture pro forma pour la douane", Decimal(1))
    for each in world.random.sample(booked[-200:], DRAFTS):
        copied = (
            "customer_id",
            "rep_id",
            "team_id",
            "business_unit_id",
            "currency",
            "exchange_rate",
            "net_amount",
            "base_amount",
        )
        order = world.add(Order, number=None, status="draft", **{name: each.order[name] for name in copied})
        for line in each.lines:
            world.add(OrderLine, **{**{k: v for k, v in line.items() if k != "id"}, "order_id": order["id"]})


def _single(world: World, each: Booked, kind: str, text: str, share: Decimal) -> None:
    order = each.order
    price = half_up(order["net_amount"] * share, 2)
    vat = each.lines[0]["vat_rate"]
    line: Row = {
        "quantity": Decimal(1), "unit_price": price, "net_amount": price, "vat_rate": vat,
        "base_amount": in_base(price, order["exchange_rate"]),
    }  # fmt: skip
    on = min(world.workday(order["confirmed_on"] + timedelta(days=1)), world.today)
    row = world.add(
        Invoice, number=None, kind=kind, status="posted", customer_id=order["customer_id"], order_id=order["id"],
        rep_id=order["rep_id"], team_id=order["team_id"], business_unit_id=order["business_unit_id"],
        currency=order["currency"], exchange_rate=order["exchange_rate"], issued_on=on, due_on=on,
        **_amounts(totals([line], order["exchange_rate"])),
    )  # fmt: skip
    world.add(InvoiceLine, invoice_id=row["id"], position=0, description=text, **line)


def _dispute(world: World, booked: list[Booked]) -> None:
    overdue = [
        bill for each in booked for bill in each.bills
        if bill["due_on"] < world.ago(20) and not bill["_paid"] and each.draft.currency == "EUR"
    ]  # fmt: skip
    for bill in overdue[-2:]:
        bill |= {"disputed": True, "notes": "Litige : quantité livrée contestée"}


def _number(world: World) -> None:
    """C-2026-0001 and on, by year and day; pro formas and drafts as well."""
    kinds: tuple[tuple[Any, str, str], ...] = ((Order, "confirmed_on", "C"), (Invoice, "issued_on", "F"))
    for model, column, letter in kinds:
        counts: dict[str, int] = {}
        dated = sorted(world.rows[model], key=lambda row: row.get(column) or world.today)
        for row in dated:
            mark = "A" if row.get("kind") == "credit_note" else letter
            prefix = f"{mark}-{(row.get(column) or world.today).year}"
            counts[prefix] = counts.get(prefix, 0) + 1
            row["number"] = f"{prefix}-{counts[prefix]:04d}"


def _expose(world: World, each: Booked) -> None:
    """What the customer owes or awaits after this order, and what it was invoiced over a year."""
    bills = each.bills
    for bill in bills:
        each.buyer.exposure += bill["base_gross_amount"] - bill.pop("_credit") - bill.pop("_paid")
        if bill["issued_on"] > world.ago(365):
            each.buyer.invoiced += bill["base_amount"]
    if each.order["status"] == "confirmed":
        waiting = sum((s.share for s in each.draft.shipments if s.invoiced_on > world.today), 0.0)
        each.buyer.exposure += half_up(each.order["base_amount"] * Decimal(1.2 * waiting), 2)
