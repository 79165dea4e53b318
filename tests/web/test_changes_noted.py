"""What a manager changes on their pages stands in the log with their name, and nobody else's."""

import aiohttp

from booking.dealers.directory import Dealers
from showroom.audit import AuditLog, Deed, Entry, Subject
from tests.dealers import a_dealer
from tests.houses import House
from tests.people import Person
from tests.visits import staff_id
from tests.web.agendas import post

ENDPOINT = {
    "kind": "webhook",
    "name": "Store",
    "address": "https://store.example.com/hooks",
    "topics": ["lead.qualified"],
}
SCOPES = {"name": "The store", "scopes": ["slots:read"]}


async def log_of(house: House) -> list[Entry]:
    """Return the log, the oldest first."""
    page = await AuditLog(house.node.shared.database).page(house.paris)
    return [entry for _, entry in reversed(page)]


async def camille(house: House) -> str:
    return await staff_id(house.node.shared.database, "boss@example.com")


async def test_each_change_of_an_endpoint_has_its_manager(house: House, boss: Person) -> None:
    there = "/manager/handoff/endpoints"
    _, made = await post(boss, there, ENDPOINT)
    one = f"{there}/{made['id']}"
    moved = {"address": "https://store.example.com/elsewhere"}
    bodies = {"move": moved, "rotate": {}, "end-rotation": {}, "disable": {}, "enable": {}}
    for what, body in {**bodies, "remove": {}}.items():
        assert (await post(boss, f"{one}/{what}", body))[0] in (200, 201), what
    log = await log_of(house)
    assert len(log) == 7
    assert {(entry.who, entry.subject_id) for entry in log} == {(await camille(house), made["id"])}
    assert log[1].after == moved


async def test_each_change_of_a_key_has_its_manager(house: House, boss: Person) -> None:
    _, made = await post(boss, "/manager/keys", SCOPES)
    key = made["keys"][0]["id"]
    await post(boss, f"/manager/keys/{key}/revoke")
    who = await camille(house)
    assert [(one.who, one.deed, one.subject, one.subject_id) for one in await log_of(house)] == [
        (who, Deed.ADDED, Subject.KEY, key),
        (who, Deed.REMOVED, Subject.KEY, key),
    ]


async def test_the_table_of_points_is_noted_rule_by_rule(house: House, boss: Person) -> None:
    changed = {"points": {"test_drive": 40}, "qualified_from": 60}
    for _ in range(2):
        assert (await post(boss, "/manager/scoring", changed))[0] == 200
    assert (await post(boss, "/manager/scoring", {"points": {}, "qualified_from": 60}))[0] == 200
    first, back = await log_of(house)
    usual = first.before["scoring.points.test_drive"]
    assert (first.who, first.subject, first.subject_id) == (
        await camille(house),
        Subject.SHOWROOM,
        house.paris,
    )
    assert first.before == {"scoring.points.test_drive": usual, "scoring.qualified_from": 50}
    assert first.after == {"scoring.points.test_drive": 40, "scoring.qualified_from": 60}
    assert (back.before, back.after) == (
        {"scoring.points.test_drive": 40},
        {"scoring.points.test_drive": usual},
    )


async def test_what_is_done_to_a_dealer_has_its_manager(house: House, boss: Person) -> None:
    database, clock = house.node.shared.database, house.node.shared.clock
    await Dealers(database, clock).upsert(house.paris, [a_dealer(house.paris)])
    page = "/manager/dealers"
    for what in ("close", "reopen"):
        form = {"csrf": await boss.csrf(page), "code": "75-1"}
        async with boss.http.post(f"{boss.url}{page}/{what}", data=form) as response:
            assert response.status == 200
    file = aiohttp.FormData({"csrf": await boss.csrf(page)})
    lines = b"code,name,street,postcode,city,latitude,longitude\n69-1,A,1 rue,69003,Lyon,45.7,4.8\n"
    file.add_field("file", lines, filename="dealers.csv", content_type="text/csv")
    async with boss.http.post(f"{boss.url}{page}", data=file) as response:
        assert response.status == 200
    who = await camille(house)
    assert [(one.who, one.deed, one.subject_id) for one in (await log_of(house))[1:]] == [
        (who, Deed.CHANGED, "75-1"),
        (who, Deed.CHANGED, "75-1"),
        (who, Deed.ADDED, "69-1"),
    ]
