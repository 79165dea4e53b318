"""Which figures are asked for: all of it stands in the page's address, and nowhere else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from showroom.asking import Where
from showroom.clock import to_datetime
from showroom.days import STEP_MS, today
from showroom.errors import BadRequest
from showroom.figure_columns import BY_NAME
from showroom.hours import instant
from showroom.slicing import DAYS
from showroom.traffic import TRAFFIC
from showroom.words import Channel, Device, Dimension, Period
from showroom.work import WORK
from showroom.yields import YIELD
from signaling.gateway import explain

PAGE = "/manager/figures"
# What stands in the address for 'without one': no advisor, no campaign, no car in particular.
WITHOUT = "-"
LONGEST_DAYS = 1100
# By the hour, more would be no table that anybody reads.
HOURLY_DAYS = 31
Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 1, 1))]


class Preset(StrEnum):
    """Periods that end today. All but the first are whole weeks, so that like meets like."""

    TODAY = "today"
    WEEK = "week"
    FOUR_WEEKS = "four_weeks"
    QUARTER = "quarter"
    YEAR = "year"
    OWN = "own"  # days of one's own choice


LENGTHS = {
    Preset.TODAY: 1, Preset.WEEK: 7, Preset.FOUR_WEEKS: 28, Preset.QUARTER: 91, Preset.YEAR: 364,
}  # fmt: skip
# As the address names them, and so does the list of calls.
DIMENSIONS = {
    "advisor": Dimension.ADVISOR,
    "campaign": Dimension.CAMPAIGN,
    "vehicle": Dimension.VEHICLE,
    "language": Dimension.LANGUAGE,
    "device": Dimension.DEVICE,
    "channel": Dimension.CHANNEL,
}
GROUPS: Mapping[str, Period | Dimension] = {**{one.value: one for one in Period}, **DIMENSIONS}
Group = Literal[
    "hour", "day", "week", "month", "hour_of_week",
    "advisor", "campaign", "vehicle", "language", "device", "channel",
]  # fmt: skip


# What the chart of any page of figures draws.
EVERY_PLOT: Collection[str] = {*BY_NAME, *TRAFFIC.by_name, *YIELD.by_name, *WORK.by_name}


class Versus(StrEnum):
    """With what the figures are compared."""

    PREVIOUS = "previous"  # the same number of days before
    CHOSEN = "chosen"  # the same number of days from a chosen one on
    NOTHING = "nothing"


class FiguresAsked(BaseModel):
    """The address of a page of figures; all of it may be left out. Both days are included.

    All such pages have one: who goes from one to the other takes the filter along. What only
    another page knows counts as not asked for.
    """

    PAGE: ClassVar[str] = PAGE
    # What a chart can draw here, the usual one first, and by what can be told apart.
    PLOTS: ClassVar[Sequence[str]] = tuple(BY_NAME)
    GROUPS: ClassVar[Mapping[str, Period | Dimension]] = GROUPS
    # Whether there are calls behind a number, to be listed.
    OF_CALLS: ClassVar[bool] = True

    model_config = ConfigDict(frozen=True)
    period: Preset = Preset.FOUR_WEEKS
    since: Day | None = None
    until: Day | None = None
    advisor: Word | None = None
    campaign: Word | None = None
    vehicle: Word | None = None
    language: Word | None = None
    device: Device | None = None
    channel: Channel | None = None
    by: Group | None = None
    compare: Versus = Versus.PREVIOUS
    compare_since: Day | None = None
    plot: Word | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read an address. Raises `BadRequest`; what it names that is no matter of ours is left."""
        try:
            asked = cls.model_validate({name: text for name, text in query.items() if text})
        except ValidationError as error:
            raise BadRequest(explain(error)) from error
        if asked.plot and asked.plot not in EVERY_PLOT:
            raise BadRequest("There is no such figure.", "plot")
        return asked

    @property
    def drawn(self) -> str:
        """The figure that the chart draws."""
        return self.plot if self.plot and self.plot in self.PLOTS else self.PLOTS[0]

    @property
    def where(self) -> Where:
        """Of each dimension that is asked for, its one value; an empty text is none."""
        known = {name: one for name, one in DIMENSIONS.items() if name in self.GROUPS}
        asked = {one: getattr(self, name) for name, one in known.items()}
        return {one: ["" if v == WITHOUT else str(v)] for one, v in asked.items() if v is not None}

    @property
    def beyond(self) -> Sequence[str]:
        """What is asked for that the figures of this page do not know."""
        unknown = [name for name in DIMENSIONS if name not in self.GROUPS]
        return [name for name in unknown if getattr(self, name) is not None]

    def stretch(self, zone: str, now_ms: int) -> "Stretch":
        """Return the days that are asked for, as far as they have come."""
        last = today(zone, now_ms)
        first = last - timedelta(days=LENGTHS.get(self.period, LENGTHS[Preset.FOUR_WEEKS]) - 1)
        if self.period is Preset.OWN:
            given = sorted(day for day in (self.since, self.until) if day)
            if given:
                first, last = given[0], given[-1]
        return Stretch.of(zone, first, last, now_ms)

    def before(self, zone: str, now: "Stretch", now_ms: int) -> "Stretch | None":
        """Return the days to compare with: as many, and cut off at the same time of day."""
        if self.compare is Versus.NOTHING:
            return None
        first = now.first - timedelta(days=now.days)
        if self.compare is Versus.CHOSEN and self.compare_since:
            first = self.compare_since
        return Stretch.of(zone, first, first + (now.last - now.first), now_ms, now.cut_minute)

    def group(self, days: int) -> Period | Dimension:
        """Return by what is told apart; where nobody says, so that a chart has some points."""
        asked = self.GROUPS.get(self.by or "")
        if asked is None or (asked is Period.HOUR and days > HOURLY_DAYS):
            return usual(days)
        return asked

    def tidy(self, zone: str, now_ms: int) -> Self:
        """Return the same as one would write it: a form sends its two days with any period.

        Days that are not the period's are chosen ones; those that are go without saying, so that
        the address means the last 28 days tomorrow, too.
        """
        plain = self.model_copy(update={"since": None, "until": None})
        own = self.model_copy(update={"period": Preset.OWN})
        if self.period is Preset.OWN or not (self.since or self.until):
            return self
        shown, meant = plain.stretch(zone, now_ms), own.stretch(zone, now_ms)
        return plain if (shown.first, shown.last) == (meant.first, meant.last) else own

    def address(self, showroom: str, /, **changes: Any) -> str:
        """Return the page's address with these changes; None leaves a field out."""
        return f"{self.PAGE}?{self.query(showroom, **changes)}"

    def query(self, showroom: str, /, **changes: Any) -> str:
        """Return what stands in the address behind the page."""
        changed = self.model_dump() | changes
        if changed["plot"] == self.PLOTS[0]:
            changed["plot"] = None
        usual = {name: field.default for name, field in type(self).model_fields.items()}
        kept = {
            name: str(value)
            for name, value in changed.items()
            if value is not None and value != usual.get(name)
        }
        return urlencode({"showroom": showroom, **kept})

    def calls(self, showroom: str, stretch: "Stretch", **changes: Any) -> str:
        """Return the address of the list of the calls behind figures of these days."""
        known = {name: getattr(self, name) for name in DIMENSIONS}
        days = {"since": stretch.first.isoformat(), "until": stretch.last.isoformat()}
        asked = {"showroom": showroom, **days, **known, **changes}
        return "/manager/calls?" + urlencode({k: str(v) for k, v in asked.items() if v is not None})


