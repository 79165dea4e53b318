"""Orders of a manager on the floor: who hears of them, who may give them, what takes them back."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from showroom.audit import AuditLog, Entry
from showroom.clock import system_clock, to_datetime
from showroom.errors import TryAgain
from showroom.hours import Campaign
from showroom.showrooms import Showrooms
from tests.houses import House
from tests.nodes import node_settings, running_node
from tests.people import Boss, Customer, Employee, Person
from tests.samples import PASSWORD
from tests.visits import staff_id
from web.keys import SHOWROOMS


async def order(boss: Person, what: str, **given: Any) -> tuple[int, dict[str, Any]]:
    token = await boss.csrf("/manager")
    async with boss.http.post(
        f"{boss.url}/manager/floor/{what}?showroom={boss.showroom}",
        json=given,
        headers={"X-CSRF-Token": token},
    ) as response:
        return response.status, await response.json()


async def noted(house: House) -> list[Entry]:
    """Return what the audit log has of the floor, oldest first."""
    found = await AuditLog(house.node.shared.database).page(house.paris)
    return [one.entry for one in reversed(found) if one.entry.subject == "floor"]


async def the_boss(house: House, stack: AsyncExitStack) -> Boss:
    boss = await stack.enter_async_context(house.boss())
    assert await boss.sign_in("boss@example.com", PASSWORD) == 303
    return boss


async def test_a_closed_queue_is_told_at_once_on_every_node_and_opened_by_what_was(
    house: House, tmp_path: Path, redis_url: str
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        other = await stack.enter_async_context(running_node(settings))
        visitor = await stack.enter_async_context(Customer(other.url))
        await visitor.connect()
        await visitor.until_newest("showroom_state", lambda s: not s["queue_closed"])
        await boss.connect()
        status, answer = await order(boss, "queue", closed=True)
        assert (status, answer) == (200, {"ok": True, "was": False})
        await visitor.until_newest("showroom_state", lambda s: s["queue_closed"])
        await boss.until_newest("floor_state", lambda f: f["queue_closed"] is not None)
        status, refused = await visitor.request()
        assert (status, refused["code"]) == (409, "queue_closed")
        assert (await order(boss, "queue", closed=answer["was"]))[1]["was"] is True
        await visitor.until_newest("showroom_state", lambda s: not s["queue_closed"])
        assert (await visitor.request())[0] == 201
    entries = await noted(house)
    assert [(one.subject_id, one.before, one.after) for one in entries] == [
        ("queue", {"closed": False}, {"closed": True}),
        ("queue", {"closed": True}, {"closed": False}),
    ]
    assert all(one.who == entries[0].who != "command line" for one in entries)


async def test_a_notice_stands_on_the_page_as_text_until_it_is_taken_down(house: House) -> None:
    said = {"en": "<b>Snow</b>: we open at 11.", "fr": "Neige : ouverture à 11 h."}
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        visitor = await stack.enter_async_context(house.customer())
        assert (await order(boss, "notice", notice={"en": said["en"]}))[1]["was"] == {}
        _, answer = await order(boss, "notice", notice={**said, "fr": f" {said['fr']} "})
        assert answer["was"] == {"en": said["en"]}
        await visitor.connect()
        await visitor.until_newest("showroom_state", lambda s: s["notice"] == said)
        async with visitor.http.get(f"{house.url}/s/paris?lang=en") as response:
            page = await response.text()
        assert "&lt;b&gt;Snow&lt;/b&gt;: we open at 11." in page
        assert "<b>Snow" not in page
        await order(boss, "notice", notice={"en": "  "})
        await visitor.until_newest("showroom_state", lambda s: s["notice"] == {})
    assert (await noted(house))[1].after == {"text.fr": said["fr"]}


@pytest.mark.parametrize(
    "given",
    [
        {"notice": {"de": "Schnee"}},
        {"notice": {"en": "x" * 281}},
        {"notice": "Snow"},
        {"notice": {}, "more": 1},
        {},
    ],
)
async def test_a_notice_that_can_t_be_is_refused(house: House, given: dict[str, Any]) -> None:
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        status, answer = await order(boss, "notice", **given)
        assert (status, answer["code"]) == (400, "bad_request")
    assert await noted(house) == []


async def test_an_advisor_is_sent_away_and_told_why_and_called_back(house: House) -> None:
    alice = await staff_id(house.node.shared.database, "alice@example.com")
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        employee = await stack.enter_async_context(house.employee())
        await employee.work("alice@example.com", PASSWORD)
        assert (await order(boss, f"advisors/{alice}", away=True))[1] == {"ok": True, "was": False}
        await employee.until_newest("advisor_state", lambda s: s["away_reason"] == "by_manager")
        status, answer = await order(boss, f"advisors/{alice}", away=True)
        assert (status, answer["code"]) == (409, "illegal_move")
        assert (await order(boss, f"advisors/{alice}", away=False))[0] == 200
        await employee.until_newest("advisor_state", lambda s: s["state"] == "available")
        assert (await order(boss, "advisors/nobody", away=True))[0] == 404
    assert [one.subject_id for one in await noted(house)] == [alice, alice]


async def test_a_call_is_moved_and_its_customer_sees_the_place(house: House) -> None:
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        first = await stack.enter_async_context(house.customer("page-1"))
        second = await stack.enter_async_context(house.customer("page-2"))
        await first.call()
        call = await second.call()
        await second.until_newest("call_state", lambda c: c["queue"]["position"] == 2)
        assert (await order(boss, f"calls/{call}", place=1))[1] == {"ok": True, "was": 2}
        await second.until_newest("call_state", lambda c: c["queue"]["position"] == 1)
        await first.until_newest("call_state", lambda c: c["queue"]["position"] == 2)
        await order(boss, f"calls/{call}", place=2)
        await second.until_newest("call_state", lambda c: c["queue"]["position"] == 2)


async def test_nobody_orders_in_another_showroom_and_no_advisor_orders(
    house: House,
) -> None:
    alice = await staff_id(house.node.shared.database, "alice@example.com")
    async with AsyncExitStack() as stack:
        employee = await stack.enter_async_context(house.employee())
        await employee.work("alice@example.com", PASSWORD)
        customer = await stack.enter_async_context(house.customer())
        call = await customer.call()
        chief = await stack.enter_async_context(Boss(house.url, "lyon"))
        await chief.sign_in("chief@example.com", PASSWORD)
        lea = await stack.enter_async_context(Employee(house.url, "paris"))
        await lea.sign_in("alice@example.com", PASSWORD)
        for what, given in (
            (f"advisors/{alice}", {"away": True}),
            (f"calls/{call}", {"place": 1}),
            ("queue", {"closed": True}),
            ("notice", {"notice": {"en": "Hello"}}),
        ):
            token = await lea.csrf("/advisor")
            async with lea.http.post(
                f"{house.url}/manager/floor/{what}?showroom=paris",
                json=given,
                headers={"X-CSRF-Token": token},
            ) as response:
                assert response.status == 403
            chief.showroom = "paris"
            assert (await order(chief, what, **given))[0] == 403
            chief.showroom = "lyon"
            own = what in ("queue", "notice")
            assert (await order(chief, what, **given))[0] in ((200,) if own else (404, 409))
        assert (await customer.request())[1]["code"] == "already_in_call"
    assert await noted(house) == []


async def test_a_campaign_goes_on_longer_and_all_else_of_it_stays(house: House) -> None:

    async def kept() -> Sequence[Campaign]:
        return (await Showrooms(house.node.shared.database).by_id(house.paris)).campaigns

    rooms = house.node.app[SHOWROOMS]
    paris = await rooms.by_id(house.paris)
    first = to_datetime(system_clock()).date() - timedelta(days=3)
    spot = datetime.combine(first, time(20, 50))
    tv = Campaign("TV", first, first + timedelta(days=9), None, "tv", (spot,), 12_000_010, "CHF")
    again = replace(tv, first=first + timedelta(days=20), last=first + timedelta(days=30))
    await rooms.save(replace(paris, campaigns=(tv, again)))
    wish = {"name": "TV", "first": first.isoformat()}
    days = [(tv.last + timedelta(days=n)).isoformat() for n in (0, 7)]
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        assert await order(boss, "campaign", **wish, last=days[1]) == (
            200,
            {"ok": True, "was": days[0]},
        )
        assert await kept() == (replace(tv, last=tv.last + timedelta(days=7)), again)
        assert (await order(boss, "campaign", **wish, last=days[0]))[1]["was"] == days[1]
        assert await kept() == (tv, again)
        for odd, refused in (
            (wish | {"name": "Radio"}, 404),
            (wish | {"first": "2020-01-01"}, 404),
            (wish | {"last": "2020-01-01"}, 400),
            (wish | {"last": "tomorrow"}, 400),
        ):
            status, answer = await order(boss, "campaign", **({"last": days[1]} | odd))
            assert (status, bool(answer["message"])) == (refused, True), answer
        async with house.boss("lyon") as chief:
            assert await chief.sign_in("chief@example.com", PASSWORD) == 303
            assert (await order(chief, "campaign", **wish, last=days[1]))[0] == 404
    log = await AuditLog(house.node.shared.database).page(house.paris)
    assert [one.entry.subject for one in log] == ["showroom", "showroom"]


async def test_an_order_that_can_t_be_noted_does_not_stand(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        await boss.connect()

        async def away(*_: object) -> None:
            raise TryAgain

        monkeypatch.setattr(AuditLog, "add", away)
        status, answer = await order(boss, "queue", closed=True)
        assert (status, answer["code"]) == (503, "try_again")
        visitor = await stack.enter_async_context(house.customer())
        assert (await visitor.request())[0] == 201
