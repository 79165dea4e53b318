"""Files, applied: all or nothing, only what they name, and each change with its entry."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from booking.handoff.endpoints import Endpoints
from showroom.audit import COMMAND_LINE, AuditLog, Deed, Entry, Subject
from showroom.audit_tables import audit_entries
from showroom.database import Database
from showroom.errors import Conflict, WrongCredentials
from showroom.hours import Interval, WeeklyHours
from showroom.ids import ShowroomId
from showroom.lead_tables import endpoints as endpoint_rows
from showroom.settings_file.applying import SettingsFiles, Wrong
from showroom.settings_file.parts import Part
from showroom.showrooms import Showrooms
from showroom.tables import staff, staff_sessions
from showroom.vehicles import Vehicles
from tests.samples import PASSWORD, staff_of
from tests.showroom.settings_file.samples import (
    GUARD,
    QUERY,
    everything,
    exported,
    files_of,
    furnish_whole,
    parsed,
)
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def paris(database: Database, clock: VirtualClock) -> ShowroomId:
    """A showroom with all that it can have, beside another one."""
    return await furnish_whole(database, clock)


@pytest.fixture
def files(database: Database, clock: VirtualClock) -> SettingsFiles:
    return files_of(database, clock)


async def entries(database: Database, showroom: ShowroomId) -> list[Entry]:
    """Return what the log says, the oldest first."""
    return [noted.entry for noted in reversed(await AuditLog(database).page(showroom))]


async def test_what_was_exported_changes_nothing(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    text = await exported(files)
    assert '[staff.roles]\nlyon = ["manager"]\nparis = ["advisor"]' in text
    before = await everything(database)
    assert (await files.compare(parsed(text))).changes == []
    assert (await files.apply(parsed(text))).lines == ()
    assert await everything(database) == before


async def test_applying_twice_is_applying_once(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    text = (await exported(files)).replace("ring_seconds = 20", "ring_seconds = 25")
    text = text.replace("price = 41900.00", "price = 39900.50").replace("Zoé", "Zoé B.")
    assert len((await files.apply(parsed(text))).lines) == 5
    before = await everything(database)
    assert (await files.apply(parsed(text))).lines == ()
    assert await everything(database) == before
    assert await exported(files) == text


async def test_the_difference_is_a_line_for_each_field(
    paris: ShowroomId, files: SettingsFiles
) -> None:
    plan = await files.compare(
        parsed("""
            [[showrooms]]
            slug = "paris"
            exceptions = [{ day = 2026-12-25, hours = [] }]
            [showrooms.policy]
            ring_seconds = 25
            recording = true
            [showrooms.visits]
            notice = "2 h"
            [[showrooms.vehicles]]
            slug = "crete"
            price = 39900
            range_km = ""
            tagline.fr = "Plus haut."
            [[showrooms.dealers]]
            code = "75-01"
            phone = "01 42 68 53 01"
            closed = true
            [[showrooms.endpoints]]
            kind = "webhook"
            name = "Store"
            address = "https://shop.example.com/new?key=other"
            topics = ["lead.qualified"]
            [[staff]]
            email = "New@Example.com"
            name = "Nina"
            languages = ["en"]
            roles.paris = ["advisor"]
            [[staff]]
            email = "zoe@example.com"
            roles.paris = ["manager", "advisor"]
            disabled = true
        """)
    )
    assert plan.lines == [
        "showroom paris · exceptions: [] → [{ day = 2026-12-25, hours = [] }]",
        "showroom paris · policy.ring_seconds: 20 → 25",
        "showroom paris · policy.recording: false → true",
        'showroom paris · visits.notice: "1 h" → "2 h"',
        'dealer 75-01 of paris · phone: "+33123456789" → "+33142685301"',
        "dealer 75-01 of paris · closed: false → true",
        "vehicle crete of paris · price: 41900.00 → 39900.00",
        'vehicle crete of paris · tagline.fr: "Là-haut." → "Plus haut."',
        "vehicle crete of paris · range_km: 870 → nothing",
        'endpoint Store of paris · address: "https://shop.example.com/leads?…"'
        ' → "https://shop.example.com/new?…"',
        'endpoint Store of paris · topics: ["lead.qualified", "call.ended"] → ["lead.qualified"]',
        "staff new@example.com · added as advisor of paris",
        "staff zoe@example.com · disabled: false → true",
        'staff zoe@example.com · roles.paris: ["advisor"] → ["advisor", "manager"]',
    ]


async def test_what_a_file_does_not_name_stays_and_lists_are_replaced_whole(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    before = await Showrooms(database).by_slug("paris")
    others = await everything(database)
    await files.apply(
        parsed("""
            [[showrooms]]
            slug = "paris"
            languages = ["fr"]
            [showrooms.hours]
            monday = ["09:00-12:30", "14:00-18:00"]
        """)
    )
    monday = (Interval.of("09:00", "12:30"), Interval.of("14:00", "18:00"))
    wanted = replace(before, languages=("fr",), hours=WeeklyHours(monday))
    assert await Showrooms(database).by_slug("paris") == wanted
    now = await everything(database)
    changed = {name for name in now if now[name] != others[name]}
    assert changed == {"showrooms", "audit_entries"}


async def test_an_entry_has_who_and_what_before_and_after_and_no_more(
    database: Database, paris: ShowroomId, files: SettingsFiles, clock: VirtualClock
) -> None:
    text = await exported(files, "paris")
    await files.apply(
        parsed(text.replace("ring_seconds = 20", "ring_seconds = 25").replace("870", "900"))
    )
    known: dict[str, Any] = {"showroom_id": paris, "happened_at": clock(), "who": COMMAND_LINE}
    assert await entries(database, paris) == [
        Entry(
            **known,
            deed=Deed.CHANGED,
            subject=Subject.SHOWROOM,
            subject_id=paris,
            before={"policy.ring_seconds": 20},
            after={"policy.ring_seconds": 25},
        ),
        Entry(
            **known,
            deed=Deed.CHANGED,
            subject=Subject.VEHICLE,
            subject_id="crete",
            before={"range_km": 870},
            after={"range_km": 900},
        ),
    ]


async def test_of_somebody_who_works_in_two_showrooms_each_log_tells_its_own(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    lyon = (await Showrooms(database).by_slug("lyon")).id
    change = '[[staff]]\nemail = "zoe@example.com"\nroles.paris = ["manager"]\n'
    await files.apply(parsed(change))
    (told,) = await entries(database, paris)
    assert (told.subject, dict(told.before), dict(told.after)) == (
        Subject.STAFF,
        {"roles": ["advisor"]},
        {"roles": ["manager"]},
    )
    assert await entries(database, lyon) == []
    await files.apply(parsed('[[staff]]\nemail = "zoe@example.com"\nname = "Zoé B."\n'))
    for room in (paris, lyon):
        assert (await entries(database, room))[-1].after == {"name": "Zoé B."}


async def test_no_secret_is_exported_or_logged(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    async with database.read() as connection:
        secrets = [secret for row in await connection.scalars(sa.select(endpoint_rows.c.secrets))
                   for secret in row]  # fmt: skip
        hashes = list(await connection.scalars(sa.select(staff.c.password)))
    assert secrets
    text = await exported(files)
    copy = text.replace('slug = "paris"', 'slug = "nice"').replace("paris = ", "nice = ")
    await files.apply(parsed(copy))
    async with database.read() as connection:
        log = repr((await connection.execute(sa.select(audit_entries))).all())
        new = list(await connection.scalars(sa.select(endpoint_rows.c.secrets)))
    assert "shop.example.com" in log
    for hidden in (*secrets, *hashes, "$argon2", "whsec_"):
        assert hidden not in text
        assert hidden not in log
    assert QUERY not in log
    webhooks = [row[0] for row in new if row]
    assert len(webhooks) == len(set(webhooks)) == 4, "each webhook of the copy has its own"


async def test_a_country_copies_another(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    text = await exported(files, "paris")
    assert "lyon" not in text, "what belongs to others is not in it"
    copy = text.replace('slug = "paris"', 'slug = "nice"').replace("\nparis = ", "\nnice = ")
    done = await files.apply(parsed(copy))
    assert "showroom nice · added" in done.lines
    assert 'staff zoe@example.com · roles.nice: nothing → ["advisor"]' in done.lines
    nice = await Showrooms(database).by_slug("nice")
    was = await Showrooms(database).by_slug("paris")
    assert nice == replace(was, id=nice.id, slug="nice")
    assert nice.id != was.id
    cars = await Vehicles(database).of(nice.id)
    assert [replace(car, showroom_id=paris) for car in cars] == list(
        await Vehicles(database).of(paris)
    )
    assert await exported(files, "nice") == copy
    assert done.new_webhooks == 2
    added = await entries(database, nice.id)
    assert [entry.deed for entry in added].count(Deed.ADDED) == len(added) - 1
    assert all(not entry.before for entry in added)
    assert added[0].after["policy.ring_seconds"] == 20


async def test_nobody_new_can_sign_in_until_a_password_is_set(
    database: Database, paris: ShowroomId, files: SettingsFiles, clock: VirtualClock
) -> None:
    added = """
        [[staff]]
        email = "nina@example.com"
        name = "Nina"
        languages = []
        roles.paris = ["advisor"]
    """
    assert (await files.apply(parsed(added))).new_people == 1
    accounts = staff_of(database, clock)
    for tried in ("", "nobody has this password", PASSWORD):
        with pytest.raises(WrongCredentials):
            await accounts.check("nina@example.com", tried)
    await accounts.set_password("nina@example.com", PASSWORD)
    await accounts.check("nina@example.com", PASSWORD)


async def test_who_is_disabled_by_a_file_is_out_at_once_and_can_come_back(
    database: Database, paris: ShowroomId, files: SettingsFiles, clock: VirtualClock
) -> None:
    accounts = staff_of(database, clock)
    somebody = await accounts.check("zoe@example.com", PASSWORD)
    token = await accounts.open_session(somebody, 8)
    await files.apply(parsed('[[staff]]\nemail = "zoe@example.com"\ndisabled = true\n'))
    assert await accounts.session(token) is None
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(staff_sessions)) == 0
    with pytest.raises(WrongCredentials):
        await accounts.check("zoe@example.com", PASSWORD)
    await files.apply(parsed('[[staff]]\nemail = "zoe@example.com"\ndisabled = false\n'))
    assert await accounts.check("zoe@example.com", PASSWORD) == somebody


async def test_a_closed_dealer_stays_closed_since_then(
    database: Database, paris: ShowroomId, files: SettingsFiles, clock: VirtualClock
) -> None:
    head = '[[showrooms]]\nslug = "paris"\n[[showrooms.dealers]]\ncode = "75-01"\n'
    await files.apply(parsed(head + "closed = true\n"))
    closed_at = clock()
    clock.advance(seconds=60)
    await files.apply(parsed(head + 'closed = true\nname = "Garage Violette"\n'))
    dealer = (await files.standing()).range("paris").dealers["75-01"]
    assert (dealer.closed_at, dealer.name) == (closed_at, "Garage Violette")
    await files.apply(parsed(head + "closed = false\n"))
    assert (await files.standing()).range("paris").dealers["75-01"].closed_at is None


async def test_an_endpoint_keeps_its_secrets_and_what_it_has_been_through(
    database: Database, paris: ShowroomId, files: SettingsFiles, clock: VirtualClock
) -> None:
    book = Endpoints(database, GUARD, clock)
    before = {one.id: one for one in await book.of(paris)}
    text = (await exported(files)).replace('dealer = "75-01"', 'dealer = ""')
    await files.apply(parsed(text))
    after = {one.id: one for one in await book.of(paris)}
    assert after.keys() == before.keys()
    assert {replace(one, dealer=None) for one in before.values()} == set(after.values())


async def test_only_the_parts_that_are_asked_for_are_applied(
    paris: ShowroomId, files: SettingsFiles
) -> None:
    text = (await exported(files)).replace("ring_seconds = 20", "ring_seconds = 25")
    text = text.replace("41900.00", "39900.00").replace('name = "Max"', 'name = "Maxi"')
    applied = await files.apply(parsed(text), [Part.VEHICLES, Part.STAFF])
    assert [line.split(" ·")[0] for line in applied.lines] == [
        "vehicle crete of paris",
        "vehicle mule of paris",
        "staff max@example.com",
    ]


async def test_parts_of_a_showroom_that_is_not_there_are_refused_alone(
    paris: ShowroomId, files: SettingsFiles
) -> None:
    text = (await exported(files, "paris")).replace('slug = "paris"', 'slug = "nice"')
    with pytest.raises(Wrong) as wrong:
        await files.apply(parsed(text), [Part.VEHICLES])
    assert [str(one) for one in wrong.value.problems] == [
        "showroom nice: there is no such showroom yet, and its own settings are left out."
    ]


async def test_what_fails_midway_leaves_nothing(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    text = (await exported(files)).replace("ring_seconds = 20", "ring_seconds = 25")
    text = text.replace('name = "Max"', 'name = "Maxi"')
    # The last of the changes can't be written: the database itself refuses it.
    await refuse_staff(database)
    before = await everything(database)
    with pytest.raises((sa.exc.DBAPIError, Conflict)):
        await files.apply(parsed(text))
    assert await everything(database) == before
    assert before["audit_entries"] == []
    await refuse_staff(database, again=False)
    assert len((await files.apply(parsed(text))).lines) == 3


async def refuse_staff(database: Database, *, again: bool = True) -> None:
    """Have the database refuse every change of an account, or no more."""
    async with database.write() as connection:
        if connection.dialect.name == "sqlite":
            made = (
                "CREATE TRIGGER no_staff BEFORE UPDATE ON staff BEGIN"
                " SELECT RAISE(ABORT, 'refused'); END"
            )
            statements = [made if again else "DROP TRIGGER no_staff"]
        elif again:
            statements = [
                "CREATE FUNCTION no_staff() RETURNS trigger AS"
                " $$ BEGIN RAISE EXCEPTION 'refused'; END $$ LANGUAGE plpgsql",
                "CREATE TRIGGER no_staff BEFORE UPDATE ON staff"
                " FOR EACH ROW EXECUTE FUNCTION no_staff()",
            ]
        else:
            statements = ["DROP TRIGGER no_staff ON staff", "DROP FUNCTION no_staff()"]
        for statement in statements:
            await connection.execute(sa.text(statement))


async def test_the_last_file_wins_and_the_log_tells_of_what_it_found(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    """Somebody looks at a difference, and meanwhile somebody else applies theirs."""
    ours = await exported(files, "paris")
    await files.apply(
        parsed(
            '[[showrooms]]\nslug = "paris"\n[showrooms.policy]\nring_seconds = 30\n'
            "recording = true\n"
        )
    )
    one_field = '[[showrooms]]\nslug = "paris"\n[showrooms.policy]\nring_seconds = 25\n'
    await files.apply(parsed(one_field))
    assert (await Showrooms(database).by_slug("paris")).policy.recording, "it was not named"
    log = await entries(database, paris)
    assert [(one.before, one.after) for one in log[1:]] == [
        ({"policy.ring_seconds": 30}, {"policy.ring_seconds": 25})
    ]
    await files.apply(parsed(ours))
    assert (await entries(database, paris))[-1].before == {
        "policy.ring_seconds": 25,
        "policy.recording": True,
    }


async def test_files_that_are_applied_at_once_follow_one_another(
    database: Database, paris: ShowroomId, files: SettingsFiles
) -> None:
    text = await exported(files, "paris")
    copy = text.replace('slug = "paris"', 'slug = "nice"')

    def waiting(seconds: int) -> dict[str, Any]:
        return parsed(copy.replace("ring_seconds = 20", f"ring_seconds = {seconds}"))

    done = await asyncio.gather(*(files.apply(waiting(seconds)) for seconds in range(30, 36)))
    # One has added all of it; each of the others has found what the one before it has left.
    assert sorted(len(one.lines) for one in done)[:5] == [1] * 5
    nice = await Showrooms(database).by_slug("nice")
    log = [one for one in await entries(database, nice.id) if one.subject is Subject.SHOWROOM]
    seen = [one.after["policy.ring_seconds"] for one in log]
    assert [one.before["policy.ring_seconds"] for one in log[1:]] == seen[:-1]
    assert sorted(seen) == list(range(30, 36))
    assert nice.policy.ring_seconds == seen[-1]


async def test_of_two_endpoints_with_one_name_each_keeps_its_own(
    database: Database, paris: ShowroomId, files: SettingsFiles, clock: VirtualClock
) -> None:
    text = await exported(files, "paris")
    webhook = 'kind = "webhook"\nname = "Store"\naddress = "'
    # Now the first one of them comes after the other, by its address.
    moved = text.replace(f"{webhook}https://shop", f"{webhook}https://zoo", 1)
    before = {one.id: one.dealer for one in await Endpoints(database, GUARD, clock).of(paris)}
    assert len((await files.apply(parsed(moved))).lines) == 1
    assert (await files.apply(parsed(moved))).lines == ()
    after = {one.id: one.dealer for one in await Endpoints(database, GUARD, clock).of(paris)}
    assert after == before
    # A third one beside them is a new one.
    third = moved.replace(
        f"[[showrooms.endpoints]]\n{webhook}https://zoo",
        f'[[showrooms.endpoints]]\n{webhook}https://third.example.com"\ntopics = ["call.ended"]\n'
        f"[[showrooms.endpoints]]\n{webhook}https://zoo",
    )
    assert (await files.apply(parsed(third))).lines == ("endpoint Store (3) of paris · added",)
    assert (await files.apply(parsed(third))).lines == ()
