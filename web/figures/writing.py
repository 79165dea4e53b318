"""Figures and days in words, as people of a language and a country write them (Unicode's CLDR)."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, numbers

from booking.times import EUROPE, locale_of
from showroom.clock import to_datetime
from showroom.figure_columns import Column, Kind, Number
from showroom.showrooms import Showroom
from showroom.slicing import EPOCH, By
from showroom.texts import Translate
from showroom.words import Period
from web.figures.asked import Stretch
from web.figures.report import Change
from web.spoken import clock

NONE = "–"
# How many decimals are written, of a rate besides those of the percent.
DIGITS = {Kind.COUNT: 0, Kind.RATE: 3, Kind.TIME: 0, Kind.MEAN: 1}
# What counts by the hour of the week begins on a Monday.
MONDAY = EPOCH - timedelta(days=EPOCH.weekday())


class Writing:
    """Writes what the page shows, in its language."""

    def __init__(self, t: Translate, language: str, showroom: Showroom) -> None:
        self._t = t
        # As `words.js` has it on the other pages.
        self._locale = locale_of(language, EUROPE)
        self._zone = ZoneInfo(showroom.zone)

    def figure(self, column: Column[Any], value: Number) -> str:
        """Return a figure: '1,204', '96.4%', '4:05', '4.6'; a dash when there is none."""
        if value is None:
            return NONE
        match column.kind:
            case Kind.COUNT:
                return self.count(value)
            case Kind.RATE:
                return self.percent(value)
            case Kind.TIME:
                return clock(1000 * round(value))
            case Kind.MEAN:
                return self.mean(value)

    def mean(self, value: float) -> str:
        """Return a number with one decimal."""
        return str(numbers.format_decimal(value, "0.0", self._locale))

    def count(self, value: float) -> str:
        """Return a whole number."""
        return str(numbers.format_decimal(round(value), locale=self._locale))

    def percent(self, value: float) -> str:
        """Return a share from 0 to 1."""
        number = numbers.format_decimal(value * 100, "#,##0.0", self._locale)
        return str(self._locale.percent_formats[None].pattern).replace("#,##0", number)

    def long(self, ms: float) -> str:
        """Return a time that may take days, as people say it: '3 hours', '5 days'."""
        return str(
            dates.format_timedelta(timedelta(milliseconds=ms), threshold=2, locale=self._locale)
        )

    def money(self, amount: float, currency: str) -> str:
        """Return an amount of a currency (ISO 4217)."""
        return str(numbers.format_currency(amount, currency, locale=self._locale))

    def change(self, column: Column[Any], change: Change) -> str:
        """Return by how much a figure differs from what it was: '+12%', '+2.1 points', '+0:31'."""
        now, before = change.now, change.before
        if now is None or before is None:
            return self._t("figures.change.none")
        differs = round(now - before, DIGITS[column.kind])
        sign = "+" if differs > 0 else "−" if differs < 0 else "±"
        match column.kind:
            case Kind.COUNT:
                size = self.percent(abs(differs) / before) if before else self.count(abs(differs))
            case Kind.RATE:
                points = numbers.format_decimal(abs(differs) * 100, "0.0", self._locale)
                size = self._t("figures.change.points", n=points)
            case Kind.TIME:
                size = clock(1000 * round(abs(differs)))
            case Kind.MEAN:
                size = self.mean(abs(differs))
        return f"{sign}{size}"

    def days(self, stretch: Stretch) -> str:
        """Return some days: '1 – 28 Nov 2026', and up to when when the last one is not over."""
        skeleton = "yMMMEd" if stretch.days == 1 else "yMMMd"
        if stretch.days == 1:
            text = self._day(stretch.first, skeleton)
        else:
            text = dates.format_interval(stretch.first, stretch.last, skeleton, locale=self._locale)
        if stretch.cut_minute is None:
            return str(text)
        return self._t("figures.days.until", days=text, time=self.time(stretch.until_ms))

    def group(self, by: By, key: int) -> str:
        """Return the name of a stretch of time; the first day of a week."""
        if by is Period.HOUR_OF_WEEK:
            day = MONDAY + timedelta(days=key // 24)
            return f"{self._day(day, 'EEEE', plain=True)}, {key % 24:02}:00"
        local = to_datetime(key).astimezone(self._zone)
        if by is Period.HOUR:
            return f"{self._day(local.date(), 'MMMEd')}, {self.time(key)}"
        if by is Period.MONTH:
            return self._day(local.date(), "yMMMM")
        if by is Period.WEEK:
            return self._t("figures.week_of", day=self._day(local.date(), "yMMMd"))
        return self._day(local.date(), "yMMMEd")

    def short(self, by: By, key: int, days: int) -> str:
        """Return the same in a word or two, for the axis of a chart of so many days."""
        if by is Period.HOUR_OF_WEEK:
            return f"{self._day(MONDAY + timedelta(days=key // 24), 'EEE', plain=True)} {key % 24}"
        day = to_datetime(key).astimezone(self._zone).date()
        if by is Period.HOUR:
            return self.time(key) if days == 1 else f"{self._day(day, 'd')}, {self.time(key)}"
        return self._day(day, "yMMM" if by is Period.MONTH else "MMMd")

    def dated(self, day: date, *, year: bool = False) -> str:
        """Return a date with its day of the week: 'Mon, 3 Nov', 'Mon, 3 Nov 2026'."""
        return self._day(day, "yMMMEd" if year else "MMMEd")

    def language(self, code: str) -> str:
        """Return the name of a language (ISO 639-1), or its code when it has none."""
        return str(self._locale.languages.get(code, code))

    def moment(self, at_ms: int) -> str:
        """Return a moment: 'Mon, 3 Nov 2026, 10:53'."""
        day = to_datetime(at_ms).astimezone(self._zone).date()
        return f"{self._day(day, 'yMMMEd')}, {self.time(at_ms)}"

    def time(self, at_ms: int) -> str:
        """Return a time of day."""
        at = to_datetime(at_ms)
        return str(dates.format_time(at, "short", tzinfo=self._zone, locale=self._locale))

    def _day(self, day: date, skeleton: str, *, plain: bool = False) -> str:
        if plain:
            return str(dates.format_date(day, skeleton, locale=self._locale))
        return str(dates.format_skeleton(skeleton, day, locale=self._locale))
