"""How long a customer will probably wait. Plain arithmetic, honest about what it doesn't know."""

from showroom.words import CallState
from signaling.live import LiveCall, QueueCounts

# Until the showroom has closed its first call, a visit is taken to last this long.
FIRST_GUESS_MS = 6 * 60_000


def expected_wait(counts: QueueCounts, position: int) -> int | None:
    """Return the seconds until the call at `position` (from 1) is answered, or None.

    With nobody on duty, or nobody who takes more than a visit, nobody can tell. With somebody free
    and nobody ahead it is no wait at all. Otherwise advisors become free one after the other, every
    `cycle` over those who serve the queue. Calls that are kept for their host take nobody away.
    """
    serving = counts.on_duty - counts.kept_free
    if serving <= 0:
        return None
    ahead = position - counts.kept_calls - counts.free
    if ahead <= 0:
        return 0
    cycle = counts.cycle_ms or FIRST_GUESS_MS
    return round(ahead * cycle / serving / 1000)


def wait_of(call: LiveCall, counts: QueueCounts, position: int, now_ms: int) -> int | None:
    """Return the seconds until a call at `position` is answered, or None when nobody can tell.

    Whoever is early for a visit waits until it begins. When a host comes who is late, nobody knows.
    """
    if call.state is CallState.RINGING:
        return 0
    if call.visit and now_ms < call.visit.starts_at:
        return round((call.visit.starts_at - now_ms) / 1000)
    return None if call.kept else expected_wait(counts, position)
