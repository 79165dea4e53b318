"""The manager's page of the log of changes."""

from showroom.audit import COMMAND_LINE, Deed, Entry, Subject, note
from showroom.clock import system_clock
from showroom.ids import ShowroomId
from tests.houses import House
from tests.people import Person
from tests.visits import staff_id


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
        "<dt>Campaigns</dt>",
        "name: TV",
        "first: 2026-10-01",
        "<dt>Buttons</dt>",
        "<dt>some.path</dt>",
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
