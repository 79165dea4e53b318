"""Where news leave the outbox: each to its endpoint, by the way of its kind, and into the log."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from booking.delivery import Delivery, Dropped, Held, Result
from booking.handoff.attempts import Attempts, Tried
from booking.handoff.endpoint import Endpoint, EndpointKind
from booking.handoff.endpoints import Endpoints
from showroom.audit import SERVER
from showroom.clock import Clock
from showroom.errors import NotFound, TryAgain
from showroom.ids import EndpointId, ShowroomId
from showroom.under_way import UnderWay

log = structlog.get_logger()

# With the 20 s of a way it stays within what a courier gives a delivery.
LOG_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Sent:
    """How a try went: its result, what was asked (without secrets), and what came back.

    `Held` says that the receiver wants nothing any more. `status` is HTTP's, where there is one.
    """

    result: Result
    request: Mapping[str, Any]
    status: int | None = None


class Way(Protocol):
    """Brings news to the endpoints of one kind, within 20 s, whatever the receiver does."""

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent: ...


class Counter(Protocol):
    """Counts how deliveries went."""

    def __call__(self, kind: str, result: str) -> None: ...


class HandoffSink:
    """Sends what the outbox holds for endpoints."""

    def __init__(
        self,
        endpoints: Endpoints,
        attempts: Attempts,
        ways: Mapping[EndpointKind, Way],
        clock: Clock,
        count: Counter,
    ) -> None:
        self._endpoints = endpoints
        # What goes to one endpoint at the same time asks for it once, and anew each time.
        # Never an old copy: it would go where it must not go any more, or be signed with what
        # was dropped.
        self._known: UnderWay[tuple[ShowroomId, EndpointId], Endpoint] = UnderWay(
            lambda which: endpoints.get(*which)
        )
        self._attempts = attempts
        self._ways = ways
        self._clock = clock
        self._count = count

    async def deliver(self, delivery: Delivery) -> Result:
        """Send one, and keep in the log how it went."""
        if delivery.endpoint_id is None:
            return Dropped("it names no endpoint")
        try:
            endpoint = await self._known.get((delivery.showroom_id, delivery.endpoint_id))
        except NotFound:
            return Dropped("the endpoint was removed")
        if endpoint.disabled_at is not None:
            return Held("the endpoint is disabled")
        happened_at, began = self._clock(), time.monotonic()
        sent = await self._ways[endpoint.kind].send(endpoint, delivery)
        tried = Tried(
            delivery_id=delivery.id,
            showroom_id=endpoint.showroom_id,
            endpoint_id=endpoint.id,
            happened_at=happened_at,
            took_ms=round((time.monotonic() - began) * 1000),
            request=sent.request,
            status=sent.status,
            result=sent.result,
        )
        self._count(endpoint.kind.value, type(sent.result).__name__.lower())
        # A line of the log is no reason to send it twice, whatever is wrong with it.
        try:
            async with asyncio.timeout(LOG_SECONDS):
                await self._keep(endpoint, tried)
        except (NotFound, TryAgain, TimeoutError):
            log.warning("an attempt could not be kept", kind=endpoint.kind)
        except Exception:
            log.exception("an attempt could not be kept", kind=endpoint.kind)
        return sent.result

    async def _keep(self, endpoint: Endpoint, tried: Tried) -> None:
        if isinstance(tried.result, Held):
            reason = tried.result.answer
            await self._endpoints.disable(endpoint.showroom_id, endpoint.id, reason, who=SERVER)
            log.warning("an endpoint wants nothing any more and is disabled", kind=endpoint.kind)
        await self._attempts.keep(tried)
