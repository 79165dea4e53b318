"""What the demo starts with: a showroom that is always open, its range, and who works there."""

import os
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from booking.dealers.dealer_csv import import_dealers
from booking.dealers.directory import Dealers
from booking.roster import Roster
from booking.store.secrets import StoreSecrets
from showroom.asking import Figures
from showroom.calls import CallRecords
from showroom.clock import Clock, system_clock
from showroom.database import Database
from showroom.days import STEP_MS, today
from showroom.demo.buyers import write_buyers
from showroom.demo.history import SPOT, SPOT_MINUTE, Site, Span, made_up, write
from showroom.demo.shifts import write_shifts
from showroom.demo.visitors import write_traffic
from showroom.errors import Conflict, NotFound
from showroom.hours import ALWAYS_OPEN, Campaign, Interval, WeeklyHours
from showroom.ids import ShowroomId, new_id
from showroom.passwords import Passwords
from showroom.rollups import Rollups
from showroom.showrooms import Brand, Showroom, Showrooms, Store
from showroom.staff import Staff
from showroom.texts import LANGUAGES
from showroom.vehicles import Vehicle, Vehicles
from showroom.words import Role

SLUG = "orvanne"
CATALOGUE = Path(__file__).parent / "catalogue.json"
DEALERS = Path(__file__).parent / "dealers.csv"
SIGN_INS = "sign-ins.txt"
HISTORY = 1_800  # made-up calls, counted in a second
# The demo's own store, at whatever address somebody opened the demo.
STORE = Store(f"/demo/store?showroom={SLUG}&lang={{language}}&context={{context}}")

