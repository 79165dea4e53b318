"""The agendas over HTTP: whose visits they show, and visits that change hands."""

import pytest

from showroom.clock import system_clock
from tests.houses import House
from tests.people import Person
from tests.visits import LENGTH_MS
from tests.web.agendas import OWN, TEAM, a_visit, day, get, local, noon, person_id, post

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
