"""Every page and view at three widths, light and dark: `python -m tests.browser.screenshots OUT`.

A demo of its own (data folder, port) runs for the length of the session; its two people talk to
each other, so that the live views are live. `--pictures DIR` makes the three pictures of the
README; without OUT only these.
"""

import argparse
import asyncio
import random
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import sqlalchemy as sa
from PIL import Image
from playwright.async_api import expect

from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.demo.seed import SIGN_INS, SLUG
from showroom.ids import CallId, new_id
from showroom.robot.turntable import Turntable
from showroom.showrooms import Showrooms
from showroom.staff import Staff
from showroom.tables import appointments
from showroom.words import AppointmentState, CallState, EndReason, Outcome, Quality
from tests.browser import eyes
from tests.browser.agenda_pictures import agendas
from tests.browser.album import Album
from tests.browser.cast import PATIENCE_MS, Cast
from tests.browser.chromium import WINDOWLESS, open_browsers
from tests.browser.clips import Devices, advisor_devices, customer_devices, write_camera
from tests.browser.demo import demo_process
from tests.browser.lead_pictures import leads
from tests.browser.pages import (
    AdvisorPage,
    BookingPage,
    CustomerPage,
    ManagerPage,
    VisitPage,
)
from tests.browser.test_closed_doors import closed_for_days
from tests.browser.trade_pictures import trade
from tests.nodes import until_healthy

LONGEST_SECONDS = 720
# Of the car on the turntable: seconds each way, frames a loop, and where the bare wall begins.
SWAY, STEPS, WALL = 1.2, 48, 100
HEAVIEST = 250_000
PICTURE = {"width": 1280, "height": 800}
ALICE, BOSS = "alice@orvanne.example", "manager@orvanne.example"


def studio_camera(folder: Path) -> Path:
    """Return what the advisor's phone sees: the Crête in a studio, from a hand that sways."""
    table = Turntable(name=" ", price=" ", caption=" ", body="suv", paint="#1f4b40")
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def frame(step: int) -> av.VideoFrame:
        drawn = table.draw(SWAY * np.sin(2 * np.pi * step / STEPS), start)
        # Without its grain, which would make a heavy file, and without the robot's clock.
        picture = np.asarray(cv2.bilateralFilter(drawn, 7, 14, 5), dtype=np.uint8)
        picture[:WALL] = cv2.blur(picture[WALL : WALL + 1], (301, 1))
        return av.VideoFrame.from_ndarray(picture, format="bgr24")

    return write_camera(map(frame, range(STEPS)), Fraction(12), folder / "studio.y4m")


async def a_mornings_calls(database: Database) -> None:
    """Put the calls of a good morning into the record, so that the manager has something to see."""
    rooms, records = Showrooms(database), CallRecords(database)
    showroom = await rooms.by_slug(SLUG)
    staff = await Staff(database, system_clock).names(showroom.id)
    people = [one for one, name in staff.items() if name.startswith(("Alice", "Bruno"))]
    chance = random.Random(7)
    cars = ["crete", "estran", "nuage", "sillage", "brise", "rive"]
    outcomes = [Outcome.TEST_DRIVE, Outcome.INTERESTED, Outcome.OFFER_WANTED, Outcome.BOUGHT]
    now = system_clock()
    for minutes in range(14, 160, 13):
        at = now - minutes * 60_000
        waited, talked = chance.randint(3, 40) * 1000, chance.randint(120, 700) * 1000
        base = CallRecord(
            id=CallId(new_id()),
            showroom_id=showroom.id,
            version=1,
            state=CallState.CLOSED,
            language=chance.choice(["en", "fr"]),
            vehicle=chance.choice(cars),
            created_at=at,
            waited_ms=waited,
            ended_at=at + waited,
            closed_at=at + waited,
            end_reason=EndReason.CUSTOMER_LEFT,
        )
        if minutes % 5:
            base = replace(
                base,
                answered_at=at + waited,
                live_at=at + waited + 300,
                ended_at=at + waited + talked,
                closed_at=at + waited + talked + 30_000,
                end_reason=chance.choice([EndReason.CUSTOMER_HUNG_UP, EndReason.ADVISOR_ENDED]),
                advisor_id=chance.choice(people),
                rings=1,
                outcome=chance.choice(outcomes),
                rating=chance.choice([None, 4, 5, 5]),
                quality=chance.choice([Quality.GOOD, Quality.GOOD, Quality.FAIR]),
            )
        await records.save(base, [CallEvent(1, at, "request", "customer")])


