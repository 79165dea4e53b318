"""A place's local days as stretches of time, cut into the hours that its clock shows.

Most have 24 of them. On the day when the clocks go forward one is missing, and on the day when they
go back one comes twice: whoever draws a day by its hours draws these two right, too.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from showroom.clock import DAY_MS, to_datetime
from showroom.hours import instant

# Clocks change on a quarter of an hour, wherever they do.
STEP_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Hour:
    """A stretch in which the clock shows `hour`; it begins at `minute` of it, mostly at 0.

    `from_ms`, `until_ms`: UTC milliseconds. `again`: the clock shows this hour for the second time.
    """

    from_ms: int
    until_ms: int
    hour: int
    minute: int
    again: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One local date, from its first moment until the next date's, in UTC milliseconds."""

    date: date
    from_ms: int
    until_ms: int
    hours: tuple[Hour, ...]


def today(zone: str, now_ms: int) -> date:
    """Return the date that a place has at this moment; `zone` is an IANA name."""
    return to_datetime(now_ms).astimezone(ZoneInfo(zone)).date()


def days_of(zone: str, first: date, count: int) -> list[Day]:
    """Return `count` local days from `first` on; `zone` is an IANA name."""
    here = ZoneInfo(zone)
    dates = [first + timedelta(days=n) for n in range(count + 1)]
    begins = [instant(day, 0, here) for day in dates]
    return [
        Day(day, from_ms, until_ms, tuple(_hours(here, from_ms, until_ms)))
        for day, from_ms, until_ms in zip(dates, begins, begins[1:], strict=False)
    ]


def offsets(zone: str, since_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """Return by how many milliseconds a place's clocks are ahead of UTC, and from when on.

    The first is that of `since_ms`; each further one begins with a change of the clocks. `since_ms`
    is on a quarter of an hour; `zone` is an IANA name.
    """
    here = ZoneInfo(zone)

    def ahead(at_ms: int) -> int:
        offset = to_datetime(at_ms).astimezone(here).utcoffset() or timedelta()
        return int(offset.total_seconds()) * 1000

    found = [(since_ms, ahead(since_ms))]
    for begin_ms in range(since_ms, until_ms, DAY_MS):
        end_ms = min(begin_ms + DAY_MS, until_ms)
        if ahead(end_ms) == found[-1][1]:
            continue
        steps = range(begin_ms, end_ms, STEP_MS)
        before = found[-1][1]
        change = bisect_left(steps, True, key=lambda at_ms: ahead(at_ms) != before)
        at_ms = begin_ms + change * STEP_MS
        if at_ms < until_ms:
            found.append((at_ms, ahead(at_ms)))
    return found


def _hours(here: ZoneInfo, from_ms: int, until_ms: int) -> Iterator[Hour]:
    begun_ms = from_ms
    local = to_datetime(from_ms).astimezone(here)
    for at_ms in range(from_ms + STEP_MS, until_ms + STEP_MS, STEP_MS):
        then = to_datetime(at_ms).astimezone(here)
        if at_ms < until_ms and (then.hour, then.fold) == (local.hour, local.fold):
            continue
        yield Hour(begun_ms, min(at_ms, until_ms), local.hour, local.minute, bool(local.fold))
        begun_ms, local = at_ms, then
