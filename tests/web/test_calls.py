"""The manager's list of calls, and one call as it was: who sees what, and what is said of it."""

import html
import re
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from media.quality import QualityLog
from media.recording.book import Recordings
from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.clock import system_clock, to_ms
from showroom.files import FolderFiles
from showroom.ids import CallId
from showroom.tables import call_events
from showroom.words import ROBOT_REASON, Outcome, Quality, Side
from tests.houses import House, live_call
from tests.leads import saved_lead
from tests.nodes import SECRET
from tests.people import Person
from tests.photos import sends_photo
from tests.recordings import a_kept_recording
from tests.replays import a_kept_call, a_poor_line
from tests.samples import PASSWORD
from tests.visits import staff_id
from tests.web.agendas import PARIS, noon
from tests.web.test_figures import all_saved

FACTS = re.compile(r"<dt>(.*?)</dt><dd>(?:<bdi>)?(.*?)(?:</bdi>)?</dd>", re.DOTALL)


async def a_call(house: House, at: int | None = None, **changes: Any) -> CallRecord:
    """Keep a call that Alice answered, of yesterday at noon or of another moment."""
    database = house.node.shared.database
    alice = await staff_id(database, "alice@example.com")
    return await a_kept_call(database, house.paris, alice, at or noon(-1), **changes)


async def read(who: Person, path: str, status: int = 200) -> str:
    """Return a page's text, without its scripts' words."""
    async with who.http.get(who.url + path) as response:
        assert response.status == status, path
        page = await response.text()
    return html.unescape(page.partition('<script type="application/json"')[0])


def listed(page: str) -> list[str]:
    return re.findall(r'href="/manager/calls/([\w-]+)\?showroom=paris"', page)


async def test_the_list_has_what_is_asked_for_and_its_fields_say_what_that_is(
    house: House, boss: Person
) -> None:
    good = await a_call(house, quality=Quality.GOOD, campaign="spring <film>")
    poor = await a_call(house, good.created_at + 1, quality=Quality.POOR, rating=1, advisor_id=None)
    assert listed(await read(boss, "/manager/calls")) == [poor.id, good.id]
    for query, right in (
        ("quality=good", [good.id]),
        ("rating=1&outcome=test_drive", [poor.id]),
        ("campaign=spring+%3Cfilm%3E", [good.id]),
        ("campaign=-", [poor.id]),
        ("advisor=-", [poor.id]),
        (f"advisor={good.advisor_id}", [good.id]),
        (f"since={good.created_at + 1}", [poor.id]),
        (f"until={good.created_at + 1}", [good.id]),
        ("recorded=1", []),
        ("since=&until=&q=&rating=", [poor.id, good.id]),
        (f"q={good.id}", [good.id]),
    ):
        assert listed(await read(boss, f"/manager/calls?showroom=paris&{query}")) == right, query
    page = await read(boss, f"/manager/calls?advisor={good.advisor_id}&rating=4&campaign=x%22y")
    assert re.search(rf'<option value="{good.advisor_id}" selected>Alice Martin<', page)
    assert re.search(r'<option value="4" selected>★★★★<', page)
    assert 'value="x"y"' in page
    assert "No call fits this choice." in page


async def test_days_are_the_showroom_s_and_the_last_one_is_included(
    house: House, boss: Person
) -> None:
    last = await a_call(house, to_ms(datetime(2026, 3, 2, 23, 59, 59, tzinfo=PARIS)))
    following = await a_call(house, to_ms(datetime(2026, 3, 3, tzinfo=PARIS)))
    day = "/manager/calls?since={0}&until={0}"
    assert listed(await read(boss, day.format("2026-03-02"))) == [last.id]
    assert listed(await read(boss, day.format("2026-03-03"))) == [following.id]