# A showroom at night: graphite on warm paper, and the copper of a lamp for what can be pressed.
BRAND = Brand(
    name="Orvanne",
    logo="",
    accent="#9a4a1f",
    accent_ink="#ffffff",
    ink="#16181c",
    paper="#f7f4ef",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the demo."""

    email: str
    name: str
    role: Role
    robot: bool = False


PEOPLE = (
    Person("manager@orvanne.example", "Camille Roux", Role.MANAGER),
    Person("alice@orvanne.example", "Alice Martin", Role.ADVISOR),
    Person("bruno@orvanne.example", "Bruno Keller", Role.ADVISOR),
    Person("robot@orvanne.example", "Robo, the stand-in", Role.ADVISOR, robot=True),
)
# The early and the late shift, each day: together they cover what the history has.
SHIFTS = (
    WeeklyHours(*((Interval.of("08:00", "16:00"),) for _ in range(7))),
    WeeklyHours(*((Interval.of("12:00", "22:00"),) for _ in range(7))),
)


class SignIn(NamedTuple):
    """How somebody of the demo signs in; `role` is `manager`, `advisor` or `robot`."""

    email: str
    password: str
    role: str


async def seed(
    database: Database,
    data_dir: Path,
    clock: Clock = system_clock,
    passwords: Passwords | None = None,
) -> list[SignIn]:
    """Put the demo into an empty database, or complete it; return how its people sign in.

    The passwords are made once for each data folder and kept in `sign-ins.txt`, which only its
    owner can read, so that a second start prints the same ones.
    """
    showroom = await _showroom(Showrooms(database))
    await _store(Showrooms(database), StoreSecrets(database, clock), showroom)
    await _recording(Showrooms(database))
    await _range(Vehicles(database), showroom.id)
    dealers = Dealers(database, clock)
    await import_dealers(dealers, showroom, DEALERS.read_bytes(), good_lines=False)
    kept = _kept(data_dir)
    sign_ins = [
        SignIn(
            person.email,
            kept.get(person.email) or _password(),
            "robot" if person.robot else person.role.value,
        )
        for person in PEOPLE
    ]
    # Before the accounts: what stands here and not there yet is added by the next start.
    _keep(data_dir, sign_ins)
    staff = Staff(database, clock, passwords)
    for person, sign_in in zip(PEOPLE, sign_ins, strict=True):
        try:
            await staff.add(
                person.email,
                person.name,
                sign_in.password,
                {SLUG: person.role},
                showroom.languages,
                person.robot,
            )
        except Conflict:
            if person.email not in kept:  # the file was lost, and with it the password
                await staff.set_password(person.email, sign_in.password)
    await _history(database, showroom, staff, clock)
    return sign_ins


async def _history(database: Database, showroom: Showroom, staff: Staff, clock: Clock) -> None:
    """Give the manager's figures ten weeks until yesterday, with a film on television in them."""
    until_ms = clock() // STEP_MS * STEP_MS
    if (await Figures(database).figures(showroom, 0, until_ms))[""].offered:
        return
    yesterday = today(showroom.zone, clock()) - timedelta(days=1)
    span = Span(yesterday - timedelta(days=69), yesterday, yesterday - timedelta(days=30))
    own = {one.name for one in PEOPLE if one.role is Role.ADVISOR and not one.robot}
    names = await staff.names(showroom.id)
    advisors = sorted(one for one, name in names.items() if name in own)
    cars = tuple(str(car.slug) for car in await Vehicles(database).of(showroom.id))
    site = Site(showroom.id, showroom.zone, showroom.languages, tuple(advisors), cars)
    # A start that died before the calls were counted left them here.
    if not (await CallRecords(database).figures(showroom.id, 0, until_ms)).calls:
        await write(database, made_up([site], HISTORY, span))
    await Rollups(database).rebuild(showroom.id)
    await write_traffic(database, showroom.id)
    await write_shifts(database, showroom)
    for who, hours in zip(advisors, SHIFTS, strict=True):
        await Roster(database).set_hours(showroom.id, who, hours)
    dealers = await Dealers(database, clock).all(showroom.id)
    await write_buyers(database, showroom.id, [one.code for one in dealers][:8])
    known = await Showrooms(database).by_slug(SLUG)
    if not known.campaigns:
        await Showrooms(database).save(replace(known, campaigns=(_film(span),)))


def _film(span: Span) -> Campaign:
    """Return the campaign of the history's film: every evening of three weeks."""
    evenings = [span.film + timedelta(days=n) for n in range(21)]
    return Campaign(
        name="Spring film",
        first=evenings[0],
        last=evenings[-1],
        utm=SPOT,
        spots=tuple(datetime.combine(day, time(*divmod(SPOT_MINUTE, 60))) for day in evenings),
        cost=4_200_000,
    )


async def _showroom(showrooms: Showrooms) -> Showroom:
    try:
        return await showrooms.by_slug(SLUG)
    except NotFound:
        showroom = Showroom(
            id=ShowroomId(new_id()),
            slug=SLUG,
            name="Orvanne Live — Paris",
            brand=BRAND,
            market="FR",
            # The two of its house first, then whatever else pages are written in.
            languages=tuple(dict.fromkeys(("en", "fr", *LANGUAGES))),
            zone="Europe/Paris",
            hours=ALWAYS_OPEN,
        )
        await showrooms.save(showroom)
        return showroom


async def _store(showrooms: Showrooms, secrets: StoreSecrets, showroom: Showroom) -> None:
    if not showroom.store.url:
        await showrooms.save(replace(showroom, store=STORE))
    if not await secrets.of(showroom.id):
        await secrets.rotate(showroom.id)


async def _recording(showrooms: Showrooms) -> None:
    showroom = await showrooms.by_slug(SLUG)
    if not showroom.policy.recording:
        policy = replace(showroom.policy, recording=True)
        await showrooms.save(replace(showroom, policy=policy))


async def _range(vehicles: Vehicles, showroom_id: ShowroomId) -> None:
    entries = TypeAdapter(list[dict[str, object]]).validate_json(CATALOGUE.read_bytes())
    stored = TypeAdapter(Vehicle)
    for position, entry in enumerate(entries):
        place = {"showroom_id": showroom_id, "position": position}
        await vehicles.save(stored.validate_python({**entry, **place}))


def _kept(data_dir: Path) -> dict[str, str]:
    """Return the passwords of an earlier start by e-mail address."""
    file = data_dir / SIGN_INS
    if not file.exists():
        return {}
    fields = [line.split() for line in file.read_text().splitlines()]
    return {line[0]: line[1] for line in fields if len(line) >= 2}


def _keep(data_dir: Path, sign_ins: list[SignIn]) -> None:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = "".join(f"{sign_in.email}  {sign_in.password}  {sign_in.role}\n" for sign_in in sign_ins)
    # Written beside and moved: a start that dies half-way leaves the old file or the new one.
    new = data_dir / f"{SIGN_INS}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(data_dir / SIGN_INS)


def _password() -> str:
    """Return 50 random bits that a thumb can type on a phone, like `kavo-tiru-mesa-pilo`."""
    syllables = [secrets.choice("bdfghjklmnprstvz") + secrets.choice("aeiou") for _ in range(8)]
    return "-".join("".join(syllables[n : n + 2]) for n in range(0, 8, 2))
