"""One of the two node processes of `pairing`: its advisors work, its customers wait.

Drives `signaling.desk.Desk` as the gateway does, and reads the feed as the teller does: a ring is
found by its hint. Started by `bench.pairing`, which gives the addresses of Redis and of the
database, the share of the work, and reads one line of JSON from standard output.
"""

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import Any

import uvloop

from bench.figures import percentile
from booking.follow_ups import FollowUps
from media.quality import QualityLog
from showroom.clock import system_clock
from showroom.database import Database
from showroom.demo.seed import SLUG
from showroom.errors import IllegalMove
from showroom.ids import CallId, StaffId
from showroom.marks import Marks
from showroom.parts import QualityDesk
from showroom.process import tune_collector
from showroom.settings import Settings
from showroom.showrooms import Showroom, Showrooms
from showroom.staff import Session
from showroom.valkey import connect
from showroom.vehicles import Vehicles
from showroom.words import CallState, Outcome, Side
from signaling.desk import Desk
from signaling.live import LiveState
from signaling.pairing import Pairing, Times, prefix
from signaling.party import Party

# Pairings that a process has under way at a time.
WORKERS = 12
# Of so many rings one is declined, one's customer leaves, and one a colleague tries to steal.
ODD = 20


@dataclass(frozen=True)
class Task:
    """What one process has to do."""

    redis_url: str
    database_url: str
    name: str
    advisors: int
    waiting: int
    pairings: int


class TimedPairing(Pairing):
    """Keeps how long each run of the script took, as its caller sees it, in milliseconds."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.took: list[float] = []

    async def run(self, showroom: Showroom, op: str, **arguments: Any) -> list[str]:
        began = time.perf_counter()
        try:
            return await super().run(showroom, op, **arguments)
        finally:
            self.took.append((time.perf_counter() - began) * 1000)


class Shift:
    """The advisors of one process, between two calls and in them."""

    def __init__(self, task: Task, desk: Desk, live: LiveState, redis: Any, room: Showroom) -> None:
        self.task, self.desk, self.live, self.room = task, desk, live, room
        self._redis = redis
        self._feed = f"{prefix(room.id)}:feed"
        self._position = "0-0"
        # By advisor of this process, the call that they were given last.
        self.present = {StaffId(f"{task.name}-{n}"): CallId("") for n in range(task.advisors)}
        self.ringing: asyncio.Queue[tuple[StaffId, CallId]] = asyncio.Queue()
        self.talking: deque[tuple[StaffId, CallId]] = deque()
        self.turns = count()
        self.accepted = 0
        self.wrongly_accepted = 0

    async def begin(self) -> None:
        """Fill the queue, then let the advisors come to work: each of them is busy at once."""
        for _ in range(self.task.waiting):
            await self._request()
        self._position = (await self._redis.xrevrange(self._feed, count=1))[0][0]
        for advisor in self.present:
            session = Session("", advisor, advisor, "", ("en",), False, {})
            await self.desk.sign_on(self.room, session)
            await self.desk.set_available(self.room, session, True)
        while len(self.talking) < len(self.present):
            await self._listen()
            while not self.ringing.empty():
                await self._take(*self.ringing.get_nowait())

    async def work(self) -> None:
        """Pair until the goal is reached."""
        self.accepted = 0
        listening = asyncio.create_task(self._listen_on())
        await asyncio.gather(*(self._pair() for _ in range(WORKERS)))
        listening.cancel()

    async def _listen_on(self) -> None:
        while True:
            await self._listen()

    async def _listen(self) -> None:
        """Read the feed on: a hint that gives an advisor of ours another call is a ring."""
        feeds = await self._redis.xread({self._feed: self._position}, count=1000, block=1000)
        for _, entries in feeds or []:
            self._position = entries[-1][0]
            for _, hint in entries:
                if hint["k"] != "call" or self.present.get(hint["a"], hint["c"]) == hint["c"]:
                    continue
                self.present[hint["a"]] = hint["c"]
                self.ringing.put_nowait((hint["a"], hint["c"]))

    async def _pair(self) -> None:
        """Accept whatever rings; else end the oldest talk, which makes that advisor ring."""
        while self.accepted < self.task.pairings:
            if self.ringing.empty() and self.talking:
                await self._finish(*self.talking.popleft())
            else:
                await self._take(*await self.ringing.get())

    async def _take(self, advisor: StaffId, which: CallId) -> None:
        call = await self.live.call(self.room.id, which)
        if call is None or call.state is not CallState.RINGING or call.advisor != advisor:
            return
        party = Party(self.room, Side.ADVISOR, which, advisor)
        turn = next(self.turns) % ODD
        if turn == 1:
            await self.desk.decline(party, call.ring)
        elif turn == 2:
            await self.desk.leave_queue(Party(self.room, Side.CUSTOMER, which))
            await self._request()
        else:
            if turn == 3 and self.talking:
                await self._accept_wrongly(which, call.ring)
            await self.desk.accept(party, call.ring)
            self.accepted += 1
            await self.desk.connected(Party(self.room, Side.CUSTOMER, which), call.link)
            self.talking.append((advisor, which))

    async def _accept_wrongly(self, which: CallId, ring: int) -> None:
        """Accept what rings at a colleague. The script must refuse it."""
        try:
            await self.desk.accept(Party(self.room, Side.ADVISOR, which, self.talking[0][0]), ring)
        except IllegalMove:
            return
        self.wrongly_accepted += 1

    async def _finish(self, advisor: StaffId, call: CallId) -> None:
        """The customer hangs up, the advisor saves the outcome, and somebody else calls."""
        await self.desk.hang_up(Party(self.room, Side.CUSTOMER, call))
        party = Party(self.room, Side.ADVISOR, call, advisor)
        await self.desk.save_outcome(party, Outcome.INTERESTED, "", "")
        await self._request()

    async def _request(self) -> None:
        await self.desk.request_call(self.room, "en", "crete", None)


async def run(task: Task) -> None:
    """Do the task, in step with the other process: say `ready`, wait for a line, work."""
    redis = await connect(task.redis_url)
    async with Database.open(task.database_url) as database:
        showroom = await Showrooms(database).by_slug(SLUG)
        pairing = TimedPairing(redis, Times.of(Settings.load()))
        live = LiveState(redis)
        quality, marks = QualityDesk(QualityLog(database)), Marks(database)
        follow_ups = FollowUps(database, system_clock)
        desk = Desk(pairing, live, Vehicles(database), follow_ups, quality, marks, system_clock)
        shift = Shift(task, desk, live, redis, showroom)
        await shift.begin()
        tune_collector()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        pairing.took.clear()
        began = time.monotonic()
        await shift.work()
        facts = {
            "began": began,
            "ended": time.monotonic(),
            "accepted": shift.accepted,
            "wrongly_accepted": shift.wrongly_accepted,
            "p50": percentile(pairing.took, 0.5),
            "p99": percentile(pairing.took, 0.99),
            "runs": len(pairing.took),
        }
    await redis.aclose()
    print(json.dumps(facts), flush=True)


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(Task(**json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