async def test_what_makes_no_sense_is_refused(house: House, boss: Person) -> None:
    for query in (
        "since=yesterday",
        "since=2026-02-30",
        "until=9999-12-31",
        "rating=6",
        "rating=one",
        "quality=best",
        "state=lost",
        "cursor=1",
        f"q={'x' * 101}",
        f"since={'9' * 40}",
        "since=-1",
    ):
        await read(boss, f"/manager/calls?{query}", 400)


async def test_a_page_leads_to_the_next_and_back_to_the_newest(house: House, boss: Person) -> None:
    first = await a_call(house)
    for n in range(1, 52):
        await a_call(house, first.created_at + n)
    page = await read(boss, "/manager/calls?rating=4")
    assert len(listed(page)) == 50
    (more,) = re.findall(r'href="(\?[^"]*cursor=[^"]+)" rel="next"', page)
    rest = await read(boss, f"/manager/calls{more}")
    assert len(listed(rest)) == 2
    assert listed(rest)[-1] == first.id
    assert not set(listed(rest)) & set(listed(page))
    assert "Newest calls" in rest
    assert "Older calls" not in rest


async def test_a_call_s_page_tells_what_happened_when_and_what_became_of_it(
    house: House, boss: Person
) -> None:
    call = await a_call(house)
    shared = house.node.shared
    endpoints = Endpoints(shared.database, Guard(), system_clock)
    await endpoints.add(
        house.paris, EndpointKind.FOLDER, "The <store>", "", frozenset({Topic.CALL_ENDED}), None
    )
    await saved_lead(shared.database, house.paris, call.id, created_at=call.ended_at)
    publish = Publishing(Outbox(shared.database, system_clock), system_clock).publish
    async with shared.database.write() as connection:
        await publish(connection, house.paris, Topic.CALL_ENDED, call.id, {}, None)
    page = await read(boss, f"/manager/calls/{call.id}")
    facts = dict(FACTS.findall(page))
    assert facts["Advisor"] == "Alice Martin"
    assert (facts["Talked"], facts["Result"], facts["Rating"]) == ("2:00", "Test drive", "★★★★")
    assert facts["Comment"] == "Lovely <car>"
    assert facts["Name"] == "Jeanne Moreau"
    rows = [
        (since, what.strip())
        for since, what in re.findall(
            r'timeline__since"><bdi>(.*?)</bdi></span></time>\s*<span>(.*?)(?=<span|</span>|\n)',
            page,
        )
    ]
    assert rows[:8] == [
        ("+0:00", "The customer asked for an advisor"),
        ("+0:01", "Rang at Alice Martin"),
        ("+0:04", "Alice Martin accepted"),
        ("+0:05", "Connected"),
        ("+0:30", "Customer: Does it {by} tow?"),
        ("+0:40", "Showed the Crête"),
        ("+0:50", "Advisor took a photo"),
        ("+2:05", "The customer hung up"),
    ]
    assert rows[8:10] == [
        ("+2:05", "Taken into the lead of Jeanne Moreau"),
        ("+2:20", "Result: Test drive"),
    ]
    assert rows[10][1].startswith("Call ended, to The <store>: ")
    assert "12:00:30" in page
    # What is no longer there says so.
    assert "This photo is no longer kept." in page
    assert "No measurements of this call’s line are kept." in page
    # The neighbour's language, too.
    french = await read(boss, f"/manager/calls/{call.id}?lang=fr")
    assert "A montré : Crête" in french
    assert not re.findall(r"\b(?:replay|manager|calls|common)\.(?!css)[a-z_.]+", french)


async def test_what_went_wrong_is_said_in_words_and_drawn(house: House, boss: Person) -> None:
    call = await a_call(house)
    await a_poor_line(house.node.shared.database, call)
    page = await read(boss, f"/manager/calls/{call.id}")
    assert "The advisor’s uplink fell to 180 kbit/s for 40 s." in page
    assert "The customer’s line went over TCP for 2:00 min" in page
    assert page.count('role="img"') == 5
    assert re.search(r'"Sent\. Customer: [^"]*Advisor: 180 kbit/s to 1\.5 Mbit/s\."', page)
    french = await read(boss, f"/manager/calls/{call.id}?lang=fr")
    assert "Le débit montant côté conseiller est tombé à 180 kbit/s pendant 40 s." in french