def word_of(by: Period | Dimension) -> str:
    """Return what the address calls something by which calls are told apart."""
    return next(word for word, one in GROUPS.items() if one is by)


def usual(days: int) -> Period:
    """Return by what so many days are told apart where nobody says."""
    if days <= 2:
        return Period.HOUR
    if days <= HOURLY_DAYS + 4:
        return Period.DAY
    return Period.WEEK if days <= LENGTHS[Preset.YEAR] else Period.MONTH


class Stretch(NamedTuple):
    """Days of a showroom's clocks, both included, and their moments in UTC milliseconds.

    `until_ms` is on a quarter of an hour. `cut_minute`: the minute of the last day at which the
    figures end that are not over yet; None when all its hours count.
    """

    first: date
    last: date
    since_ms: int
    until_ms: int
    cut_minute: int | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @classmethod
    def of(
        cls, zone: str, first: date, last: date, now_ms: int, cut_minute: int | None = None
    ) -> "Stretch":
        """Return these days, as far as they have come. Raises `BadRequest` when they are many.

        With `cut_minute` the last day ends there.
        """
        here, now = ZoneInfo(zone), today(zone, now_ms)
        if first <= now:
            last = min(last, now)
        if (last - first).days >= LONGEST_DAYS:
            raise BadRequest(f"Choose at most {LONGEST_DAYS} days.", "since")
        since_ms, until_ms = instant(first, 0, here), instant(last + timedelta(days=1), 0, here)
        come_ms = -(-now_ms // STEP_MS) * STEP_MS
        if cut_minute is not None:
            until_ms = min(until_ms, instant(last, cut_minute, here))
        elif since_ms <= come_ms < until_ms:
            until_ms, local = come_ms, to_datetime(come_ms).astimezone(here)
            cut_minute = local.hour * 60 + local.minute
        return cls(first, last, since_ms, until_ms, cut_minute)

    def part(self, by: Period, begun: date) -> "Stretch":
        """Return those days of a week or month, or the one day, that are among these."""
        following = begun + timedelta(days=7 if by is Period.WEEK else 1)
        if by is Period.MONTH:
            following = (begun + timedelta(days=31)).replace(day=1)
        last = min(self.last, following - timedelta(days=1))
        return self._replace(first=max(self.first, begun), last=last)

    def place(self, by: Period | Dimension, key: int | str, zone: str) -> Any:
        """Return where a group stands, so that one of other days can be laid beside it."""
        if by not in (*DAYS, Period.HOUR):
            return key
        here = ZoneInfo(zone)
        local = to_datetime(int(key)).astimezone(here)
        day = local.date()
        if by is Period.DAY:
            return (day - self.first).days
        if by is Period.WEEK:
            return (day - (self.first - timedelta(days=self.first.weekday()))).days // 7
        if by is Period.MONTH:
            return (day.year - self.first.year) * 12 + day.month - self.first.month
        return (day - self.first).days, local.hour, local.minute, local.fold

    def groups(self, by: Period | Dimension, zone: str) -> list[int]:
        """Return all groups of whole days by their first moments; hours without calls are none."""
        here, found, day = ZoneInfo(zone), [], self.first
        if by not in DAYS:
            return []
        if by is Period.WEEK:
            day -= timedelta(days=day.weekday())
        if by is Period.MONTH:
            day = day.replace(day=1)
        while day <= self.last:
            found.append(instant(day, 0, here))
            if by is Period.MONTH:
                day = (day + timedelta(days=31)).replace(day=1)
            else:
                day += timedelta(days=7 if by is Period.WEEK else 1)
        return found
