"""The agendas, rosters and calendar feeds over HTTP."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from icalendar import Calendar

from showroom.clock import system_clock, to_ms
from showroom.ids import AppointmentId, StaffId
from tests.houses import House
from tests.people import Person
from tests.samples import PASSWORD
from tests.threats.conftest import written
from tests.visits import LENGTH_MS, saved_visit, staff_id

__all__ = ["written"]

PARIS = ZoneInfo("Europe/Paris")
OWN, TEAM = "/advisor/agenda", "/manager/agenda"
Answer = tuple[int, dict[str, Any]]


def noon(days: int = 1) -> int:
    """Return twelve o'clock in Paris, so many days from today."""
    there = datetime.now(UTC).astimezone(PARIS) + timedelta(days=days)
    return to_ms(there.replace(hour=12, minute=0, second=0, microsecond=0))


def local(ms: int) -> str:
    """Return a moment as a field of a form in Paris holds it."""
    return datetime.fromtimestamp(ms / 1000, PARIS).strftime("%Y-%m-%dT%H:%M")


def day(ms: int) -> str:
    return local(ms)[:10]


async def get(who: Person, path: str, **query: Any) -> Answer:
    headers = {"Accept": "application/json"}
    async with who.http.get(who.url + path, params=query, headers=headers) as response:
        return response.status, await response.json()


async def post(who: Person, path: str, body: object = None) -> Answer:
    headers = {"X-CSRF-Token": await who.csrf(f"/s/{who.showroom}")}
    async with who.http.post(who.url + path, json=body or {}, headers=headers) as response:
        return response.status, await response.json()


@pytest.fixture
async def alice(house: House) -> AsyncIterator[Person]:
    async with house.employee() as person:
        assert await person.sign_in("alice@example.com", PASSWORD) == 303
        yield person


@pytest.fixture
async def boss(house: House) -> AsyncIterator[Person]:
    async with house.boss() as person:
        assert await person.sign_in("boss@example.com", PASSWORD) == 303
        yield person


async def person_id(house: House, name: str) -> StaffId:
    return await staff_id(house.node.shared.database, f"{name}@example.com")


async def a_visit(house: House, name: str = "alice", at: int = 0, **more: Any) -> AppointmentId:
    host = await person_id(house, name)
    return await saved_visit(house.node.shared.database, house.paris, host, at or noon(), **more)


# ------------------------------------------------------------------ days


async def test_an_advisor_sees_their_own_visits_and_a_manager_all(
    house: House, alice: Person, boss: Person
) -> None:
    own = await a_visit(house, "alice", phone="+33612345678")
    other = await a_visit(house, "bruno")
    _, seen = await get(alice, f"{OWN}/days", day=day(noon()))
    assert [visit["id"] for visit in seen["visits"]] == [own]
    assert [one["name"] for one in seen["advisors"]] == ["Alice Martin"]
    _, all_of_it = await get(boss, f"{TEAM}/days", day=day(noon()))
    assert {visit["id"] for visit in all_of_it["visits"]} == {own, other}
    assert [one["name"] for one in all_of_it["advisors"]] == ["Alice Martin", "Bruno Keller"]
    visit = seen["visits"][0]
    assert (visit["name"], visit["vehicle"], visit["language"]) == ("Jeanne Moreau", "crete", "fr")
    assert (visit["email"], visit["phone"]) == ("jeanne@example.com", "+33612345678")
    assert (visit["state"], visit["advisor_name"]) == ("booked", "Alice Martin")


async def test_no_agenda_tells_a_customer_s_token(house: House, boss: Person) -> None:
    await a_visit(house, token="a-token-of-a-customer")
    _, seen = await get(boss, f"{TEAM}/days", day=day(noon()))
    assert len(seen["visits"]) == 1
    assert "a-token-of-a-customer" not in str(seen)


async def test_a_week_has_seven_days_and_each_its_hours(house: House, alice: Person) -> None:
    _, seen = await get(alice, f"{OWN}/days", day="2026-03-23", days=7)
    assert [one["date"] for one in seen["days"]] == [f"2026-03-{n}" for n in range(23, 30)]
    assert [len(one["hours"]) for one in seen["days"]] == [24] * 6 + [23]
    _, seen = await get(alice, f"{OWN}/days", day="2026-10-25")
    assert len(seen["days"][0]["hours"]) == 25


async def test_without_a_date_an_agenda_begins_today(house: House, alice: Person) -> None:
    _, seen = await get(alice, f"{OWN}/days")
    assert [one["date"] for one in seen["days"]] == [day(system_clock())] == [seen["today"]]


@pytest.mark.parametrize(
    "query",
    [
        {"day": "tomorrow"},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
        {"days": "0"},
        {"days": "15"},
        {"days": "1e9"},
    ],
)
async def test_days_that_no_agenda_shows_are_refused(
    house: House, alice: Person, query: dict[str, str]
) -> None:
    status, answer = await get(alice, f"{OWN}/days", **query)
    assert (status, answer["code"]) == (400, "bad_request")


