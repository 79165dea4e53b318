"""Requests to receivers, which may hang, lie, redirect or answer without end.

Whatever they do costs us a place for 15 seconds and some kilobytes, and never more.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import aiohttp

from booking.delivery import Delivered, Held, Later, Result
from booking.handoff.guard import Forbidden, Guard, GuardedResolver, LookUp
from showroom.clock import Clock, to_ms

POST_SECONDS = 15.0
# So much of an answer is read and kept. What comes after it is not even waited for.
KEPT_BYTES = 1_024
BODY_SECONDS = 2.0
READ_AHEAD = 4_096
# Shorter than what servers keep an idle connection for: a request on one that closes is a try lost.
IDLE_SECONDS = 2.0
LONGEST_WAIT_S = 24 * 3600.0
USER_AGENT = "live-video-showroom"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status and the beginning of its body, or without one what went wrong.

    `retry_after`: how long the receiver asks us to wait, in seconds.
    """

    status: int | None
    text: str
    retry_after: float | None = None


class Poster:
    """Sends requests to receivers, no redirects, TLS verified, through the guard."""

    def __init__(
        self, session: aiohttp.ClientSession, guard: Guard, clock: Clock, seconds: float
    ) -> None:
        self._session = session
        self._guard = guard
        self._clock = clock
        self._seconds = seconds

    async def post(self, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send `body`, and return the answer. What goes wrong is an answer without a status."""
        try:
            url = self._guard.check(address)
            async with (
                asyncio.timeout(self._seconds) as limit,
                self._session.post(
                    url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                # The status has come, and it decides; the body has a time of its own.
                limit.reschedule(None)
                text = await _beginning(response)
                wait = retry_after(response.headers.get("Retry-After", ""), self._clock())
                return Answer(response.status, text, wait)
        except TimeoutError:
            return Answer(None, f"no answer within {self._seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, _reason(error))


@asynccontextmanager
async def open_poster(
    guard: Guard,
    clock: Clock,
    look_up: LookUp | None = None,
    seconds: float = POST_SECONDS,
    tls: ssl.SSLContext | bool = True,
) -> AsyncIterator[Poster]:
    """Yield a poster, which gives each request so many seconds; closes its connections.

    `tls` says whose certificates count: those of this machine's list of authorities, read once.
    """
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(guard, look_up),
        ssl=tls,
        use_dns_cache=False,
        family=socket.AF_UNSPEC,
        limit=0,  # each endpoint has its places; a sum of them would be taken by those that hang
        keepalive_timeout=IDLE_SECONDS,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=seconds),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        auto_decompress=False,
        read_bufsize=READ_AHEAD,
        trust_env=False,
    ) as session:
        yield Poster(session, guard, clock, seconds)


def judged(answer: Answer) -> Result:
    """Return what an answer means (Standard Webhooks 1.0.0): 2xx is success, 410 the end."""
    match answer.status:
        case None:
            return Later(answer=answer.text)
        case status if 200 <= status < 300:
            return Delivered(_said(answer))
        case 410:
            return Held(_said(answer))
        case status if 300 <= status < 400:
            why = "a redirect, which is not followed; enter the address that it leads to"
            return Later(answer.retry_after, f"{status} {why}")
        case _:
            return Later(answer.retry_after, _said(answer))


def retry_after(value: str, now: int) -> float | None:
    """Return the seconds that a `Retry-After` asks for (RFC 9110, 10.2.3), at most a day.

    None when it asks for nothing that can be understood. `now` in UTC milliseconds.
    """
    if value.isascii() and value.strip().isdigit():
        # More digits than that are more than a day, whatever they say.
        return min(float(value.strip()[:9]), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((to_ms(moment) - now) / 1000, 0.0), LONGEST_WAIT_S)


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """Return the first kilobyte of a body. The rest of a longer one goes with its connection."""
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while len(body) <= KEPT_BYTES and not response.content.at_eof():
                body += await response.content.read(KEPT_BYTES + 1 - len(body))
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass  # it is only for the log
    if not response.content.at_eof():
        response.close()
    return body[:KEPT_BYTES].decode(errors="replace")


def _reason(error: Exception) -> str:
    cause = getattr(error, "os_error", error)
    if isinstance(cause, Forbidden):
        return str(cause)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name has no address"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "its certificate can't be trusted, or it speaks no TLS"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "it takes no connection"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError):
        return "it hung up without an answer"
    return "its answer is no HTTP"


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.text}".strip()
