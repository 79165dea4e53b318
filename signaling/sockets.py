"""This node's sockets: who sits where. Plain bookkeeping in memory, nothing shared."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from showroom.ids import CallId, PageId, ShowroomId, SocketId, StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session

CUSTOMER_SPACE = "/customer"
ADVISOR_SPACE = "/advisor"
MANAGER_SPACE = "/manager"


@dataclass(slots=True)
class Seat:
    """One connected socket and what it may speak for."""

    sid: SocketId
    space: str
    showroom: Showroom
    page: PageId
    call: CallId | None = None
    session: Session | None = None
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

    def add(self, seat: Seat) -> None:
        self.by_sid[seat.sid] = seat
        room = seat.showroom.id
        if seat.space == CUSTOMER_SPACE:
            self.visitors.setdefault(room, {})[seat.sid] = seat
            if seat.call:
                self.customers[seat.call] = seat
        elif seat.session and seat.space == ADVISOR_SPACE:
            self.advisors[room, seat.session.staff_id] = seat
        else:
            self.managers.setdefault(room, set()).add(seat.sid)

    def remove(self, sid: SocketId) -> Seat | None:
        """Forget a socket; return its seat, or None when it never had one."""
        seat = self.by_sid.pop(sid, None)
        if seat is None:
            return None
        room = seat.showroom.id
        if seat.space == CUSTOMER_SPACE:
            del self.visitors[room][sid]
            # A newer socket may sit there already.
            if seat.call and self.customers.get(seat.call) is seat:
                del self.customers[seat.call]
        elif seat.session and seat.space == ADVISOR_SPACE:
            if self.advisors.get((room, seat.session.staff_id)) is seat:
                del self.advisors[room, seat.session.staff_id]
        else:
            self.managers[room].discard(sid)
        return seat

    def seats_with_a_call_or_at_work(self) -> dict[ShowroomId, list[Seat]]:
        """Return the seats that must be renewed, by showroom."""
        found: dict[ShowroomId, list[Seat]] = {}
        for seat in (*self.customers.values(), *self.advisors.values()):
            found.setdefault(seat.showroom.id, []).append(seat)
        return found
