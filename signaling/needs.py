"""What signalling needs of the rest of the house, declared by the one who needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from showroom.alarms import AlarmKind
from showroom.calls import CallEvent, CallRecord
from showroom.drawings import Stroke
from showroom.ids import (
    AppointmentId,
    CallId,
    FollowUpId,
    PhotoId,
    RecordingId,
    ShowroomId,
    StaffId,
)
from showroom.showrooms import Showroom
from showroom.words import AppointmentState, FollowUpKind, Quality, RecordingEnd, Side
from signaling.messages import FloorAlarm, IceServer, QualitySample


class OpenFollowUp(Protocol):
    """A customer to call back."""

    @property
    def id(self) -> FollowUpId: ...
    @property
    def kind(self) -> FollowUpKind: ...
    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def language(self) -> str: ...
    @property
    def vehicle(self) -> str | None: ...
    @property
    def at(self) -> int: ...
    @property
    def taken_by(self) -> StaffId | None: ...


class FollowUpBook(Protocol):
    """The list of customers to call back."""

    async def open_items(self, showroom_id: ShowroomId) -> Sequence[OpenFollowUp]: ...

    async def take(
        self, showroom_id: ShowroomId, follow_up_id: FollowUpId, staff_id: StaffId
    ) -> None: ...

    async def finish(
        self, showroom_id: ShowroomId, follow_up_id: FollowUpId, staff_id: StaffId
    ) -> None: ...

    async def release(
        self, showroom_id: ShowroomId, follow_up_id: FollowUpId, staff_id: StaffId | None
    ) -> None: ...

    async def add_missed_call(
        self,
        showroom_id: ShowroomId,
        call_id: CallId,
        language: str,
        vehicle: str | None,
        at: int,
    ) -> None: ...


class FloorNews(Protocol):
    """What managers see beside the present in Redis."""

    async def alarms(
        self, showroom_id: ShowroomId
    ) -> tuple[Sequence[FloorAlarm], Mapping[AlarmKind, int]]:
        """Return the alarms that are up, and until when (UTC ms) kinds are silenced."""

    async def answers(self, showroom: Showroom) -> tuple[int, int]:
        """Return how many calls there were today, and how many were answered."""


class AdvisorVisit(Protocol):
    """A booked visit that an advisor receives."""

    @property
    def id(self) -> AppointmentId: ...
    @property
    def starts_at(self) -> int: ...
    @property
    def ends_at(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def vehicle(self) -> str | None: ...
    @property
    def language(self) -> str: ...
    @property
    def wish(self) -> str: ...
    @property
    def state(self) -> AppointmentState: ...


class VisitBook(Protocol):
    """The appointments, as far as advisors need them beside their calls."""

    async def of_advisor(
        self, showroom_id: ShowroomId, staff_id: StaffId, from_ms: int, until_ms: int
    ) -> Sequence[AdvisorVisit]:
        """Return the visits with any part in that time, without holds and cancelled ones."""
        ...


class CallArchive(Protocol):
    """Where ended calls are kept for good. Saving the same version twice changes nothing."""

    async def save(self, record: CallRecord, events: Sequence[CallEvent]) -> None: ...


class PhotoBook(Protocol):
    """Where photos are kept for good, as far as signalling knows of them."""

    async def keep_drawing(
        self, showroom_id: ShowroomId, photo_id: PhotoId, strokes: Sequence[Stroke]
    ) -> None: ...


class RecordingBook(Protocol):
    """Where recordings are kept for good. All may be asked twice."""

    async def begin(
        self,
        showroom_id: ShowroomId,
        recording_id: RecordingId,
        call_id: CallId,
        advisor_id: StaffId,
        customer_at: int,
        advisor_at: int,
        started_at: int,
    ) -> str | None:
        """Note one, and when each side agreed; return its key, wrapped, if it still has one."""
        ...

    async def end(
        self, showroom_id: ShowroomId, recording_id: RecordingId, ended_at: int, why: RecordingEnd
    ) -> None: ...

    async def erase(self, showroom_id: ShowroomId, recording_id: RecordingId) -> None: ...


class Trouble(Protocol):
    """A recording that a worker can't go on with."""

    @property
    def showroom(self) -> ShowroomId: ...
    @property
    def call(self) -> CallId: ...
    @property
    def recording(self) -> RecordingId: ...
    @property
    def full(self) -> bool: ...


class QualityBook(Protocol):
    """Judges and keeps quality samples."""

    def judge(self, sample: QualitySample) -> Quality: ...

    def keep(
        self, showroom: ShowroomId, call: CallId, side: Side, at: int, sample: QualitySample
    ) -> None: ...

    async def overall(self, showroom: ShowroomId, call: CallId) -> Quality | None: ...

    async def flush(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who may be in a room, and what is recorded there. `number` grows: of two, the one with the
    higher number holds.

    `seats`: JSON, a list of `{who, part, voice}`. `recorded`: JSON, `{id, showroom, key}`, if any.
    """

    number: int
    held: bool
    seats: str
    recorded: str

    @classmethod
    def parse(cls, answer: Sequence[str], recorded: str) -> "Arrangement":
        """Read the end of an answer of the pairing script."""
        number, held, seats = answer
        return cls(int(number), bool(held), seats, recorded)


class Relay(Protocol):
    """The media workers. A room is named by its call. All but `workers` and `pick` raise `TryAgain`
    when the worker does not answer, and `BadRequest` for what makes no sense."""

    async def workers(self) -> Mapping[str, bool]:
        """Return the workers that live, and of each whether it takes new rooms."""
        ...

    async def pick(self) -> str | None:
        """Return the worker that has least to do."""
        ...

    async def connect(
        self, worker: str, call: CallId, who: str, rank: int, sdp: str, arrangement: Arrangement
    ) -> str:
        """Hand a page's offer over; return the answer."""
        ...

    async def arrange(self, worker: str, call: CallId, arrangement: Arrangement) -> None:
        """Say who may be in a room, everybody else is put out; and what is recorded there."""
        ...

    async def troubles(self) -> Sequence[Trouble]:
        """Return the recordings that could not be written."""
        ...

    async def forget_trouble(self, recording: RecordingId) -> None: ...

    async def close(self, worker: str, call: CallId) -> None:
        """End a room."""
        ...


class IceMaker(Protocol):
    """Makes one call's ICE servers, with credentials that last from `now_ms` (epoch) on."""

    def __call__(self, call: CallId, now_ms: int) -> list[IceServer]: ...
