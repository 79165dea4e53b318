"""The manager's page of the log of changes."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from booking.dealers.directory import Dealers
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.api_keys import ApiKeys, Scope
from showroom.audit import COMMAND_LINE, SERVER, Deed, Entry, Subject, entry_of, note
from showroom.clock import system_clock, to_ms
from showroom.ids import ShowroomId
from showroom.settings_file.people_tables import DEALER, ENDPOINT, STAFF
from showroom.settings_file.reading import Fields
from showroom.settings_file.showroom_tables import SHOWROOM, VEHICLE
from showroom.texts import LANGUAGES as SHIPPED
from showroom.texts import Words
from tests.dealers import a_dealer
from tests.houses import House
from tests.people import Person
from tests.visits import staff_id
from web.log import field_in_words, path_in_words
from web.words import LANGUAGES


async def noted(house: House, who: str, subject: Subject, **after: object) -> None:
    async with house.node.shared.database.write() as connection:
        entry = Entry(
            showroom_id=ShowroomId(house.paris),
            happened_at=system_clock(),
            who=who,
            deed=Deed.CHANGED,
            subject=subject,
            subject_id="crete",
            before=dict.fromkeys(after),
            after=after,
        )
        await note(connection, entry)


async def text_of(boss: Person, query: str = "") -> str:
    async with boss.http.get(f"{boss.url}/manager/log?showroom=paris{query}") as response:
        assert response.status == 200
        return await response.text()


async def test_the_log_says_who_changed_what_in_words(house: House, boss: Person) -> None:
    assert "Nothing was changed here yet." in await text_of(boss)
    camille = await staff_id(house.node.shared.database, "boss@example.com")
    await noted(house, camille, Subject.SHOWROOM, name="<b>Orvanne</b>")
    await noted(house, COMMAND_LINE, Subject.VEHICLE, price="41900.00")
    await noted(house, "whoever", Subject.VEHICLE, seats=5)
    text = await text_of(boss)
    assert "&lt;b&gt;Orvanne&lt;/b&gt;" in text
    for word in ("Camille Roux", "Command line", "Somebody who has left", "Vehicle crete"):
        assert word in text
    only = await text_of(boss, "&kind=vehicle")
    assert "41900.00" in only
    assert "Orvanne&lt;/b&gt;" not in only
    assert "Rien" not in only
    assert "Ligne de commande" in await text_of(boss, "&lang=fr")


async def test_fields_have_the_names_of_the_settings_page(house: House, boss: Person) -> None:
    changed: dict[str, object] = {
        "hours.monday": ["09:00-18:00"],
        "texts.lead.fr": "Bonjour",
        "campaigns": [{"name": "TV", "first": "2026-10-01"}],
        "brand.accent": "#112233",
        "some.path": True,
    }
    await noted(house, COMMAND_LINE, Subject.SHOWROOM, **changed)
    text = await text_of(boss)
    for said in (
        "Opening hours · Monday",
        "Text below it · FR",
        "<dt><bdi>Campaigns</bdi></dt>",
        "TV · 2026-10-01",
        "<dt><bdi>Buttons</bdi></dt>",
        "<dt><bdi>some.path</bdi></dt>",
    ):
        assert said in text, said


async def test_the_log_is_read_page_by_page(house: House, boss: Person) -> None:
    for n in range(51):
        await noted(house, COMMAND_LINE, Subject.VEHICLE, seats=f"seats-{n}-")
    first = await text_of(boss, "&kind=vehicle")
    assert "seats-50-" in first
    assert "seats-0-" not in first
    below = first.partition("below=")[2].partition('"')[0]
    second = await text_of(boss, f"&kind=vehicle&below={below}")
    assert "seats-0-" in second
    assert "seats-1-" not in second
    assert "Older ones" in first
    assert "Older ones" not in second


async def test_what_is_no_kind_is_refused(boss: Person) -> None:
    for wrong in ("kind=everything", "below=0", "below=x"):
        async with boss.http.get(f"{boss.url}/manager/log?{wrong}") as response:
            assert response.status == 400


async def test_programs_the_server_and_what_is_gone_have_their_names(
    house: House, boss: Person
) -> None:
    shared = house.node.shared
    keys = ApiKeys(shared.database, shared.clock)
    endpoints = Endpoints(shared.database, Guard(()), shared.clock)
    key, _ = await keys.add(house.paris, "The importer", [Scope.DEALERS_WRITE])
    url = "https://store.example.com/hooks"
    kept, gone = [
        await endpoints.add(house.paris, EndpointKind.WEBHOOK, name, url, [Topic.LEAD_QUALIFIED])
        for name in ("The kept one", "The lost one")
    ]
    await Dealers(shared.database, shared.clock).upsert(
        house.paris, [a_dealer(house.paris, "75-1")], who=key.id
    )
    await keys.revoke(house.paris, key.id)
    await endpoints.disable(house.paris, kept.id, who=SERVER)
    await endpoints.remove(house.paris, gone.id)
    text = await text_of(boss)
    for words in (
        "Program The importer",
        "Key The importer",
        "Dealer 75-1",
        "The server",
        "Endpoint The kept one",
        "Endpoint The lost one",
        "removed",
    ):
        assert words in text


async def test_orders_on_the_floor_are_told_like_settings(house: House, boss: Person) -> None:
    alice = await staff_id(house.node.shared.database, "alice@example.com")
    orders = (
        ("queue", "closed", True),
        ("notice", "text", {"fr": "Bonjour"}),
        (alice, "away", "now"),
    )
    async with house.node.shared.database.write() as connection:
        for which, field, wanted in orders:
            what = (Subject.FLOOR, which, {field: None}, {field: wanted})
            await note(connection, entry_of(house.paris, system_clock(), alice, *what))
    text = await text_of(boss, "&kind=floor")
    for words in ("Floor queue", "Floor notice", "Notice to customers · FR", "Floor Alice Martin"):
        assert words in text


async def test_a_moment_is_read_as_one(house: House, boss: Person) -> None:
    at = to_ms(datetime(2031, 12, 24, 11, 30, tzinfo=UTC))
    await noted(house, COMMAND_LINE, Subject.STAFF, invited_until=at)
    text = await text_of(boss)
    assert "Invited until" in text
    assert "24 Dec 2031, 12:30:00" in text, "by the showroom's clocks"


async def test_of_long_lists_the_log_shows_what_differs(house: House, boss: Person) -> None:
    both, new = {"day": "2031-12-24", "hours": []}, {"day": "2031-12-25", "hours": []}
    async with house.node.shared.database.write() as connection:
        tables = {"exceptions": [both]}, {"exceptions": [both, new]}
        what = (Subject.SHOWROOM, house.paris, *tables)
        await note(connection, entry_of(house.paris, system_clock(), COMMAND_LINE, *what))
    text = await text_of(boss)
    assert "2031-12-25 · Closed" in text
    assert "2031-12-24" not in text
    assert "2031-12-25 · Fermé" in await text_of(boss, "&lang=fr")


def paths(fields: Fields, above: str = "") -> Iterator[str]:
    """Yield the path of each field of a table."""
    for name, reader in fields.items():
        if isinstance(reader, Mapping):
            yield from paths(reader, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_values_are_said_in_words_and_without_names_of_fields() -> None:
    t = Words(LANGUAGES).translator("en")
    assert field_in_words("hours.sunday", ["09:00-18:00"], [], t) == {
        "path": "Opening hours · Sunday",
        "before": "09:00-18:00",
        "after": "Closed",
    }
    week = {"monday": ["08:00-24:00"], "sunday": []}
    campaign = {"name": "Autumn", "first": "2026-10-01", "last": "2026-10-14", "hours": week}
    told = field_in_words("campaigns", [], [campaign, {"name": "Winter"}], t)
    assert told["before"] == "nothing"
    assert told["after"] == "Autumn · 2026-10-01 · 2026-10-14 · Monday 08:00-24:00; Winter"
    assert field_in_words("policy.recording", None, True, t)["before"] == "nothing"
    assert field_in_words("scoring.points.email", 10, 0, t)["after"] == "0"


@pytest.mark.parametrize("language", SHIPPED)
def test_every_setting_has_its_words(language: str) -> None:
    t = Words(LANGUAGES).translator(language)
    tables = (SHOWROOM, VEHICLE, DEALER, ENDPOINT, STAFF)
    found = {path for fields in tables for path in paths(fields)} - {"hours", "tagline"}
    found |= {"hours.monday", "tagline.en", "store.signing_keys", "signing_keys", "disabled_reason"}
    said = {path: path_in_words(path, t) for path in found}
    wordless = {path for path, words in said.items() if words == path or "." in words}
    assert not wordless
