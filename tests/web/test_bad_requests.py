"""Requests that no page of ours sends: each gets a clear refusal, and none a crash."""

import io
import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.houses import House
from tests.samples import PASSWORD
from tests.threats.conftest import written
from tests.web.rough import Reply, ask
from web import customer as customer_pages
from web.limits import Allowance

__all__ = ["written"]

FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=x"
JSON = "Content-Type: application/json"
# line, headers, body, the status that is right
ROUGH: tuple[tuple[str, tuple[str | bytes, ...], bytes, int], ...] = (
    ("GET /nowhere", (), b"", 404),
    ("GET /s/nowhere", (), b"", 404),
    ("GET /s/nowhere", ("Accept: application/json",), b"", 404),
    ("GET /s/%00", (), b"", 404),
    ("GET /s/%ff%fe", (), b"", 404),
    ("GET /s/%ed%a0%80", (), b"", 404),
    ("GET /s/paris/..%2f..%2fetc", (), b"", 404),
    ("GET /s/" + "x" * 5000, (), b"", 404),
    ("GET /s/paris?lang=%00", (), b"", 200),
    ("GET /s/paris?lang=" + "x" * 3000, (), b"", 200),
    ("GET /s/paris", ("Accept-Language: ;q=,,;;q=x,en;q=1e999",), b"", 200),
    ("GET /s/paris", (b"Accept-Language: \xff\xfe",), b"", 200),
    (
        "GET /s/paris",
        (b"Cookie: vs_csrf=\xff; vs_language=\xfe; vs_call=\xff.\xff.\xff",),
        b"",
        200,
    ),
    ("GET /s/paris", ("Cookie: =;;;=;vs_csrf", "Cookie: vs_csrf=" + "x" * 4000), b"", 200),
    ("GET /manager", (b"Cookie: vs_staff=\xff\xfe",), b"", 303),
    ("GET /manager", ("Cookie: vs_staff=" + "x" * 4000,), b"", 303),
    ("GET /manager/calls/%0d%0aSet-Cookie:%20a=b", (), b"", 303),
    ("GET /manager/calls/%e2%80%a8", (), b"", 303),
    ("GET /manager/calls/x", ("Accept: application/json",), b"", 401),
    ("GET /manager?showroom=%0d%0a&next=//x", (), b"", 303),
    ("GET /staff/login?next=%0d%0aX:y", (), b"", 200),
    ("POST /staff/login", (FORM,), b"", 403),
    ("POST /staff/login", (FORM + "; charset=nonsense",), b"csrf=x", 400),
    ("POST /staff/login", (FORM + "; charset=utf-16",), b"csrf=x", 403),
    ("POST /staff/login", (FORM + "; charset=idna",), b"csrf=\xff", 400),
    ("POST /staff/login", (FORM,), b"csrf=\xff\xfe&email=\xff", 400),
    ("POST /staff/login", (FORM,), b"csrf=" + b"x" * 65_000, 413),
    ("POST /staff/login", ("Content-Type: multipart/form-data",), b"x", 400),
    ("POST /staff/login", (MULTIPART,), b"x", 400),
    ("POST /staff/login", (MULTIPART,), b"--x\r\n\r\n", 400),
    ("POST /staff/login", (MULTIPART,), b'--x\r\nContent-Disposition: form-data; name="csrf"', 400),
    (
        "POST /staff/login",
        (MULTIPART,),
        b'--x\r\nContent-Disposition: form-data; name="csrf"; filename="a"\r\n\r\nb\r\n--x--\r\n',
        403,
    ),
    (
        "POST /staff/login",
        (MULTIPART,),
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n'
        b"Content-Transfer-Encoding: nonsense\r\n\r\nb\r\n--x--\r\n",
        400,
    ),
    ("POST /staff/login", ("Content-Type: /;;=",), b"csrf=x", 403),
    ("POST /staff/logout", (MULTIPART,), b"x", 400),
    ("POST /s/paris/calls", (JSON,), b"{}", 403),
    ("POST /staff/login", (FORM, "Content-Encoding: gzip"), b"csrf=x", 403),
    ("POST /staff/login", (FORM, "Content-Encoding: br"), b"csrf=x", 403),
    ("POST /api/v1/store/events", (JSON, "Content-Encoding: gzip"), b"{}", 401),
    ("POST /s/paris/calls", (JSON, b"X-CSRF-Token: \xff\xfe"), b"{}", 403),
    ("POST /s/paris/calls", (JSON, b"Cookie: vs_csrf=\xff", "X-CSRF-Token: x"), b"{}", 403),
    ("POST /s/nowhere/calls", (JSON,), b"{}", 403),
    ("PATCH /s/paris", (), b"", 405),
    ("OPTIONS /s/paris", (), b"", 405),
    ("OPTIONS /s/paris/calls", (), b"", 405),
    ("DELETE /s/paris", (), b"", 405),
    ("PUT /s/paris/calls", (JSON,), b"{}", 405),
    ("GET /static/../../pyproject.toml", (), b"", 404),
    ("GET /static/%2e%2e/%2e%2e/pyproject.toml", (), b"", 404),
    ("GET /static/..%2f..%2fpyproject.toml", (), b"", 404),
    ("GET /static/..%5c..%5cpyproject.toml", (), b"", 404),
    ("GET /static//etc/passwd", (), b"", 404),
    ("GET /static/%00", (), b"", 404),
    ("GET /static/0123456789ab/../../../pyproject.toml", (), b"", 404),
    ("GET /static/0123456789ab/..%2f..%2f..%2fpyproject.toml", (), b"", 404),
    ("GET /static/0123456789ab//etc/passwd", (), b"", 404),
    ("GET /static/0123456789ab/js", (), b"", 404),
    ("GET /static/0123456789ab/%00", (), b"", 404),
    ("GET /static/js", (), b"", 404),
    ("GET /static/", (), b"", 404),
    ("GET /socket.io/", (), b"", 400),
    ("GET /socket.io/?EIO=4&transport=websocket", (), b"", 400),
    ("GET /socket.io/?EIO=3&transport=websocket", (), b"", 400),
    ("GET /socket.io/?EIO=4&transport=websocket&sid=nobody", (), b"", 400),
    ("POST /socket.io/?EIO=4&transport=polling", (), b"x", 400),
    ("GET //evil.example/%2f..", (), b"", 404),
)


