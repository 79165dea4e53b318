"""What Redis knows right now, read into typed records. Only `pairing` changes it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio import Redis

from showroom.ids import CallId, PersonId, PhotoId, ShowroomId, StaffId
from showroom.words import (
    AdvisorState,
    AwayReason,
    CallState,
    Device,
    EndReason,
    Outcome,
    Path,
    PersonState,
    Quality,
    Side,
    Voice,
)
from signaling.pairing import prefix
from signaling.photos import LivePhoto
from signaling.recordings import LiveRecording
from signaling.side_media import SideMedia
from signaling.visits import BookedVisit, CallFacts

Id = TypeVar("Id", CallId, StaffId)
Record = TypeVar("Record")


@dataclass(frozen=True)
class LogLine:
    """One thing that happened in a call; `seq` counts from 0."""

    seq: int
    at: int
    kind: str
    by: str
    data: dict[str, Any]

    @classmethod
    def parse(cls, seq: int, raw: str) -> "LogLine":
        entry = json.loads(raw)
        # Lua's encoder can't tell an empty list from an empty object, and leaves nil out.
        return cls(seq, int(entry["at"]), entry["kind"], entry["by"], entry.get("data") or {})


@dataclass(frozen=True)
class LiveCall:
    """One call as it stands. Times are milliseconds since the epoch."""

    id: CallId
    version: int
    state: CallState
    since: int
    created_at: int
    language: str
    vehicle: str | None
    advisor: StaffId | None
    link: int
    ring: int
    ring_until: int | None
    rings: int
    missed: int
    held: bool
    transfer_to: StaffId | None
    transferred_from: StaffId | None
    accepted_at: int | None
    live_at: int | None
    ended_at: int | None
    closed_at: int | None
    end_reason: EndReason | None
    outcome: Outcome | None
    outcome_reason: str
    notes: str
    rating: int | None
    comment: str
    repeated: bool
    visit: BookedVisit | None
    origin: dict[str, str] | None
    device: Device
    kept: bool
    token_digest: str
    present: bool
    customer_media: SideMedia
    advisor_media: SideMedia
    customer_quality: Quality | None
    advisor_quality: Quality | None
    path: Path
    relay: str
    relays_before: tuple[str, ...]
    turn: int
    direct: bool
    wants_relay: bool
    arranged: int
    left_relay: bool
    invited_until: int | None
    invite_digest: str
    recording: LiveRecording
    photo: LivePhoto | None
    customer_looks_at: PhotoId | None
    advisor_looks_at: PhotoId | None

    @classmethod
    def parse(cls, call: CallId, raw: dict[str, str]) -> "LiveCall":
        def when(name: str) -> int | None:
            return int(raw[name]) if raw.get(name) else None

        return cls(
            id=call,
            version=int(raw["version"]),
            state=CallState(raw["state"]),
            since=int(raw["since"]),
            created_at=int(raw["created"]),
            language=raw["language"],
            vehicle=raw.get("vehicle") or None,
            advisor=StaffId(raw["advisor"]) if raw.get("advisor") else None,
            link=int(raw["link"]),
            ring=int(raw.get("ring") or 0),
            ring_until=when("ring_until"),
            rings=int(raw.get("rings") or 0),
            missed=int(raw.get("missed") or 0),
            held=raw.get("held") == "1",
            transfer_to=StaffId(raw["transfer_to"]) if raw.get("transfer_to") else None,
            transferred_from=(
                StaffId(raw["transferred_from"]) if raw.get("transferred_from") else None
            ),
            accepted_at=when("accepted"),
            live_at=when("live"),
            ended_at=when("ended"),
            closed_at=when("closed"),
            end_reason=EndReason(raw["end_reason"]) if raw.get("end_reason") else None,
            outcome=Outcome(raw["outcome"]) if raw.get("outcome") else None,
            outcome_reason=raw.get("outcome_reason", ""),
            notes=raw.get("notes", ""),
            rating=when("rating"),
            comment=raw.get("comment", ""),
            repeated=raw.get("repeated") == "1",
            visit=BookedVisit.parse(raw),
            origin=json.loads(raw["origin"]) if raw.get("origin") else None,
            device=Device(raw.get("device") or Device.UNKNOWN),
            kept=raw.get("kept") == "1",
            token_digest=raw.get("token", ""),
            present=bool(raw.get("sid")),
            customer_media=SideMedia.parse(raw.get("c_media")),
            advisor_media=SideMedia.parse(raw.get("a_media")),
            customer_quality=Quality(raw["c_quality"]) if raw.get("c_quality") else None,
            advisor_quality=Quality(raw["a_quality"]) if raw.get("a_quality") else None,
            path=Path(raw.get("path") or Path.DIRECT),
            relay=raw.get("relay", ""),
            relays_before=tuple(one for one in raw.get("relays_before", "").split(",") if one),
            turn=int(raw.get("turn") or 0),
            direct=raw.get("direct_off") != "1",
            wants_relay=raw.get("wants_relay") == "1",
            arranged=int(raw.get("arranged") or 0),
            left_relay=_left_relay(raw),
            invited_until=when("invite_until") if raw.get("invite") else None,
            invite_digest=raw.get("invite", ""),
            recording=LiveRecording.parse(raw),
            photo=LivePhoto.parse(raw),
            customer_looks_at=PhotoId(raw["c_open"]) if raw.get("c_open") else None,
            advisor_looks_at=PhotoId(raw["a_open"]) if raw.get("a_open") else None,
        )

    @property
    def quality(self) -> Quality | None:
        """The worse of what the two sides see."""
        order = [Quality.POOR, Quality.FAIR, Quality.GOOD]
        seen = [q for q in (self.customer_quality, self.advisor_quality) if q]
        return min(seen, key=order.index) if seen else None

    @property
    def relays(self) -> tuple[str, ...]:
        """The workers that may have a room of this call: its own, and those that it has left."""
        return (self.relay, *self.relays_before) if self.relay else self.relays_before

    @property
    def waits_from(self) -> int:
        """Since when they wait: whoever is early for a visit doesn't until it begins."""
        return max(self.created_at, self.visit.starts_at if self.visit else 0)

    def waited_ms(self, now_ms: int) -> int:
        """How long the customer waited for an accept, or has waited until `now_ms`."""
        return max(0, (self.accepted_at or self.ended_at or now_ms) - self.waits_from)

    def media_of(self, side: Side) -> SideMedia:
        return self.customer_media if side is Side.CUSTOMER else self.advisor_media


