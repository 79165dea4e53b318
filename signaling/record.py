"""A live call as the record that SQL keeps of it."""

from collections.abc import Mapping, Sequence

from showroom.calls import CallEvent, CallRecord
from showroom.ids import ShowroomId
from showroom.words import Channel, Quality
from signaling.live import LiveCall, LogLine

LONGEST_CAMPAIGN = 100  # as the column


def record_of(
    showroom_id: ShowroomId, call: LiveCall, quality: Quality | None, now_ms: int
) -> CallRecord:
    """Return the call's record; who still waits has waited until `now_ms`."""
    return CallRecord(
        id=call.id,
        showroom_id=showroom_id,
        version=call.version,
        state=call.state,
        language=call.language,
        vehicle=call.vehicle,
        created_at=call.created_at,
        answered_at=call.accepted_at,
        live_at=call.live_at,
        ended_at=call.ended_at,
        closed_at=call.closed_at,
        end_reason=call.end_reason,
        advisor_id=call.advisor,
        rings=call.rings,
        missed=call.missed,
        waited_ms=call.waited_ms(now_ms),
        repeated=call.repeated,
        outcome=call.outcome,
        outcome_reason=call.outcome_reason,
        notes=call.notes,
        rating=call.rating,
        comment=call.comment,
        quality=quality,
        origin=call.origin,
        campaign=campaign_of(call.origin),
        device=call.device,
        channel=Channel.VISIT if call.visit else Channel.WALK_IN,
    )


def campaign_of(origin: Mapping[str, str] | None) -> str | None:
    """Return the name of the campaign that a customer came by last; None without one."""
    return (origin or {}).get("name", "").strip()[:LONGEST_CAMPAIGN].strip() or None


def events_of(lines: Sequence[LogLine]) -> tuple[CallEvent, ...]:
    """Return a call's log as events."""
    return tuple(CallEvent(line.seq, line.at, line.kind, line.by, line.data) for line in lines)
