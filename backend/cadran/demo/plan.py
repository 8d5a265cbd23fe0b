"""What the company set out to sell, month by month: the targets, and what the generated sales are fitted to."""

from datetime import date, timedelta

from cadran.demo.people import NEWCOMER, OVER_CEILING, REPS
from cadran.demo.world import World, month_start

MONTHLY = 620_000.0  # invoiced, in an average month of the current year
ORDERED = 1.03  # ordered against invoiced
BASKET = 6_700.0
STRETCH = 1.06  # what one team aims at against the sum of its reps


def rep_target(world: World, key: str, month: date) -> int:
    """Invoiced revenue of a rep in a month, in euros."""
    share = next(share for name, _, _, share, *_ in REPS if name == key)
    return round(MONTHLY * world.season(month) * share / 500) * 500


def team_target(world: World, team: str, month: date) -> int:
    total = sum(rep_target(world, key, month) for key, _, of, *_ in REPS if of == team)
    return round(total * STRETCH / 500) * 500 if team == OVER_CEILING else total


def company_target(world: World, month: date) -> int:
    return sum(team_target(world, team, month) for team in dict.fromkeys(rep[2] for rep in REPS))


def elapsed(world: World, month: date) -> float:
    """The share of a month's working days gone by today."""
    end = month_start(month, 1)
    whole = world.calendar.count(month, end)
    return world.calendar.count(month, min(end, world.today + timedelta(days=1))) / whole


def skills(world: World) -> dict[str, float]:
    """How each rep sells against the plan; together they meet it."""
    mean = sum(share * skill for _, _, _, share, skill, _ in REPS)
    return {key: skill / mean for key, _, _, _, skill, _ in REPS} | {"former": 1.0}


def has_target(key: str) -> bool:
    return key != NEWCOMER
