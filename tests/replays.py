"""Calls that were, with their log and their line, for tests of what is shown of them."""

from dataclasses import replace
from typing import Any

from media.quality import QualityLog
from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.database import Database
from showroom.ids import CallId, ShowroomId, StaffId, new_id
from showroom.words import CallState, EndReason, Outcome, Quality, Side
from tests.media.test_quality import FINE


async def a_kept_call(
    database: Database, room: ShowroomId, advisor: StaffId, begun: int, **changes: Any
) -> CallRecord:
    """Keep a call of two minutes, requested at `begun`, with a chat, a car and a lost photo."""
    call = CallRecord(
        id=CallId(new_id()),
        showroom_id=room,
        version=1,
        state=CallState.CLOSED,
        language="en",
        vehicle="crete",
        created_at=begun,
        answered_at=begun + 4_000,
        live_at=begun + 5_000,
        ended_at=begun + 125_000,
        closed_at=begun + 140_000,
        end_reason=EndReason.CUSTOMER_HUNG_UP,
        advisor_id=advisor,
        rings=1,
        waited_ms=4_000,
        outcome=Outcome.TEST_DRIVE,
        rating=4,
        comment="Lovely <car>",
        quality=Quality.FAIR,
    )
    call = replace(call, **changes)
    said = {"id": "k", "text": "Does it {by} tow?"}
    lines: list[tuple[int, str, str, dict[str, Any]]] = [
        (0, "request", "customer", {"language": "en", "vehicle": "crete"}),
        (1_000, "ring", "system", {"advisor": advisor}),
        (4_000, "accept", "advisor", {"advisor": advisor}),
        (5_000, "connect", "customer", {}),
        (30_000, "chat", "customer", said),
        (40_000, "vehicle", "advisor", {"id": "v", "vehicle": "crete"}),
        (50_000, "photo", "advisor", {"photo": "gone"}),
        (125_000, "end", "customer", {}),
    ]
    events = [
        CallEvent(seq, begun + after, kind, by, data)
        for seq, (after, kind, by, data) in enumerate(lines)
    ]
    await CallRecords(database).save(call, events)
    return call


async def a_poor_line(database: Database, call: CallRecord) -> None:
    """Keep its line: the advisor's uplink falls for 40 s, the customer's goes over TCP."""
    log = QualityLog(database)
    for n in range(24):
        at, fell = call.created_at + 5_000 * (n + 2), 6 <= n < 14
        advisor = replace(
            FINE,
            bitrate_out=180_000 if fell else 1_400_000 + 20_000 * (n % 5),
            limitation="bandwidth" if fell else "none",
            round_trip_ms=40.0 + 3 * n,
        )
        customer = replace(FINE, relayed=True, tcp=True, bitrate_in=170_000 if fell else 1_350_000)
        customer = replace(customer, frozen_ms=3_000 if n == 7 else 0, loss=0.03 if fell else 0.0)
        log.add(call.showroom_id, call.id, Side.ADVISOR, at, advisor)
        log.add(call.showroom_id, call.id, Side.CUSTOMER, at, customer)
    await log.flush()