@pytest.mark.usefixtures("written")
async def test_rough_requests_are_refused_with_the_right_status(
    house: House, written: io.StringIO
) -> None:
    wrong: list[Any] = []
    for line, headers, body, right in ROUGH:
        reply = await ask(house.url, line, *headers, body=body)
        if reply.status != right or not _fit(line, reply):
            wrong.append((line[:80], headers, body[:40], reply.status, right))
        if "Traceback" in written.getvalue():
            wrong.append((line[:80], headers, body[:40], "a traceback"))
            written.truncate(0)
    assert not wrong, "\n".join(map(str, wrong))


def _fit(line: str, reply: Reply) -> bool:
    """Say whether a refusal has its headers, leads nowhere else, and tells nothing inside."""
    inside = ("Traceback", "/web/", "aiohttp", "root:", "[project]")
    home = reply.headers.get("location", "/").startswith("/") and not reply.headers.get(
        "location", "/"
    ).startswith("//")
    safe = "/socket.io/" in line or "default-src 'none'" in reply.headers.get(
        "content-security-policy", ""
    )
    return (
        home
        and safe
        and "set-cookie: a" not in str(reply)
        and not any(word in reply.body for word in inside)
    )


async def test_what_is_no_http_is_refused_without_a_traceback(
    house: House, written: io.StringIO
) -> None:
    for line, header in (
        ("BREW /s/paris", ""),
        ("GET /s/paris", "X: \x7f"),
        ("GET /s/paris", "X: " + "x" * 20_000),
        ("GET /s/paris", "no colon"),
        ("GET /s/paris\x00", "X: y"),
        ("\x16\x03\x01", "X: y"),
    ):
        reply = await ask(house.url, line, *([header] if header else []))
        assert reply.status in (0, 400, 405), (line, reply)
    assert "Traceback" not in written.getvalue()


async def test_a_refusal_is_a_page_for_a_person_and_json_for_a_script(house: House) -> None:
    page = await ask(house.url, "GET /s/nowhere")
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1" in page.body
    for header in ("Accept: application/json", "Content-Type: application/json"):
        script = await ask(house.url, "GET /s/nowhere", header)
        answer = json.loads(script.body)
        assert (answer["ok"], answer["code"]) == (False, "not_found")


