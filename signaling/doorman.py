"""The doorman: staff whose session is over are shut out, and what they had ends."""

from showroom.ids import SocketId, StaffId
from showroom.staff import SessionEnd, Staff
from showroom.words import AdvisorState, AwayReason, Side
from signaling.chores import Loop, every
from signaling.company import Company
from signaling.desk import Desk
from signaling.live import LiveState
from signaling.messages import SignedOut
from signaling.pairing import Pairing
from signaling.party import Party
from signaling.sockets import ADVISOR_SPACE, Seat, Sockets
from signaling.teller import Mouth

SESSION_SECONDS = 1
# What an advisor must not lose only because their session is over meanwhile.
AT_WORK = frozenset({AdvisorState.RINGING, AdvisorState.BUSY, AdvisorState.WRAP_UP})
# What nobody did: it can wait until a call is over.
BY_ITSELF = frozenset({SessionEnd.EXPIRED, SessionEnd.FACTOR_NEEDED})


class Doorman:
    """Looks at the sessions of this node's staff (threat 24: gone in less than two seconds)."""

    def __init__(
        self,
        pairing: Pairing,
        live: LiveState,
        staff: Staff,
        desk: Desk,
        company: Company,
        sockets: Sockets,
        mouth: Mouth,
    ) -> None:
        self._pairing = pairing
        self._live = live
        self._staff = staff
        self._desk = desk
        self._company = company
        self._sockets = sockets
        self._mouth = mouth
        # The seats of the last look of advisors, and of managers who were in a call.
        self._seen: dict[SocketId, Seat] = {}

    def loops(self) -> list[Loop]:
        return [every(SESSION_SECONDS, self.check_sessions)]

    async def check_sessions(self) -> None:
        """Close the sockets of staff whose session is over, and end what they had.

        A page that signs out is mostly gone before it is looked at: whoever sat there at the last
        look is asked about once more, and is away at once, not after a grace.
        """
        here = [seat for seat in self._sockets.by_sid.values() if seat.session]
        gone = [seat for sid, seat in self._seen.items() if sid not in self._sockets.by_sid]
        sessions = [seat.session for seat in (*here, *gone) if seat.session]
        ends = await self._staff.ends({one.digest: one.staff_id for one in sessions})
        for seat in here:
            if seat.session and (end := ends.get(seat.session.digest)):
                await self._dismiss(seat, seat.session.staff_id, end)
        for seat in gone:
            if seat.session and (end := ends.get(seat.session.digest)):
                await self._sign_off_unseated(seat, seat.session.staff_id, end)
        self._seen = {seat.sid: seat for seat in here if seat.space == ADVISOR_SPACE or seat.person}

    async def _dismiss(self, seat: Seat, who: StaffId, end: SessionEnd) -> None:
        works = seat.space == ADVISOR_SPACE
        await self._put_out(seat)
        if works and end in BY_ITSELF:
            advisor = await self._live.advisor(seat.showroom.id, who)
            if advisor and advisor.state in AT_WORK:
                return  # it ends when they are free
        # Another page of theirs, with a session of its own, may have taken this seat just now.
        theirs = works and not await self._pairing.run(
            seat.showroom, "renew_seats", seats=[["advisor", who, seat.sid]]
        )
        await self._mouth.send(seat, SignedOut.event, {})
        await self._mouth.close(seat.sid)
        if theirs:
            await self._desk.sign_off(seat.showroom, who, _why(end))

    async def _put_out(self, seat: Seat) -> None:
        """End a manager's part in a call at once: nobody listens on for the grace of a page."""
        if seat.call is None or seat.person is None:
            return
        people = await self._live.people(seat.showroom.id, seat.call)
        me = next((one for one in people if one.id == seat.person), None)
        # Another page of theirs, with a session of its own, may have taken this place.
        if me and me.sid in ("", seat.sid):
            await self._company.leave(
                Party(seat.showroom, Side.MANAGER, seat.call, person=seat.person)
            )

    async def _sign_off_unseated(self, seat: Seat, who: StaffId, end: SessionEnd) -> None:
        if seat.space != ADVISOR_SPACE:
            await self._put_out(seat)
            return
        advisor = await self._live.advisor(seat.showroom.id, who)
        if advisor and not advisor.present and end not in BY_ITSELF:
            await self._desk.sign_off(seat.showroom, who, _why(end))


def _why(end: SessionEnd) -> AwayReason:
    return AwayReason.DISABLED if end is SessionEnd.DISABLED else AwayReason.SIGNED_OUT