async def before_a_call(cast: Cast, album: Album) -> None:
    """The pages that need nobody on the other side."""
    visitor = await cast.customer()
    await album.take(visitor.page, "customer-landing", whole=True)
    await visitor.page.get_by_role("button", name="Crête").click()
    await album.take(visitor.page, "customer-chosen-car")
    await visitor.page.goto(f"/s/{SLUG}/check")
    await visitor.tap("Start the check")
    await visitor.reads("Tell your advisor this code")
    await album.take(visitor.page, "customer-check", whole=True)
    await visitor.page.goto("/s/atlantis")
    await album.take(visitor.page, "not-found")
    await visitor.page.goto("/staff/login")
    await album.take(visitor.page, "sign-in")
    old = await cast.visitor()
    await old.page.add_init_script("delete window.RTCPeerConnection")
    await old.page.goto(f"/s/{SLUG}")
    await album.take(old.page, "customer-unsupported-browser")


async def the_call(cast: Cast, album: Album) -> None:
    """Both sides of a call, from the queue to the outcome."""
    customer = await cast.customer(permissions=["camera", "microphone"])
    await customer.page.get_by_role("button", name="Crête").click()
    await customer.call()
    await customer.waits()
    await album.take(customer.page, "customer-waiting")
    advisor = await cast.advisor(ALICE)
    await advisor.rings()
    await album.take(advisor.page, "advisor-ring")
    if not await advisor.button("Accept").is_visible():  # the pictures took too long
        await advisor.goes_on_duty()
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await customer.tap("Turn camera on")
    await customer.tap("Turn microphone on")
    await eyes.moves(advisor.customer_view)
    await album.take(customer.page, "customer-live")
    await album.take(advisor.page, "advisor-live")
    await converse(customer, advisor)
    await album.take(customer.page, "customer-live-chat-and-card")
    await album.take(advisor.page, "advisor-live-chat")
    await advisor.page.get_by_role("tab", name="Cars").click()
    await album.take(advisor.page, "advisor-live-cars")
    await advisor.page.set_viewport_size({"width": 390, "height": 844})
    await advisor.close_chat()
    await advisor.tap("Hold")
    await customer.reads("One moment")
    await album.take(customer.page, "customer-on-hold")
    await album.take(advisor.page, "advisor-holding")
    await advisor.tap("End call")
    await customer.reads("Thank you for your visit")
    await album.take(customer.page, "customer-after", whole=True)
    await advisor.reads("How did it end?")
    await album.take(advisor.page, "advisor-wrap-up")
    await advisor.saves("Test drive")
    await advisor.goes_off_duty()


async def converse(customer: CustomerPage, advisor: AdvisorPage) -> None:
    """Let them write a little, and show a card."""
    await customer.write("Is there room for two bicycles?")
    await advisor.write("Yes, with the seats down. I will open the boot for you.")
    await expect(customer.conversation()).to_contain_text("open the boot")
    await advisor.shows("Crête")
    await advisor.page.get_by_role("tab", name="Chat").click()


