"""The keeper: what one showroom's trouble is to the others, and whom it gives up after a start."""

import asyncio
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from showroom.showrooms import Showroom, Showrooms
from signaling import keeper as module
from signaling.keeper import Keeper
from signaling.pairing import prefix
from signaling.sockets import ADVISOR_SPACE, Seat, Sockets
from signaling.stirred import Stirred
from signaling.teller import Mouth
from tests.signaling.floor import Floor, a_showroom


class Rooms:
    """The showrooms there are."""

    def __init__(self, *rooms: Showroom) -> None:
        self._rooms = rooms

    async def all(self) -> tuple[Showroom, ...]:
        return self._rooms


class Closer:
    """Remembers whose socket was closed."""

    def __init__(self) -> None:
        self.closed: list[str] = []

    async def close(self, sid: str) -> None:
        self.closed.append(sid)


def keeper_of(floor: Floor, sockets: Sockets, mouth: Closer, *others: Showroom) -> Keeper:
    rooms = cast(Showrooms, Rooms(*others, floor.showroom))
    clock = lambda: floor.now  # noqa: E731
    return Keeper(floor.pairing, rooms, sockets, cast(Mouth, mouth), Stirred(), clock)


async def test_a_showroom_that_is_broken_does_not_stop_the_others(
    floor: Floor, redis: Redis
) -> None:
    broken, sockets, mouth = a_showroom(), Sockets(), Closer()
    await redis.set(f"{prefix(broken.id)}:due", "a string")
    await redis.set(f"{prefix(broken.id)}:adv:zoe", "a string")
    for room, who in ((broken, "zoe"), (floor.showroom, "alice")):
        session: Any = type("Session", (), {"staff_id": who})()
        sockets.add(
            Seat(cast(Any, f"old-{who}"), ADVISOR_SPACE, room, cast(Any, "p"), None, session)
        )
    keeper = keeper_of(floor, sockets, mouth, broken)
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.tick(21)
    await keeper.sweep()
    assert (await floor.of("alice")).away_reason == "missed_ring"
    await keeper.renew()
    assert mouth.closed == ["old-alice"]


async def test_after_a_start_the_pages_come_back_before_anybody_is_given_up(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.1)
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.tick(300)
    keeper = keeper_of(floor, Sockets(), Closer())
    await keeper.sweep()
    assert await floor.states("c1") == ["live"]
    await asyncio.sleep(0.3)
    await keeper.sweep()
    assert await floor.states("c1") == ["wrap_up"]
