"""When a showroom is open: rules over wall-clock hours in its own time zone, and nothing else.

Hours are written as people say them, minutes after local midnight. They become instants by the
rules of the zone (IANA), day by day, so that 09:00 stays 09:00 when the clocks change:

- a local time that does not exist is the moment at which the clocks jump over it;
- a local time that exists twice opens at its first and closes at its second passing, so that a
  showroom is never closed while its own clock shows an hour at which it says it is open.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from showroom.clock import to_datetime
from showroom.errors import BadRequest
from showroom.public_holidays import names_of

MINUTES_A_DAY = 24 * 60
HORIZON_DAYS = 60


@dataclass(frozen=True, order=True, slots=True)
class Interval:
    """From `opens` until `closes`, in minutes after local midnight; 1440 is 24:00.

    Raises `BadRequest` when it is empty or leaves its day: hours over midnight are two intervals.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_A_DAY:
            raise BadRequest(
                "Hours go from an earlier to a later time of one day, at most to 24:00."
            )

    @classmethod
    def of(cls, opens: str, closes: str) -> "Interval":
        """Return the interval between two times like `09:00` and `24:00`."""
        return cls(_minutes(opens), _minutes(closes))


Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The intervals of each weekday; a day without any is closed."""

    monday: Intervals = ()
    tuesday: Intervals = ()
    wednesday: Intervals = ()
    thursday: Intervals = ()
    friday: Intervals = ()
    saturday: Intervals = ()
    sunday: Intervals = ()

    def of(self, day: date) -> Intervals:
        """Return the intervals of `day`'s weekday."""
        intervals: Intervals = getattr(self, WEEKDAYS[day.weekday()])
        return intervals


WEEKDAYS = tuple(field.name for field in fields(WeeklyHours))
ALL_DAY = (Interval(0, MINUTES_A_DAY),)
ALWAYS_OPEN = WeeklyHours(*(ALL_DAY for _ in WEEKDAYS))


@dataclass(frozen=True, slots=True)
class DateException:
    """One local date has these intervals in place of the week's; none means closed."""

    day: date
    intervals: Intervals = ()


@dataclass(frozen=True, slots=True)
class HolidayHours:
    """On a public holiday of this name there are these hours, each year; none means closed."""

    name: str
    intervals: Intervals = ()


@dataclass(frozen=True, slots=True)
class Holidays:
    """What a showroom does on the public holidays of a country, or of a region of it.

    `country` is ISO 3166-1, `region` a code of `showroom.public_holidays`; both may be empty. A
    holiday that `days` does not name is a day like any other. The dates are found anew for each
    year.
    """

    country: str = ""
    region: str = ""
    days: tuple[HolidayHours, ...] = ()

    def of(self, day: date) -> Intervals | None:
        """Return the intervals of a holiday; None when it is none, or one that changes nothing."""
        if not self.days:
            return None
        names = names_of(self.country, self.region, day.year).get(day, ())
        return next((one.intervals for one in self.days if one.name in names), None)


@dataclass(frozen=True, slots=True)
class Campaign:
    """From `first` to `last`, local dates, the week may have hours in place of the usual ones.

    `utm`: the `utm_campaign` of the links that lead here; empty where it is the name. `spots`: when
    it is shown on television, by the showroom's own clocks. `cost`: in hundredths of `currency`
    (ISO 4217), where it is known.

    A holiday and an exception for one date go before it; of two campaigns with hours the one that
    comes first. Raises `BadRequest` when it ends before it begins.
    """

    name: str
    first: date
    last: date
    hours: WeeklyHours | None = None
    utm: str = ""
    spots: tuple[datetime, ...] = ()
    cost: int | None = None
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadRequest("A campaign ends on the day it begins, or later.")


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of every date: an exception's, else a holiday's, a campaign's, or the week's."""

    weekly: WeeklyHours
    exceptions: tuple[DateException, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    holidays: Holidays = Holidays()

    def of(self, day: date) -> Intervals:
        """Return the intervals of one date."""
        for exception in self.exceptions:
            if exception.day == day:
                return exception.intervals
        on_holiday = self.holidays.of(day)
        if on_holiday is not None:
            return on_holiday
        for campaign in self.campaigns:
            if campaign.hours is not None and campaign.first <= day <= campaign.last:
                return campaign.hours.of(day)
        return self.weekly.of(day)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a showroom is open, and what comes next, in UTC milliseconds.

    `until`: when it closes; None when it is closed, or open without an end in sight.
    `next`: when it opens; None when it is open, or does not open within 60 days.
    """

    open: bool
    until: int | None = None
    next: int | None = None


