"""Recordings: who asks, who agrees; and what SQL and the workers must know of it.

The pairing script alone decides whether a call is recorded. What it decides it leaves in Redis for
SQL, until a node has written it there: it makes no difference which one, or how often.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import structlog

from showroom.clock import Clock
from showroom.errors import Forbidden, ShowroomError
from showroom.ids import CallId, RecordingId, ShowroomId, StaffId, new_id
from showroom.showrooms import Showroom, Showrooms
from showroom.words import RecordingEnd, RecordingState, Side
from signaling.chores import Loop, apart, every
from signaling.needs import RecordingBook, Relay
from signaling.pairing import Pairing, prefix
from signaling.party import Party
from signaling.stirred import IDLE_SECONDS, Stirred

log = structlog.get_logger()

LOOK_SECONDS = 0.3
# So long after an end a worker may still write what it had: what was taken back goes once more.
AGAIN_MS = 5_000


@dataclass(frozen=True, slots=True)
class LiveRecording:
    """Whether a call is recorded, as its hash says. `since`: since when it is asked for, or on."""

    state: RecordingState
    by: Side | None
    since: int | None
    over: RecordingEnd | None
    erasable: bool

    @classmethod
    def parse(cls, raw: Mapping[str, str]) -> Self:
        since, by, over = (raw.get(f"recording_{name}") for name in ("since", "by", "over"))
        return cls(
            state=RecordingState(raw.get("recording") or RecordingState.OFF),
            by=Side(by) if by else None,
            since=int(since) if since else None,
            over=RecordingEnd(over) if over else None,
            erasable=bool(raw.get("recorded")),
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What SQL shall know of a recording."""

    call: CallId
    advisor: StaffId
    customer_at: int
    advisor_at: int
    started: int
    ended: int | None
    why: RecordingEnd
    erase: bool

    @classmethod
    def parse(cls, raw: str) -> Self:
        data = json.loads(raw)
        return cls(
            call=CallId(data["call"]),
            advisor=StaffId(data.get("advisor", "")),
            customer_at=int(data.get("customer_at", 0)),
            advisor_at=int(data.get("advisor_at", 0)),
            started=int(data.get("started", 0)),
            ended=int(data["ended"]) if data.get("ended") else None,
            why=RecordingEnd(data.get("why", RecordingEnd.STOPPED)),
            erase=bool(data.get("erase")),
        )


class Recordings:
    """Commands about recordings, and what keeps SQL in line with them."""

    def __init__(
        self,
        pairing: Pairing,
        showrooms: Showrooms,
        book: RecordingBook,
        relay: Relay,
        stirred: Stirred,
        clock: Clock,
    ) -> None:
        self._pairing = pairing
        self._showrooms = showrooms
        self._book = book
        self._relay = relay
        self._stirred = stirred.reader()
        self._clock = clock
        self._next_look: dict[ShowroomId, float] = {}
        # The wrapped keys of what runs: who is in a room changes also while SQL is away.
        self._keys: dict[RecordingId, str] = {}

    # ------------------------------------------------------------ commands

    async def ask(self, who: Party) -> None:
        """Ask the other side. Raises `Forbidden` where the showroom's policy has no recordings."""
        await self._check_policy(who)
        await self._run(who, "record", new=new_id())

    async def answer(self, who: Party, yes: bool) -> None:
        """Agree, or take it back. Raises `Forbidden` as `ask` does, where it was allowed before."""
        if yes:
            await self._check_policy(who)
        await self._run(who, "consent_recording", new=new_id(), yes=yes)

    async def stop(self, who: Party, erase: bool) -> None:
        await self._run(who, "stop_recording", erase=erase)

    async def _check_policy(self, who: Party) -> None:
        # What a socket knows of its showroom is as old as the socket.
        showroom = await self._showrooms.by_id(who.showroom.id)
        if not showroom.policy.recording:
            raise Forbidden("This showroom does not record.")

    async def _run(self, who: Party, op: str, **arguments: object) -> None:
        await self._pairing.run(who.showroom, op, **who.fields(), **arguments)
        self._stirred.add(who.showroom.id)

    # ------------------------------------------------------------ for the workers

    async def order(self, showroom: ShowroomId, recording: str) -> str:
        """Return what a worker must know to record this, or nothing.

        Raises `TryAgain` while SQL does not answer, and its key is not known here yet.
        """
        if not recording:
            return ""
        name = RecordingId(recording)
        raw = await self._redis.hget(_key(showroom), recording)
        facts = Facts.parse(raw) if raw else None
        if facts is None or facts.ended is not None:
            self._keys.pop(name, None)
            return ""
        if name not in self._keys:
            wrapped = await self._begin(showroom, name, facts)
            if wrapped is None:
                return ""
            self._keys[name] = wrapped
        return json.dumps({"id": recording, "showroom": showroom, "key": self._keys[name]})

    async def _begin(
        self, showroom: ShowroomId, recording: RecordingId, facts: Facts
    ) -> str | None:
        return await self._book.begin(
            showroom,
            recording,
            facts.call,
            facts.advisor,
            facts.customer_at,
            facts.advisor_at,
            facts.started,
        )

    # ------------------------------------------------------------ SQL

    def loops(self) -> list[Loop]:
        return [every(LOOK_SECONDS, self.look)]

    async def look(self) -> None:
        """Write what is new of recordings into SQL, and hear which could not be written."""
        await self._hear_troubles()
        now = asyncio.get_running_loop().time()
        for showroom in await self._showrooms.all():
            if showroom.id in self._stirred or now >= self._next_look.get(showroom.id, 0):
                self._stirred.discard(showroom.id)
                self._next_look[showroom.id] = now + IDLE_SECONDS
                with apart("recordings", showroom.id):
                    await self._write(showroom)

    async def _write(self, showroom: Showroom) -> None:
        rows: dict[str, str] = await self._redis.hgetall(_key(showroom.id))
        for name, raw in rows.items():
            facts, recording = Facts.parse(raw), RecordingId(name)
            if facts.started:
                await self._begin(showroom.id, recording, facts)
            if facts.ended is None:
                if not showroom.policy.recording:
                    await self._halt(showroom, facts.call, recording, RecordingEnd.STOPPED)
                continue
            self._keys.pop(recording, None)
            if facts.erase:
                await self._book.erase(showroom.id, recording)
                if self._clock() - facts.ended < AGAIN_MS:
                    self._next_look[showroom.id] = 0.0
                    continue
            else:
                await self._book.end(showroom.id, recording, facts.ended, facts.why)
            await self._pairing.run(showroom, "recording_noted", recording=recording, facts=raw)

    async def _hear_troubles(self) -> None:
        for trouble in await self._relay.troubles():
            try:
                showroom = await self._showrooms.by_id(trouble.showroom)
                why = RecordingEnd.FULL if trouble.full else RecordingEnd.FAILED
                await self._halt(showroom, trouble.call, trouble.recording, why)
            except ShowroomError as error:
                log.warning("a recording's end can't be told", why=error.code)
            await self._relay.forget_trouble(trouble.recording)

    async def _halt(
        self, showroom: Showroom, call: CallId, recording: RecordingId, why: RecordingEnd
    ) -> None:
        await self._pairing.run(showroom, "halt_recording", id=call, recording=recording, why=why)
        self._stirred.add(showroom.id)

    @property
    def _redis(self) -> Any:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        return self._pairing.redis


def _key(showroom: ShowroomId) -> str:
    return f"{prefix(showroom)}:recordings"