def _left_relay(raw: dict[str, str]) -> bool:
    """Say whether both sides have their picture from one another again."""
    there = f"{Path.DIRECT}{raw['link']}"
    on = raw.get("path") == Path.DIRECT and raw.get("relay")
    return bool(on) and raw.get("c_seen") == raw.get("a_seen") == there


@dataclass(frozen=True)
class Person:
    """Somebody in a call beside its two sides, or at its door."""

    id: PersonId
    part: Side
    name: str
    state: PersonState
    voice: Voice
    hand: bool
    since: int
    # Of the socket that has their place; empty while there is none.
    sid: str
    token_digest: str

    @classmethod
    def parse(cls, who: PersonId, raw: str) -> "Person":
        known = json.loads(raw)
        return cls(
            id=who,
            part=Side(known["part"]),
            name=known["name"],
            state=PersonState(known["state"]),
            voice=Voice(known["voice"]),
            hand=known["hand"],
            since=int(known["since"]),
            sid=known["sid"],
            token_digest=known["token"],
        )


@dataclass(frozen=True)
class LiveAdvisor:
    """One advisor as they stand."""

    id: StaffId
    name: str
    state: AdvisorState
    since: int
    away_reason: AwayReason | None
    call: CallId | None
    ring: int
    present: bool
    stand_in: bool
    kept_free: bool
    # A manager has sent them away: they are, or will be after what they have.
    sent_away: bool
    languages: tuple[str, ...]

    @classmethod
    def parse(cls, advisor: StaffId, raw: dict[str, str]) -> "LiveAdvisor":
        return cls(
            id=advisor,
            name=raw.get("name", ""),
            state=AdvisorState(raw["state"]),
            since=int(raw["since"]),
            away_reason=AwayReason(raw["reason"]) if raw.get("reason") else None,
            call=CallId(raw["call"]) if raw.get("call") else None,
            ring=int(raw.get("ring") or 0),
            present=bool(raw.get("sid")),
            stand_in=raw.get("stand_in") == "1",
            kept_free=bool(raw.get("kept_until")),
            sent_away=raw.get("leaving") == "1" or raw.get("reason") == AwayReason.BY_MANAGER,
            languages=tuple(raw.get("languages", "").split(",")),
        )

    def could_take(self, call: LiveCall) -> bool:
        """Say whether a running call could be handed over to them."""
        free = self.state is AdvisorState.AVAILABLE and self.present and not self.kept_free
        return free and not self.stand_in and call.language in self.languages


@dataclass(frozen=True)
class QueueCounts:
    """One language's queue in numbers. `cycle_ms`: what a call costs an advisor, 0 if unknown.

    `kept_free`: of those on duty, who take nothing but their visit for now; they are not `free`.
    `kept_calls`: of those waiting, who wait for their host alone; they go first.
    """

    free: int
    on_duty: int
    waiting: int
    cycle_ms: int
    kept_free: int = 0
    kept_calls: int = 0


@dataclass(frozen=True)
class FloorOrders:
    """What managers have ordered. `queue_closed`: since when (UTC ms) it takes nobody in; `notice`:
    what customers are told, by language."""

    queue_closed: int | None
    notice: Mapping[str, str]


def _sensible(parse: Callable[[Id, dict[str, str]], Record], which: Id, raw: Any) -> Record | None:
    try:
        return parse(which, raw) if raw.get("state") else None
    except (ValueError, KeyError, TypeError):
        return None


