"""The worker: takes what is due out of the outbox and hands it to the sink of its kind.

It runs on every node and knows nothing of mail or any other way out. Each kind has places of its
own, so that a receiver that hangs holds up neither the other kinds nor more than one place.
"""

import asyncio
from collections.abc import Mapping

import structlog

from booking.delivery import Delivery, Later, Result, Sink
from booking.outbox import CLAIM_MS, Outbox
from showroom.errors import TryAgain
from showroom.process import end

log = structlog.get_logger()

POLL_SECONDS = 1.0
# Shorter than a claim, so that nobody else tries while we still do.
DELIVERY_SECONDS = 15.0
PLACES = 32


class Worker:
    """Delivers what is due, one sink for each kind."""

    def __init__(
        self,
        outbox: Outbox,
        sinks: Mapping[str, Sink],
        places: int = PLACES,
        delivery_seconds: float = DELIVERY_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """`places`: how many deliveries of one kind run at a time in this process.

        What this process writes it sees at once, and every `poll_seconds` what others wrote or
        what has come due.
        """
        self._outbox = outbox
        self._sinks = sinks
        self._places = places
        self._delivery_seconds = delivery_seconds
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Deliver until cancelled; what runs then is left to whoever claims it next."""
        async with asyncio.TaskGroup() as kinds:
            for kind, sink in self._sinks.items():
                kinds.create_task(self._serve(kind, sink))

    async def _serve(self, kind: str, sink: Sink) -> None:
        news = self._outbox.news(kind)
        running: set[asyncio.Task[None]] = set()

        def done(task: asyncio.Task[None]) -> None:
            running.discard(task)
            # Perhaps the next one of the same subject may go. But a look costs as much as some
            # deliveries: where many are on their way it is for many at a time.
            if len(running) <= self._places // 2:
                news.set()

        try:
            while True:
                # Before the look: what is written during it is seen by the next one.
                news.clear()
                for delivery in await self._claim(kind, self._places - len(running)):
                    task = asyncio.create_task(self._deliver(sink, delivery))
                    running.add(task)
                    task.add_done_callback(done)
                await news_or(news, self._poll_seconds)
        finally:
            await end(running)

    async def _claim(self, kind: str, most: int) -> list[Delivery]:
        if most <= 0:
            return []
        try:
            return await self._outbox.claim(kind, most)
        except TryAgain:
            log.warning("the outbox can't be read", kind=kind)
            return []

    async def _deliver(self, sink: Sink, delivery: Delivery) -> None:
        result = await self._ask(sink, delivery)
        log.info(
            "a delivery was tried",
            kind=delivery.kind,
            topic=delivery.topic,
            attempt=delivery.attempt,
            result=type(result).__name__.lower(),
        )
        await self._settle(delivery, result)

    async def _ask(self, sink: Sink, delivery: Delivery) -> Result:
        try:
            async with asyncio.timeout(self._delivery_seconds):
                return await sink.deliver(delivery)
        except TimeoutError:
            return Later(answer=f"no answer within {self._delivery_seconds:g} s")
        except TryAgain:
            return Later(answer="a part of ours did not answer")
        except Exception:
            log.exception("a delivery broke", kind=delivery.kind, topic=delivery.topic)
            return Later(answer="a fault of ours; the log has it")

    async def _settle(self, delivery: Delivery, result: Result) -> None:
        """Keep the result, also over a moment without a database: else it would go out twice."""
        for _ in range(int(CLAIM_MS / 1000 / POLL_SECONDS)):
            try:
                await self._outbox.settle(delivery, result)
            except TryAgain:
                await asyncio.sleep(POLL_SECONDS)
            else:
                return
        log.warning("a delivery could not be settled", kind=delivery.kind, topic=delivery.topic)


async def news_or(news: asyncio.Event, seconds: float) -> None:
    """Wait for news, or for as long."""
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
