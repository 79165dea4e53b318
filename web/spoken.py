"""What pages that are rendered here say of durations and stars, as the scripts' `words.js` does."""

NOTHING = "–"


def clock(ms: int | None) -> str:
    """Return a duration as minutes and seconds, '4:05', or with hours, '1:04:05'."""
    if ms is None:
        return NOTHING
    seconds = max(0, ms // 1000)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def stars(rating: int | None) -> str:
    """Return a rating as its stars."""
    return "★" * rating if rating else NOTHING
