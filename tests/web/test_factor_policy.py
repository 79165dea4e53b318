"""The policy that managers need a second factor: nothing else answers whoever has none."""

import time
from dataclasses import replace
from typing import Any

import pyotp
import pytest
import socketio
from aiohttp.web import RouteDef
from yarl import URL

from showroom.audit import AuditLog
from showroom.clock import system_clock
from showroom.settings_file.by_hand import ShowroomEditor
from showroom.showrooms import Showrooms
from showroom.staff import Staff
from showroom.words import Role
from tests.houses import House, live_call
from tests.people import Boss, Employee, Person
from tests.samples import PASSWORD
from tests.web.agendas import post
from tests.web.test_account import second_factor_of, send
from web.routes import routes

SETTINGS = "/manager/showroom/settings?showroom=paris"
ACCOUNT = "/staff/account"
BOSS = "boss@example.com"
STAFFS = ("/manager", "/advisor")


async def demand(house: House, slug: str = "paris", *, on: bool = True) -> None:
    """Switch the policy of a showroom as a settings file does."""
    showrooms = Showrooms(house.node.shared.database)
    room = await showrooms.by_slug(slug)
    await showrooms.save(replace(room, policy=replace(room.policy, require_factor=on)))


async def switch_on(house: House, who: Person) -> tuple[int, str]:
    """Switch it on by the page; return the status and the code of a refusal."""
    editor = ShowroomEditor(house.node.shared.database, system_clock)
    seen = dict(await editor.table(house.paris))
    given = {"policy": {"require_factor": True}}
    status, answer = await post(who, SETTINGS, {"given": given, "seen": seen})
    return status, answer.get("code", "")