async def the_staff(cast: Cast, album: Album) -> None:
    """The advisor between calls, and the manager."""
    visitor = await cast.customer()
    await visitor.ask_to_be_called("Jo Morel", "01 42 68 53 00")
    await visitor.reads("Thank you, Jo Morel.")
    advisor = await cast.advisor(ALICE)
    await advisor.reads("Jo Morel")
    await album.take(advisor.page, "advisor-idle", whole=True)
    manager = ManagerPage(await cast.staff(BOSS, "/manager"))
    await expect(manager.calls().first).to_be_visible()
    await album.take(manager.page, "manager", whole=True)
    await manager.calls().first.get_by_role("button").click()
    await manager.reads("The customer asked for an advisor")
    await album.take(manager.page, "manager-timeline")
    await advisor.goes_off_duty()


async def practice(cast: Cast, album: Album) -> None:
    """A practice call: before it, while it is recorded, and what came of it."""
    advisor = AdvisorPage(await cast.staff(ALICE, "/advisor"))
    await advisor.page.get_by_role("link", name="Practice call").click()
    await album.take(advisor.page, "practice")
    await advisor.tap("Record 30 seconds")
    await advisor.reads("You are being recorded")
    await album.take(advisor.page, "practice-recording")
    film = advisor.page.get_by_label("Your recording", exact=True)
    await expect(film).to_be_visible(timeout=2 * PATIENCE_MS + 30_000)
    await album.take(advisor.page, "practice-film", whole=True)


async def booking(cast: Cast, album: Album, database: Database) -> None:
    """From a free time to the visit's page, and what can become of it; and the demo's mail."""
    guest = BookingPage((await cast.visitor()).page)
    await guest.page.goto(f"/s/{SLUG}/book?vehicle=crete")
    await expect(guest.button("Next free time")).to_be_enabled()
    await album.take(guest.page, "booking")
    far = BookingPage((await cast.visitor(locale="fr-FR", timezone_id="America/New_York")).page)
    await far.page.goto(f"/s/{SLUG}/book?vehicle=crete")
    await expect(far.button("Prochain horaire libre")).to_be_enabled()
    await album.take(far.page, "booking-in-french-from-new-york")
    await guest.takes_next()
    await guest.tap("Confirm booking")
    await guest.reads("Please tell us your name.")
    await album.take(guest.page, "booking-details", whole=True)
    await guest.fills(wish="Is there room for a cello?")
    await guest.tap("Confirm booking")
    await guest.reads("See you")
    await album.take(guest.page, "booking-done", whole=True)
    await guest.page.goto(await guest.visit())
    visit = VisitPage(guest.page)
    await expect(visit.button("Join")).to_be_disabled()
    await album.take(visit.page, "visit")
    await visit.tap("Reschedule")
    await expect(visit.page.locator("#times-list").get_by_role("button").first).to_be_visible()
    await album.take(visit.page, "visit-reschedule", whole=True)
    await visit.tap("Keep the time as it is")
    await visit.tap("Cancel visit")
    await album.take(visit.page, "visit-really-cancel")
    await visit.tap("Keep it")
    now = system_clock()
    mine = appointments.c.token == visit.page.url.partition("/v/")[2].partition("?")[0]
    for state, at in (
        (AppointmentState.BOOKED, now + 300_000),
        (AppointmentState.HOST_NO_SHOW, now - 400_000),
        (AppointmentState.NO_SHOW, now - 700_000),
        (AppointmentState.DONE, now - 3_000_000),
    ):
        moved = {"state": state, "starts_at": at, "ends_at": at + 1_800_000, "due_at": None}
        async with database.write() as connection:
            await connection.execute(sa.update(appointments).where(mine).values(moved))
        await visit.page.reload()
        await visit.page.wait_for_load_state("networkidle")
        await album.take(visit.page, f"visit-{state}")
    await visit.page.goto("/demo/mail")
    await visit.page.locator(".post__line").first.click()
    await visit.page.wait_for_load_state("networkidle")
    await album.take(visit.page, "demo-mail")


