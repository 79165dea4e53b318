"""Time, as something that can be handed in, so that rules can be tested without waiting."""

from collections.abc import Callable
from datetime import UTC, datetime

DAY_MS = 24 * 3_600_000

# Returns the present as milliseconds since the epoch.
Clock = Callable[[], int]


def system_clock() -> int:
    """Return the present in milliseconds since the epoch."""
    return int(datetime.now(UTC).timestamp() * 1000)


def to_datetime(ms: int) -> datetime:
    """Return the aware UTC datetime of `ms` milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Return an aware datetime as milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)
