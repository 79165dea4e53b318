"""Other sites can make a browser send requests, but no change comes of it (threats 11 and 12)."""

from collections import defaultdict

import aiohttp
import pytest
from aiohttp.web import RouteDef
from socketio.exceptions import ConnectionError as Refused

from tests.houses import House
from tests.samples import PASSWORD
from tests.threats.conftest import Report
from web.routes import routes

# Where a route names something else than a showroom, it names nothing that is there.
PATHS = [
    (route.method, route.path.format_map(defaultdict(lambda: "x", showroom="paris")))
    for route in routes()
    if isinstance(route, RouteDef) and not route.path.startswith("/static/")
]
# What programs send is proven by a key or a signature, and no cookie counts there.
CHANGES = [
    path for method, path in PATHS if method not in ("GET", "HEAD") and not path.startswith("/api/")
]
SHOWN = {path for method, path in PATHS if method == "GET"}
FOREIGN = (
    "https://evil.example",
    "null",
    "",
    "http://localhost",
    "http://localhost.evil.example:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "file://",
)


def test_every_change_is_a_post() -> None:
    # Programs carry a key of their own, which no browser sends by itself.
    methods = {
        route.method
        for route in routes()
        if isinstance(route, RouteDef) and not route.path.startswith("/api/")
    }
    assert methods == {"GET", "POST"}
    assert len(CHANGES) >= 4


async def test_a_get_changes_nothing_and_is_refused_with_405(house: House, figure: Report) -> None:
    async with aiohttp.ClientSession() as http:
        for path in set(CHANGES) - SHOWN:  # whose GET is another route, and shows something
            for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
                async with http.request(method, house.url + path) as response:
                    assert response.status == 405, (method, path)
                    assert response.headers["Allow"] == "POST"
    figure(f"GET on {len(set(CHANGES) - SHOWN)} changes: 405 each")


async def test_a_post_needs_the_token_of_its_own_browser(house: House, figure: Report) -> None:
    refused = 0
    async with house.customer() as victim, house.customer() as attacker:
        own, foreign = await victim.csrf("/s/paris"), await attacker.csrf("/s/paris")
        assert own != foreign
        for path in CHANGES:
            for token in ("", "x", foreign, own[:-1], own.upper(), own + " x"):
                assert await _post(victim.http, house.url + path, token) == 403, (path, token)
                refused += 1
            for origin in FOREIGN:
                origin = origin.format(port=house.node.shared.settings.port)
                status = await _post(victim.http, house.url + path, own, Origin=origin)
                assert status == 403, (path, origin)
                refused += 1
            assert await _post(victim.http, house.url + path, own) != 403, path
    figure(f"{refused} changes with a missing, wrong or foreign token or Origin: {refused} refused")


async def _post(http: aiohttp.ClientSession, url: str, token: str, **headers: str) -> int:
    if url.endswith(("/login", "/logout")):
        form = {"csrf": token, "email": "alice@example.com", "password": "wrong"}
        async with http.post(url, data=form, headers=headers, allow_redirects=False) as response:
            return response.status
    headers["X-CSRF-Token"] = token
    async with http.post(url, json={}, headers=headers) as response:
        return response.status


async def test_cookies_are_not_sent_along_by_other_sites(house: House) -> None:
    async with house.employee() as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        await alice.csrf("/s/paris")
        names = set()
        for cookie in alice.http.cookie_jar:
            names.add(cookie.key)
            assert cookie["samesite"] == "Lax", cookie.key
            assert cookie["httponly"], cookie.key
            assert not cookie["domain"] or cookie["domain"] == "127.0.0.1", cookie.key
    assert {"vs_csrf", "vs_staff", "vs_device"} <= names


@pytest.mark.parametrize("space", ["/customer", "/advisor", "/manager"])
async def test_a_socket_from_another_site_is_refused(house: House, space: str) -> None:
    async with house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        boss.space = space
        for origin in filter(None, FOREIGN):  # no browser sends an empty one
            origin = origin.format(port=house.node.shared.settings.port)
            boss.socket = boss._new_socket()
            with pytest.raises(Refused):
                await boss.connect(headers={"Origin": origin})
                pytest.fail(f"{origin} was let in")
