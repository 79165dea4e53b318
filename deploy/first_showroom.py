"""Opens a showroom: change what is below, then hand it to a node's Python, as README.md shows.

Running it again with the same slug replaces what it says about that showroom; calls and staff stay.
"""

import asyncio

from showroom.database import Database, migrate
from showroom.errors import NotFound
from showroom.hours import Interval, WeeklyHours
from showroom.ids import ShowroomId, new_id
from showroom.settings import Settings
from showroom.showrooms import Brand, Policy, Showroom, Showrooms
from showroom.vehicles import Paint, Picture, Stock, Vehicle, Vehicles

SLUG = "paris"  # the address is /s/paris
WEEKDAY = (Interval.of("09:00", "12:30"), Interval.of("14:00", "19:00"))
SATURDAY = (Interval.of("10:00", "18:00"),)


def a_showroom(showroom_id: ShowroomId) -> Showroom:
    """Return the showroom as it shall be."""
    return Showroom(
        id=showroom_id,
        slug=SLUG,
        name="Your brand — Paris",
        brand=Brand(
            name="Your brand",
            logo="",  # or the path of a file under web/static
            accent="#9a4a1f",
            accent_ink="#ffffff",
            ink="#16181c",
            paper="#f7f4ef",
        ),
        market="FR",  # how phone numbers are read
        languages=("fr", "en"),  # the first is what a visitor gets who asks for neither
        zone="Europe/Paris",
        hours=WeeklyHours(WEEKDAY, WEEKDAY, WEEKDAY, WEEKDAY, WEEKDAY, SATURDAY),
        policy=Policy(ring_seconds=20, relay_only=False, offer_call_back_seconds=60),
    )


def a_range(showroom_id: ShowroomId) -> list[Vehicle]:
    """Return its vehicles in the order of the page. Pictures are files under web/static."""
    return [
        Vehicle(
            showroom_id=showroom_id,
            slug="crete",
            name="Crête",
            version="Hybride 200",
            tagline={"en": "Up there.", "fr": "Là-haut."},
            body="SUV",
            price=4_190_000,  # hundredths
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
                Picture("three_quarter", "dune", "vehicles/crete-three_quarter-dune.svg"),
                Picture("side", "dune", "vehicles/crete-side-dune.svg"),
            ),
            position=0,
        )
    ]


async def main() -> None:
    """Write both into the database that the settings name."""
    settings = Settings.load()
    await migrate(settings.database_url)
    async with Database.open(settings.database_url) as database:
        showrooms, vehicles = Showrooms(database), Vehicles(database)
        try:
            showroom_id = (await showrooms.by_slug(SLUG)).id
        except NotFound:
            showroom_id = ShowroomId(new_id())
        await showrooms.save(a_showroom(showroom_id))
        for vehicle in a_range(showroom_id):
            await vehicles.save(vehicle)
    print(f"Open at /s/{SLUG}")


asyncio.run(main())
