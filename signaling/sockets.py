"""This node's sockets: who sits where. Plain bookkeeping in memory, nothing shared."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from showroom.ids import CallId, PageId, PersonId, ShowroomId, SocketId, StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session

CUSTOMER_SPACE = "/customer"
ADVISOR_SPACE = "/advisor"
MANAGER_SPACE = "/manager"
COMPANION_SPACE = "/companion"


@dataclass(slots=True)
class Seat:
    """One connected socket and what it may speak for."""

    sid: SocketId
    space: str
    showroom: Showroom
    page: PageId
    call: CallId | None = None
    session: Session | None = None
    # Who this is in the call beside its two sides.
    person: PersonId | None = None
    # The connection's id at Engine.IO, from the moment in which its CONNECT is confirmed.
    engine_id: str = ""
    # The last `call_state` that went out while waiting: the crier renews its `queue` in place.
    waiting_state: dict[str, Any] | None = None
    # Held while its state is read and sent: what was read later must not arrive earlier.
    telling: asyncio.Lock = field(default_factory=asyncio.Lock, compare=False)


@dataclass
class Sockets:
    """Finds seats by what a hint names."""

    by_sid: dict[SocketId, Seat] = field(default_factory=dict)
    customers: dict[CallId, Seat] = field(default_factory=dict)
    advisors: dict[tuple[ShowroomId, StaffId], Seat] = field(default_factory=dict)
    managers: dict[ShowroomId, set[SocketId]] = field(default_factory=dict)
    visitors: dict[ShowroomId, dict[SocketId, Seat]] = field(default_factory=dict)
    # Companions and managers, by the call that they are in.
    people: dict[CallId, dict[PersonId, Seat]] = field(default_factory=dict)

    def add(self, seat: Seat) -> None:
        self.by_sid[seat.sid] = seat
        room = seat.showroom.id
        if seat.space == CUSTOMER_SPACE:
            self.visitors.setdefault(room, {})[seat.sid] = seat
            if seat.call:
                self.customers[seat.call] = seat
        elif seat.session and seat.space == ADVISOR_SPACE:
            self.advisors[room, seat.session.staff_id] = seat
        elif seat.space == COMPANION_SPACE:
            self.join(seat)
        else:
            self.managers.setdefault(room, set()).add(seat.sid)

    def join(self, seat: Seat) -> None:
        """Note that a seat is in a call beside its two sides."""
        if seat.call and seat.person:
            self.people.setdefault(seat.call, {})[seat.person] = seat

    def part(self, seat: Seat) -> None:
        """Forget that it is."""
        here = self.people.get(seat.call) if seat.call else None
        if here is None or seat.person is None or seat.call is None:
            return
        # A newer socket may sit there already.
        if here.get(seat.person) is seat:
            del here[seat.person]
        if not here:
            del self.people[seat.call]

    def remove(self, sid: SocketId) -> Seat | None:
        """Forget a socket; return its seat, or None when it never had one."""
        seat = self.by_sid.pop(sid, None)
        if seat is None:
            return None
        room = seat.showroom.id
        self.part(seat)
        if seat.space == CUSTOMER_SPACE:
            del self.visitors[room][sid]
            # A newer socket may sit there already.
            if seat.call and self.customers.get(seat.call) is seat:
                del self.customers[seat.call]
        elif seat.session and seat.space == ADVISOR_SPACE:
            if self.advisors.get((room, seat.session.staff_id)) is seat:
                del self.advisors[room, seat.session.staff_id]
        elif seat.space == MANAGER_SPACE:
            self.managers[room].discard(sid)
        return seat

    def seats_with_a_call_or_at_work(self) -> dict[ShowroomId, list[Seat]]:
        """Return the seats that must be renewed, by showroom."""
        return _by_showroom((*self.customers.values(), *self.advisors.values()))

    def seats_in_calls_beside(self) -> dict[ShowroomId, list[Seat]]:
        """Return the seats of people who are in a call beside its sides, by showroom."""
        return _by_showroom(seat for here in self.people.values() for seat in here.values())


def _by_showroom(seats: Iterable[Seat]) -> dict[ShowroomId, list[Seat]]:
    found: dict[ShowroomId, list[Seat]] = {}
    for seat in seats:
        found.setdefault(seat.showroom.id, []).append(seat)
    return found
