"""A house with something of everything: what makes every page full, and where each of them is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pyotp
import sqlalchemy as sa
from aiohttp.web import Application

from booking.dealers.directory import Dealers
from booking.handoff.endpoint import EndpointKind
from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.mail import mail_folder
from booking.outbox import Outbox
from booking.privacy.erasing import Reason
from booking.privacy.person import Person
from booking.reservations.reservations import Reservations
from media.photos import PhotoLinks
from media.recording.book import Recordings
from showroom.api_keys import Scope
from showroom.app import Door, listening, make_app
from showroom.calls import CallEvent, CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.demo.seed import SLUG, seed
from showroom.figure_mails import Rhythm
from showroom.files import FolderFiles
from showroom.ids import CallId, PhotoId, StaffId, VehicleId, new_id
from showroom.passwords import Passwords
from showroom.settings import Settings
from showroom.shared import open_shared
from showroom.showrooms import Showroom, Showrooms
from showroom.staff_links import LinkKind, Seal, make_link
from showroom.tables import appointments, staff
from showroom.texts import Words
from showroom.vehicles import Vehicles
from showroom.words import Role
from tests.booking.handoff.sending import LEAD
from tests.browser.agendas import a_full_day, day_of, noon
from tests.browser.test_anonymised_copy import FILM
from tests.browser.test_trade import nobody_hears
from tests.leads import saved_lead
from tests.people import Customer, Employee
from tests.recordings import a_kept_recording
from tests.replays import a_kept_call, a_poor_line
from tests.samples import CHEAP, staff_of
from tests.stills import a_photo
from tests.virtual_clock import VirtualClock
from tests.visits import staff_id
from web import keys
from web.keys import MAIL_FOLDER
from web.routes import demo_routes

ALICE, BRUNO, BOSS = (f"{who}@orvanne.example" for who in ("alice", "bruno", "manager"))
# Works nowhere but at the second step of a sign-in; nobody else has been invited.
NORA, NEW = "nora@orvanne.example", "new@orvanne.example"
PASSWORD = "a long enough password"
LONG = "Maximiliane-Alexandrine von Hohenstaufen-Württemberg"


@dataclass(frozen=True)
class Town:
    """The house, how its people sign in, and what the places of its addresses are filled with."""

    url: str
    passwords: Mapping[str, str]
    places: Mapping[str, str]


@asynccontextmanager
async def open_town(
    settings: Settings, words: Words, languages: tuple[str, ...]
) -> AsyncIterator[Town]:
    """Run the demo's house in these words, with more in it, for as long as the block runs."""
    async with open_shared(settings) as opened:
        shared = replace(opened, passwords=Passwords(CHEAP))
        people = await seed(shared.database, settings.data_dir, passwords=shared.passwords)
        rooms = Showrooms(shared.database)
        showroom = replace(await rooms.by_slug(SLUG), languages=languages)
        await rooms.save(showroom)
        async with shared.database.write() as connection:
            await connection.execute(sa.update(staff).values(languages=languages))
        app = make_app(shared)
        app[keys.WORDS] = words
        app[MAIL_FOLDER] = mail_folder(settings)
        app.add_routes(demo_routes())
        door = Door(settings.host, settings.port)
        async with listening(app, [door]) as ports:
            url = f"http://{settings.host}:{ports[0]}"
            passwords = {one.email: one.password for one in people} | {NORA: PASSWORD}
            places = await _furnish(app, shared.database, settings, showroom)
            async with (
                Customer(url, SLUG) as customer,
                Employee(url, SLUG) as bruno,
                _in_a_call(customer, bruno, passwords[BRUNO]) as join,
            ):
                yield Town(url, passwords, {**places, "join": join, "showroom": SLUG})


