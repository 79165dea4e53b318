"""The whole way: a visit is booked, a letter leads to it, and the store hears what came of it."""

import json
import re

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from playwright.async_api import expect

from booking.handoff.endpoint import EndpointKind, new_secret
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from booking.mail import letters_in, mail_folder
from showroom.clock import system_clock
from showroom.database import Database
from showroom.lead_tables import endpoints
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.booking.delivering import until
from tests.booking.handoff.receiver import receiving
from tests.browser import eyes
from tests.browser.cast import PHONE
from tests.browser.conftest import OpenHouse
from tests.browser.pages import BookingPage, CustomerPage, VisitPage
from tests.browser.test_booking import open_at_once

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORE = "127.0.0.1"


async def listens(settings: Settings, address: str, secret: str) -> None:
    """Have a store listen to all that happens in the showroom, with this secret."""
    async with Database.open(settings.database_url) as database:
        paris = await Showrooms(database).by_slug("paris")
        book = Endpoints(database, Guard([STORE]), system_clock)
        added = await book.add(paris.id, EndpointKind.WEBHOOK, "The store", address, list(Topic))
        async with database.write() as connection:
            await connection.execute(
                sa.update(endpoints).where(endpoints.c.id == added.id).values(secrets=[secret])
            )


async def test_what_a_booked_visit_comes_to_reaches_the_store_signed(
    open_house: OpenHouse, settings: Settings
) -> None:
    secret = new_secret()
    async with receiving([secret]) as store:
        cast = await open_at_once(open_house, handoff_hosts=(STORE,))
        await listens(settings, f"{store.url}/ok", secret)

        visitor = await cast.visitor(viewport=PHONE)
        guest = BookingPage(visitor.page)
        await guest.page.goto("/s/paris/book?utm_source=spring")
        await guest.page.get_by_label("Car", exact=True).select_option("crete")
        await guest.takes_next()
        await guest.fills()
        await guest.tap("Confirm booking")
        await guest.reads("See you today")

        await until(lambda: bool(letters_in(mail_folder(settings))))
        (letter,) = letters_in(mail_folder(settings))
        (event,) = Calendar.from_ical(letter.calendar).walk("VEVENT")
        link = re.search(r"/v/[\w-]+", str(event["DESCRIPTION"]) + str(event.get("URL", "")))
        assert link
        visit = VisitPage(visitor.page)
        await visit.page.goto(link[0])
        await visit.tap("Join")
        customer = CustomerPage(visitor.page)
        await customer.waits()
        host = await customer.page.locator("#waiting-title").inner_text()
        advisor = await cast.advisor(f"{host.split()[0].lower()}@example.com")
        await advisor.accepts()
        await eyes.moves(customer.live_view)
        await advisor.tap("End call")
        await expect(advisor.page.get_by_label("Outcome", exact=True)).to_be_visible()
        await advisor.saves("Test drive")

        def heard() -> list[str]:
            return [json.loads(one["body"])["type"] for one in store.requests]

        await until(lambda: {"call.ended", "lead.qualified"} <= set(heard()))
        assert heard()[0] == "appointment.booked"
        assert all(one["verified"] == [True] for one in store.requests)
        assert len(set(store.ids)) == len(store.ids)
        qualified = json.loads(store.requests[heard().index("lead.qualified")]["body"])["data"]
    lead = qualified.get("lead", qualified)
    assert lead["contact"]["email"] == "jeanne@example.com"
    assert lead["wishes"] == ["test-drive"]
    assert [car["slug"] for car in lead["vehicles"]] == ["crete"]
    assert lead["campaign"]["first"]["source"] == "spring"
    assert [call["outcome"] for call in lead["calls"]] == ["test_drive"]
