"""The pages over leads: who sees them, and that they have words for all that the server says."""

import json
from typing import Any

import pytest

from booking.leads.lead import Wish
from booking.leads.moves import HAPPENED
from booking.leads.scoring import OBSTACLES, RULES
from booking.reservations.life import ReservationState
from showroom.words import AppointmentEvent, Role
from tests.houses import House
from tests.people import Person
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock

ADVISORS, MANAGERS = "/advisor/leads", "/manager/leads"


async def block(person: Person, path: str, name: str) -> dict[str, Any]:
    """Return a data block of a page."""
    async with person.http.get(f"{person.url}{path}") as response:
        assert response.status == 200, await response.text()
        page = await response.text()
    found: dict[str, Any] = json.loads(page.partition(f'id="{name}">')[2].partition("</script>")[0])
    return found


async def test_an_advisor_s_list_is_not_the_managers_and_neither_is_a_stranger_s(
    house: House, alice: Person, boss: Person
) -> None:
    assert (await block(alice, ADVISORS, "config"))["base"] == ADVISORS
    managers = await block(boss, MANAGERS, "config")
    assert managers["base"] == MANAGERS
    assert {one["name"] for one in managers["advisors"]} >= {"Alice Martin", "Bruno Keller"}
    assert all(one["cares"] for one in managers["advisors"])
    for person, path, status in (
        (alice, MANAGERS, 403),
        (boss, ADVISORS, 403),
        (boss, f"{MANAGERS}?showroom=lyon", 403),
    ):
        async with person.http.get(f"{person.url}{path}") as response:
            assert response.status == status, path
    async with house.customer() as stranger:
        for path in (ADVISORS, MANAGERS):
            async with stranger.http.get(f"{house.url}{path}", allow_redirects=False) as response:
                assert response.status in (302, 303, 401), path


async def test_who_has_left_and_robots_have_a_name_and_get_no_leads(
    house: House, boss: Person
) -> None:
    staff = staff_of(house.node.shared.database, VirtualClock())
    roles = {"paris": Role.ADVISOR}
    await staff.add("robo@example.com", "Robo", PASSWORD, roles, ["en"], robot=True)
    await staff.disable("bruno@example.com")
    people = (await block(boss, MANAGERS, "config"))["advisors"]
    cares = {one["name"]: one["cares"] for one in people}
    assert (cares["Alice Martin"], cares["Bruno Keller"], cares["Robo"]) == (True, False, False)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_rule_wish_and_event_has_its_words(alice: Person, language: str) -> None:
    words = await block(alice, f"{ADVISORS}?lang={language}", "words")
    rules = {f"lead.rule.{name}" for name in (*(rule.name for rule in RULES), *OBSTACLES)}
    wishes = {f"lead.wish.{wish}" for wish in Wish}
    others = ("created", "joined", "request", "call_back", "call", "rated", "sheet", "due", "owner")
    kinds = {*others, "alike", "note", "fields", "changed", "qualified", *HAPPENED.values()}
    kinds |= {f"visit_{event}" for event in AppointmentEvent}
    kinds |= {f"reservation.{state}" for state in ReservationState}
    kinds |= {"order.created", "order.cancelled", "quote.created", "test_drive.done"}
    missing = (rules | wishes | {f"leads.event.{kind}" for kind in kinds}) - words.keys()
    assert not missing


async def test_the_text_that_an_advisor_reads_aloud_is_in_the_customer_s_language(
    alice: Person,
) -> None:
    texts = (await block(alice, "/advisor?lang=en", "config"))["consents"]
    assert "contact you" in texts["en"]["contact"]
    assert "vous contacter" in texts["fr"]["contact"]
    assert "{brand}" not in str(texts)
