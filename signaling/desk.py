"""The desk: every command that a customer or an advisor can give, with who may give it.

A command changes Redis through the pairing script and returns; telling the pages is the teller's.
"""

import json
import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

from showroom.clock import Clock
from showroom.errors import (
    AlreadyInCall,
    AtWorkElsewhere,
    Forbidden,
    IllegalMove,
    NotFound,
    ShowroomClosed,
)
from showroom.ids import (
    AppointmentId,
    CallId,
    FollowUpId,
    ShowroomId,
    StaffId,
    VehicleId,
    new_id,
    token_digest,
    token_matches,
)
from showroom.marks import Marks
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.vehicles import Vehicles
from showroom.words import BROKEN, AdvisorState, AwayReason, CallState, Device, Outcome, Role, Side
from signaling.live import LiveCall, LiveState
from signaling.messages import Colleague, Pointed, Push, QualitySample
from signaling.needs import FollowUpBook, QualityBook
from signaling.pairing import Pairing, prefix
from signaling.party import Party
from signaling.photos import PhotoDesk
from signaling.side_media import SideMedia
from signaling.tickets import CallTicket
from signaling.visits import BookedVisit

# Whoever calls again this soon after a call that broke goes before the others.
SECOND_CHANCE_MS = 10 * 60_000
# Longer than two commands take, answers that hang included.
TURN_SECONDS = 10
TALKS = [CallState.CONNECTING, CallState.LIVE]
OVER = [CallState.WRAP_UP, CallState.CLOSED]


