"""The state of a call, sent again before what it carries has run out: its TURN credentials.

They live for minutes, so that they end with the call, and nothing else of a call may change for an
hour. A page needs new ones when it restarts ICE, and it can't wait for a question then.
"""

from showroom.ids import CallId
from signaling.chores import apart
from signaling.live import LiveState
from signaling.sockets import Seat, Sockets
from signaling.teller import Teller
from signaling.views import CONNECTS


class Renewal:
    """Renews what this node's sockets know of calls that connect or run."""

    def __init__(self, live: LiveState, sockets: Sockets, teller: Teller) -> None:
        self._live = live
        self._sockets = sockets
        self._teller = teller

    async def renew_calls(self) -> None:
        """Send each of them its call's state. One page's trouble is not the others'."""
        for seat in list(self._sockets.customers.values()):
            with apart("renew a call", seat.showroom.id):
                if await self._connects(seat, seat.call):
                    await self._teller.customer(seat)
        for (room, who), seat in list(self._sockets.advisors.items()):
            with apart("renew a call", room):
                advisor = await self._live.advisor(room, who)
                if advisor and await self._connects(seat, advisor.call):
                    await self._teller.advisor(seat, status=False)

        for here in list(self._sockets.people.values()):
            for seat in list(here.values()):
                with apart("renew a call", seat.showroom.id):
                    await self._teller.joined(seat)

    async def _connects(self, seat: Seat, call_id: CallId | None) -> bool:
        call = await self._live.call(seat.showroom.id, call_id) if call_id else None
        return call is not None and call.state in CONNECTS
