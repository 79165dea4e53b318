"""A showroom's logo: uploaded, named by the settings, shown on its pages, and taken away."""

import re
from io import BytesIO
from typing import Any

import pytest

from showroom.settings_file.applying import SettingsFiles
from showroom.settings_file.standing import settings_document
from tests.houses import House
from tests.media.test_pictures import a_cutout, moving
from tests.people import Person
from tests.showroom.settings_file.test_range_by_hand import BRISE
from tests.stills import a_photo, opened
from tests.web.agendas import post
from tests.web.test_vehicles import log_of, read
from web.keys import VEHICLES

PAGE = "/manager/showroom"


async def upload(who: Person, data: bytes) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": await who.csrf(PAGE), "Accept": "application/json"}
    url = f"{who.url}{PAGE}/logo?showroom=paris"
    async with who.http.post(url, data=BytesIO(data), headers=headers) as response:
        return response.status, await response.json()


async def save(who: Person, path: str, before: str = "") -> int:
    body = {"given": {"brand": {"logo": path}}, "seen": {"brand": {"logo": before}}}
    return (await post(who, f"{PAGE}/settings?showroom=paris", body))[0]


async def test_a_logo_is_uploaded_saved_shown_and_taken_away(house: House, boss: Person) -> None:
    status, answer = await upload(boss, a_cutout(size=(900, 300)))
    path = answer["path"]
    assert status == 201
    assert re.fullmatch(rf"/pictures/{house.paris}/[0-9a-f]{{32}}\.png", path)
    async with house.customer() as customer:
        # Uploaded is not saved.
        assert path not in await read(customer, "/s/paris")
        assert await save(boss, path) == 200
        assert f'<img src="{path}" alt="Orvanne"' in await read(customer, "/s/paris")
        async with customer.http.get(house.url + path) as response:
            image = opened(await response.read())
            assert (image.format, image.size, image.mode) == ("PNG", (640, 213), "RGBA")
        assert await save(boss, "", path) == 200
        assert path not in await read(customer, "/s/paris")
    on, off = await log_of(house)
    assert (on.after, off.before) == ({"brand.logo": path}, {"brand.logo": path})


async def test_a_file_of_settings_carries_a_logo_and_pictures(house: House, boss: Person) -> None:
    _, answer = await upload(boss, a_photo())
    assert await save(boss, answer["path"]) == 200
    files = SettingsFiles(house.node.shared.database, None, house.node.shared.clock)  # type: ignore[arg-type]
    document = settings_document(await files.standing(["paris"]))
    assert document["showrooms"][0]["brand"]["logo"] == answer["path"]
    assert (await files.compare(document)).lines == []
    picture = {"angle": "side", "paint": "dune", "path": answer["path"]}
    car = {**BRISE, "pictures": [picture]}
    await files.apply({"showrooms": [{"slug": "paris", "vehicles": [car]}]})
    house.node.app[VEHICLES].forget()
    async with house.customer() as customer:
        assert f'"path":"{answer["path"]}"' in await read(customer, "/s/paris")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (moving("PNG"), "animated"),
        (b"%PDF-1.7", "unknown"),
        (b"", "unknown"),
    ],
)
async def test_what_is_not_taken_is_said(house: House, boss: Person, data: bytes, why: str) -> None:
    status, answer = await upload(boss, data)
    assert (status, answer["code"], answer["why"]) == (415, "not_a_picture", why)


async def test_a_logo_has_a_size_and_a_sender(house: House, boss: Person, alice: Person) -> None:
    assert (await upload(boss, b"x" * 5_000_001))[0] == 413
    assert (await upload(alice, a_photo()))[0] == 403
    async with boss.http.post(f"{boss.url}{PAGE}/logo", data=a_photo()) as response:
        assert response.status == 403
    for path in ("https://elsewhere.example/x.png", "/pictures/../x.png", "/static/x.png"):
        assert await save(boss, path) == 400, path
