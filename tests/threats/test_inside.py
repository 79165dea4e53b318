"""Webhooks that point inside: by name, by number, and by a name that turns (threat 14)."""

import asyncio

from booking.handoff.guard import Guard
from booking.handoff.posting import open_poster
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.test_guard import LOCALHOST, Turning
from tests.threats.conftest import Report
from tests.virtual_clock import VirtualClock

ROUNDS = 100


async def test_nothing_inside_is_ever_reached(clock: VirtualClock, figure: Report) -> None:
    turning = Turning(["127.0.0.1"], ["::1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["0.0.0.0"])
    sent = 0
    async with receiving() as inside:
        port = inside.url.rpartition(":")[2]
        async with open_poster(Guard(), clock) as poster:
            for host in (*LOCALHOST, "localhost"):
                sent += 1
                assert (await poster.post(f"http://{host}:{port}/ok", {}, b"{}")).status is None
        async with open_poster(Guard(), clock, turning) as poster:
            for _ in range(ROUNDS):
                sent += 1
                answer = await poster.post(f"http://rebind.example:{port}/ok", {}, b"{}")
                assert answer.status is None
        # The way there is open: what is allowed arrives.
        async with open_poster(Guard(["127.0.0.1"]), clock) as poster:
            assert (await poster.post(f"{inside.url}/ok", {}, b"{}")).status == 200
        await asyncio.sleep(0.1)
        assert len(inside.requests) == 1
    figure(f"{sent} webhooks that point inside, {ROUNDS} of them by a turning name: 0 hits")
