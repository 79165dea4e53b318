"""Passwords are guessed in vain, and nobody is locked out by it (threat 23).

Ten thousand guesses go straight at the throttle in tests/showroom/test_throttle.py; here are a few
hundred through the door that attackers have.
"""

import asyncio
import re
from pathlib import Path

from showroom.throttle import ACCOUNT
from tests.houses import open_house
from tests.nodes import node_settings
from tests.people import Employee
from tests.samples import PASSWORD
from tests.threats.conftest import Report

GUESSES = 200
VALUE = re.compile(r' value="[^"]*"')
OWNER = "alice@example.com"


async def test_200_guesses_from_200_addresses_are_throttled_and_the_owner_gets_in(
    tmp_path: Path, redis: object, redis_url: str, figure: Report
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url, trusted_proxies="127.0.0.0/8")
    async with open_house(settings) as house, house.employee() as alice:
        home = {"X-Forwarded-For": "192.0.2.1"}
        assert await alice.sign_in(OWNER, PASSWORD, **home) == 303
        async with Employee(house.url) as guesser:
            token = await guesser.csrf("/staff/login")

            async def guess(n: int) -> int:
                form = {"email": OWNER, "password": f"guess {n}", "csrf": token}
                there = {"X-Forwarded-For": f"203.0.{n // 250}.{n % 250}"}
                async with guesser.http.post(
                    f"{house.url}/staff/login", data=form, headers=there, allow_redirects=False
                ) as response:
                    if response.status == 429:
                        assert int(response.headers["Retry-After"]) > 0
                    return response.status

            statuses: list[int] = []
            for start in range(0, GUESSES, 50):
                statuses += await asyncio.gather(*(guess(n) for n in range(start, start + 50)))
            assert statuses.count(401) == ACCOUNT.most
            assert statuses.count(429) == GUESSES - ACCOUNT.most
            # Even the right password is not let in from there now, so a hit would show nothing.
            assert await guesser.sign_in(OWNER, PASSWORD, **{"X-Forwarded-For": "203.0.9.9"}) == 429
        assert await alice.sign_in(OWNER, PASSWORD, **home) == 303
        assert await alice.sign_in(OWNER, PASSWORD, **{"X-Forwarded-For": "192.0.2.77"}) == 303
    figure(f"{GUESSES} guesses: {ACCOUNT.most} looked at, the others 429; the owner signs in")


async def test_an_unknown_account_is_refused_as_a_wrong_password_is(
    tmp_path: Path, redis: object, redis_url: str
) -> None:
    async with open_house(node_settings(tmp_path, redis_url=redis_url)) as house:
        pages = []
        for email in (OWNER, "nobody@example.com", "\0@\ud7ff"):
            async with house.employee() as guesser:
                token = await guesser.csrf("/staff/login")
                form = {"email": email, "password": "x", "csrf": token}
                async with guesser.http.post(f"{house.url}/staff/login", data=form) as response:
                    # The page keeps what was typed, and is the same for all in everything else.
                    text = VALUE.sub("", (await response.text()).replace(token, ""))
                    pages.append((response.status, text.split("</head>")[1]))
        assert {status for status, _ in pages} == {401}
        assert len({text for _, text in pages}) == 1
