"""The teller: what was read later does not arrive earlier."""

import asyncio
from typing import Any, cast

from redis.asyncio import Redis

from showroom.ids import ShowroomId, StaffId
from signaling.live import LiveAdvisor, LiveState
from signaling.sockets import ADVISOR_SPACE, Seat, Sockets
from signaling.stirred import Stirred
from signaling.teller import Mouth, Teller
from tests.signaling.floor import Floor


class SlowLive(LiveState):
    """Its first answer takes its time."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.has_read, self.may_answer = asyncio.Event(), asyncio.Event()

    async def advisor(self, showroom: ShowroomId, advisor: StaffId) -> LiveAdvisor | None:
        found = await super().advisor(showroom, advisor)
        if not self.has_read.is_set():
            self.has_read.set()
            await self.may_answer.wait()
        return found


class Ear:
    """Hears what a page is sent."""

    def __init__(self) -> None:
        self.heard: list[dict[str, object]] = []

    async def send(self, _seat: Seat, event: str, payload: dict[str, object]) -> None:
        if event == "advisor_state":
            self.heard.append(payload)


async def test_a_greeting_that_is_slow_does_not_overwrite_what_changed_meanwhile(
    floor: Floor, redis: Redis
) -> None:
    live, ear = SlowLive(redis), Ear()
    nothing = cast(Any, None)
    teller = Teller(
        redis, live, nothing, nothing, nothing, Sockets(), cast(Mouth, ear), Stirred(),
        lambda: floor.now,
    )  # fmt: skip
    who: Any = type("Session", (), {"staff_id": await floor.advisor("alice")})()
    seat = Seat(cast(Any, "sid"), ADVISOR_SPACE, floor.showroom, cast(Any, "page"), None, who)
    async with asyncio.timeout(10), asyncio.TaskGroup() as both:
        both.create_task(teller.advisor(seat))
        await live.has_read.wait()
        await floor.run("go_away", advisor="alice", reason="own_choice")
        both.create_task(teller.advisor(seat))
        await asyncio.sleep(0.1)
        live.may_answer.set()
    assert [one["state"] for one in ear.heard] == ["available", "away"]
