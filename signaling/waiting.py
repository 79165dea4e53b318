"""How long a customer will probably wait. Plain arithmetic, honest about what it doesn't know."""

from signaling.live import QueueCounts

# Until the showroom has closed its first call, a visit is taken to last this long.
FIRST_GUESS_MS = 6 * 60_000


def expected_wait(counts: QueueCounts, position: int) -> int | None:
    """Return the seconds until the call at `position` (from 1) is answered, or None.

    With nobody on duty nobody can tell. With somebody free and nobody ahead it is no wait at all.
    Otherwise advisors become free one after the other, every `cycle / on_duty`.
    """
    if counts.on_duty == 0:
        return None
    if position <= counts.free:
        return 0
    cycle = counts.cycle_ms or FIRST_GUESS_MS
    return round((position - counts.free) * cycle / counts.on_duty / 1000)