async def test_a_running_call_and_one_with_photo_and_recording_are_shown(
    house: House, boss: Person
) -> None:
    async with live_call(house) as (customer, alice, call):
        assert (await customer.send("chat", id="k", text="Does it tow?"))["ok"]
        photo = await sends_photo(alice, call)
        page = await read(boss, f"/manager/calls/{call}")
        assert "Customer: Does it tow?" in page
        assert f"/s/paris/photos/{photo}/small" in page
        link = (await alice.until_call("live"))["link"]
        sample = {"link": link, "seconds": 5, "bitrate_in": 1, "bitrate_out": 1, "loss": 0}
        sample |= {"frames": 1, "width": 1, "height": 1, "freezes": 0, "frozen_ms": 0}
        sample |= {"concealed": 0, "limitation": "none", "relayed": False}
        assert (await customer.send("quality", **sample, tcp=True))["ok"]
        assert (await alice.send("quality", **sample))["ok"]
        page = await read(boss, f"/manager/calls/{call}")
        assert 'role="img"' in page
        kept = await QualityLog(house.node.shared.database).of_call(house.paris, CallId(call))
        assert {one.side: one.tcp for one in kept} == {Side.CUSTOMER: True, Side.ADVISOR: False}
        assert (await customer.send("hang_up"))["ok"]
        await all_saved(house)
        page = await read(boss, f"/manager/calls/{call}")
        assert f"/s/paris/photos/{photo}/small" in page
        assert call in listed(await read(boss, "/manager/calls"))


async def test_a_recording_that_is_gone_says_so(house: House, boss: Person) -> None:
    call = await a_call(house)
    started = CallEvent(9, call.created_at + 60_000, "recording_started", "customer", {})
    await CallRecords(house.node.shared.database).save(call, [started])
    said = "the recording is no longer kept"
    assert said in await read(boss, f"/manager/calls/{call.id}")
    shared = house.node.shared
    files = FolderFiles(shared.settings.data_dir / "files")
    book = Recordings(shared.database, files, SECRET, system_clock)
    await a_kept_recording(book, house.paris, call.id, b"x" * 99, system_clock)
    assert said not in await read(boss, f"/manager/calls/{call.id}")
    assert listed(await read(boss, "/manager/calls?recorded=1")) == [call.id]


async def test_why_a_robot_closed_a_call_is_said_in_the_language_of_the_page(
    house: House, boss: Person
) -> None:
    call = await a_call(house, outcome=Outcome.INVALID, outcome_reason=ROBOT_REASON)
    assert "Answered by the robot advisor" in await read(boss, f"/manager/calls/{call.id}")
    french = await read(boss, f"/manager/calls/{call.id}?lang=fr")
    assert "Réponse de la suppléance automatique" in french


async def test_an_emptied_call_is_shown_and_says_that_its_log_is_gone(
    house: House, boss: Person
) -> None:
    call = await a_call(house)
    async with house.node.shared.database.write() as connection:
        await connection.execute(sa.delete(call_events))
    page = await read(boss, f"/manager/calls/{call.id}")
    assert "The log of this call is no longer kept." in page


@pytest.mark.parametrize("path", ["/manager/calls", "/manager/calls/{call}"])
async def test_advisors_and_other_showrooms_see_nothing_of_it(house: House, path: str) -> None:
    call = await a_call(house)
    there = path.format(call=call.id)
    async with house.employee() as alice, house.boss("lyon") as chief:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        assert await chief.sign_in("chief@example.com", PASSWORD) == 303
        # Not even of the calls that they had themselves.
        await read(alice, there, 403)
        await read(chief, f"{there}?showroom=paris", 403)
        page = await read(chief, there, 404 if "{call}" in path else 200)
        assert call.id not in listed(page)
