"""The private calendar feeds over HTTP: read with the address, and with nothing else."""

import io

import aiohttp
from icalendar import Calendar

from tests.houses import House
from tests.people import Person
from tests.threats.conftest import written
from tests.web.agendas import OWN, a_visit, post

__all__ = ["written"]


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
        assert str(event["UID"]).startswith(visit)
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
