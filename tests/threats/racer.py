"""One of several processes that race over one floor: `python -m tests.threats.racer URL ROOM …`."""

import asyncio
import random
import sys

from showroom.clock import system_clock
from showroom.errors import ShowroomError
from showroom.hours import ALWAYS_OPEN
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId, new_id
from showroom.showrooms import Policy, Showroom
from showroom.valkey import connect
from signaling.live import LiveState
from signaling.pairing import Pairing
from signaling.visits import BookedVisit
from tests.samples import BRAND
from tests.signaling.floor import TIMES

ADVISORS = 12


def room(name: str) -> Showroom:
    """Return a showroom whose rings last a second, so that lost ones come back soon."""
    return Showroom(
        ShowroomId(name), name, name, BRAND, "FR", ("en",), "Europe/Paris", ALWAYS_OPEN,
        policy=Policy(ring_seconds=1),
    )  # fmt: skip


class Racer:
    """Customers and advisors that do everything at once, by chance."""

    def __init__(self, pairing: Pairing, live: LiveState, showroom: Showroom, seed: int) -> None:
        self._pairing, self._live, self._showroom = pairing, live, showroom
        self._chance = random.Random(seed)

    async def run(self, op: str, **fields: object) -> bool:
        try:
            await self._pairing.run(self._showroom, op, **fields)
        except ShowroomError:
            return False
        return True

    async def customers(self, calls: int) -> None:
        for _ in range(calls):
            call = new_id()
            booked = self._visit() if self._chance.random() < 0.2 else {}
            wish = {"language": "en", "fields": {}, "first": False, **booked}
            if await self.run("request", id=call, **wish):
                print(call, flush=True)  # noqa: T201 - to whoever counts
            if self._chance.random() < 0.05:
                await self.run("leave", id=call)
            while (await self._live.counts(self._showroom.id, "en")).waiting > 30:
                await asyncio.sleep(0.002)

    def _visit(self) -> dict[str, object]:
        """Book with anybody, of the process that will be killed too, for a while or for no time."""
        host = StaffId(f"{self._chance.randint(1, 2)}-{self._chance.randrange(ADVISORS)}")
        now = system_clock()
        until = now + self._chance.choice((-1, 50, 400))
        visit = BookedVisit(AppointmentId(new_id()), host, kept_until=until, starts_at=now)
        return {"fields": visit.dump(), "kept_until": until}

    async def advisor(self, name: str) -> None:
        """Work for ever: accept most, decline some, now and then what is not theirs."""
        who = StaffId(name)
        await self.run("sign_on", advisor=name, name=name, languages="en", stand_in=False)
        while True:
            await asyncio.sleep(0)
            state = await self._live.advisor(self._showroom.id, who)
            if state is None or state.state == "away":
                until = system_clock() + self._chance.randrange(200)
                await self.run("keep_free", advisor=name, visit=new_id(), until_ms=until)
                await self.run("go_available", advisor=name)
            elif state.call is None:
                await asyncio.sleep(0.001)
            elif state.state == "ringing":
                word = "decline" if self._chance.random() < 0.1 else "accept"
                await self.run(word, advisor=name, id=state.call, ring=state.ring)
                await self.run("accept", advisor=name, id=state.call, ring=state.ring + 1)
            elif state.state == "busy":
                await self._talk(name, state.call)
            elif state.state == "wrap_up":
                await self.run(
                    "save_outcome", advisor=name, id=state.call, outcome="no_fit", reason="",
                    notes="",
                )  # fmt: skip

    async def _talk(self, name: str, call: CallId) -> None:
        if self._chance.random() < 0.5:
            await self.run("hang_up", id=call)
        else:
            await self.run("end_call", advisor=name, id=call)

    async def sweep(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            await self.run("sweep", languages=["en"], most=200)


async def race(url: str, name: str, seed: int, calls: int) -> None:
    """Bring in `calls` customers, then serve until killed."""
    redis = await connect(url)
    racer = Racer(Pairing(redis, TIMES), LiveState(redis), room(name), seed)
    names = [f"{seed}-{n}" for n in range(ADVISORS)]
    async with asyncio.TaskGroup() as group:
        group.create_task(racer.customers(calls))
        group.create_task(racer.sweep())
        for advisor in names:
            group.create_task(racer.advisor(advisor))


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
