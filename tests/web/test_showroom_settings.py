"""The manager's page of a showroom's settings, over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from showroom.audit import COMMAND_LINE, AuditLog, Deed, Subject
from showroom.clock import system_clock
from showroom.public_holidays import days_off
from showroom.settings_file.by_hand import ShowroomEditor
from showroom.showrooms import Showrooms
from tests.houses import House
from tests.people import Person
from tests.visits import staff_id
from tests.web.agendas import post

URL = "/manager/showroom/settings?showroom=paris"


async def table_of(house: House) -> dict[str, Any]:
    editor = ShowroomEditor(house.node.shared.database, system_clock)
    return dict(await editor.table(house.paris))


async def test_a_change_holds_at_once_and_stands_in_the_log(house: House, boss: Person) -> None:
    seen = await table_of(house)
    given = {"policy": {"ring_seconds": 25}, "hours": {"monday": ["09:00-18:00"]}}
    status, answer = await post(boss, URL, {"given": given, "seen": seen})
    assert status == 200, answer
    assert answer["table"]["policy"]["ring_seconds"] == 25
    assert answer["table"]["hours"]["tuesday"] == ["00:00-24:00"], "what is not named stays"
    database = house.node.shared.database
    room = await Showrooms(database).by_id(house.paris)
    assert room.policy.ring_seconds == 25
    [noted] = await AuditLog(database).page(house.paris)
    entry = noted.entry
    assert entry.who == await staff_id(database, "boss@example.com")
    assert (entry.deed, entry.subject) == (Deed.CHANGED, Subject.SHOWROOM)
    assert entry.before == {"policy.ring_seconds": 20, "hours.monday": ["00:00-24:00"]}
    assert entry.after == {"policy.ring_seconds": 25, "hours.monday": ["09:00-18:00"]}


async def test_the_second_of_two_managers_is_told_and_loses_nothing(
    house: House, boss: Person
) -> None:
    seen = await table_of(house)
    editor = ShowroomEditor(house.node.shared.database, system_clock)
    first = {"policy": {"ring_seconds": 30}, "name": "Orvanne Live"}
    assert (await editor.change(house.paris, first, seen, COMMAND_LINE)).done
    mine = {"policy": {"ring_seconds": 40, "retention_days": 90}}
    status, answer = await post(boss, URL, {"given": mine, "seen": seen})
    assert (status, answer["code"]) == (412, "changed_meanwhile")
    assert answer["meanwhile"] == {"policy.ring_seconds": ""}
    assert answer["table"]["policy"]["ring_seconds"] == 30
    room = await Showrooms(house.node.shared.database).by_id(house.paris)
    assert (room.policy.ring_seconds, room.policy.retention_days) == (30, 365), "nothing was saved"
    other = {"given": {"policy": {"retention_days": 90}}, "seen": seen}
    assert (await post(boss, URL, other))[0] == 200, "another field is nobody's but theirs"
    status, answer = await post(boss, URL, {"given": mine, "seen": answer["table"]})
    assert (status, answer["table"]["policy"]["ring_seconds"]) == (200, 40)
    assert answer["table"]["name"] == "Orvanne Live"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": ""}, "name"),
        ({"policy": {"ring_seconds": 0}}, "policy.ring_seconds"),
        ({"policy": {"ring_seconds": True}}, "policy.ring_seconds"),
        ({"hours": {"monday": ["18:00-09:00"]}}, "hours.monday"),
        ({"hours": {"moonday": []}}, "hours.moonday"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"slug": "rome"}, "slug"),
        ({"languages": ["fr", "ja"]}, "languages"),
        ({"languages": []}, "languages"),
        ({"brand": {"accent": "red"}}, "brand.accent"),
        ({"brand": "red"}, "brand"),
        ({"holidays": {"country": "XX"}}, "holidays.country"),
        ({"holidays": {"country": "FR", "region": "BY"}}, "holidays.region"),
        ({"campaigns": [{"name": "TV", "first": "2026-10-02", "last": "2026-10-01"}]}, "campaigns"),
        ({"campaigns": [{"first": "2026-10-02", "last": "2026-10-03"}]}, "campaigns"),
        ({"texts": {"headline": {"en": "x" * 81}}}, "texts.headline.en"),
        ({"texts": {"headline": {"xx": "x"}}}, "texts.headline.xx"),
        ({"canned": {"en": ["x"] * 21}}, "canned.en"),
    ],
)
async def test_what_is_wrong_is_told_by_its_field_and_nothing_is_saved(
    house: House, boss: Person, given: dict[str, Any], path: str
) -> None:
    seen = await table_of(house)
    status, answer = await post(boss, URL, {"given": given, "seen": seen})
    assert (status, answer["code"]) == (400, "bad_request")
    assert list(answer["problems"]) == [path]
    assert await table_of(house) == seen
    assert await AuditLog(house.node.shared.database).page(house.paris) == ()


async def test_what_is_no_change_is_refused(boss: Person) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"given": {}},
        {"given": [], "seen": {}},
        {"given": {}, "seen": {}, "more": 1},
    )
    for body in wrong:
        status, answer = await post(boss, URL, body)
        assert (status, answer["code"]) == (400, "bad_request"), body


async def test_an_amount_is_kept_to_the_cent(house: House, boss: Person) -> None:
    campaign = {
        "name": "Television",
        "first": "2026-10-01",
        "last": "2026-10-14",
        "utm": "tv",
        "spots": ["2026-10-03 20:50"],
        "cost": 120000.1,
        "currency": "CHF",
    }
    body = {"given": {"campaigns": [campaign]}, "seen": await table_of(house)}
    status, answer = await post(boss, URL, body)
    assert status == 200, answer
    assert answer["table"]["campaigns"] == [campaign | {"cost": "120000.10"}]
    [kept] = (await Showrooms(house.node.shared.database).by_id(house.paris)).campaigns
    assert (kept.cost, kept.currency, kept.hours) == (12_000_010, "CHF", None)
    assert kept.spots[0].isoformat() == "2026-10-03T20:50:00"


async def test_no_visit_can_be_booked_on_a_holiday_that_is_closed(
    house: House, boss: Person
) -> None:
    given: dict[str, Any] = {"visits": {"horizon": "130 days"}}
    body = {"given": given, "seen": await table_of(house)}
    status, answer = await post(boss, URL, body)
    assert status == 200, answer

    async def free() -> set[date]:
        """Return the days on which a visit can be booked."""
        async with boss.http.get(f"{house.url}/s/paris/slots?language=en") as response:
            found = (await response.json())["slots"]
        here = ZoneInfo("Europe/Paris")
        return {datetime.fromtimestamp(one["starts_at"] / 1000, here).date() for one in found}

    # No three months and a half of the year are without one.
    today = datetime.now(UTC).date()
    [holiday, *_] = days_off("US", "", today + timedelta(2), today + timedelta(128), "en")
    before = await free()
    assert holiday.day in before
    rule = {"country": "US", "region": "", "days": [{"name": holiday.name, "hours": []}]}
    status, _ = await post(boss, URL, {"given": {"holidays": rule}, "seen": answer["table"]})
    assert status == 200
    same = [one.day for one in days_off("US", "", min(before), max(before), "en")]
    assert before - await free() <= set(same)
    assert holiday.day not in await free()


async def test_the_calendar_speaks_the_language_of_the_page(house: House, boss: Person) -> None:
    url = f"{house.url}/manager/showroom/holidays?showroom=paris&country=FR&region=57"
    async with boss.http.get(f"{url}&lang=fr") as response:
        days = (await response.json())["days"]
    christmas = [one for one in days if one["name"] == "Christmas Day"]
    assert [one["shown"] for one in christmas] == ["Noël"]
    assert any(one["shown"] == "Saint-Étienne" for one in days), "of Moselle alone"
    for wrong in ("country=XX", "country=FR&region=BY", "region=57"):
        async with boss.http.get(f"{house.url}/manager/showroom/holidays?{wrong}") as response:
            assert response.status == 400
