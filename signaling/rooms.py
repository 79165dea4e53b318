"""Tells managers of several showrooms how all of theirs do, beside the floor that they see."""

from collections.abc import Mapping

from showroom.clock import Clock
from showroom.ids import ShowroomId, SocketId
from showroom.showrooms import Showroom, Showrooms
from showroom.words import AdvisorState, CallState
from signaling.chores import Loop, every
from signaling.live import LiveState
from signaling.messages import RoomsState, RoomState
from signaling.needs import FloorNews
from signaling.sockets import Seat, Sockets
from signaling.stirred import Stirred
from signaling.teller import Mouth, dump

BEAT_SECONDS = 1.0
# Opening hours come without a hint, and a hint can be missed.
ANYWAY_BEATS = 8
WAITS = frozenset({CallState.WAITING, CallState.RINGING})
RUNS = frozenset({CallState.CONNECTING, CallState.LIVE})


class Rooms:
    """Looks at the showrooms that somebody on this node manages besides another one."""

    def __init__(
        self,
        live: LiveState,
        showrooms: Showrooms,
        news: FloorNews,
        sockets: Sockets,
        mouth: Mouth,
        stirred: Stirred,
        clock: Clock,
    ) -> None:
        self._live = live
        self._showrooms = showrooms
        self._news = news
        self._sockets = sockets
        self._mouth = mouth
        self._stirred = stirred.reader()
        self._clock = clock
        self._known: dict[ShowroomId, RoomState] = {}
        self._told: dict[SocketId, list[RoomState]] = {}
        self._beat = 0

    def loops(self) -> list[Loop]:
        return [every(BEAT_SECONDS, self.look)]

    async def look(self) -> None:
        """Look at what has changed, and tell whom it concerns."""
        self._beat += 1
        changed = set(self._stirred)
        self._stirred.clear()
        seats = {
            sid: seat
            for room in self._sockets.managers.values()
            for sid in room
            if (seat := self._sockets.by_sid.get(sid)) and seat.engine_id
        }
        self._told = {sid: told for sid, told in self._told.items() if sid in seats}
        rooms = {room.id: room for room in await self._showrooms.all()}
        wanted = {room for seat in seats.values() for room in _managed(seat, rooms)}
        anyway = self._beat % ANYWAY_BEATS == 0
        self._known = {room: one for room, one in self._known.items() if room in wanted}
        for room in wanted:
            if anyway or room in changed or room not in self._known:
                self._known[room] = await self._state(rooms[room])
        for sid, seat in seats.items():
            theirs = [self._known[room] for room in _managed(seat, rooms)]
            if self._told.get(sid, []) != theirs:
                self._told[sid] = theirs
                state = RoomsState(now=self._clock(), rooms=theirs)
                await self._mouth.send(seat, RoomsState.event, dump(state))

    async def _state(self, showroom: Showroom) -> RoomState:
        now = self._clock()
        calls = await self._live.open_calls(showroom.id)
        advisors = [one for one in await self._live.advisors(showroom.id) if not one.stand_in]
        waits = [call.waits_from for call in calls if call.state in WAITS]
        alarms, _ = await self._news.alarms(showroom.id)
        offered, answered = await self._news.answers(showroom)
        return RoomState(
            slug=showroom.slug,
            name=showroom.name,
            open=showroom.opening(now).open,
            waiting=len(waits),
            waits_since=min(waits, default=None),
            running=sum(call.state in RUNS for call in calls),
            available=sum(one.state is AdvisorState.AVAILABLE and one.present for one in advisors),
            on_duty=sum(one.state is not AdvisorState.AWAY for one in advisors),
            offered=offered,
            answered=answered,
            alarms=len(alarms),
        )


def _managed(seat: Seat, rooms: Mapping[ShowroomId, Showroom]) -> list[ShowroomId]:
    """Return the showrooms that somebody manages, in their order; none where it is one alone."""
    if seat.session is None:
        return []
    theirs = [room for room in rooms if seat.session.manages(room)]
    return theirs if len(theirs) > 1 else []
