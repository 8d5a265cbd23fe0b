"""Whom Hautecour sells to: some 360 customers in real towns, with numbers whose keys hold where they are meant to."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from cadran.demo import names
from cadran.demo.people import in_charge, reps
from cadran.demo.texts import LEAD_SOURCES, folded
from cadran.demo.world import Person, Row, World
from cadran.models import Customer

KNOWN, ARRIVING, PROSPECTS = 215, 85, 48  # customers since before the history, won since, not won yet
EDI = 6  # replenish by themselves on the 1st of each month, holidays included, and are invoiced then too
LOST, WON_BACK = 36, 12
BULK_IMPORT = 26  # prospects taken over from a file
CLASSES = {"A": (44, 8_200.0), "B": (86, 6_800.0), "C": (158, 5_000.0)}  # usual cycle in days, usual order
MIX = "CBACBCBCABC"  # every portfolio in these shares
EDI_BASKET = 1_900.0


@dataclass
class Buyer:
    """A customer card with what drives it: ``cycle`` days, ``basket`` in its currency, the day it goes silent."""

    row: Row
    owner: Person
    sector: str
    cycle: float
    basket: float
    since: date | None = None  # its first order; None for a prospect
    stops: date | None = None
    resumes: date | None = None
    edi: bool = False
    hushed: bool = False  # nobody spoke to them these last weeks
    domain: str = ""
    contacts: list[Row] = field(default_factory=list)
    exposure: Decimal = Decimal(0)  # what it owes or awaits, tax included
    invoiced: Decimal = Decimal(0)  # over twelve months, net
    order_days: list[date] = field(default_factory=list)

    @property
    def id(self) -> object:
        return self.row["id"]

    def orders_on(self, day: date) -> bool:
        return self.stops is None or day < self.stops or (self.resumes is not None and day >= self.resumes)


def luhn(digits: str) -> str:
    """The digits with the check digit that makes them a SIREN or SIRET."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        figure = int(digit) * (2 if position % 2 == 0 else 1)
        total += figure - 9 if figure > 9 else figure
    return digits + str(-total % 10)


def open_accounts(world: World) -> list[Buyer]:
    """Every customer but the duplicates, the biggest first; the last ones are prospects."""
    buyers = [_card(world, name, sector, owner, place) for name, sector, owner, place in _names(world)]
    _rhythm(world, buyers)
    _careers(world, buyers)
    for buyer in buyers:
        _dates(world, buyer)
    _internal(world)
    return buyers


def _names(world: World) -> list[tuple[str, str, Person, tuple[str, ...]]]:
    """Name, sector, owner and place of each card, all names different."""
    random, sellers = world.random, reps(world)
    found: list[tuple[str, str, Person, tuple[str, ...]]] = []
    for name, sector, key, town, postal in names.KNOWN_COMPANIES:
        found.append((name, sector, world.people[key], (town, postal)))
    for name, sector, town, postal, *_, team in names.ABROAD:
        owner = world.pick([one for one in sellers if one.team_name == team])
        found.append((name, sector, owner, (town, postal)))
    taken = {folded(name) for name, *_ in found}
    sectors, surnames = list(names.SECTORS), list(names.LAST_NAMES)
    given = Counter(owner.key for _, _, owner, _ in found)
    while len(found) < KNOWN + ARRIVING + PROSPECTS:
        # Whoever lacks most of their share comes next, so that portfolios follow the plan.
        owner = min(sellers, key=lambda one: given[one.key] / one.share)
        place = world.pick(names.TOWNS[owner.team_name])
        sector = random.choices(sectors, (14, 18, 14, 12, 8, 7, 7, 8, 5, 5, 4))[0]
        name = world.pick(names.SECTORS[sector][2]).format(place[0] if sector == "public" else world.pick(surnames))
        if world.chance(0.3) and sector != "public":
            name += world.pick((" SAS", " SARL", " SA"))
        core = folded(name).removesuffix(" sas").removesuffix(" sarl").removesuffix(" sa")
        if core not in taken:
            taken.add(core)
            given[owner.key] += 1
            found.append((name, sector, owner, place))
    return found


def _card(world: World, name: str, sector: str, owner: Person, place: tuple[str, ...]) -> Buyer:
    abroad = next((each for each in names.ABROAD if each[0] == name), None)
    random = world.random
    domain = f"{folded(name).replace(' ', '-')}.example"
    number = random.randrange(10_000)
    prefix = abroad[5] if abroad else names.LANDLINES[owner.team_name]
    siren = luhn(f"99{random.randrange(10**6):06d}")
    siret = luhn(f"{siren}{random.randrange(1, 40):04d}")
    french = abroad is None
    row = world.add(
        Customer,
        external_id=f"CLI-{len(world.rows[Customer]) + 1001}",
        name=name,
        siren=siren if french and world.chance(0.93) else None,
        siret=siret if french and world.chance(0.80) else None,
        vat_number=f"FR{(12 + 3 * int(siren)) % 97:02d}{siren}" if french and world.chance(0.75) else None,
        sector=names.SECTORS[sector][0] if world.chance(0.95) else None,
        street=f"{random.randint(1, 180)} {world.pick(names.STREETS)}" if world.chance(0.95) else None,
        postal_code=place[1],
        city=place[0],
        country=abroad[4] if abroad else "FR",
        phone=f"{prefix} {number // 100:02d} {number % 100:02d}" if world.chance(0.92) else None,
        email=f"contact@{domain}" if world.chance(0.75) else None,
        website=f"https://www.{domain}" if world.chance(0.6) else None,
        owner_id=owner.id,
    )
    return Buyer(row, owner, sector, 0.0, 0.0, domain=domain)


