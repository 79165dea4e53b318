"""Webhooks: verified by the specification's own library in another process, whatever it answers."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp.web import Application, AppRunner, Request, Response, TCPSite

from booking.delivery import Delivered, Held, Later
from booking.handoff.endpoint import EndpointState
from booking.handoff.posting import LONGEST_WAIT_S, retry_after
from booking.handoff.topics import Topic
from showroom.audit import SERVER, AuditLog
from tests.booking.delivering import until, working
from tests.booking.handoff.receiver import Heard, receiving
from tests.booking.handoff.sending import LEAD, Handing
from tests.virtual_clock import START_MS


async def test_a_webhook_verifies_and_carries_the_event(handing: Handing) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1/")
    async with receiving(endpoint.secrets) as store:
        await handing.moved(endpoint.id, f"{store.url}/ok")
        await handing.publish(data={**LEAD, "notes": "Zoé 🚗 \u2028 </script> \ud800"})
        assert await handing.send_due(endpoint.id) == [Delivered("200 ok")]
        await until(lambda: len(store.requests) == 1)
    (heard,) = store.requests
    (line,) = await handing.lines()
    assert heard["verified"] == [True]
    assert heard["id"] == line.id
    assert heard["headers"]["content-type"] == "application/json"
    assert '"type":"lead.qualified"' in heard["body"]
    assert "Zoé 🚗" in heard["body"]


async def test_every_try_has_the_same_id_and_its_own_time(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/503")
        await handing.publish()
        for wait_s in (0, 5, 300):
            handing.clock.advance(seconds=wait_s)
            (result,) = await handing.send_due(endpoint.id)
            assert result == Later(None, "503 as you wished")
        await until(lambda: len(store.requests) == 3)
    assert len(set(store.ids)) == 1


async def test_during_a_rotation_both_secrets_verify_and_after_it_the_new_one(
    handing: Handing,
) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1/")
    old = endpoint.secrets[0]
    new = await handing.endpoints.rotate(handing.showroom, endpoint.id)
    async with receiving([old, new]) as store:
        await handing.moved(endpoint.id, f"{store.url}/ok")
        await handing.publish()
        await handing.send_due(endpoint.id)
        await handing.endpoints.end_rotation(handing.showroom, endpoint.id)
        await handing.publish()
        await handing.send_due(endpoint.id)
        await until(lambda: len(store.requests) == 2)
    assert [one["verified"] for one in store.requests] == [[True, True], [False, True]]


async def test_a_redirect_is_a_failure_that_says_so_and_is_not_followed(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/302?Location=/ok")
        await handing.publish()
        (result,) = await handing.send_due(endpoint.id)
        await asyncio.sleep(0.1)
        assert [one["path"] for one in store.requests] == ["/status/302"]
    assert isinstance(result, Later)
    assert "redirect" in result.answer


async def test_gone_disables_the_endpoint_and_nothing_of_it_is_lost(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/410")
        await handing.publish()
        await handing.publish(subject="lead-2")
        assert [type(one) for one in await handing.send_due(endpoint.id)] == [Held, Held]
        await handing.publish(subject="lead-3")
        assert await handing.send_due(endpoint.id) == []
        disabled = await handing.endpoints.get(handing.showroom, endpoint.id)
        assert disabled.state is EndpointState.DISABLED
        assert disabled.disabled_reason == "410 as you wished"
        newest = (await AuditLog(handing.database).page(handing.showroom))[0].entry
        assert (newest.who, newest.after["disabled"]) == (SERVER, True), "nobody asked for it"
        assert {(one.state, one.attempts) for one in await handing.lines()} == {("waiting", 0)}
        await handing.moved(endpoint.id, f"{store.url}/ok")
        await handing.endpoints.enable(handing.showroom, endpoint.id)
        assert len(await handing.send_due(endpoint.id)) == 3
    assert {one.state for one in await handing.lines()} == {"delivered"}


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed(handing: Handing, status: int) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/{status}?Retry-After=600")
        await handing.publish()
        await handing.send_due(endpoint.id)
    (line,) = await handing.lines()
    assert line.next_try_at == START_MS + 600_000


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        (formatdate(START_MS / 1000 + 90, usegmt=True), 90),
        (formatdate(START_MS / 1000 - 90, usegmt=True), 0),
        ("Thu, 09 Oct 2025 09:00:00", 400),
        ("99999999999999999999", LONGEST_WAIT_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT_S),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        ("Fri, 99 Foo 2025", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(
    value: str, seconds: float | None
) -> None:
    assert retry_after(value, START_MS) == seconds


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("reset", "hung up"),
        ("lie", "no HTTP"),
        ("status/404", "404"),
        ("status/500", "500"),
    ],
)
async def test_a_receiver_that_breaks_is_tried_again(
    handing: Handing, path: str, says: str
) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/{path}")
        await handing.publish()
        (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Later)
    assert says in result.answer


async def test_a_receiver_that_hangs_is_given_up_and_tried_again(handing: Handing) -> None:
    handing.seconds = 0.3
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/hang")
        await handing.publish()
        assert await handing.send_due(endpoint.id) == [Later(answer="no answer within 0.3 s")]
    (line,) = await handing.lines()
    (attempt,) = await handing.log(line)
    assert (attempt.status, attempt.answer) == (None, "no answer within 0.3 s")
    assert attempt.took_ms >= 300


async def test_nobody_there_and_no_such_name_say_so(handing: Handing) -> None:
    nobody = await handing.endpoint("http://127.0.0.1:1/hooks")
    nameless = await handing.endpoint("https://no-such-host.invalid/hooks")
    await handing.publish()
    assert await handing.send_due(nobody.id) == [Later(answer="it takes no connection")]
    assert await handing.send_due(nameless.id) == [Later(answer="the name has no address")]


async def test_an_answer_of_2_gb_costs_a_kilobyte(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/flood")
        await handing.publish()
        began = time.monotonic()
        (result,) = await handing.send_due(endpoint.id)
        assert time.monotonic() - began < 5
        await until(lambda: "sent" in store.requests[-1])
        assert store.requests[-1]["sent"] < 16 * 2**20  # what the sockets' buffers hold
    assert isinstance(result, Delivered)
    assert len(result.answer) <= 1_024 + 4


async def test_a_status_counts_though_its_body_never_ends(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/drip")
        await handing.publish()
        (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Delivered)


async def test_a_status_counts_though_the_time_is_over_before_its_body(handing: Handing) -> None:
    handing.seconds = 1.5  # less than a body gets
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/drip")
        await handing.publish()
        (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Delivered)


async def test_a_compressed_answer_is_not_opened(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/bomb")
        await handing.publish()
        (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Delivered)


async def test_a_receiver_that_hangs_holds_up_no_other(handing: Handing) -> None:
    """Nor does it take attempts of what was never sent: the rest of its own waits untried."""
    async with receiving() as store:
        hangs = await handing.endpoint(f"{store.url}/hang", topics=[Topic.CALL_ENDED])
        await handing.endpoint(f"{store.url}/ok", topics=[Topic.LEAD_QUALIFIED])
        for number in range(20):
            await handing.publish(f"call-{number}", Topic.CALL_ENDED)
        async with working(handing.couriers(places=4)):
            await until(lambda: _count(store, "/hang") == 4)
            for number in range(20):
                await handing.publish(f"lead-{number}")
            await until(lambda: _count(store, "/ok") == 20)
        assert _count(store, "/hang") == 4
    tried = [one for one in await handing.lines() if one.endpoint_id == hangs.id and one.attempts]
    assert len(tried) == 4


async def test_a_certificate_of_nobody_is_not_trusted(
    handing: Handing, tls_server: ssl.SSLContext
) -> None:
    async with secure_store(tls_server) as (url, heard):
        endpoint = await handing.endpoint(url)
        await handing.publish()
        (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Later)
    assert "certificate" in result.answer
    assert heard == []


async def test_a_certificate_of_a_known_authority_is(
    handing: Handing, tls_server: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    handing.tls = ssl.create_default_context(cafile=certificate[0])
    async with secure_store(tls_server) as (url, heard):
        endpoint = await handing.endpoint(url)
        await handing.publish()
        assert await handing.send_due(endpoint.id) == [Delivered("200 ok")]
    assert heard == ["POST"]


@asynccontextmanager
async def secure_store(tls: ssl.SSLContext) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve HTTPS on loopback; yields its address, and the methods of what came."""
    heard: list[str] = []

    async def receive(request: Request) -> Response:
        heard.append(request.method)
        return Response(text="ok")

    app = Application()
    app.router.add_post("/", receive)
    runner = AppRunner(app, access_log=None)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"https://127.0.0.1:{runner.addresses[0][1]}/", heard
    finally:
        await runner.cleanup()


def _count(store: Heard, path: str) -> int:
    return [one["path"] for one in store.requests].count(path)
