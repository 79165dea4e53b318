"""Hours and absences over HTTP: an advisor's own, and for managers those of others."""

from datetime import UTC, datetime

import pytest

from tests.houses import House
from tests.people import Person
from tests.samples import PASSWORD
from tests.visits import LENGTH_MS
from tests.web.agendas import (
    OWN,
    PARIS,
    TEAM,
    a_visit,
    day,
    get,
    local,
    noon,
    person_id,
    post,
)


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


async def test_advisors_see_at_once_whom_to_call_when_a_visit_without_an_address_is_called_off(
    house: House, alice: Person
) -> None:
    visit = await a_visit(house, email=None, phone="+33612345678")
    await alice.connect()
    async with house.employee() as bruno:
        assert await bruno.sign_in("bruno@example.com", PASSWORD) == 303
        away = {"begins": local(noon() - 60_000), "ends": local(noon() + LENGTH_MS), "reason": ""}
        assert (await post(bruno, f"{OWN}/absences", away))[0] == 201
        assert (await post(alice, f"{OWN}/absences", away))[0] == 201
    told = await alice.until("follow_ups", lambda message: message["items"])
    (item,) = told["items"]
    assert (item["id"], item["kind"], item["phone"]) == (visit, "called_off", "+33612345678")
    assert (item["name"], item["language"]) == ("Jeanne Moreau", "fr")


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