def currency_of(buyer: Buyer) -> str:
    return next((each[6] for each in names.ABROAD if each[0] == buyer.row["name"]), "EUR")


def _rhythm(world: World, buyers: list[Buyer]) -> None:
    """Class, cycle and usual order; the ten companies known by name are all A."""
    turns = Counter({rep.key: world.random.randrange(len(MIX)) for rep in reps(world)})
    for position, buyer in enumerate(buyers):
        cls = "A" if position < len(names.KNOWN_COMPANIES) else MIX[turns[buyer.owner.key] % len(MIX)]
        turns[buyer.owner.key] += 1
        if position >= KNOWN and cls == "A" and world.chance(0.6):
            cls = "B"  # those won lately are seldom big yet
        cycle, basket = CLASSES[cls]
        buyer.cycle = world.around(cycle, 0.22, 0.6, 1.7)
        buyer.basket = world.around(basket, 0.35, 0.4, 2.4) * (1.6 if position < len(names.KNOWN_COMPANIES) else 1)
        buyer.row["customer_class"] = cls if world.chance(0.94) else None
        if world.chance(0.12):
            buyer.row["order_cycle_days"] = max(15, round(buyer.cycle / 5) * 5)
        if cls == "A" or world.chance(0.15):
            buyer.row["visit_cadence_days"] = {"A": 35, "B": 60, "C": 90}[cls]
    others = buyers[len(names.KNOWN_COMPANIES) : KNOWN]
    automatic = [b for b in others if b.row["customer_class"] == "A" and currency_of(b) == "EUR"]
    for buyer in automatic[:: len(automatic) // EDI][:EDI]:
        buyer.edi, buyer.cycle, buyer.basket = True, 30.4, world.around(EDI_BASKET, 0.3, 0.5, 1.8)


def _careers(world: World, buyers: list[Buyer]) -> None:
    """When each begins to order, and who went silent or came back."""
    for position, buyer in enumerate(buyers):
        if position < KNOWN:
            buyer.since = world.workday(world.start - timedelta(days=world.random.randint(1, max(2, int(buyer.cycle)))))
        elif position < KNOWN + ARRIVING:
            age = (position - KNOWN + world.random.random()) / ARRIVING * ((world.today - world.start).days + 4)
            buyer.since = world.last_workday(world.today - timedelta(days=int(age)))
    silent = world.random.sample([b for b in buyers[10:KNOWN] if not b.edi], LOST + WON_BACK)
    for position, buyer in enumerate(silent):
        if position < LOST:
            # The latest went silent just over two cycles ago, so that every month of the past year lost some.
            quiet = 2.05 * buyer.cycle + world.random.random() ** 1.3 * 420
            buyer.stops = world.today - timedelta(days=int(quiet))
        else:
            back = world.random.randint(5, 200)
            buyer.resumes = world.workday(world.today - timedelta(days=back))
            buyer.stops = buyer.resumes - timedelta(days=int(buyer.cycle * (3.1 + world.random.random())))


def _dates(world: World, buyer: Buyer) -> None:
    """First day as a prospect, whom it counted for then, source, last check of the card."""
    row, random = buyer.row, world.random
    if buyer.since is None:
        on = world.last_workday(world.today - timedelta(days=int(random.random() ** 1.6 * 420)))
    elif buyer.since <= world.start:
        on = world.last_workday(buyer.since - timedelta(days=random.randint(60, 3200)))
    else:
        on = world.last_workday(buyer.since - timedelta(days=random.randint(6, 150)))
    row["prospect_on"] = on
    rep = in_charge(world, buyer.owner, on)
    row |= {
        "prospect_rep_id": rep.id, "prospect_team_id": rep.team, "prospect_business_unit_id": rep.unit,
        "source": world.weighted([(name, weight) for name, weight, _ in LEAD_SOURCES]) if world.chance(0.9) else None,
    }  # fmt: skip
    if world.chance(0.82):
        row["verified_on"] = world.today - timedelta(days=int(random.random() ** 1.2 * 720))
    if world.chance(0.03):
        row["owner_id"] = None  # nobody's: the "unassigned" group


def mark_import(world: World, buyers: list[Buyer]) -> None:
    """Some prospects came by one file; two came this very month, so that it never begins at zero."""
    prospects = [buyer for buyer in buyers if buyer.since is None]
    on = world.last_workday(world.ago(210))
    for buyer in prospects[:BULK_IMPORT]:
        buyer.row |= {"is_imported": True, "prospect_on": on, "source": "Fichier acheté"}
    for buyer in prospects[BULK_IMPORT : BULK_IMPORT + 2]:
        buyer.row["prospect_on"] = max(world.month, world.last_workday(world.today))


def set_limits(world: World, buyers: list[Buyer]) -> None:
    """Credit limits from what each owes: most well above, some exceeded, some none."""
    for buyer in buyers:
        if buyer.since is None or world.chance(0.14):
            continue
        need = max(float(buyer.exposure), buyer.basket * 1.2)
        factor = world.weighted(((1.6, 40), (2.2, 30), (1.15, 20), (0.7, 6)))
        buyer.row["credit_limit"] = Decimal(max(2_000, round(need * factor / 1000) * 1000))


def _internal(world: World) -> None:
    world.add(
        Customer, external_id="CLI-1000", name="Hautecour Industrie, atelier interne", sector="Mécanique",
        city="Angers",
        postal_code="49000", country="FR", is_internal=True, prospect_on=world.start,
    )  # fmt: skip