# ------------------------------------------------------------------ giving visits on


async def test_a_manager_gives_a_visit_to_another_advisor(house: House, boss: Person) -> None:
    visit, bruno = await a_visit(house), await person_id(house, "bruno")
    status, answer = await get(boss, f"{TEAM}/visits/{visit}/takers")
    assert status == 200
    assert answer["takers"] == [{"id": bruno, "name": "Bruno Keller", "obstacle": None}]
    status, answer = await post(boss, f"{TEAM}/visits/{visit}/advisor", {"advisor": bruno})
    assert (status, answer["visit"]["advisor"]) == (200, bruno)
    _, seen = await get(boss, f"{TEAM}/days", day=day(noon()))
    assert [(one["advisor"], one["starts_at"]) for one in seen["visits"]] == [(bruno, noon())]


async def test_a_refusal_says_what_is_in_the_way(house: House, boss: Person) -> None:
    visit, bruno = await a_visit(house), await person_id(house, "bruno")
    path, wish = f"{TEAM}/visits/{visit}/advisor", {"advisor": bruno}
    await a_visit(house, "bruno", noon() + LENGTH_MS)
    status, answer = await post(boss, path, wish)
    assert (status, answer["code"], answer["obstacle"]) == (409, "slot_taken", "busy")
    roster = f"{TEAM}/advisors/{bruno}"
    away = {"begins": local(noon()), "ends": local(noon() + 1000 * 60)}
    assert (await post(boss, f"{roster}/absences", away))[0] == 201
    assert (await post(boss, path, wish))[1]["obstacle"] == "away"
    await post(boss, f"{roster}/hours", {"hours": {}})
    _, seen = await get(boss, f"{TEAM}/days", day=day(noon()))
    assert {one["id"]: one["advisor"] for one in seen["visits"]}[visit] != bruno


async def test_a_visit_in_another_language_is_refused_for_that(house: House, boss: Person) -> None:
    visit = await a_visit(house, language="de")
    path = f"{TEAM}/visits/{visit}/advisor"
    status, answer = await post(boss, path, {"advisor": await person_id(house, "bruno")})
    assert (status, answer["obstacle"]) == (409, "language")


@pytest.mark.parametrize("state", ["live", "done", "cancelled", "no_show"])
async def test_what_has_begun_or_is_over_changes_hands_no_more(
    house: House, boss: Person, state: str
) -> None:
    visit = await a_visit(house, state=state)
    path = f"{TEAM}/visits/{visit}/advisor"
    status, answer = await post(boss, path, {"advisor": await person_id(house, "bruno")})
    assert (status, answer["code"]) == (409, "illegal_move")


async def test_an_advisor_gives_nothing_on_and_reads_no_other_roster(
    house: House, alice: Person
) -> None:
    visit, bruno = await a_visit(house, "bruno"), await person_id(house, "bruno")
    for path in (
        f"{TEAM}/days",
        f"{TEAM}/visits/{visit}/takers",
        f"{TEAM}/advisors/{bruno}/roster",
    ):
        assert (await get(alice, path))[0] == 403
    own = await person_id(house, "alice")
    for path, body in (
        (f"{TEAM}/visits/{visit}/advisor", {"advisor": own}),
        (f"{TEAM}/advisors/{bruno}/hours", {"hours": None}),
    ):
        assert (await post(alice, path, body))[0] == 403


# ------------------------------------------------------------------ hours and absences


async def test_hours_are_kept_and_are_the_open_part_of_the_agenda(
    house: House, alice: Person
) -> None:
    weekday = datetime.fromtimestamp(noon() / 1000, PARIS).strftime("%A").lower()
    hours = {weekday: [[13 * 60, 18 * 60], [9 * 60, 12 * 60]]}
    status, answer = await post(alice, f"{OWN}/hours", {"hours": hours})
    assert status == 200
    assert answer["hours"][weekday] == [[540, 720], [780, 1080]]
    _, seen = await get(alice, f"{OWN}/days", day=day(noon()))
    spans = [[local(a)[11:], local(b)[11:]] for a, b in seen["advisors"][0]["working"]]
    assert spans == [["09:00", "12:00"], ["13:00", "18:00"]]
    _, answer = await post(alice, f"{OWN}/hours", {"hours": None})
    assert answer["hours"] is None


@pytest.mark.parametrize(
    "intervals",
    [[[600, 540]], [[540, 540]], [[540, 720], [700, 800]], [[0, 1441]], [[-1, 5]], [[1, 2]] * 5],
)
async def test_hours_that_can_t_be_are_refused(
    house: House, alice: Person, intervals: list[list[int]]
) -> None:
    status, answer = await post(alice, f"{OWN}/hours", {"hours": {"friday": intervals}})
    assert (status, answer["code"]) == (400, "bad_request")
    assert answer["field"] in ("friday", "hours")
    assert (await get(alice, f"{OWN}/roster"))[1]["hours"] is None


