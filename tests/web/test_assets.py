"""Addresses of static files: each holds for ever, and a page names all that its script imports."""

import re
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession

from tests.houses import House
from web.assets import STATIC, Assets

IMPORTED = re.compile(r"from '(\.[^']+)'")
NAMED = re.compile(r'<(?:link rel="modulepreload" href|script type="module" src)="([^"]+)"')


async def got(house: House, address: str) -> tuple[str, str]:
    """Return how long an address may be kept, and what it holds."""
    async with house.customer() as customer, customer.http.get(house.url + address) as response:
        assert response.status == 200, address
        return response.headers["Cache-Control"], await response.text()


async def test_a_file_is_kept_for_ever_under_its_versions_address(house: House) -> None:
    address = Assets()("css/base.css")
    kept, content = await got(house, address)
    assert kept == "public, max-age=31536000, immutable"
    assert content == (STATIC / "css/base.css").read_text()


async def test_the_address_of_another_version_leads_to_todays_file_for_now(house: House) -> None:
    address = Assets()("css/base.css").replace(Assets().version, "0123456789ab")
    assert (await got(house, address))[0] == "no-cache"
    assert (await got(house, "/static/css/base.css"))[0] == "no-cache"


@pytest.mark.parametrize("path", ["css/base.css", "js/dom.js", "icons/sprite.svg"])
async def test_texts_go_packed_to_those_who_can_unpack_them(house: House, path: str) -> None:
    address = house.url + Assets()(path)
    sizes = {}
    async with ClientSession(auto_decompress=False) as browser:
        for coding in ("gzip, deflate, br", "identity"):
            async with browser.get(address, headers={"Accept-Encoding": coding}) as response:
                sizes[response.headers.get("Content-Encoding")] = len(await response.read())
                assert response.headers["Vary"] == "Accept-Encoding"
    assert sizes["gzip"] < sizes[None] / 2 == (STATIC / path).stat().st_size / 2
    async with ClientSession() as browser, browser.get(address) as response:
        assert await response.text() == (STATIC / path).read_text()


async def test_a_page_names_every_module_that_its_script_comes_to_load(house: House) -> None:
    _, page = await got(house, "/s/paris")
    named = NAMED.findall(page)
    assert named[-1] == Assets()("js/customer.js")
    for address in named:
        kept, module = await got(house, address)
        assert "immutable" in kept
        assert {urljoin(address, name) for name in IMPORTED.findall(module)} <= set(named)
    assert len(named) == len(set(named)) > 10


def test_what_a_file_says_or_is_called_makes_another_version(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    versions = set()
    for name, text in (("a.js", "1"), ("a.js", "2"), ("b.js", "2")):
        root = tmp_path_factory.mktemp("static")
        (root / name).write_text(text)
        versions.add(Assets(root).version)
    assert len(versions) == 3
