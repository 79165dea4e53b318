"""A visit's address can't be guessed, and guessing is slow (threat 10)."""

import asyncio

from showroom.ids import new_id
from tests.houses import House
from tests.threats.conftest import Report
from tests.web.booking import ask, booked, send
from web.limits import VISITS

GUESSES = 10_000
AT_ONCE = 50


async def test_10000_guesses_find_no_visit_and_few_are_looked_at(
    house: House, figure: Report
) -> None:
    async with house.customer() as owner, house.customer() as guesser:
        token = await booked(owner)
        statuses: list[int] = []
        begun = asyncio.get_running_loop().time()

        async def guess(n: int) -> int:
            # Near the right one, too: there is no such thing as warmer.
            tried = new_id() if n % 2 else token[: n % 22] + new_id()[n % 22 :]
            # Mostly as a script would: pages for people cost us both more.
            path = f"{house.url}/v/{tried}{('/state', '/visit.ics')[n % 2] if n % 10 else ''}"
            accept = {"Accept": "application/json"} if n % 10 else {}
            async with guesser.http.get(path, headers=accept) as response:
                return response.status

        for start in range(0, GUESSES, AT_ONCE):
            statuses += await asyncio.gather(*map(guess, range(start, start + AT_ONCE)))
        seconds = asyncio.get_running_loop().time() - begun
        assert set(statuses) == {404, 429}
        looked_at = statuses.count(404)
        assert looked_at <= VISITS.burst + VISITS.rate * seconds + 1
    figure(f"{GUESSES} guesses of a visit's address: 0 hits, {looked_at} looked at, the others 429")


async def test_a_change_with_a_made_up_token_is_not_found_like_any_other(house: House) -> None:
    async with house.customer() as guesser:
        token = new_id()
        bodies = {"reschedule": {"starts_at": 0}, "cancel": {}, "rebook": {"starts_at": 0}}
        for what, body in {**bodies, "join": {}}.items():
            status, answer = await send(guesser, f"/v/{token}/{what}", **body)
            assert (status, answer["code"]) == (404, "not_found"), what
        for page in ("state", "slots"):
            assert (await ask(guesser, f"/v/{token}/{page}"))[0] == 404