def opening(timetable: Timetable, zone: str, at_ms: int) -> Opening:
    """Say whether a showroom with these hours is open at `at_ms`, and what comes next.

    `zone` is an IANA name; raises `zoneinfo.ZoneInfoNotFoundError` for another.
    """
    if timetable == Timetable(ALWAYS_OPEN):
        return Opening(open=True)  # without walking through sixty days to find no end
    horizon_ms = at_ms + HORIZON_DAYS * 24 * 3600 * 1000
    for opens_ms, closes_ms in _merged(spans(timetable, zone, at_ms, horizon_ms)):
        if closes_ms <= at_ms:
            continue
        if opens_ms > horizon_ms:
            break
        if opens_ms > at_ms:
            return Opening(open=False, next=opens_ms)
        return Opening(open=True, until=closes_ms if closes_ms < horizon_ms else None)
    return Opening(open=False)


def open_since(timetable: Timetable, zone: str, at_ms: int) -> int | None:
    """Return since when a showroom has been open at `at_ms`, in UTC milliseconds; of one that
    always is, since some days. None when it is closed."""
    back_ms = at_ms - 48 * 3600 * 1000
    for opens_ms, closes_ms in _merged(spans(timetable, zone, back_ms, at_ms)):
        if opens_ms <= at_ms < closes_ms:
            return opens_ms
    return None


def spans(
    timetable: Timetable, zone: str, from_ms: int, until_ms: int
) -> Iterator[tuple[int, int]]:
    """Yield each interval that touches `from_ms` to `until_ms`, as UTC milliseconds, first to last.

    They are whole, also where they begin earlier or end later, and those that touch one another
    are not joined. Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown `zone`.
    """
    here = ZoneInfo(zone)
    # Yesterday's last hour may still be now, where clocks are set back at midnight.
    day = to_datetime(from_ms).astimezone(here).date() - timedelta(days=1)
    last = to_datetime(until_ms).astimezone(here).date()
    while day <= last:
        for interval in sorted(timetable.of(day)):
            opens_ms = instant(day, interval.opens, here)
            closes_ms = instant(day, interval.closes, here, last=True)
            # Where the clocks jump over all of it, nothing is left.
            if opens_ms < closes_ms and closes_ms > from_ms and opens_ms <= until_ms:
                yield opens_ms, closes_ms
        day += timedelta(days=1)


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that touch or overlap: 24:00 and the next day's 00:00 are one moment."""
    current: tuple[int, int] | None = None
    for span in spans:
        if current and span[0] <= current[1]:
            current = (current[0], max(current[1], span[1]))
        else:
            if current:
                yield current
            current = span
    if current:
        yield current


@lru_cache(maxsize=4096)
def _even_midnight(day: date, zone: ZoneInfo) -> int | None:
    """Return when a day begins on which the clocks just run, as nearly always; else None.

    Then its minutes can be counted. Fifty advisors' hours of a month are 6,000 instants.
    """
    midnights = [datetime.combine(day + timedelta(days=n), time(), zone) for n in (0, 1)]
    offsets = {moment.replace(fold=fold).utcoffset() for moment in midnights for fold in (0, 1)}
    return _seconds(midnights[0]) * 1000 if len(offsets) == 1 else None


def instant(day: date, minute: int, zone: ZoneInfo, *, last: bool = False) -> int:
    """Return when `zone`'s clock shows `minute` of `day`, in UTC milliseconds.

    Of a time that exists twice it is the first, or the `last`; see the module for the odd cases.
    """
    midnight_ms = _even_midnight(day, zone)
    if midnight_ms is not None and 0 <= minute <= MINUTES_A_DAY:
        return midnight_ms + minute * 60_000
    midnight = datetime.combine(day, time())
    local = midnight + timedelta(minutes=minute)
    first_s, second_s = (_seconds(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first_s > second_s:
        # The clocks jump over it (PEP 495): find the jump, between the two guesses.
        before = _offset(second_s, zone)
        guesses = range(second_s, first_s)
        jump = bisect_left(guesses, True, key=lambda s: _offset(s, zone) != before)
        return (second_s + jump) * 1000
    return (second_s if last else first_s) * 1000


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _offset(second: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()


def _minutes(text: str) -> int:
    hour, separator, minute = text.partition(":")
    if not (separator and hour.isdecimal() and minute.isdecimal() and int(minute) < 60):
        raise BadRequest(f"A time of day looks like 09:30, and not like {text[:20]!r}.")
    return int(hour) * 60 + int(minute)
