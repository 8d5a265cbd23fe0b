"""The people at the customers', as sales forces record them: some exact, some in haste, some twice."""

from datetime import timedelta

from cadran.demo import names
from cadran.demo.customers import Buyer
from cadran.demo.texts import FUNCTIONS, folded, function
from cadran.demo.world import Row, World
from cadran.models import Contact, Customer, DuplicateDismissal

CONTACTS = 900
TWINS = 12  # duplicate pairs, of customers and of contacts alike
PLACEHOLDERS = ("xxx", "n/a", "à compléter", "?", "inconnu")
BAD_EMAILS = ("{local}@{domain}.", "{local}.{domain}", "{local}@@{domain}", "{local} @{domain}")


def introduce_people(world: World, buyers: list[Buyer]) -> None:
    """One to six contacts a customer, decision-makers first; then the pairs that look like one."""
    share = (CONTACTS - TWINS - 2 * len(buyers)) / len(buyers)
    for position, buyer in enumerate(buyers):
        cls = buyer.row["customer_class"]
        many = 5 if cls == "A" else 2 + (world.chance(share + 0.1) if cls == "B" else world.chance(share - 0.1))
        for place in range(many):
            contact = _contact(world, buyer, decides=(place == 0 and world.chance(0.9)) or (cls == "A" and place == 1))
            buyer.contacts.append(contact)
        if position < 10 and position % 2 == 0:
            # What to fill first: who decides at the biggest customers.
            buyer.contacts[0] |= {"email": None, "job_title": "xxx", "mobile": None}
    _same_people(world, buyers)
    _same_companies(world, buyers)


def _contact(world: World, buyer: Buyer, *, decides: bool) -> Row:
    first, last = world.pick(names.FIRST_NAMES), world.pick(names.LAST_NAMES)
    department = world.pick(list(FUNCTIONS))
    leaders, others = FUNCTIONS[department]
    local = f"{folded(first)}.{folded(last)}".replace(" ", "-")
    email: str | None = f"{local}@{buyer.domain}"
    dice = world.random.random()
    if dice < 0.05:
        email = world.pick(BAD_EMAILS).format(local=local, domain=buyer.domain)
    elif dice < 0.09:
        email = "xxx@xxx.fr"
    elif dice < 0.24:
        email = None
    number = world.random.randrange(10_000)
    prefix = " ".join((buyer.row["phone"] or "+33 1 99 00").split()[:4])
    phone: str | None = f"{prefix} {number // 100:02d} {number % 100:02d}" if buyer.row["country"] == "FR" else None
    if world.chance(0.04):
        phone = world.pick(("00 00 00 00 00", "01 99 00", "voir standard"))
    elif world.chance(0.2):
        phone = None
    job = function(world.pick(leaders if decides else others), her=first in names.HERS)
    created = world.today - timedelta(days=world.random.randint(0, 1400))
    return world.add(
        Contact,
        customer_id=buyer.id,
        first_name=first if world.chance(0.96) else None,
        last_name=last,
        job_title=job if world.chance(0.68) else world.pick(PLACEHOLDERS) if world.chance(0.35) else None,
        department=department if world.chance(0.60) else None,
        email=email,
        phone=phone,
        mobile=f"+33 6 00 4{number % 10} {number // 100:02d} {number % 100:02d}" if world.chance(0.3) else None,
        language="fr" if world.chance(0.95) else "en",
        is_decision_maker=decides,
        created_on=max(created, buyer.row["prospect_on"]),
        verified_on=world.ago(int(world.random.random() ** 1.3 * 700)) if world.chance(0.78) else None,
    )


def _same_people(world: World, buyers: list[Buyer]) -> None:
    """The same person twice: another spelling, the number written otherwise."""
    candidates = [
        c
        for b in buyers
        for c in b.contacts
        if c["email"] and c["phone"] and c["first_name"] and "@@" not in c["email"]
    ]
    for position, contact in enumerate(world.random.sample(candidates, TWINS)):
        twin = {key: value for key, value in contact.items() if key != "id"}
        if position % 3 == 0:
            twin |= {"first_name": contact["first_name"][0] + ".", "job_title": None}
        elif position % 3 == 1:
            twin |= {
                "last_name": contact["last_name"].upper(),
                "phone": contact["phone"].replace("+33 ", "0").replace(" ", "."),
            }
        else:
            twin |= {"first_name": contact["last_name"], "last_name": contact["first_name"], "department": None}
        twin |= {"is_decision_maker": False, "verified_on": None, "created_on": world.ago(world.random.randint(1, 300))}
        world.add(Contact, **twin)


def _same_companies(world: World, buyers: list[Buyer]) -> None:
    """The same company twice, taken in by somebody in a hurry; one such pair was looked at and dismissed."""
    candidates = [
        b for b in buyers[10:] if b.row["country"] == "FR" and b.row["siren"] and b.row["phone"] and b.row["street"]
    ]
    for position, buyer in enumerate(world.random.sample(candidates, TWINS)):
        row = buyer.row
        copied = ("siren", "postal_code", "city", "country", "owner_id", "sector", "street", "email")
        twin = {key: row[key] for key in copied}
        name = row["name"].removesuffix(" SAS").removesuffix(" SARL").removesuffix(" SA")
        twin["name"] = (name.upper(), f"Sté {name}", f"{name} SAS")[position % 3]
        if position % 3 == 1:
            twin |= {"siren": None, "phone": row["phone"].replace("+33 ", "0")}
        if position % 2:
            twin["street"] = row["street"].replace("avenue", "av.").replace("rue", "r.")
        on = world.last_workday(world.ago(world.random.randint(1, 240)))
        stamps = {f"prospect_{name}": value for name, value in buyer.owner.stamps.items()}
        made = world.add(
            Customer, **twin, **stamps, prospect_on=on, source="Site internet", external_id=f"CLI-{5000 + position}"
        )
        if position == TWINS - 1:
            first, second = sorted((row["id"], made["id"]))
            boss = world.people["marketing"].id
            world.add(DuplicateDismissal, kind="customers", first_id=first, second_id=second, dismissed_by_id=boss)
