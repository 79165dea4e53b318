"""Showrooms, vehicles and people as tests need them: real ones, in the database."""

from dataclasses import replace

from argon2 import PasswordHasher

from showroom.database import Database
from showroom.hours import ALWAYS_OPEN
from showroom.ids import ShowroomId, StaffId, new_id
from showroom.passwords import Passwords
from showroom.showrooms import Brand, Showroom, Showrooms
from showroom.staff import Staff
from showroom.vehicles import Paint, Picture, Stock, Vehicle
from showroom.words import Role
from tests.virtual_clock import VirtualClock

# Argon2 with as little work as it takes: what is tested is not how long it takes.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "a long enough password"

BRAND = Brand("Orvanne", "", "#9a4a1f", "#ffffff", "#16181c", "#f7f4ef")


def a_showroom(slug: str = "paris") -> Showroom:
    """Return a showroom that is always open."""
    return Showroom(
        id=ShowroomId(new_id()),
        slug=slug,
        name=f"Orvanne {slug.title()}",
        brand=BRAND,
        market="FR",
        languages=("en", "fr"),
        zone="Europe/Paris",
        hours=ALWAYS_OPEN,
    )


async def saved_showroom(database: Database, slug: str = "paris") -> ShowroomId:
    """Put a showroom into the database."""
    showroom = a_showroom(slug)
    await Showrooms(database).save(showroom)
    return showroom.id


def a_vehicle(showroom_id: ShowroomId, slug: str = "crete", position: int = 0) -> Vehicle:
    """Return a vehicle of a showroom."""
    crete = Vehicle(
        showroom_id=showroom_id,
        slug="crete",
        name="Crête",
        version="Hybride 200",
        tagline={"en": "Up there.", "fr": "Là-haut."},
        body="SUV",
        price=4_190_000,
        currency="EUR",
        energy="hybrid",
        range_km=870,
        power_kw=147,
        seats=5,
        boot_litres=540,
        length_mm=4_510,
        stock=Stock.IN_STOCK,
        equipment={"en": ("Tow bar",), "fr": ("Attelage",)},
        paints=(Paint("dune", {"en": "Dune", "fr": "Dune"}, "#c8b494"),),
        pictures=(
            Picture("side", "dune", "vehicles/crete-side-dune.svg"),
            Picture("front", "dune", "vehicles/crete-front-dune.svg"),
        ),
    )
    return replace(crete, slug=slug, position=position)


def staff_of(database: Database, clock: VirtualClock) -> Staff:
    """Return the accounts, with a cheap hash."""
    return Staff(database, clock, Passwords(CHEAP))


async def saved_advisor(
    database: Database, email: str = "alice@orvanne.example", slug: str = "paris"
) -> StaffId:
    """Put an advisor of a showroom into the database."""
    staff = staff_of(database, VirtualClock())
    return await staff.add(email, "Alice Martin", PASSWORD, {slug: Role.ADVISOR}, ["en", "fr"])