class LiveState:
    """Reads the present from Redis. Unknown ids give None."""

    def __init__(self, redis: Redis) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis

    async def call(self, showroom: ShowroomId, call: CallId) -> LiveCall | None:
        raw = await self._redis.hgetall(f"{prefix(showroom)}:call:{call}")
        return LiveCall.parse(call, raw) if raw.get("state") else None

    async def calls(self, showroom: ShowroomId, ids: Sequence[CallId]) -> list[LiveCall | None]:
        """Return many calls; of one that makes no sense None, so that the others are not lost."""
        pipe = self._redis.pipeline(transaction=False)
        for call in ids:
            pipe.hgetall(f"{prefix(showroom)}:call:{call}")
        return [
            _sensible(LiveCall.parse, call, raw)
            for call, raw in zip(ids, await pipe.execute(), strict=True)
        ]

    async def people(self, showroom: ShowroomId, call: CallId) -> list[Person]:
        """Return who is in a call beside its sides, or asks to be, in the order of their coming."""
        rows = await self._redis.hgetall(f"{prefix(showroom)}:people:{call}")
        found = [Person.parse(PersonId(who), raw) for who, raw in rows.items()]
        return sorted(found, key=lambda person: (person.since, person.id))

    async def relayed(self, showroom: ShowroomId) -> list[CallId]:
        """Return the calls that need a relay, or have one."""
        return [CallId(c) for c in await self._redis.smembers(f"{prefix(showroom)}:relayed")]

    async def call_facts(self, showroom: ShowroomId, call: CallId) -> CallFacts | None:
        """Return what became of a call. Of one that Redis has forgotten SQL has the record."""
        if (known := await self.call(showroom, call)) is None:
            return None
        times = known.created_at, known.accepted_at, known.ended_at
        return CallFacts(known.state, known.advisor, *times, known.end_reason)

    async def log(self, showroom: ShowroomId, call: CallId) -> list[LogLine]:
        rows: list[str] = await self._redis.lrange(f"{prefix(showroom)}:log:{call}", 0, -1)
        return [LogLine.parse(seq, row) for seq, row in enumerate(rows)]

    async def open_calls(self, showroom: ShowroomId) -> list[LiveCall]:
        """Return the calls that are not closed yet, wrap-ups included."""
        names = await self._redis.smembers(f"{prefix(showroom)}:calls")
        found = await self.calls(showroom, [CallId(name) for name in names])
        return [call for call in found if call]

    async def unsaved(self, showroom: ShowroomId) -> list[CallId]:
        """Return the calls of which SQL doesn't have the newest version yet."""
        return [CallId(c) for c in await self._redis.smembers(f"{prefix(showroom)}:unsaved")]

    async def advisor(self, showroom: ShowroomId, advisor: StaffId) -> LiveAdvisor | None:
        raw = await self._redis.hgetall(f"{prefix(showroom)}:adv:{advisor}")
        return LiveAdvisor.parse(advisor, raw) if raw.get("state") else None

    async def advisors(self, showroom: ShowroomId) -> list[LiveAdvisor]:
        ids = [StaffId(a) for a in await self._redis.smembers(f"{prefix(showroom)}:advisors")]
        pipe = self._redis.pipeline(transaction=False)
        for advisor in ids:
            pipe.hgetall(f"{prefix(showroom)}:adv:{advisor}")
        rows = zip(ids, await pipe.execute(), strict=True)
        found = [_sensible(LiveAdvisor.parse, advisor, raw) for advisor, raw in rows]
        return [advisor for advisor in found if advisor]

    async def orders(self, showroom: ShowroomId) -> FloorOrders:
        closed, notice = await self._redis.hmget(f"{prefix(showroom)}:floor", "closed", "notice")
        return FloorOrders(int(closed) if closed else None, json.loads(notice or "{}"))

    async def missed_since(self, showroom: ShowroomId, advisor: StaffId, since_ms: int) -> int:
        return int(
            await self._redis.zcount(f"{prefix(showroom)}:missed:{advisor}", since_ms, "+inf")
        )

    async def counts(self, showroom: ShowroomId, language: str) -> QueueCounts:
        start = prefix(showroom)
        pipe = self._redis.pipeline(transaction=False)
        pipe.zcard(f"{start}:idle:{language}")
        pipe.scard(f"{start}:duty:{language}")
        pipe.zcard(f"{start}:q:{language}")
        pipe.hget(f"{start}:cycle", "mean")
        pipe.sintercard(2, [f"{start}:duty:{language}", f"{start}:kept"])
        pipe.zcount(f"{start}:q:{language}", "-inf", "(0")
        free, duty, waiting, mean, kept, visits = await pipe.execute()
        cycle = int(mean) if mean and mean.isdecimal() else 0
        return QueueCounts(int(free), int(duty), int(waiting), cycle, int(kept), int(visits))

    async def order(self, showroom: ShowroomId, language: str) -> list[CallId]:
        """Return the waiting calls of one language, first to go first."""
        rows = await self._redis.zrange(f"{prefix(showroom)}:q:{language}", 0, -1)
        return [CallId(row) for row in rows]

    async def position(self, showroom: ShowroomId, call: LiveCall) -> int:
        """Return the call's place in its queue, counted from 1; a ringing call is first."""
        rank = await self._redis.zrank(f"{prefix(showroom)}:q:{call.language}", call.id)
        return 1 if rank is None else int(rank) + 1
