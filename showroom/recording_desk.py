"""What signalling asks of the recordings, and hears of them."""

from dataclasses import dataclass

from media.recording.book import Agreed, Recordings
from showroom.ids import CallId, RecordingId, ShowroomId, StaffId
from showroom.words import RecordingEnd


@dataclass(frozen=True)
class LostRecording:
    """A recording that a worker can't go on with. `full`: because the disk is."""

    showroom: ShowroomId
    call: CallId
    recording: RecordingId
    full: bool


class RecordingDesk:
    """`signaling.needs.RecordingBook`, over the rows."""

    def __init__(self, book: Recordings) -> None:
        self._book = book

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
        agreed = Agreed(call_id, advisor_id, customer_at, advisor_at, started_at)
        return await self._book.begin(showroom_id, recording_id, agreed)

    async def end(
        self, showroom_id: ShowroomId, recording_id: RecordingId, ended_at: int, why: RecordingEnd
    ) -> None:
        await self._book.end(showroom_id, recording_id, ended_at, why)

    async def erase(self, showroom_id: ShowroomId, recording_id: RecordingId) -> None:
        await self._book.erase(showroom_id, recording_id)
