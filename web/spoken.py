"""What pages that are rendered here say of moments, durations and stars.

Of the latter two as the scripts' `words.js` does.
"""

from babel.dates import format_datetime, get_timezone

from showroom.clock import to_datetime
from showroom.texts import home_of

NOTHING = "–"


def clock(ms: int | None) -> str:
    """Return a duration as minutes and seconds, '4:05', or with hours, '1:04:05'."""
    if ms is None:
        return NOTHING
    seconds = max(0, ms // 1000)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(at_ms: int, zone: str, language: str) -> str:
    """Return a moment by the clocks of a zone (IANA): '23 Nov 2026, 09:41:07'."""
    there = get_timezone(zone)
    return str(
        format_datetime(to_datetime(at_ms), "medium", tzinfo=there, locale=home_of(language))
    )


def stars(rating: int | None) -> str:
    """Return a rating as its stars."""
    return "★" * rating if rating else NOTHING