async def closed(cast: Cast, album: Album, database: Database) -> None:
    """The landing page of a showroom that is closed."""
    rooms = Showrooms(database)
    showroom = await rooms.by_slug(SLUG)
    await rooms.save(replace(showroom, exceptions=closed_for_days(1, showroom.zone)))
    visitor = await cast.visitor()
    async with asyncio.timeout(15):
        while True:  # the demo reads its showrooms every two seconds
            await visitor.page.goto(f"/s/{SLUG}")
            if await visitor.words("Closed right now").is_visible():
                break
            await asyncio.sleep(0.2)
    await album.take(visitor.page, "customer-closed")


async def readme(cast: Cast, folder: Path) -> None:
    """The three pictures of the README."""
    look = {"viewport": PICTURE, "color_scheme": "light", "reduced_motion": "no-preference"}
    customer = await cast.customer(**look, permissions=["camera"])
    await customer.page.get_by_role("button", name="Crête").click()
    manager = await cast.manager(BOSS, **look)
    advisor = await cast.advisor(ALICE, **look)
    await customer.call()
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await customer.tap("Turn camera on")
    await eyes.moves(advisor.customer_view)
    await converse(customer, advisor)
    # The picture grows sharp within seconds; the first sample of the line comes after five.
    await advisor.reads_pattern(re.compile("(good|fair|poor) line"))
    await expect(customer.page.locator("#point-hint")).to_be_hidden()
    await expect(manager.page.get_by_role("region", name="In a call")).to_contain_text("Alice")
    for side, name in ((customer, "customer"), (advisor, "advisor"), (manager, "manager")):
        await side.page.evaluate("document.activeElement.blur()")
        file = folder / f"{name}.png"
        await side.page.screenshot(path=file)
        lighten(file)
    await advisor.tap("End call")
    await advisor.saves("Test drive")
    await advisor.goes_off_duty()


def lighten(file: Path) -> None:
    """Give the picture a palette, and if need be a smaller size, until it is light enough."""
    with Image.open(file) as opened:
        whole = opened.convert("RGB")
    for share in (1.0, 0.8, 0.7, 0.6):
        size = round(whole.width * share), round(whole.height * share)
        picture = whole.resize(size, Image.Resampling.LANCZOS)
        palette = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=5)
        picture.quantize(palette=palette).save(file, optimize=True)
        if file.stat().st_size <= HEAVIEST:
            return


async def shoot(out: Path | None, pictures: Path | None) -> None:
    """Make every picture into `out`, and the README's into `pictures`, where they are given."""
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory(prefix="showroom-album-") as name:
        folder = Path(name)
        staff = Devices(studio_camera(folder), advisor_devices(folder).microphone)
        with demo_process(folder, "--no-robot") as url:
            await until_healthy(url)
            passwords = dict(
                line.split()[:2] for line in (folder / SIGN_INS).read_text().splitlines()
            )
            database_url = f"sqlite+aiosqlite:///{folder / 'showroom.db'}"
            async with (
                Database.open(database_url) as database,
                open_browsers(WINDOWLESS, customer_devices(folder), staff) as browsers,
            ):
                await a_mornings_calls(database)
                if pictures:
                    pictures.mkdir(parents=True, exist_ok=True)
                    async with Cast(browsers, url, SLUG, passwords) as cast:
                        await readme(cast, pictures)
                if out is None:
                    return
                out.mkdir(parents=True, exist_ok=True)
                for talk in (before_a_call, the_call, the_staff, practice):
                    async with Cast(browsers, url, SLUG, passwords) as cast:
                        cast.forgive("404")
                        await talk(cast, Album(out))
                for scene in (booking, agendas, leads, trade, closed):
                    async with Cast(browsers, url, SLUG, passwords) as cast:
                        await scene(cast, Album(out), database)


def main() -> None:
    """Read the arguments and make the pictures, in bounded time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", help="the folder for the pictures")
    parser.add_argument("--pictures", type=Path, help="where the README's three go")
    options = parser.parse_args()
    asyncio.run(asyncio.wait_for(shoot(options.out, options.pictures), LONGEST_SECONDS))


if __name__ == "__main__":
    main()
