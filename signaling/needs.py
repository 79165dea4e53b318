"""What signalling needs of the rest of the house, declared by the one who needs it."""

from collections.abc import Sequence
from typing import Protocol

from showroom.calls import CallEvent, CallRecord
from showroom.ids import AppointmentId, CallId, FollowUpId, ShowroomId, StaffId
from showroom.words import AppointmentState, FollowUpKind, Quality, Side
from signaling.messages import IceServer, QualitySample


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


class QualityBook(Protocol):
    """Judges and keeps quality samples."""

    def judge(self, sample: QualitySample) -> Quality: ...

    def keep(
        self, showroom: ShowroomId, call: CallId, side: Side, at: int, sample: QualitySample
    ) -> None: ...

    async def overall(self, showroom: ShowroomId, call: CallId) -> Quality | None: ...

    async def flush(self) -> None: ...


class IceMaker(Protocol):
    """Makes one call's ICE servers, with credentials that last from `now_ms` (epoch) on."""

    def __call__(self, call: CallId, now_ms: int) -> list[IceServer]: ...
