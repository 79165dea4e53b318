"""Booked visits on the advisor's page: the list of today, a word before each, and its guest."""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import expect

from showroom.clock import system_clock, to_datetime
from showroom.database import Database
from showroom.ids import AppointmentId
from showroom.settings import Settings
from showroom.shared import Shared
from showroom.tables import appointments
from showroom.valkey import connect
from showroom.words import AppointmentState
from tests.browser.cast import Cast, noon_zone
from tests.browser.conftest import OpenHouse
from tests.browser.pages import AdvisorPage
from tests.browser.props import BELL, becomes_true, equip, record
from tests.browser.test_accessibility import flawless
from tests.visits import MINUTE_MS, a_booked_visit, desk_of, paris_of, saved_visit, staff_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

ZONE = "Asia/Tokyo"
IDLE = "Advisor · Orvanne Paris"
# Whether nothing covers an element's middle.
IN_FRONT = """(node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return node.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def shared(settings: Settings) -> AsyncIterator[Shared]:
    """The database and the Redis of the house."""
    async with Database.open(settings.database_url) as database:
        redis = await connect(str(settings.redis_url))
        yield Shared(settings, database, redis)
        await redis.aclose()


async def becomes(shared: Shared, visit: AppointmentId, state: AppointmentState) -> None:
    """Let a visit have another state, and tell the pages."""
    async with shared.database.write() as connection:
        change = sa.update(appointments).where(appointments.c.id == visit).values(state=state)
        await connection.execute(change)
    alice = await staff_id(shared.database, "alice@example.com")
    await desk_of(shared).visits_changed((await paris_of(shared)).id, [alice])


def in_tokyo(at_ms: int) -> str:
    return f"{to_datetime(at_ms).astimezone(ZoneInfo(ZONE)):%H:%M}"


async def test_an_advisor_is_told_of_a_visit_before_it_begins_and_while_its_guest_waits(
    open_house: OpenHouse, shared: Shared
) -> None:
    cast: Cast = await open_house(zone=ZONE)
    paris = await paris_of(shared)
    alice = await staff_id(shared.database, "alice@example.com")
    visit = a_booked_visit(alice, 5 * MINUTE_MS)
    await saved_visit(shared.database, paris.id, alice, visit.starts_at, id=visit.id)
    page = await cast.staff("alice@example.com", "/advisor", timezone_id="America/Lima")
    await equip(page, BELL)
    advisor = AdvisorPage(page)
    bar = page.get_by_role("complementary", name="Your next visit")
    await expect(bar).to_contain_text("Your visit with Jeanne Moreau begins in 5 min")
    await expect(bar).to_contain_text("You are away: switch to available")
    await advisor.goes_on_duty()
    await expect(bar).not_to_contain_text("You are away")
    await becomes_true(page, "bell.titles.at(-1).startsWith('● Your visit with Jeanne')")

    before = await record(page, "bell")
    await becomes(shared, visit.id, AppointmentState.WAITING)
    await expect(bar).to_contain_text("Jeanne Moreau is waiting")
    await expect(bar).to_contain_text(f"Booked for {in_tokyo(visit.starts_at)}")
    await becomes_true(page, f"bell.notes > {before['notes']}")
    await becomes_true(page, f"bell.buzzes.length > {len(before['buzzes'])}")
    await becomes_true(page, f"bell.titles.slice({len(before['titles'])}).includes('{IDLE}')")
    await becomes_true(page, "bell.titles.includes('● Jeanne Moreau is waiting')")
    await flawless(page, "idle, with a guest who waits")

    await desk_of(shared).request_call(paris, "en", "crete", None, visit)
    await advisor.rings()
    await advisor.reads(f"Booked visit, {in_tokyo(visit.starts_at)}, Jeanne Moreau")
    await advisor.reads("The boot, and towing")
    await expect(bar).to_be_hidden()
    await flawless(page, "ring of a booked visit")
    await advisor.accepts()
    # Whoever is in the call waits no longer, whatever the list still says.
    await becomes_true(page, "document.body.dataset.visit === ''")
    await expect(bar).to_be_hidden()


async def test_a_guest_who_waits_is_named_over_another_call_without_a_sound(
    open_house: OpenHouse, shared: Shared
) -> None:
    cast: Cast = await open_house(zone=ZONE)
    paris = await paris_of(shared)
    alice = await staff_id(shared.database, "alice@example.com")
    visit = await saved_visit(shared.database, paris.id, alice, system_clock() + 30 * MINUTE_MS)
    customer = await cast.customer()
    page = await cast.staff("alice@example.com", "/advisor")
    await equip(page, BELL)
    advisor = AdvisorPage(page)
    await advisor.goes_on_duty()
    await customer.call()
    await advisor.accepts()
    await becomes_true(page, "bell.titles.at(-1) === '● Live'")
    before = await record(page, "bell")
    await becomes(shared, visit, AppointmentState.WAITING)
    bar = page.get_by_role("complementary", name="Your next visit")
    await expect(bar).to_contain_text("Jeanne Moreau is waiting")
    assert await bar.evaluate(IN_FRONT)
    await flawless(page, "live, while the next guest waits")
    after = await record(page, "bell")
    assert (after["notes"], after["titles"]) == (before["notes"], before["titles"])


async def test_the_list_has_the_visits_of_today_and_tomorrow_in_the_showrooms_time(
    open_house: OpenHouse, shared: Shared
) -> None:
    zone = noon_zone()
    cast: Cast = await open_house(zone=zone)
    paris = await paris_of(shared)
    alice = await staff_id(shared.database, "alice@example.com")
    now = system_clock()

    async def booked(minutes: int, **fields: object) -> None:
        at = now + minutes * MINUTE_MS
        await saved_visit(shared.database, paris.id, alice, at, **fields)

    await booked(-150, name="Ida Earlier", state=AppointmentState.DONE)
    await booked(-75, name="Paul Done", state=AppointmentState.DONE)
    await booked(-40, name="Anne Missing", state=AppointmentState.NO_SHOW)
    await booked(-5, name="Rose Late")
    await booked(60, name="Zoé Next", vehicle=None, wish="")
    await booked(20 * 60, name="Max Tomorrow")
    advisor = await cast.advisor()
    page = advisor.page
    rows = page.get_by_role("region", name="Today 4").get_by_role("listitem")
    at = to_datetime(now + 60 * MINUTE_MS).astimezone(ZoneInfo(zone))
    told = ["Paul Done", "Anne Missing", "Rose Late", f"{at:%H:%M} Zoé Next", "Max Tomorrow"]
    await expect(rows).to_contain_text(told)
    states = ["Done", "Did not come", "Not here yet", "French", "French"]
    await expect(rows).to_contain_text(states)
    await expect(page.get_by_role("heading", name="Tomorrow")).to_be_visible()
    bar = page.get_by_role("complementary", name="Your next visit")
    await expect(bar).to_contain_text("Rose Late is not here yet: your visit began at")
