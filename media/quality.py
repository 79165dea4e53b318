"""A link's quality in one word, by the rules of `docs/quality.md`, and the samples behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Protocol

import sqlalchemy as sa

from showroom.database import Database
from showroom.gathered import Gathered
from showroom.ids import CallId, ShowroomId
from showroom.tables import call_quality
from showroom.words import Quality, Side

# Samples that may wait for the database: about a quarter of an hour of a hundred calls.
MOST_WAITING = 36_000


class Sample(Protocol):
    """What one side's connection did in `seconds`; the fields of the message `quality`."""

    @property
    def seconds(self) -> float:
        """The time measured."""

    @property
    def bitrate_in(self) -> int:
        """Bits a second received."""

    @property
    def bitrate_out(self) -> int:
        """Bits a second sent."""

    @property
    def loss(self) -> float:
        """Share of packets lost on the way here, 0–1."""

    @property
    def round_trip_ms(self) -> float | None:
        """Round trip of the chosen candidate pair, where it is known."""

    @property
    def frames(self) -> int:
        """Frames decoded."""

    @property
    def width(self) -> int:
        """Of the received picture, in pixels."""

    @property
    def height(self) -> int:
        """Of the received picture, in pixels."""

    @property
    def freezes(self) -> int:
        """How often the picture stood still."""

    @property
    def frozen_ms(self) -> int:
        """How long it stood still."""

    @property
    def concealed(self) -> float:
        """Share of sound samples made up, 0–1."""

    @property
    def limitation(self) -> str:
        """Why the sent picture is smaller: none, cpu, bandwidth or other."""

    @property
    def relayed(self) -> bool:
        """Whether the chosen pair goes through TURN."""

    @property
    def tcp(self) -> bool:
        """Whether this side reaches the network over TCP or TLS."""


@dataclass(frozen=True, slots=True)
class KeptSample:
    """A sample as it is kept: which side measured it, and when (UTC milliseconds)."""

    side: Side
    sampled_at: int
    seconds: float
    bitrate_in: int
    bitrate_out: int
    loss: float
    round_trip_ms: float | None
    frames: int
    width: int
    height: int
    freezes: int
    frozen_ms: int
    concealed: float
    limitation: str
    relayed: bool
    tcp: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """A measure is good up to `good`, fair up to `fair`, and poor above."""

    good: float
    fair: float

    def judge(self, value: float) -> Quality:
        """Return what a measure is worth."""
        if value <= self.good:
            return Quality.GOOD
        return Quality.FAIR if value <= self.fair else Quality.POOR


LOSS = Limits(good=0.02, fair=0.08)
ROUND_TRIP_MS = Limits(good=250, fair=500)
CONCEALED = Limits(good=0.03, fair=0.10)
FROZEN_SHARE = Limits(good=0.02, fair=0.10)
# Milliseconds a frame: 15 and 7 frames a second. Fewer frames are worse, so it is the inverse.
FRAME_MS = Limits(good=1000 / 15, fair=1000 / 7)

# Of the time measured in a call.
POOR_SHARE = 0.10
NOT_GOOD_SHARE = 0.20

_WORST_LAST = (Quality.GOOD, Quality.FAIR, Quality.POOR)


def classify(sample: Sample) -> Quality:
    """Return a sample's quality: that of its worst measure."""
    measures = [LOSS.judge(sample.loss), CONCEALED.judge(sample.concealed)]
    if sample.round_trip_ms is not None:
        measures.append(ROUND_TRIP_MS.judge(sample.round_trip_ms))
    if sample.limitation == "bandwidth":
        measures.append(Quality.FAIR)
    # Nothing comes in where the other side sends no picture: that is no fault of the link.
    if sample.width and sample.bitrate_in:
        lasted_ms = sample.seconds * 1000
        measures.append(FROZEN_SHARE.judge(sample.frozen_ms / lasted_ms))
        measures.append(FRAME_MS.judge(lasted_ms / max(sample.frames, 1)))
    return worst(measures)


def summarise(samples: Iterable[Sample]) -> Quality | None:
    """Return the quality of a call from the samples of both sides; None when there are none."""
    seconds = dict.fromkeys(Quality, 0.0)
    for sample in samples:
        seconds[classify(sample)] += sample.seconds
    total = sum(seconds.values())
    if not total:
        return None
    if seconds[Quality.POOR] > POOR_SHARE * total:
        return Quality.POOR
    if total - seconds[Quality.GOOD] > NOT_GOOD_SHARE * total:
        return Quality.FAIR
    return Quality.GOOD


def worst(qualities: Iterable[Quality]) -> Quality:
    """Return the worst of some qualities; of none, good."""
    return max(qualities, key=_WORST_LAST.index, default=Quality.GOOD)


_MEASURES = tuple(
    field.name for field in fields(KeptSample) if field.name not in {"side", "sampled_at"}
)


class QualityLog:
    """The samples of all calls. They wait in memory for the next `flush`."""

    def __init__(self, database: Database, most_waiting: int = MOST_WAITING) -> None:
        self._database = database
        self._gathered = Gathered(database, call_quality, "sampled_at", most_waiting)

    @property
    def dropped(self) -> int:
        """How many samples had no room while the database was away."""
        return self._gathered.dropped

    def add(
        self, showroom_id: ShowroomId, call_id: CallId, side: Side, at_ms: int, sample: Sample
    ) -> None:
        """Note a sample; costs no query."""
        self._gathered.add(
            {
                "showroom_id": showroom_id,
                "call_id": call_id,
                "side": side.value,
                "sampled_at": at_ms,
                **{name: getattr(sample, name) for name in _MEASURES},
            }
        )

    async def flush(self) -> None:
        """Write what waits. When it fails (`TryAgain`) the rest waits for the next."""
        await self._gathered.flush()

    async def of_call(self, showroom_id: ShowroomId, call_id: CallId) -> tuple[KeptSample, ...]:
        """Return a call's samples in order; none for another showroom's call."""
        await self.flush()
        query = (
            sa.select(*(call_quality.c[field.name] for field in fields(KeptSample)))
            .where(call_quality.c.call_id == call_id, call_quality.c.showroom_id == showroom_id)
            .order_by("sampled_at", "side")
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(
            KeptSample(**{**row, "side": Side(row["side"]), "tcp": bool(row["tcp"])})
            for row in rows
        )

    async def purge(self, showroom_id: ShowroomId, older_than: int) -> int:
        """Remove what was measured before that moment; return how much it was."""
        return await self._gathered.purge(showroom_id, older_than)