async def test_bodies_are_refused_by_size_kind_and_shape(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CALLS", "CALL_BACKS"):
        monkeypatch.setattr(customer_pages, name, Allowance(name, rate=1_000, burst=1_000))
    async with house.customer() as customer:
        token = await customer.csrf("/s/paris")
        for path in ("/s/paris/calls", "/s/paris/call-backs"):
            for body, kind, right in (
                (b'{"x":"' + b"x" * 70_000 + b'"}', "application/json", 413),
                (b"{}", "text/plain", 400),
                (b"{}", "", 400),
                (b"", "application/json", 400),
                (b"{", "application/json", 400),
                (b"\xff", "application/json", 400),
                (b"[]", "application/json", 400),
                (b"null", "application/json", 400),
                (b"[" * 60_000, "application/json", 400),
                (b'{"language":"en","x":1}', "application/json", 400),
                (b'{"language":"english"}', "application/json", 400),
                (b'{"language":"en","vehicle":"../x"}', "application/json", 400),
                (b'{"language":"\\ud800"}', "application/json", 400),
            ):
                async with customer.http.post(
                    house.url + path,
                    data=body,
                    headers={"X-CSRF-Token": token, "Content-Type": kind},
                ) as response:
                    assert response.status == right, (path, body[:20], await response.text())
                    if kind == "application/json":
                        assert (await response.json(content_type=None))["ok"] is False


async def test_a_body_that_never_ends_is_cut_off(house: House) -> None:
    async with house.customer() as customer:
        token = await customer.csrf("/s/paris")
        sent = 0

        async def endless() -> Any:
            nonlocal sent
            while sent < 50_000_000:
                sent += 10_000
                yield b"x" * 10_000

        headers = {"X-CSRF-Token": token, "Content-Type": "application/json"}
        try:
            async with customer.http.post(
                f"{house.url}/s/paris/calls", data=endless(), headers=headers
            ) as response:
                assert response.status == 413
        except aiohttp.ClientConnectionError:
            pass  # hung up on before the answer could be read
        assert sent < 50_000_000


async def test_a_head_has_the_headers_of_a_get_and_no_body(house: House) -> None:
    for path in ("/s/paris", "/staff/login", "/s/paris/brand.css", "/health"):
        head = await ask(house.url, f"HEAD {path}")
        assert (head.status, head.body) == (200, "")
        assert "default-src 'none'" in head.headers["content-security-policy"]


LEADING_AWAY = (
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "/\r\nSet-Cookie: a=b",
    "https://evil.example",
)


async def test_a_sign_in_leads_only_to_pages_of_ours(house: House) -> None:
    async with house.employee() as alice:
        for wish in LEADING_AWAY:
            token = await alice.csrf("/staff/login")
            form = {"email": "alice@example.com", "password": PASSWORD, "csrf": token, "next": wish}
            async with alice.http.post(
                f"{house.url}/staff/login", data=form, allow_redirects=False
            ) as response:
                assert (response.status, response.headers["Location"]) == (303, "/advisor"), wish


async def test_a_sign_in_leads_back_to_the_page_that_asked_for_it(house: House) -> None:
    async with house.boss() as boss:
        async with boss.http.get(
            f"{house.url}/manager?showroom=paris&lang=fr", allow_redirects=False
        ) as response:
            there = response.headers["Location"]
        async with boss.http.get(house.url + there) as page:
            assert 'name="next" value="/manager?showroom=paris&amp;lang=fr"' in await page.text()


async def test_an_expired_or_foreign_ticket_is_no_call_and_hinders_no_new_one(house: House) -> None:
    room = house.paris
    for ticket in (f"{room}.gone.secret", f"{room}.{'x' * 22}.{'y' * 22}", f"{room}.\x01.x", "a.b"):
        async with house.customer() as customer:
            customer.http.cookie_jar.update_cookies(
                {"vs_call": ticket}, response_url=URL(house.url)
            )
            await customer.connect()
            await customer.until("no_call")
            status, _ = await customer.request()
            assert status == 201


async def test_a_ticket_with_strange_bytes_is_refused_quietly(
    house: House, written: io.StringIO
) -> None:
    async with house.customer() as customer:
        token = await customer.csrf("/s/paris")
        nonce = next(c.value for c in customer.http.cookie_jar if c.key == "vs_csrf")
        reply = await ask(
            house.url,
            "POST /s/paris/calls",
            JSON,
            f"X-CSRF-Token: {token}",
            f"Cookie: vs_csrf={nonce}; vs_call={house.paris}.".encode() + b"\xff\xfe.\xff",
            body=b'{"language":"en"}',
        )
    assert reply.status == 201
    assert "Traceback" not in written.getvalue()
