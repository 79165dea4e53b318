"""Days full of visits, as agendas show them, and the pages of those who look at them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from playwright.async_api import Locator, expect

from showroom.clock import to_ms
from showroom.database import Database
from showroom.ids import AppointmentId, ShowroomId, StaffId
from showroom.tables import appointments
from tests.browser.cast import DESKTOP, Cast
from tests.browser.pages import Face
from tests.visits import LENGTH_MS, MINUTE_MS, saved_visit

PARIS = ZoneInfo("Europe/Paris")
HOUR_MS = 60 * MINUTE_MS
# No test of an agenda takes longer.
TEST_SECONDS = 60


@cache
def noon(days: int = 1) -> int:
    """Return twelve o'clock in Paris, so many days from the day on which the test began."""
    there = datetime.now(UTC).astimezone(PARIS) + timedelta(days=days)
    return to_ms(there.replace(hour=12, minute=0, second=0, microsecond=0))


async def begin_the_day() -> None:
    """Forget the day of the test before; one that is about to end is no day to begin on."""
    noon.cache_clear()
    now = datetime.now(PARIS)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), PARIS)
    left = midnight.timestamp() - now.timestamp()
    if left < TEST_SECONDS:
        await asyncio.sleep(left)


def day_of(at_ms: int) -> str:
    """Return the date in Paris, as the pages' addresses have it."""
    return datetime.fromtimestamp(at_ms / 1000, PARIS).date().isoformat()


@dataclass(frozen=True)
class AgendaPage(Face):
    """`/advisor/agenda` and `/manager/agenda`."""

    def slip(self, name: str) -> Locator:
        """Return a customer's visit, in a column or in a list."""
        return self.page.locator(".slip, .row").filter(has_text=name)

    def column(self, name: str) -> Locator:
        """Return the column of an advisor, or of a day."""
        return self.page.locator(".column").filter(has=self.page.get_by_role("heading", name=name))

    @property
    def sheet(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def carries(self, name: str, to: str) -> None:
        """Drag a visit to the column of an advisor."""
        await self.slip(name).scroll_into_view_if_needed()
        slip = await self.slip(name).bounding_box()
        column = await self.column(to).bounding_box()
        assert slip
        assert column
        y = slip["y"] + slip["height"] / 2
        await self.page.mouse.move(slip["x"] + slip["width"] / 2, y)
        await self.page.mouse.down()
        await self.page.mouse.move(slip["x"] + slip["width"] / 2 + 20, y)
        await self.page.mouse.move(column["x"] + column["width"] / 2, y, steps=5)
        await expect(self.column(to)).to_have_attribute("data-over", "")
        await self.page.mouse.up()


@dataclass(frozen=True)
class Stage:
    """A house with Alice and Bruno, and the record behind it."""

    cast: Cast
    database: Database
    paris: ShowroomId
    alice: StaffId
    bruno: StaffId

    async def own(self, query: str = "", **options: Any) -> AgendaPage:
        """Return Alice's agenda of tomorrow."""
        path = f"/advisor/agenda?day={day_of(noon())}{query}"
        return AgendaPage(await self.cast.staff("alice@example.com", path, **options))

    async def team(self, query: str = "", **options: Any) -> AgendaPage:
        """Return the manager's agenda of tomorrow."""
        path = f"/manager/agenda?day={day_of(noon())}{query}"
        options = {"viewport": DESKTOP, **options}
        return AgendaPage(await self.cast.staff("boss@example.com", path, **options))

    async def visit(self, who: StaffId, name: str, at: int = 0, **more: Any) -> AppointmentId:
        """Book a visit at noon tomorrow, or at another time."""
        return await saved_visit(self.database, self.paris, who, at or noon(), name=name, **more)

    async def host(self, which: AppointmentId) -> StaffId:
        """Return who receives a visit."""
        query = sa.select(appointments.c.advisor_id).where(appointments.c.id == which)
        async with self.database.read() as connection:
            return StaffId(str(await connection.scalar(query)))


async def a_full_day(
    database: Database, showroom_id: ShowroomId, alice: StaffId, bruno: StaffId, at_ms: int
) -> None:
    """Put all that can happen on a day into the record: long names, overlaps, every state."""

    async def visit(who: StaffId, hours: float, name: str, **more: Any) -> None:
        starts = at_ms + round(hours * HOUR_MS)
        more = {"phone": "+33612345678", "ends_at": starts + LENGTH_MS, **more}
        await saved_visit(database, showroom_id, who, starts, name=name, **more)

    await visit(alice, -3, "Paul Dupont", state="done", vehicle="estran", language="fr")
    await visit(alice, -2, "Anne-Sophie de la Tour-du-Pin Chambly", state="no_show")
    await visit(alice, -1, "Rose Lenoir", state="cancelled", end_reason="cancelled")
    await visit(alice, 0, "Jeanne Moreau", wish="The boot, and towing. Is there room for a cello?")
    await visit(alice, 1.5, "Max Berger", vehicle="nuage", language="en", named=True)
    # Received out of turn, beside another.
    await visit(alice, 1.75, "Zoé Petit", state="done", blocked_from=0, blocked_until=0)
    await visit(alice, 4, "Ida Nowak-Wiśniewska", vehicle=None, language="en")
    await visit(bruno, -2.5, "Louis Girard", state="host_no_show", vehicle="brise")
    await visit(bruno, 2, "Clara Fontaine", vehicle="rive", language="en")
