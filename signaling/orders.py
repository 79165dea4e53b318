"""What a manager orders on the floor: the queue, a notice, who is away, who goes first.

An order holds until a manager takes it back, and each method returns what was before, which is what
takes it back. What an order changes stands in Redis; who gave it, in the audit log.
"""

import json

from showroom.ids import CallId, StaffId
from showroom.showrooms import Showroom, Showrooms
from signaling.desk import Desk
from signaling.pairing import Pairing


class Orders:
    """Orders of managers. Every refusal is a `ShowroomError`."""

    def __init__(self, pairing: Pairing, desk: Desk, showrooms: Showrooms) -> None:
        self._pairing = pairing
        self._desk = desk
        self._showrooms = showrooms

    async def close_queue(self, showroom: Showroom, closed: bool) -> bool:
        """Take no more calls into the queue, or take them again; return whether it was closed.

        Who waits is still served. Who is booked may come, and who comes back from a call that
        broke; all others are refused with `QueueClosed`.
        """
        [since] = await self._pairing.run(showroom, "order_queue", closed=closed)
        return bool(since)

    async def post_notice(self, showroom: Showroom, notice: dict[str, str]) -> dict[str, str]:
        """Tell all customers something, by language; nothing ends it. Returns what was said."""
        said = json.dumps(notice, sort_keys=True) if notice else ""
        [before] = await self._pairing.run(showroom, "order_notice", notice=said)
        found: dict[str, str] = json.loads(before or "{}")
        return found

    async def set_away(self, showroom: Showroom, advisor: StaffId, away: bool) -> bool:
        """Send an advisor away, or call them back from that; return whether they were.

        Who has a call goes away after it; what rings there rings elsewhere. Raises `NotFound`,
        `AtWorkElsewhere`, and `IllegalMove`: who is away goes nowhere, and only whom a manager has
        sent away, and whose page is open, can be called back.
        """
        if away:
            await self._pairing.run(showroom, "order_away", advisor=advisor)
        else:
            rooms = [room.id for room in await self._showrooms.all()]
            async with self._desk.at_work_nowhere_else(showroom, advisor, rooms):
                await self._pairing.run(showroom, "order_back", advisor=advisor)
        return not away

    async def place(self, showroom: Showroom, call: CallId, place: int) -> int:
        """Give a waiting call another place in its queue, from 1; return the one that it had.

        Nobody passes those who are booked and wait for their host. Raises `IllegalMove` for a call
        that doesn't wait, or is one of these.
        """
        [before] = await self._pairing.run(showroom, "order_place", id=call, place=place)
        return int(before)