class Desk:
    """Commands of both sides. Every refusal is a `ShowroomError`."""

    def __init__(
        self,
        pairing: Pairing,
        live: LiveState,
        vehicles: Vehicles,
        follow_ups: FollowUpBook,
        quality: QualityBook,
        marks: Marks,
        clock: Clock,
    ) -> None:
        self._pairing = pairing
        self._live = live
        self._vehicles = vehicles
        self._follow_ups = follow_ups
        self._quality = quality
        self._marks = marks
        self._clock = clock
        self.photos = PhotoDesk(pairing)

    # ------------------------------------------------------------ the customer

    async def request_call(
        self,
        showroom: Showroom,
        language: str,
        vehicle: str | None,
        earlier: CallTicket | None,
        visit: BookedVisit | None = None,
        origin: Mapping[str, str] | None = None,
        device: Device = Device.UNKNOWN,
    ) -> CallTicket:
        """Put a new call into the queue and return its ticket.

        `earlier` is this browser's last ticket, if it has one. A `visit` goes before the others;
        it may be joined although the showroom has just closed. The call's record keeps where the
        customer came from, its `origin`, and the `device`. Raises `ShowroomClosed`,
        `AlreadyInCall`, and `NotFound` for a vehicle that is not this showroom's.
        """
        if visit is None and not showroom.opening(self._clock()).open:
            raise ShowroomClosed
        if vehicle:
            await self._vehicles.get_on_show(showroom.id, VehicleId(vehicle))
        before = await self.call_of(showroom, earlier)
        if before and before.state not in OVER:
            raise AlreadyInCall
        ticket = CallTicket(showroom.id, CallId(new_id()), secrets.token_urlsafe(16))
        fields = {
            "token": token_digest(ticket.secret),
            "vehicle": vehicle or "",
            "repeated": "1" if before or await self._forgotten(showroom, earlier) else "",
            **({"device": device.value} if device is not Device.UNKNOWN else {}),
            **({"origin": json.dumps(dict(origin))} if origin else {}),
            **(visit.dump() if visit else {}),
        }
        if language not in showroom.languages:
            language = showroom.languages[0]
        await self._pairing.run(
            showroom,
            "request",
            id=ticket.call,
            language=language,
            fields=fields,
            first=before is not None and self._deserves_second_chance(before),
            **({"kept_until": visit.kept_until} if visit else {}),
        )
        return ticket

    async def _forgotten(self, showroom: Showroom, ticket: CallTicket | None) -> bool:
        """Say whether a ticket is of a call here that Redis has forgotten: a made-up one, too."""
        if ticket is None or ticket.showroom != showroom.id:
            return False
        return await self._live.call(showroom.id, ticket.call) is None

    def _deserves_second_chance(self, before: LiveCall) -> bool:
        recent = self._clock() - (before.ended_at or 0) < SECOND_CHANCE_MS
        return before.end_reason in BROKEN and recent

    async def call_of(self, showroom: Showroom, ticket: CallTicket | None) -> LiveCall | None:
        """Return the call that a ticket proves, or None: unknown and foreign look alike."""
        if ticket is None or ticket.showroom != showroom.id:
            return None
        call = await self._live.call(showroom.id, ticket.call)
        return call if call and token_matches(ticket.secret, call.token_digest) else None

    async def leave_queue(self, who: Party) -> None:
        await self._pairing.run(who.showroom, "leave", id=who.call)

    async def hang_up(self, who: Party) -> None:
        await self._pairing.run(who.showroom, "hang_up", id=who.call)

    async def rate(self, who: Party, stars: int, comment: str) -> None:
        """Keep the customer's rating of a call that had been accepted."""
        await self._pairing.run(
            who.showroom,
            "note",
            id=who.call,
            accepted=True,
            states=OVER,
            fields={"rating": str(stars), "comment": comment},
        )

    # ------------------------------------------------------------ either side

    async def pass_on(self, who: Party, message: Push, link: int | None = None) -> None:
        """Hand a signal to the other side of the link, or (without a link) a mark to both."""
        await self._pairing.run(
            who.showroom,
            "pass",
            **who.fields(),
            **({} if link is None else {"link": link}),
            both=link is None,
            event=message.event,
            data=message.model_dump_json(exclude_none=True),
        )

    async def point(self, who: Party, x: float, y: float) -> None:
        """Show a mark to both sides, and keep it for the replay once it is on its way."""
        await self.pass_on(who, Pointed(by=who.side, x=x, y=y))
        self._marks.keep(who.showroom.id, who.call, who.side, self._clock(), x, y)

    async def connected(self, who: Party, link: int) -> None:
        await self._pairing.run(who.showroom, "connected", **who.fields(), link=link)

    async def relink(self, who: Party, link: int) -> None:
        await self._pairing.run(who.showroom, "relink", **who.fields(), link=link)

    async def chat(self, who: Party, key: str, text: str) -> None:
        await self._say(who, "chat", key, {"id": key, "text": text})

    async def show_vehicle(self, who: Party, vehicle: str) -> None:
        await self._vehicles.get_on_show(who.showroom.id, VehicleId(vehicle))
        key = new_id()
        await self._say(who, "vehicle", key, {"id": key, "vehicle": vehicle})

    async def show_store_link(self, who: Party, vehicle: str) -> None:
        if not who.showroom.store.url:
            raise IllegalMove("This showroom has no link to a store. Ask your manager for one.")
        await self._vehicles.get_on_show(who.showroom.id, VehicleId(vehicle))
        key = new_id()
        await self._say(who, "store", key, {"id": key, "vehicle": vehicle})

    async def _say(self, who: Party, kind: str, key: str, data: dict[str, str]) -> None:
        await self._pairing.run(who.showroom, "say", **who.fields(), kind=kind, key=key, data=data)

    async def media_state(self, who: Party, media: SideMedia) -> None:
        name = "c_media" if who.side is Side.CUSTOMER else "a_media"
        states = [CallState.RINGING, *TALKS]
        await self._note(who, {name: media.dump()}, states)

    async def quality(self, who: Party, sample: QualitySample) -> None:
        """Keep a sample, and tell the other side when the verdict changed."""
        verdict = self._quality.judge(sample)
        name = "c_quality" if who.side is Side.CUSTOMER else "a_quality"
        await self._note(who, {name: str(verdict)}, TALKS)
        self._quality.keep(who.showroom.id, who.call, who.side, self._clock(), sample)

    async def _note(
        self, who: Party, fields: dict[str, str], states: list[CallState], quiet: bool = False
    ) -> None:
        await self._pairing.run(
            who.showroom, "note", **who.fields(), fields=fields, states=states, quiet=quiet
        )

    # ------------------------------------------------------------ the advisor

    async def sign_on(self, showroom: Showroom, session: Session) -> None:
        """Make an advisor known to the showroom. It changes nothing for one who is."""
        languages = [word for word in session.languages if word in showroom.languages]
        await self._pairing.run(
            showroom,
            "sign_on",
            advisor=session.staff_id,
            name=session.name,
            languages=",".join(languages or showroom.languages[:1]),
            stand_in=session.robot,
        )

    async def set_available(self, showroom: Showroom, session: Session, available: bool) -> None:
        """Let calls ring here, or not. Raises `AtWorkElsewhere`: nobody serves two showrooms at
        once, or two customers would be given the same advisor."""
        advisor = session.staff_id
        if available and Role.ADVISOR not in session.roles.get(showroom.id, frozenset()):
            raise Forbidden  # a manager who took a call over is here for that one
        if not available:
            await self._pairing.run(
                showroom, "go_away", advisor=advisor, reason=AwayReason.OWN_CHOICE
            )
            return
        async with self.at_work_nowhere_else(showroom, advisor, session.roles):
            await self._pairing.run(showroom, "go_available", advisor=advisor)

    @asynccontextmanager
    async def at_work_nowhere_else(
        self, showroom: Showroom, advisor: StaffId, rooms: Collection[ShowroomId]
    ) -> AsyncIterator[None]:
        """Go to work in the block. Raises `AtWorkElsewhere`: in another of these rooms they are.

        Each showroom has a slot and a script of its own: two pages that go on duty in two of them
        at once take turns here.
        """
        async with self._pairing.redis.lock(
            f"vs:at:{advisor}", timeout=TURN_SECONDS, blocking_timeout=TURN_SECONDS
        ):
            for other in set(rooms) - {showroom.id}:
                there = await self._live.advisor(other, advisor)
                if there and there.state is not AdvisorState.AWAY:
                    raise AtWorkElsewhere
            yield

    async def sign_off(
        self, showroom: Showroom, advisor: StaffId, reason: AwayReason = AwayReason.OWN_CHOICE
    ) -> None:
        """End whatever an advisor had who leaves, or was shut out."""
        await self._pairing.run(showroom, "sign_off", advisor=advisor, reason=reason)
        if reason is AwayReason.DISABLED:  # which gave back what they had taken on
            await self.follow_ups_changed(showroom.id)

    async def accept(self, who: Party, ring: int) -> None:
        await self._pairing.run(who.showroom, "accept", **who.fields(), ring=ring)

    async def decline(self, who: Party, ring: int) -> None:
        await self._pairing.run(who.showroom, "decline", **who.fields(), ring=ring)

    async def hold(self, who: Party, held: bool) -> None:
        await self._pairing.run(who.showroom, "hold", **who.fields(), held=held)

    async def save_notes(self, who: Party, notes: str) -> None:
        await self._note(who, {"notes": notes}, [*TALKS, CallState.WRAP_UP], quiet=True)

    async def colleagues(self, who: Party) -> list[Colleague]:
        """Return who could take the call over right now: people who speak its language."""
        call = await self._live.call(who.showroom.id, who.call)
        if call is None:
            raise NotFound
        advisors = await self._live.advisors(who.showroom.id)
        return [
            Colleague(id=other.id, name=other.name)
            for other in sorted(advisors, key=lambda one: one.name)
            if other.id != who.advisor and other.could_take(call)
        ]

    async def transfer(self, who: Party, to: StaffId) -> None:
        await self._pairing.run(who.showroom, "transfer", **who.fields(), to=to)

    async def end_call(self, who: Party) -> None:
        await self._pairing.run(who.showroom, "end_call", **who.fields())

    async def save_outcome(self, who: Party, outcome: Outcome, reason: str, notes: str) -> None:
        await self._pairing.run(
            who.showroom,
            "save_outcome",
            **who.fields(),
            outcome=outcome,
            reason=reason,
            notes=notes,
        )

    async def advisors_call(self, showroom: Showroom, advisor: StaffId) -> CallId:
        """Return the call that an advisor is in. Raises `IllegalMove` without one."""
        known = await self._live.advisor(showroom.id, advisor)
        if known is None or known.call is None:
            raise IllegalMove
        return known.call

    async def has_call(self, showroom: Showroom, advisor: StaffId) -> bool:
        """Say whether somebody is in a call here as its advisor."""
        known = await self._live.advisor(showroom.id, advisor)
        return known is not None and known.call is not None

    # ------------------------------------------------------------ visits

    async def keep_free(
        self, showroom: Showroom, advisor: StaffId, visit: AppointmentId, until_ms: int
    ) -> None:
        """Let no other call ring at an advisor until `until_ms`, because of a visit of theirs.

        Saying it again changes nothing, another time replaces the one that was said of this visit,
        and one that has passed takes it back.
        """
        what = {"advisor": advisor, "visit": visit, "until_ms": until_ms}
        await self._pairing.run(showroom, "keep_free", **what)

    async def visits_changed(self, showroom: ShowroomId, advisors: Collection[StaffId]) -> None:
        """Tell every node that these advisors have other visits than before."""
        feed = f"{prefix(showroom)}:feed"
        for advisor in advisors:
            await self._pairing.redis.xadd(feed, {"k": "visits", "a": advisor})

    # ------------------------------------------------------------ follow-ups

    async def take_follow_up(self, showroom: Showroom, which: str, staff: StaffId) -> None:
        await self._follow_ups.take(showroom.id, FollowUpId(which), staff)
        await self.follow_ups_changed(showroom.id)

    async def release_follow_up(
        self, showroom: Showroom, which: str, staff: StaffId | None
    ) -> None:
        await self._follow_ups.release(showroom.id, FollowUpId(which), staff)
        await self.follow_ups_changed(showroom.id)

    async def finish_follow_up(self, showroom: Showroom, which: str, staff: StaffId) -> None:
        await self._follow_ups.finish(showroom.id, FollowUpId(which), staff)
        await self.follow_ups_changed(showroom.id)

    async def floor_changed(self, showroom: ShowroomId) -> None:
        """Tell every node that managers see something else, which is no state of the script's."""
        await self._pairing.redis.xadd(f"{prefix(showroom)}:feed", {"k": "floor"})

    async def follow_ups_changed(self, showroom: ShowroomId) -> None:
        """Tell every node that the list of follow-ups is another."""
        await self._pairing.redis.xadd(f"{prefix(showroom)}:feed", {"k": "follow_ups"})
