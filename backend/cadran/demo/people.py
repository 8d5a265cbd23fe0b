"""Who works at Hautecour Industrie: two business units, four teams, fourteen reps and those around them."""

from datetime import date, timedelta

from cadran.demo.texts import folded
from cadran.demo.world import Person, World
from cadran.models import BusinessUnit, Team, User

COMPANY = "Hautecour Industrie (démo)"
DOMAIN = "hautecour.example"

UNITS = {"industrie": "Industrie", "energie": "Énergie et bâtiment"}
# key: name, unit, manager's key and name
TEAMS = {
    "ouest": ("Grand Ouest", "industrie", "Antoine Le Goff"),
    "nordest": ("Nord-Est", "industrie", "Martine Lambert"),
    "idf": ("Île-de-France", "energie", "Karim Benali"),
    "sud": ("Sud", "energie", "Laurence Pujol"),
}
# key, name, team, share of the company's plan, skill against it, usual discount
REPS = (
    ("camille", "Camille Morel", "ouest", 0.080, 1.02, 0.07),
    ("paul", "Paul Kervella", "ouest", 0.076, 0.86, 0.09),
    ("ines", "Inès Roche", "ouest", 0.068, 0.72, 0.08),
    ("jeanne", "Jeanne Ollier", "ouest", 0.075, 1.16, 0.06),
    ("thomas", "Thomas Weber", "nordest", 0.082, 1.21, 0.07),
    ("sofia", "Sofia Brandt", "nordest", 0.070, 1.33, 0.06),
    ("mehdi", "Mehdi Alaoui", "nordest", 0.075, 0.91, 0.10),
    ("claire", "Claire Fontanel", "idf", 0.078, 1.05, 0.08),
    ("hugo", "Hugo Perrault", "idf", 0.070, 0.94, 0.09),
    ("nadia", "Nadia Cherif", "idf", 0.072, 1.10, 0.07),
    ("lucas", "Lucas Ferrand", "idf", 0.052, 0.80, 0.10),
    ("elodie", "Élodie Garrigues", "sud", 0.072, 0.97, 0.155),
    ("yann", "Yann Castellan", "sud", 0.066, 0.90, 0.175),
    ("marie", "Marie-Laure Béranger", "sud", 0.064, 1.04, 0.16),
)
OTHERS = (
    ("director", "Hélène Vasseur", "director"),
    ("marketing", "Baptiste Aubry", "marketing"),
    ("admin", "Sandrine Picard", "admin"),
)
NEWCOMER = "lucas"
FORMER = ("former", "Bernard Lemoine", "idf")  # retired when the newcomer came; his orders stay his
OVER_CEILING = "sud"


def address(name: str) -> str:
    return f"{folded(name).replace(' ', '.')}@{DOMAIN}"


def hire(world: World) -> None:
    """Units, teams and users; fills ``world.people`` in the order people are shown."""
    units = {key: world.add(BusinessUnit, name=name, external_id=f"BU-{key}")["id"] for key, name in UNITS.items()}
    for key, name, role in OTHERS:
        world.people[key] = _user(world, key, name, role)
    teams = {}
    for key, (name, unit, manager) in TEAMS.items():
        team = world.add(Team, name=name, business_unit_id=units[unit], external_id=f"EQ-{key}")
        teams[key] = team
        person = _user(world, f"manager_{key}", manager, "manager", team["id"], units[unit], key)
        world.people[person.key] = person
        team["manager_id"] = person.id
    arrived = world.workday(world.ago(100))
    for key, name, team_key, share, skill, discount in REPS:
        team, unit = teams[team_key]["id"], units[TEAMS[team_key][1]]
        person = _user(world, key, name, "rep", team, unit, team_key)
        since = arrived if key == NEWCOMER else None
        world.people[key] = _with(person, share, skill, discount, since)
    key, name, team_key = FORMER
    retired = _user(world, key, name, "rep", teams[team_key]["id"], units[TEAMS[team_key][1]], team_key, active=False)
    world.people[key] = _with(retired, 0.052, 0.95, 0.09, None)


def _user(
    world: World, key: str, name: str, role: str, team: object = None, unit: object = None, team_name: str = "",
    *, active: bool = True,
) -> Person:  # fmt: skip
    number = world.random.randrange(10_000)
    row = world.add(
        User, name=name, email=address(name), role=role, team_id=team, is_active=active,
        phone=f"+33 1 99 00 {number // 100:02d} {number % 100:02d}", external_id=f"COM-{len(world.rows[User]) + 1:03d}",
    )  # fmt: skip
    return Person(row["id"], name, row["email"], role, team, unit, key, team_name)  # type: ignore[arg-type]


def _with(person: Person, share: float, skill: float, discount: float, arrived: date | None) -> Person:
    return Person(
        person.id, person.name, person.email, person.role, person.team, person.unit, person.key, person.team_name,
        share, skill, discount, arrived,
    )  # fmt: skip


def reps(world: World) -> list[Person]:
    """The fourteen who sell today."""
    return [world.people[key] for key, *_ in REPS]


def in_charge(world: World, owner: Person, day: date) -> Person:
    """Whose a customer of ``owner`` was on a day: the newcomer's were the retired rep's."""
    if owner.arrived is not None and day < owner.arrived:
        return world.people["former"]
    return owner


def arrival(world: World) -> date:
    return world.people[NEWCOMER].arrived or world.today - timedelta(days=100)
