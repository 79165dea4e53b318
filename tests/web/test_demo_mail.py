"""The demo's mail: letters as their readers would see them, and on no other server."""

import asyncio
from pathlib import Path

import pytest

from booking.mail import mail_folder
from showroom.app import Door, listening, make_app
from showroom.shared import open_shared
from tests.houses import House, furnish
from tests.nodes import node_settings
from tests.people import Customer
from tests.web.booking import booked
from web.keys import MAIL_FOLDER
from web.routes import demo_routes


async def test_a_letter_is_listed_shown_in_a_frame_of_its_own_and_comes_with_its_calendar(
    tmp_path: Path, redis: object, redis_url: str
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with open_shared(settings) as shared:
        await furnish(shared.database)
        app = make_app(shared)
        app[MAIL_FOLDER] = mail_folder(settings)
        app.add_routes(demo_routes())
        async with (
            listening(app, [Door("127.0.0.1", settings.port)]) as ports,
            Customer(f"http://127.0.0.1:{ports[0]}") as reader,
        ):
            assert "No letter yet" in (await read(reader, "/demo/mail"))[0]
            visit = await booked(reader, name="<b>Jeanne</b> Moreau")
            folder = mail_folder(settings)
            async with asyncio.timeout(10):
                while not list(folder.glob("[!.]*.eml")):
                    await asyncio.sleep(0.05)
            listed, _ = await read(reader, "/demo/mail")
            assert "jeanne@example.com" in listed
            assert "<b>Jeanne" not in listed
            [file] = folder.glob("[!.]*.eml")
            opened, policy = await read(reader, f"/demo/mail/{file.stem}")
            assert "<iframe" in opened
            assert "frame-src 'self'" in policy
            assert "unsafe" not in policy
            letter, policy = await read(reader, f"/demo/mail/{file.stem}/letter")
            assert f"/v/{visit}" in letter
            assert '<base target="_top">' in letter
            assert "script" not in policy
            assert policy.startswith("default-src 'none'")
            calendar, _ = await read(reader, f"/demo/mail/{file.stem}/visit.ics")
            assert "METHOD:REQUEST" in calendar


@pytest.mark.parametrize("path", ["", "/x", "/x/letter", "/x/visit.ics", "/..%2fshowroom.db"])
async def test_no_other_server_shows_its_mail(house: House, path: str) -> None:
    async with (
        house.customer() as reader,
        reader.http.get(f"{house.url}/demo/mail{path}") as response,
    ):
        assert response.status == 404


async def read(reader: Customer, path: str) -> tuple[str, str]:
    """Return a page and the policy that it comes with."""
    async with reader.http.get(reader.url + path) as response:
        assert response.status == 200, path
        return await response.text(), response.headers["Content-Security-Policy"]
