"""Company: who is in a call beside its two sides, and everybody's way into the relay."""

import secrets
from dataclasses import dataclass

from showroom.clock import Clock
from showroom.errors import NotFound
from showroom.ids import (
    CallId,
    PersonId,
    new_id,
    token_digest,
    token_matches,
)
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.words import Path, Voice
from signaling.live import LiveState, Person
from signaling.needs import Arrangement, Relay
from signaling.pairing import Pairing
from signaling.party import Party
from signaling.paths import CONNECTED, Paths
from signaling.recordings import Recordings
from signaling.tickets import PersonTicket

# A link lets people in for so long: a call that lasts longer needs another one.
LINK_MS = 2 * 60 * 60_000


@dataclass(frozen=True, slots=True)
class Invitation:
    """What stands in the link: which call, and a secret of 128 bits."""

    call: CallId
    secret: str

    def __str__(self) -> str:
        return f"{self.call}.{self.secret}"

    @classmethod
    def parse(cls, text: str) -> "Invitation | None":
        call, dot, secret = text.partition(".")
        ok = dot and call and secret and text.isascii() and len(text) <= 130
        return cls(CallId(call), secret) if ok else None


class Company:
    """Commands about people. Every refusal is a `ShowroomError`."""

    def __init__(
        self,
        pairing: Pairing,
        live: LiveState,
        relay: Relay,
        paths: Paths,
        recordings: Recordings,
        clock: Clock,
    ) -> None:
        self._pairing = pairing
        self._live = live
        self._relay = relay
        self._paths = paths
        self._recordings = recordings
        self._clock = clock

    # ------------------------------------------------------------ the link, and the door

    async def invite(self, who: Party) -> Invitation:
        """Make the call's link; an older one opens nothing any more."""
        invitation = Invitation(who.call, secrets.token_urlsafe(16))
        await self._set_link(who, token_digest(invitation.secret))
        return invitation

    async def revoke(self, who: Party) -> None:
        """End the call's link. Who came by it stays."""
        await self._set_link(who, "")

    async def _set_link(self, who: Party, digest: str) -> None:
        until = self._clock() + LINK_MS if digest else 0
        await self._pairing.run(
            who.showroom, "invite", **who.fields(), digest=digest, until_ms=until
        )

    async def is_open(self, showroom: Showroom, invitation: Invitation) -> bool:
        """Say whether a link leads to a call that runs."""
        call = await self._live.call(showroom.id, invitation.call)
        if call is None or call.state not in CONNECTED or call.invited_until is None:
            return False
        if self._clock() > call.invited_until:
            return False
        return token_matches(invitation.secret, call.invite_digest)

    async def knock(self, showroom: Showroom, invitation: Invitation, name: str) -> PersonTicket:
        """Ask to be let in under a name. Raises `NotFound` when the link has ended, `TooMany`."""
        ticket = PersonTicket(
            showroom.id, invitation.call, PersonId(new_id()), secrets.token_urlsafe(16)
        )
        await self._pairing.run(
            showroom,
            "knock",
            id=invitation.call,
            digest=token_digest(invitation.secret),
            who=ticket.person,
            name=name,
            token=token_digest(ticket.secret),
        )
        return ticket

    async def person_of(self, showroom: Showroom, ticket: PersonTicket) -> Person:
        """Return whom a ticket proves. Raises `NotFound`: unknown and foreign look alike."""
        if ticket.showroom != showroom.id:
            raise NotFound
        people = await self._live.people(showroom.id, ticket.call)
        person = next((one for one in people if one.id == ticket.person), None)
        if person is None or not token_matches(ticket.secret, person.token_digest):
            raise NotFound
        return person

    async def take_place(
        self, showroom: Showroom, call: CallId, person: PersonId, sid: str
    ) -> None:
        await self._pairing.run(showroom, "take_place", id=call, who=person, sid=sid)

    async def leave_place(
        self, showroom: Showroom, call: CallId, person: PersonId, sid: str
    ) -> None:
        await self._pairing.run(showroom, "leave_place", id=call, who=person, sid=sid)

    # ------------------------------------------------------------ who is in

    async def admit(self, who: Party, person: str, yes: bool) -> None:
        await self._run(who, "admit", who=person, yes=yes)

    async def give_voice(self, who: Party, person: str, yes: bool) -> None:
        await self._run(who, "give_voice", who=person, yes=yes)

    async def raise_hand(self, who: Party, up: bool) -> None:
        await self._run(who, "raise_hand", who=who.who, up=up)

    async def leave(self, who: Party) -> None:
        await self._run(who, "go", who=who.who)

    async def supervise(
        self, showroom: Showroom, session: Session, call: CallId, mode: Voice, sid: str
    ) -> None:
        """Let a manager listen, whisper or barge in: both sides are told in the same step."""
        person = manager_in_a_call(session)
        await self._pairing.run(
            showroom,
            "supervise",
            id=call,
            who=person,
            advisor=session.staff_id,
            name=session.name,
            mode=mode,
            sid=sid,
        )
        self._paths.wake(showroom.id)

    async def take_over(self, who: Party, session: Session) -> None:
        """Make a manager who is in a call its advisor."""
        languages = [word for word in session.languages if word in who.showroom.languages]
        await self._run(
            who,
            "take_over",
            who=who.who,
            advisor=session.staff_id,
            name=session.name,
            languages=",".join(languages or who.showroom.languages[:1]),
        )

    # ------------------------------------------------------------ recording

    async def record(self, who: Party) -> None:
        await self._recordings.ask(who)
        self._paths.wake(who.showroom.id)

    async def consent_recording(self, who: Party, yes: bool) -> None:
        await self._recordings.answer(who, yes)
        self._paths.wake(who.showroom.id)

    async def stop_recording(self, who: Party, erase: bool) -> None:
        await self._recordings.stop(who, erase)
        self._paths.wake(who.showroom.id)

    # ------------------------------------------------------------ the relay

    async def connect(self, who: Party, turn: int, rank: int | None, sdp: str) -> dict[str, object]:
        """Hand a page's offer to the call's worker; return its answer, and the rank."""
        sender = {} if who.person else who.fields()
        worker, number, *rest, recording = await self._pairing.run(
            who.showroom,
            "leg",
            **{**sender, "id": who.call},
            who=who.who,
            turn=turn,
            **({} if rank is None else {"rank": rank}),
        )
        recorded = await self._recordings.order(who.showroom.id, recording)
        answer = await self._relay.connect(
            worker, who.call, who.who, int(number), sdp, Arrangement.parse(rest, recorded)
        )
        return {"sdp": answer, "rank": int(number)}

    async def settled(self, who: Party, path: Path, number: int) -> None:
        """This side has its picture from there; when both have, the other path is left."""
        left = await self._pairing.run(
            who.showroom, "settled", **who.fields(), path=path, number=number
        )
        if left:
            self._paths.wake(who.showroom.id)

    async def _run(self, sender: Party, op: str, /, **more: object) -> None:
        said_by = {"id": sender.call} if sender.person else sender.fields()
        await self._pairing.run(sender.showroom, op, **{**said_by, **more})
        self._paths.wake(sender.showroom.id)


def manager_in_a_call(session: Session) -> PersonId:
    """Return who a manager is in a call."""
    return PersonId(f"m-{session.staff_id}")