async def test_what_an_absence_would_mean_is_said_before_and_then_happens(
    house: House, alice: Person, boss: Person
) -> None:
    visit, bruno = await a_visit(house), await person_id(house, "bruno")
    away = {"begins": local(noon() - 60_000), "ends": local(noon() + LENGTH_MS)}
    _, answer = await get(alice, f"{OWN}/effect", **away)
    assert answer["visits"] == 1
    status, answer = await post(alice, f"{OWN}/absences", {**away, "reason": " a dentist "})
    assert (status, [one["reason"] for one in answer["absences"]]) == (201, ["a dentist"])
    _, seen = await get(boss, f"{TEAM}/days", day=day(noon()))
    assert [(one["id"], one["advisor"]) for one in seen["visits"]] == [(visit, bruno)]
    [away_then] = seen["advisors"][0]["away"]
    assert (away_then["reason"], away_then["until"]) == ("a dentist", noon() + LENGTH_MS)
    absence = answer["absences"][0]["id"]
    _, answer = await post(alice, f"{OWN}/absences/{absence}/remove")
    assert answer["absences"] == []


async def test_an_absence_is_on_the_showroom_s_clock_also_when_that_changes(
    house: House, alice: Person
) -> None:
    year = datetime.now(UTC).year + 1
    last_sunday = max(
        date for n in range(25, 32) if (date := datetime(year, 3, n, tzinfo=UTC)).weekday() == 6
    )
    morning = last_sunday.strftime("%Y-%m-%d")
    body = {"begins": f"{morning}T00:00", "ends": f"{morning}T23:59", "reason": ""}
    _, answer = await post(alice, f"{OWN}/absences", body)
    [absence] = answer["absences"]
    assert absence["until"] - absence["from"] == (23 * 60 - 1) * 60_000


@pytest.mark.parametrize(
    "times",
    [
        ("2031-01-02T10:00", "2031-01-02T10:00"),
        ("2031-01-02T10:00", "2031-01-01T10:00"),
        ("2001-01-01T10:00", "2001-01-02T10:00"),
        ("2031-01-02T10:00Z", "2031-01-03T10:00Z"),
        ("0001-01-01T00:00", "9999-12-31T23:59"),
        ("soon", "later"),
    ],
)
async def test_an_absence_that_can_t_be_is_refused(
    house: House, alice: Person, times: tuple[str, str]
) -> None:
    body = dict(zip(("begins", "ends"), times, strict=True))
    assert (await post(alice, f"{OWN}/absences", body))[0] == 400
    assert (await get(alice, f"{OWN}/roster"))[1]["absences"] == []


async def test_a_manager_has_no_roster_of_somebody_who_is_no_advisor(
    house: House, boss: Person
) -> None:
    for who in (await person_id(house, "boss"), await person_id(house, "lea"), "nobody"):
        assert (await get(boss, f"{TEAM}/advisors/{who}/roster"))[0] == 404
        path = f"{TEAM}/advisors/{who}/hours"
        assert (await post(boss, path, {"hours": None}))[0] == 404


# ------------------------------------------------------------------ the feed


async def test_a_calendar_reads_the_feed_without_a_cookie_until_it_is_revoked(
    house: House, alice: Person
) -> None:
    visit = await a_visit(house)
    status, made = await post(alice, f"{OWN}/feed")
    assert status == 201
    url = house.url + made["url"][made["url"].index("/calendar/") :]
    async with aiohttp.ClientSession() as program:
        async with program.get(url) as response:
            assert (response.status, response.content_type) == (200, "text/calendar")
            assert not response.cookies
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["X-Robots-Tag"] == "noindex"
            [event] = Calendar.from_ical(await response.read()).walk("VEVENT")
        assert event["UID"].startswith(visit)
        assert (await post(alice, f"{OWN}/feed/revoke"))[0] == 200
        async with program.get(url) as response:
            assert response.status == 404


async def test_the_secret_of_a_feed_is_in_no_log(
    house: House, alice: Person, written: io.StringIO
) -> None:
    _, made = await post(alice, f"{OWN}/feed")
    path = made["url"][made["url"].index("/calendar/") :]
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    async with aiohttp.ClientSession() as program:
        for known in (path, path.replace(secret, secret[::-1]), path + "%00", path + "/x"):
            async with program.get(house.url + known) as response:
                await response.read()
        async with program.post(house.url + path) as response:
            assert response.status == 405
    assert secret not in written.getvalue()
    assert secret[::-1] not in written.getvalue()


async def test_guessing_addresses_of_feeds_is_slow(house: House) -> None:
    statuses = []
    async with aiohttp.ClientSession() as guesser:
        for n in range(100):
            async with guesser.get(f"{house.url}/calendar/{n:043}.ics") as response:
                statuses.append(response.status)
    assert set(statuses) == {404, 429}
    assert statuses.count(404) < 80
