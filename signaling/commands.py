"""From a parsed message to the desk: one small method a message, found in one table."""

from collections.abc import Awaitable, Callable
from typing import Any

from showroom.errors import BadRequest, IllegalMove, NotFound
from showroom.ids import CallId, StaffId
from showroom.staff import Session
from showroom.words import Side
from signaling import messages as m
from signaling.company import Company, manager_in_a_call
from signaling.desk import Desk
from signaling.party import Party
from signaling.side_media import SideMedia
from signaling.sockets import Seat, Sockets

Answer = dict[str, object]
Handler = Callable[["Commands", Seat, Any], Awaitable[Answer | None]]


class Commands:
    """Knows for each message which desk command it is, and whose call it means."""

    def __init__(self, desk: Desk, company: Company, sockets: Sockets) -> None:
        self._desk = desk
        self._company = company
        self._sockets = sockets

    async def run(self, seat: Seat, side: Side, command: m.Command) -> Answer:
        """Carry a command out; return what its acknowledgement carries besides `ok`."""
        both = BOTH.get(type(command))
        if both:
            return await both(self, await self.party(seat, side), command) or {}
        return await ONE_SIDE[type(command)](self, seat, command) or {}

    async def party(self, seat: Seat, side: Side, call: CallId | None = None) -> Party:
        """Return the sender as a side of their call. Raises `NotFound`, `IllegalMove`."""
        if side is Side.CUSTOMER:
            if seat.call is None:
                raise NotFound
            return Party(seat.showroom, side, seat.call)
        if side is not Side.ADVISOR:
            if seat.call is None or seat.person is None:
                raise NotFound
            return Party(seat.showroom, side, seat.call, person=seat.person)
        advisor = staff_id(seat)
        if call is None:
            call = await self._desk.advisors_call(seat.showroom, advisor)
        return Party(seat.showroom, side, call, advisor)

    # ------------------------------------------------------------ either side

    async def signal(self, who: Party, command: m.Signal) -> None:
        if (command.description is None) == (command.candidate is None):
            raise BadRequest("A signal carries a description or a candidate, and only one of them.")
        push = m.SignalRelayed(
            link=command.link, description=command.description, candidate=command.candidate
        )
        await self._desk.pass_on(who, push, command.link)

    async def connected(self, who: Party, command: m.Connected) -> None:
        await self._desk.connected(who, command.link)

    async def relink(self, who: Party, command: m.Relink) -> None:
        await self._desk.relink(who, command.link)

    async def relay(self, who: Party, command: m.RelayOffer) -> Answer:
        return await self._company.connect(who, command.turn, command.rank, command.sdp)

    async def settled(self, who: Party, command: m.Settled) -> None:
        await self._company.settled(who, command.path, command.number)

    async def admit(self, who: Party, command: m.Admit) -> None:
        await self._company.admit(who, command.person, command.yes)

    async def give_voice(self, who: Party, command: m.GiveVoice) -> None:
        await self._company.give_voice(who, command.person, command.yes)

    async def record(self, who: Party, _: m.Record) -> None:
        await self._company.record(who)

    async def consent_recording(self, who: Party, command: m.ConsentRecording) -> None:
        await self._company.consent_recording(who, command.yes)

    async def stop_recording(self, who: Party, command: m.StopRecording) -> None:
        await self._company.stop_recording(who, command.erase)

    async def chat(self, who: Party, command: m.Chat) -> None:
        await self._desk.chat(who, command.id, command.text)

    async def point(self, who: Party, command: m.Point) -> None:
        await self._desk.point(who, command.x, command.y)

    async def cancel_photo(self, who: Party, _: m.CancelPhoto) -> None:
        await self._desk.photos.cancel(who)

    async def look_at_photo(self, who: Party, command: m.LookAtPhoto) -> Answer:
        strokes = await self._desk.photos.look_at(who, command.photo)
        return {"strokes": [stroke.model_dump(mode="json") for stroke in strokes]}

    async def draw(self, who: Party, command: m.Draw) -> None:
        await self._desk.photos.draw(who, command)

    async def undraw(self, who: Party, command: m.Undraw) -> None:
        await self._desk.photos.undraw(who, command.photo, command.stroke)

    async def media_state(self, who: Party, command: m.MediaState) -> None:
        media = SideMedia(**dict(command))
        await self._desk.media_state(who, media)

    async def quality(self, who: Party, command: m.QualitySample) -> None:
        await self._desk.quality(who, command)

    # ------------------------------------------------------------ the customer

    async def invite(self, seat: Seat, _: m.Invite) -> Answer:
        invitation = await self._company.invite(await self.party(seat, Side.CUSTOMER))
        return {"path": f"/s/{seat.showroom.slug}/join/{invitation}"}

    async def revoke_invitation(self, seat: Seat, _: m.RevokeInvitation) -> None:
        await self._company.revoke(await self.party(seat, Side.CUSTOMER))

    async def ask_photo(self, seat: Seat, _: m.AskPhoto) -> None:
        await self._desk.photos.ask(await self.party(seat, Side.CUSTOMER))

    async def leave_queue(self, seat: Seat, _: m.LeaveQueue) -> None:
        await self._desk.leave_queue(await self.party(seat, Side.CUSTOMER))

    async def hang_up(self, seat: Seat, _: m.HangUp) -> None:
        await self._desk.hang_up(await self.party(seat, Side.CUSTOMER))

    async def rate(self, seat: Seat, command: m.Rate) -> None:
        party = await self.party(seat, Side.CUSTOMER)
        await self._desk.rate(party, command.stars, command.comment)

    # ------------------------------------------------------------ the advisor

    async def set_available(self, seat: Seat, command: m.SetAvailable) -> None:
        await self._desk.set_available(seat.showroom, session_of(seat), command.available)

    async def accept(self, seat: Seat, command: m.Accept) -> None:
        await self._desk.accept(await self._named(seat, command.call), command.ring)

    async def decline(self, seat: Seat, command: m.Decline) -> None:
        await self._desk.decline(await self._named(seat, command.call), command.ring)

    async def hold(self, seat: Seat, _: m.Hold) -> None:
        await self._desk.hold(await self.party(seat, Side.ADVISOR), True)

    async def resume(self, seat: Seat, _: m.Resume) -> None:
        await self._desk.hold(await self.party(seat, Side.ADVISOR), False)

    async def show_vehicle(self, seat: Seat, command: m.ShowVehicle) -> None:
        await self._desk.show_vehicle(await self.party(seat, Side.ADVISOR), command.vehicle)

    async def show_store_link(self, seat: Seat, command: m.ShowStoreLink) -> None:
        await self._desk.show_store_link(await self.party(seat, Side.ADVISOR), command.vehicle)

    async def take_photo(self, seat: Seat, _: m.TakePhoto) -> Answer:
        return {"photo": await self._desk.photos.take(await self.party(seat, Side.ADVISOR))}

    async def save_notes(self, seat: Seat, command: m.SaveNotes) -> None:
        await self._desk.save_notes(await self.party(seat, Side.ADVISOR), command.notes)

    async def list_colleagues(self, seat: Seat, _: m.ListColleagues) -> Answer:
        found = await self._desk.colleagues(await self.party(seat, Side.ADVISOR))
        return {"colleagues": [colleague.model_dump() for colleague in found]}

    async def transfer(self, seat: Seat, command: m.Transfer) -> None:
        party = await self.party(seat, Side.ADVISOR)
        await self._desk.transfer(party, StaffId(command.advisor))

    async def end_call(self, seat: Seat, _: m.EndCall) -> None:
        await self._desk.end_call(await self.party(seat, Side.ADVISOR))

    async def save_outcome(self, seat: Seat, command: m.SaveOutcome) -> None:
        party = await self._named(seat, command.call)
        await self._desk.save_outcome(party, command.outcome, command.reason, command.notes)

    async def take_follow_up(self, seat: Seat, command: m.TakeFollowUp) -> None:
        await self._desk.take_follow_up(seat.showroom, command.follow_up, staff_id(seat))

    async def release_follow_up(self, seat: Seat, command: m.ReleaseFollowUp) -> None:
        manages = session_of(seat).manages(seat.showroom.id)
        whose = None if manages else staff_id(seat)
        await self._desk.release_follow_up(seat.showroom, command.follow_up, whose)

    async def finish_follow_up(self, seat: Seat, command: m.FinishFollowUp) -> None:
        await self._desk.finish_follow_up(seat.showroom, command.follow_up, staff_id(seat))

    # ------------------------------------------------------------ who joins a call

    async def raise_hand(self, who: Party, command: m.RaiseHand) -> None:
        await self._company.raise_hand(who, command.up)

    async def leave_call(self, who: Party, _: m.LeaveCall) -> None:
        await self._company.leave(who)

    async def supervise(self, seat: Seat, command: m.Supervise) -> None:
        session, call = session_of(seat), CallId(command.call)
        # Nothing is told to this socket meanwhile: of the call before, or before it is in this one.
        async with seat.telling:
            if seat.call and seat.call != call:
                await self._company.leave(await self.party(seat, Side.MANAGER))
            self._sockets.part(seat)
            # Seated first: what is said of it must find this socket.
            seat.call, seat.person = call, manager_in_a_call(session)
            self._sockets.join(seat)
            try:
                await self._company.supervise(seat.showroom, session, call, command.mode, seat.sid)
            except IllegalMove:
                # Whatever else goes wrong, they may be in: then they must be able to leave.
                self._sockets.part(seat)
                seat.call = seat.person = None
                raise

    async def take_over(self, seat: Seat, _: m.TakeOver) -> None:
        party, session = await self.party(seat, Side.MANAGER), session_of(seat)
        at = seat.showroom, session.staff_id, session.roles
        async with self._desk.at_work_nowhere_else(*at):
            await self._company.take_over(party, session)

    async def _named(self, seat: Seat, call: str) -> Party:
        """The script compares the named call with the advisor's own, so a foreign id is refused."""
        return await self.party(seat, Side.ADVISOR, CallId(call))


