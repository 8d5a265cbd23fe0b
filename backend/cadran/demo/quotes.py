"""The quotes: accepted into orders, refused, run out, waiting, to follow up, revised."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from cadran.demo import texts
from cadran.demo.billing import Booked
from cadran.demo.catalogue import VAT, Item, range_for
from cadran.demo.customers import Buyer
from cadran.demo.sales import basket
from cadran.demo.world import Row, World
from cadran.models import Interaction, Quote, QuoteLine
from cadran.rules.documents import line_net, totals

ACCEPTED, REFUSED, RUN_OUT, LIVE, DRAFT = 0.13, 60, 70, 28, 12
ZERO = Decimal(0)


class Desk:
    """Writes quotes; ``number`` at the end gives them theirs, by day."""

    def __init__(self, world: World, stock: list[Item]) -> None:
        self.world = world
        self.stock: dict[str, list[Item]] = defaultdict(list)
        for item in stock:
            self.stock[item.row["family"]].append(item)
        self.live: list[tuple[Row, Buyer]] = []

    def _quote(self, buyer: Buyer, sent: date | None, worth: float, **more: object) -> Row:
        """A quote in euros of about ``worth``."""
        world = self.world
        row = world.add(
            Quote, number=None, customer_id=buyer.id, owner_id=buyer.owner.id, sent_on=sent, currency="EUR",
            contact_id=buyer.contacts[0]["id"] if buyer.contacts else None, exchange_rate=Decimal(1), net_amount=ZERO,
            base_amount=ZERO, **{"revision": 1, **more},
        )  # fmt: skip
        vat = VAT if buyer.row["country"] == "FR" else ZERO
        lines = []
        for position, line in enumerate(basket(world, buyer.owner, range_for(world, buyer.sector), self.stock, worth)):
            quantity = Decimal(max(1, round(line.quantity)))
            net = line_net(quantity, line.price, line.discount)
            product = line.item.row if line.item else None
            lines.append(
                world.add(
                    QuoteLine, quote_id=row["id"], position=position, product_id=product["id"] if product else None,
                    description=product["name"] if product else "Pièce sur plan", quantity=quantity,
                    unit_price=line.price,
                    discount_rate=line.discount, net_amount=net, base_amount=net, vat_rate=vat,
                    list_price=product["list_price"] if product else None,
                    unit_cost=product["cost"] if product else None,
                )
            )  # fmt: skip
        total = totals(lines, Decimal(1))
        row |= {"net_amount": total.net, "base_amount": total.base}
        return row

    def accepted(self, each: Booked, deal: object = None) -> None:
        """The quote an order was made of, line for line."""
        world, order = self.world, each.order
        sent = world.last_workday(each.draft.day - timedelta(days=world.random.randint(6, 50)))
        row = world.add(
            Quote, number=None, customer_id=order["customer_id"], contact_id=order["contact_id"], opportunity_id=deal,
            owner_id=each.draft.rep.id, status="accepted", sent_on=sent,
            expires_on=max(sent + timedelta(days=45), each.draft.day),
            decided_on=each.draft.day, next_follow_up_on=self._reminder(sent, each.draft.day), revision=1,
            currency=order["currency"], exchange_rate=order["exchange_rate"],
            net_amount=order["net_amount"], base_amount=order["base_amount"],
        )  # fmt: skip
        copied = (
            "position", "product_id", "description", "quantity", "unit_price", "discount_rate", "net_amount",
            "base_amount", "vat_rate", "list_price", "unit_cost",
        )  # fmt: skip
        for line in each.lines:
            world.add(QuoteLine, quote_id=row["id"], **{name: line[name] for name in copied})
        order["quote_id"] = row["id"]

    def _reminder(self, sent: date, decided: date) -> date | None:
        """When one meant to call back, for half of those decided since."""
        on = self.world.workday(sent + timedelta(days=self.world.random.randint(7, 18)))
        return on if on < decided and self.world.chance(0.55) else None

    def refused(self, buyer: Buyer, decided: date, worth: float, deal: object = None) -> None:
        world = self.world
        sent = world.last_workday(decided - timedelta(days=world.random.randint(8, 60)))
        self._quote(
            buyer, sent, worth, status="refused", decided_on=decided,
            expires_on=max(sent + timedelta(days=45), decided),
            refused_reason=world.weighted(texts.REFUSED_REASONS), opportunity_id=deal,
            next_follow_up_on=self._reminder(sent, decided),
        )  # fmt: skip

    def answer_open_deals(self, deals: Sequence[tuple[Row, Buyer, float]]) -> None:
        """A live quote for most deals that are past discovery; then their budget is not always known."""
        world = self.world
        for position, (deal, buyer, budget) in enumerate(deals):
            if position >= 4 and not world.chance(0.84):
                continue
            age = min(world.random.randint(1, 60), max(1, (world.today - deal["opened_on"]).days))
            row = self._waiting(buyer, age, budget * world.around(0.97, 0.08, 0.8, 1.15), deal["id"])
            if position == 1:  # the one everybody waits for
                row |= {"sent_on": world.last_workday(world.ago(23)), "expires_on": world.today + timedelta(days=4)}
            if position >= 4 and world.chance(0.25):
                deal["budget"] = None

    def fill(self, buyers: list[Buyer], booked: list[Booked]) -> None:
        """The quotes of no opportunity, in every state."""
        world = self.world
        for each in booked:
            free = each.counts and "quote_id" not in each.order and not each.buyer.edi
            if free and each.draft.day >= world.start and world.chance(ACCEPTED):
                self.accepted(each)
        span = (world.today - world.start).days
        alive = [buyer for buyer in buyers if buyer.stops is None]
        for _ in range(REFUSED):
            self.refused(world.pick(alive), world.last_workday(world.ago(world.random.randint(1, span))), 7_000)
        for position in range(RUN_OUT):
            self._run_out(world.pick(alive), position, span)
        owners = list({buyer.owner.key: buyer.owner for buyer in alive}.values())
        for position in range(LIVE):
            owner = owners[position % len(owners)]  # everyone has some to call about
            buyer = world.pick([one for one in alive if one.owner is owner])
            self._waiting(buyer, world.random.randint(0, 50), world.around(7_500, 0.5, 0.3, 2.4))
        for _ in range(DRAFT):
            self._quote(world.pick(alive), None, world.around(7_000, 0.5, 0.3, 2.4), status="draft")
        self._schedule()
        self._revise()

    def _run_out(self, buyer: Buyer, position: int, span: int) -> None:
        """Past its last day: some marked as expired, others just left to run out. Two ended with last month."""
        world = self.world
        last = world.ago(world.random.randint(1, span))
        if position < 2:
            last = world.month - timedelta(days=1)
        sent = world.last_workday(last - timedelta(days=30))
        status = (
            {"status": "expired", "decided_on": last + timedelta(days=1)} if position % 3 == 2 else {"status": "sent"}
        )
        self._quote(buyer, sent, world.around(6_500, 0.5, 0.3, 2.2), expires_on=last, **status)

    def _waiting(self, buyer: Buyer, age: int, worth: float, deal: object = None) -> Row:
        sent = self.world.last_workday(self.world.ago(age))
        row = self._quote(buyer, sent, worth, status="sent", opportunity_id=deal)
        self.live.append((row, buyer))
        return row

    def _schedule(self) -> None:
        """What to do about each waiting quote: expiring, follow-up reached (some today), silent, or nothing yet."""
        world, random = self.world, self.world.random
        for position, (row, buyer) in enumerate(self.live):
            turn = (position + 3) % 9  # the first one has gone silent
            if "expires_on" not in row:
                days = random.randint(0, 7) if turn == 0 else random.randint(12, 50)
                row["expires_on"] = max(world.today + timedelta(days=days), row["sent_on"])
            if turn in (1, 2):
                late = 0 if position % 2 else random.randint(1, 6)
                row["next_follow_up_on"] = max(world.ago(late), row["sent_on"])
            elif turn in (3, 4):
                # Nobody has spoken to them for seven working days: nor will the visits and calls made up later.
                buyer.hushed = True
                row["sent_on"] = min(row["sent_on"], world.calendar.add(world.today, -random.randint(8, 16)))
            elif turn > 4:
                row["next_follow_up_on"] = world.workday(world.today + timedelta(days=random.randint(1, 16)))
                self._followed_up(row, buyer)

    def _followed_up(self, row: Row, buyer: Buyer) -> None:
        world = self.world
        on = world.between(row["sent_on"], world.today)
        if buyer.hushed or on <= row["sent_on"]:
            return
        world.add(
            Interaction, customer_id=buyer.id, contact_id=row["contact_id"], quote_id=row["id"],
            owner_id=buyer.owner.id,
            kind="follow_up", occurred_on=on, answered=world.chance(0.75), notes=world.pick(texts.FOLLOW_UP_NOTES),
        )  # fmt: skip

    def _revise(self) -> None:
        """One waiting quote in five is a second version of the first sent two weeks before."""
        world = self.world
        for row, buyer in self.live[::5]:
            sent = world.last_workday(row["sent_on"] - timedelta(days=14))
            worth = float(row["net_amount"]) * 1.08
            first = self._quote(
                buyer, sent, worth, status="superseded", expires_on=sent + timedelta(days=45),
                opportunity_id=row["opportunity_id"],
            )  # fmt: skip
            row |= {"root_id": first["id"], "revision": 2}

    def number(self) -> None:
        world = self.world
        counts: dict[int, int] = defaultdict(int)
        known: dict[object, str] = {}
        rows = sorted(world.rows[Quote], key=lambda row: (row["revision"], row["sent_on"] or world.today))
        for row in rows:
            if row["revision"] > 1:
                row["number"] = f"{known[row['root_id']]}/{row['revision']}"
                continue
            year = (row["sent_on"] or world.today).year
            counts[year] += 1
            row["number"] = known[row["id"]] = f"D-{year}-{counts[year]:04d}"
