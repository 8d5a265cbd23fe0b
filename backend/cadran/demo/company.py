"""The whole demo company, area by area, in the order each needs the one before."""

from datetime import date

from cadran.demo import activity, agenda, billing, catalogue, contacts, customers, people, pipeline, planning, sales
from cadran.demo.world import World


def generate(today: date) -> World:
    """Every row of the demo as it stands on ``today``; the same rows for the same day."""
    world = World(today)
    people.hire(world)
    stock = catalogue.stock(world)
    stages = catalogue.stages(world)
    buyers = customers.open_accounts(world)
    customers.mark_import(world, buyers)
    contacts.introduce_people(world, buyers)
    booked = billing.write(world, sales.orders(world, buyers, stock))
    customers.set_limits(world, buyers)
    pipeline.negotiate(world, buyers, booked, stock, stages)
    agenda.visit(world, buyers, booked)
    activity.keep_busy(world, buyers, booked, stock)
    planning.aim(world, buyers, booked, stock)
    return world
