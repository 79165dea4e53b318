"""The keeper: what must happen by the clock. Every node runs one; the script makes that harmless.

Deadlines (rings, graces, connections, wrap-ups) are carried out by `sweep`. Seats are renewed
while their socket lives, so that what a dead node left behind ends by itself.
"""

import asyncio

from showroom.clock import Clock
from showroom.ids import ShowroomId, SocketId
from showroom.showrooms import Showroom, Showrooms
from signaling.chores import Loop, apart, every
from signaling.pairing import Pairing
from signaling.sockets import Sockets
from signaling.stirred import IDLE_SECONDS, Stirred
from signaling.teller import Mouth

SWEEP_SECONDS = 0.25
RENEW_SECONDS = 5
CHUNK = 500


class Keeper:
    """Carries out deadlines, and keeps the seats of this node's sockets."""

    def __init__(
        self,
        pairing: Pairing,
        showrooms: Showrooms,
        sockets: Sockets,
        mouth: Mouth,
        stirred: Stirred,
        clock: Clock,
    ) -> None:
        self._pairing = pairing
        self._showrooms = showrooms
        self._sockets = sockets
        self._mouth = mouth
        self._clock = clock
        self._to_sweep = stirred.reader()
        self._sweep_from = 0.0
        self._spare_until = 0.0
        # When a showroom has to be looked at again if nothing changes in it (the loop's time).
        self._next_sweep: dict[ShowroomId, float] = {}

    def loops(self) -> list[Loop]:
        return [every(SWEEP_SECONDS, self.sweep), every(RENEW_SECONDS, self.renew)]

    async def sweep(self) -> None:
        """Carry out the deadlines that have passed.

        A showroom in which nothing changed is left alone until its next deadline, so that a
        thousand that sleep cost nothing. After Redis was away first all nodes renew the seats of
        the sockets that they still have: otherwise a long outage would end every call in the moment
        in which it is over. For as long after a start nobody is given up: the node may have been
        the only one, and the pages come back to it first.
        """
        now = asyncio.get_running_loop().time()
        if now < self._sweep_from:
            return
        self._spare_until = self._spare_until or now + 2 * RENEW_SECONDS
        # Pushed on beforehand, so that a failure of whatever kind counts as an outage.
        self._sweep_from = now + 2 * RENEW_SECONDS
        for showroom in await self._showrooms.all():
            if showroom.id not in self._to_sweep and now < self._next_sweep.get(showroom.id, 0):
                continue
            self._to_sweep.discard(showroom.id)
            self._next_sweep[showroom.id] = now + RENEW_SECONDS  # if it fails
            with apart("sweep", showroom.id):
                await self._sweep(showroom, now)
        self._sweep_from = now

    async def _sweep(self, showroom: Showroom, now: float) -> None:
        _, wait = await self._pairing.run(
            showroom,
            "sweep",
            languages=list(showroom.languages),
            most=200,
            closed=not showroom.opening(self._clock()).open,
            spare=now < self._spare_until,
        )
        self._next_sweep[showroom.id] = now + min(int(wait) / 1000, IDLE_SECONDS)

    async def renew(self) -> None:
        """Renew the seats of this node's sockets; close sockets whose seat another one has."""
        await self._renew_people()
        for seats in self._sockets.seats_with_a_call_or_at_work().values():
            rows = [
                ["advisor", seat.session.staff_id, seat.sid]
                if seat.session
                else ["customer", seat.call, seat.sid]
                for seat in seats
            ]
            with apart("renew", seats[0].showroom.id):
                for start in range(0, len(rows), CHUNK):
                    stale = await self._pairing.run(
                        seats[0].showroom, "renew_seats", seats=rows[start : start + CHUNK]
                    )
                    for sid in stale:
                        await self._mouth.close(SocketId(sid))

    async def _renew_people(self) -> None:
        """Renew the places of those who are in calls beside their sides.

        A companion's socket has no other use than its place; a manager's has.
        """
        for seats in self._sockets.seats_in_calls_beside().values():
            here = {seat.sid: seat for seat in seats}
            rows = [[seat.call, seat.person, seat.sid] for seat in seats]
            with apart("renew", seats[0].showroom.id):
                for start in range(0, len(rows), CHUNK):
                    stale = await self._pairing.run(
                        seats[0].showroom, "renew_places", places=rows[start : start + CHUNK]
                    )
                    for sid in map(SocketId, stale):
                        if here[sid].session is None:
                            await self._mouth.close(sid)