async def led(who: Person, path: str) -> tuple[int, str]:
    """Ask for a page; return the status, and where it leads."""
    async with who.http.get(URL(who.url + path), allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


@pytest.fixture
async def grown(house: House) -> House:
    """Alice manages Lyon beside advising in Paris."""
    staff = Staff(house.node.shared.database, system_clock)
    await staff.grant("alice@example.com", "lyon", Role.MANAGER)
    return house


async def test_a_session_from_before_the_policy_is_led_to_set_a_factor_up(
    house: House, boss: Person
) -> None:
    assert await led(boss, "/manager") == (200, "")
    await demand(house)
    there = f"{ACCOUNT}?next=/manager%3Fshowroom%3Dparis"
    assert await led(boss, "/manager?showroom=paris") == (303, there)
    # Whoever signs in anew comes there as well, and keeps where they wished to go.
    form = {"email": BOSS, "password": PASSWORD, "next": "/manager/calls"}
    async with house.boss() as again:
        assert (await send(again, "/staff/login", "/staff/login", **form))[0] == 303
        assert await led(again, "/manager/calls") == (303, f"{ACCOUNT}?next=/manager/calls")
        wish = "/staff/login?next=/manager/calls"
        assert await led(again, wish) == (303, f"{ACCOUNT}?next=/manager/calls")
    async with boss.http.get(boss.url + there) as response:
        page = await response.text()
    assert 'value="/manager?showroom=paris"' in page
    assert 'href="/manager' not in page, "there is no other page to go to yet"
    await second_factor_of(boss)
    assert await led(boss, "/manager") == (200, "")


async def test_after_the_codes_they_go_on_to_where_they_wished(house: House, boss: Person) -> None:
    await demand(house)
    form = {"next": "/manager/calls?showroom=paris"}
    answer = await send(boss, f"{ACCOUNT}/factor", ACCOUNT, **form)
    assert answer[:2] == (303, f"{ACCOUNT}?next=/manager/calls%3Fshowroom%3Dparis")
    async with boss.http.get(boss.url + ACCOUNT) as response:
        secret = (await response.text()).split('account__secret">')[1].split("<")[0]
    code = pyotp.TOTP(secret.replace(" ", "")).now()
    _, _, page = await send(boss, f"{ACCOUNT}/factor/confirm", ACCOUNT, code=code, **form)
    assert '<a class="button" href="/manager/calls?showroom=paris">' in page
    foreign = await send(boss, f"{ACCOUNT}/factor/remove", ACCOUNT, code="1", next="//evil.example")
    assert (foreign[0], "evil.example" in foreign[2]) == (401, False)


async def test_no_route_of_staff_answers_them(house: House, boss: Person) -> None:
    await demand(house)
    token = await boss.csrf("/staff/account")
    headers = {"Accept": "application/json", "X-CSRF-Token": token}
    answered = []
    asked = 0
    for route in routes():
        if not isinstance(route, RouteDef) or not route.path.startswith(STAFFS):
            continue
        path = route.path.replace("{", "").replace("}", "") + "?showroom=paris"
        request = boss.http.request(
            route.method, URL(boss.url + path), headers=headers, json={}, allow_redirects=False
        )
        async with request as response:
            asked += 1
            answer = await response.json()
            if (response.status, answer.get("code")) != (403, "factor_needed"):
                answered.append((route.method, route.path, response.status, answer))
    assert not answered
    assert asked > 100


async def test_no_socket_answers_them_and_those_that_are_open_close(
    house: House, boss: Person
) -> None:
    assert isinstance(boss, Boss)
    await boss.connect()
    await demand(house)
    await boss.until("signed_out")
    async with house.boss() as again:
        assert await again.sign_in(BOSS, PASSWORD) == 303
        told: list[dict[str, Any]] = []
        again.socket.on("connect_error", told.append, namespace=again.space)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await again.connect()
    assert [one["data"]["code"] for one in told] == ["factor_needed"], told


async def test_an_advisor_who_manages_elsewhere_keeps_the_call_that_runs(grown: House) -> None:
    async with live_call(grown) as (_, alice, _), grown.boss("lyon") as chief:
        await chief.watch("chief@example.com", PASSWORD)
        await demand(grown, "lyon")
        # The doorman has looked at everybody: the chief came last and is shut out last.
        await chief.until("signed_out")
        assert (await led(alice, "/advisor"))[0] == 303
        assert (await alice.send("hold"))["ok"]
        ended = await alice.send("resume")
        assert ended["ok"], ended


@pytest.mark.parametrize(
    ("role", "room", "demanding", "needed"),
    [
        (Role.ADVISOR, "paris", "paris", False),
        (Role.MANAGER, "paris", "paris", True),
        (Role.ADMINISTRATOR, "paris", "paris", True),
        (Role.MANAGER, "paris", "lyon", False),
        (Role.MANAGER, "lyon", "lyon", True),
        (Role.ADVISOR, "lyon", "lyon", False),
    ],
)
async def test_it_is_needed_where_any_showroom_that_they_manage_demands_it(
    house: House, role: Role, room: str, demanding: str, needed: bool
) -> None:
    """Everybody here advises in Paris; `role` in `room` comes on top."""
    staff = Staff(house.node.shared.database, system_clock)
    await staff.grant("alice@example.com", room, role)
    await demand(house, demanding)
    async with Employee(house.url) as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        assert (await led(alice, "/advisor"))[0] == (303 if needed else 200)


async def test_nobody_shuts_themselves_out(house: House, boss: Person) -> None:
    assert await switch_on(house, boss) == (403, "factor_needed")
    assert (await led(boss, "/manager"))[0] == 200
    secret, _ = await second_factor_of(boss)
    assert await switch_on(house, boss) == (200, "")
    assert (await led(boss, "/manager"))[0] == 200
    newest = (await AuditLog(house.node.shared.database).page(house.paris))[0].entry
    assert newest.after == {"policy.require_factor": True}
    # Whoever turns theirs off, perhaps for a new phone, sets another one up first of all.
    code = pyotp.TOTP(secret).at(int(time.time()) + 30)
    assert (await send(boss, f"{ACCOUNT}/factor/remove", ACCOUNT, code=code))[0] == 303
    assert (await led(boss, "/manager"))[0] == 303


async def test_without_the_policy_nothing_is_asked_of_anybody(house: House, boss: Person) -> None:
    await demand(house)
    assert (await led(boss, "/manager"))[0] == 303
    await demand(house, on=False)
    assert (await led(boss, "/manager"))[0] == 200