async def _furnish(
    app: Application, database: Database, settings: Settings, showroom: Showroom
) -> dict[str, str]:
    """Put into the house what a demo lacks; return the last parts of the addresses of it."""
    room, secret = showroom.id, settings.require_secret_key()
    alice, bruno = await staff_id(database, ALICE), await staff_id(database, BRUNO)
    boss = await staff_id(database, BOSS)
    await a_full_day(database, room, alice, bruno, noon())
    call = await _a_call(app, database, settings, showroom, alice)
    dealers = Dealers(database, system_clock)
    book = Reservations(
        database, Showrooms(database), Vehicles(database), dealers, nobody_hears, system_clock
    )
    lead = await saved_lead(database, room, call, name=LONG, phone="+33612345678", owner_id=alice)
    dealer = (await dealers.all(room))[0].code
    kept = await book.give(showroom, lead, VehicleId("crete"), dealer, None)
    mail = await app[keys.FIGURE_MAILS].add(
        showroom, boss, "overview", "", showroom.languages[0], Rhythm.DAILY, 420
    )
    await app[keys.API_KEYS].add(room, LONG, list(Scope))
    await app[keys.ENDPOINTS].add(
        room, EndpointKind.WEBHOOK, LONG, "https://hooks.example.com/x", list(Topic)[:3]
    )
    publishing = Publishing(Outbox(database, system_clock), system_clock)
    async with database.write() as connection:
        await publishing.publish(connection, room, Topic.LEAD_QUALIFIED, lead, LEAD, None)
        token = await connection.scalar(
            sa.select(appointments.c.token).where(appointments.c.state == "booked")
        )
    await saved_lead(database, room, email="gone@example.com")
    receipt = await app[keys.ERASURES].erase(
        showroom, Person("gone@example.com", None), Reason.ASKED, boss
    )
    return {
        "day": day_of(noon()),
        "visit": str(token),
        "reservation": kept.token,
        "dealer": kept.dealer_token,
        "recap": PhotoLinks(secret).token(room, call),
        "call": call,
        "mail": app[keys.FIGURE_MAILS].token(mail.id),
        "receipt": receipt.id,
        "invitation": await _people(app, database, settings),
        "letter": await _a_letter(app, settings),
    }


async def _a_call(
    app: Application, database: Database, settings: Settings, showroom: Showroom, alice: StaffId
) -> CallId:
    """Keep a call of which all is known: its line, a photo, a recording."""
    now, room = system_clock() - 3_600_000, showroom.id
    call = await a_kept_call(database, room, alice, now, notes="Wants it in blue. " * 12)
    await a_poor_line(database, call)
    started = CallEvent(8, now + 29_000, "recording_started", "customer", {"advisor": alice})
    await CallRecords(database).save(call, [started])
    files = FolderFiles(settings.data_dir / "files")
    book = Recordings(database, files, settings.require_secret_key(), system_clock)
    await a_kept_recording(book, room, call.id, FILM, lambda: now + 29_000)
    await app[keys.PHOTOS].keep(room, call.id, alice, PhotoId(new_id()), a_photo(800, 600))
    return call.id


async def _people(app: Application, database: Database, settings: Settings) -> str:
    """Take on Nora, with a second factor, and somebody by a link; return that link's token."""
    people = staff_of(database, VirtualClock())
    nora = await people.add(NORA, LONG, PASSWORD, {SLUG: Role.ADVISOR}, ["en"])
    factors = app[keys.FACTORS]
    await factors.begin(nora)
    secret = (await factors.of(nora)).secret
    assert secret
    await factors.confirm(nora, pyotp.TOTP(secret).now())
    new = await people.add(NEW, "New", PASSWORD, {SLUG: Role.ADVISOR}, ["en"])
    seal = Seal(settings.require_secret_key())
    async with database.write() as connection:
        link = await make_link(connection, seal, new, LinkKind.RESET, system_clock())
    return seal.token(link)


async def _a_letter(app: Application, settings: Settings) -> str:
    """Have a letter written to Alice, who forgot her password; return its name."""
    app[keys.ACCESS].forgotten(ALICE)
    async with asyncio.timeout(10):
        while not (found := sorted(mail_folder(settings).glob("[!.]*.eml"))):
            await asyncio.sleep(0.05)
    return found[0].stem


@asynccontextmanager
async def _in_a_call(customer: Customer, bruno: Employee, password: str) -> AsyncIterator[str]:
    """Let two people be in a call; yield the address by which others join it."""
    await bruno.work(BRUNO, password)
    await customer.call(vehicle="crete")
    link = (await bruno.accept())["link"]
    assert (await customer.send("connected", link=link))["ok"]
    await customer.until_call("live")
    yield (await customer.send("invite"))["path"]
    await customer.leave()
    await bruno.leave()
