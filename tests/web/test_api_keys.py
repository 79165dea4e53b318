"""The manager's page of keys."""

from pathlib import Path
from typing import Any

import aiohttp
from redis.asyncio import Redis

from showroom.api_keys import ApiKeys
from showroom.clock import system_clock
from showroom.database import Database
from tests.houses import House, open_house
from tests.nodes import node_settings
from tests.people import Person
from tests.web.agendas import post
from tests.web.api.programs import a_key

PAGE = "/manager/keys"
NEW = {"name": "The store", "scopes": ["slots:read", "status:read"]}


async def status_of(house: House, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"{house.url}/api/v1/showrooms/paris/status"
    async with aiohttp.ClientSession() as program, program.get(url, headers=headers) as response:
        return response.status


async def test_a_manager_makes_a_key_that_works_until_it_is_revoked(
    house: House, boss: Person
) -> None:
    status, made = await post(boss, f"{PAGE}?showroom=paris", NEW)
    assert status == 201
    [key] = made["keys"]
    assert (key["name"], key["scopes"], key["used_at"]) == (
        NEW["name"],
        ["status:read", "slots:read"],
        None,
    )
    assert await status_of(house, made["secret"]) == 200
    async with boss.http.get(f"{house.url}{PAGE}") as response:
        text = await response.text()
    assert key["id"] in text
    assert made["secret"] not in text, "it is shown once"
    status, left = await post(boss, f"{PAGE}/{key['id']}/revoke?showroom=paris")
    assert status == 200
    assert left["keys"][0]["revoked_at"]
    assert left["keys"][0]["used_at"]
    assert await status_of(house, made["secret"]) == 401


async def test_a_node_that_ends_has_written_when_its_keys_were_used(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with open_house(settings) as house:
        secret = await a_key(house.node.shared.database, "paris")
        assert await status_of(house, secret) == 200
    async with Database.open(settings.database_url) as database:
        [key] = await ApiKeys(database, system_clock).of(house.paris)
    assert key.used_at


async def test_what_is_no_key_is_refused(boss: Person) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"name": "x"},
        {"name": " ", "scopes": ["slots:read"]},
        {"name": "x" * 101, "scopes": ["slots:read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["slots:read"], "showroom": "lyon"},
    )
    for body in wrong:
        status, answer = await post(boss, PAGE, body)
        assert (status, answer["code"]) == (400, "bad_request"), body
    assert (await post(boss, f"{PAGE}/nothing/revoke"))[0] == 404


async def test_keys_are_the_managers_of_their_showroom(house: House, alice: Person) -> None:
    async with house.boss("lyon") as chief:
        assert await chief.sign_in("chief@example.com", "a long enough password") == 303
        _, made = await post(chief, PAGE, NEW)
        key = made["keys"][0]["id"]
        assert await status_of(house, made["secret"]) == 404, "of Lyon, and not of Paris"
        assert (await post(chief, f"{PAGE}?showroom=paris", NEW))[0] == 403
    assert (await post(alice, PAGE, NEW))[0] == 403
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", "a long enough password") == 303
        assert (await post(boss, f"{PAGE}/{key}/revoke"))[0] == 404