def session_of(seat: Seat) -> Session:
    """Return who is signed in on a seat. Raises `NotFound` for a customer's."""
    if seat.session is None:
        raise NotFound
    return seat.session


def staff_id(seat: Seat) -> StaffId:
    """Return whose seat it is. Raises `NotFound` for a customer's."""
    return session_of(seat).staff_id


BOTH: dict[type[m.Command], Callable[[Commands, Party, Any], Awaitable[Answer | None]]] = {
    m.Signal: Commands.signal,
    m.Connected: Commands.connected,
    m.Relink: Commands.relink,
    m.Chat: Commands.chat,
    m.Point: Commands.point,
    m.CancelPhoto: Commands.cancel_photo,
    m.LookAtPhoto: Commands.look_at_photo,
    m.Draw: Commands.draw,
    m.Undraw: Commands.undraw,
    m.MediaState: Commands.media_state,
    m.QualitySample: Commands.quality,
    m.RelayOffer: Commands.relay,
    m.Settled: Commands.settled,
    m.Admit: Commands.admit,
    m.GiveVoice: Commands.give_voice,
    m.Record: Commands.record,
    m.ConsentRecording: Commands.consent_recording,
    m.StopRecording: Commands.stop_recording,
    m.RaiseHand: Commands.raise_hand,
    m.LeaveCall: Commands.leave_call,
}
ONE_SIDE: dict[type[m.Command], Handler] = {
    m.Invite: Commands.invite,
    m.RevokeInvitation: Commands.revoke_invitation,
    m.Supervise: Commands.supervise,
    m.TakeOver: Commands.take_over,
    m.AskPhoto: Commands.ask_photo,
    m.LeaveQueue: Commands.leave_queue,
    m.HangUp: Commands.hang_up,
    m.Rate: Commands.rate,
    m.SetAvailable: Commands.set_available,
    m.Accept: Commands.accept,
    m.Decline: Commands.decline,
    m.Hold: Commands.hold,
    m.Resume: Commands.resume,
    m.ShowVehicle: Commands.show_vehicle,
    m.ShowStoreLink: Commands.show_store_link,
    m.TakePhoto: Commands.take_photo,
    m.SaveNotes: Commands.save_notes,
    m.ListColleagues: Commands.list_colleagues,
    m.Transfer: Commands.transfer,
    m.EndCall: Commands.end_call,
    m.SaveOutcome: Commands.save_outcome,
    m.TakeFollowUp: Commands.take_follow_up,
    m.ReleaseFollowUp: Commands.release_follow_up,
    m.FinishFollowUp: Commands.finish_follow_up,
}
