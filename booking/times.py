"""Days, times, numbers and languages in words, as people write them (Unicode's CLDR)."""

from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, localedata, numbers, units

from showroom.clock import to_datetime
from showroom.texts import home_of

# UN M.49: English, for one, is written in Europe as neither in London nor in New York.
EUROPE = "150"
DURATIONS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


class TimeWords:
    """Writes moments and numbers in one language and one zone."""

    def __init__(self, language: str, market: str, zone: str, instead: str) -> None:
        """`market`: ISO 3166-1. `zone`: IANA, by the customer's browser; `instead` if unknown."""
        self._locale = locale_of(language, market)
        # As the pages' scripts write them: whatever the market, English has a point in 1.5.
        self._numbers = home_of(language)
        try:
            self._zone = ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            self._zone = ZoneInfo(instead)

    def day(self, at_ms: int) -> str:
        """Return a date with its day of the week: 'Thursday, 9 October 2025'."""
        there = to_datetime(at_ms).astimezone(self._zone).date()
        return str(dates.format_date(there, "full", locale=self._locale))

    def time(self, at_ms: int) -> str:
        """Return the time of day: '10:53' or '10:53 AM'."""
        moment = to_datetime(at_ms)
        return str(dates.format_time(moment, "short", tzinfo=self._zone, locale=self._locale))

    def date(self, at_ms: int) -> str:
        """Return a date as lists have it: '9 Oct 2025'."""
        there = to_datetime(at_ms).astimezone(self._zone).date()
        return str(dates.format_date(there, "medium", locale=self._locale))

    def second(self, at_ms: int) -> str:
        """Return the time of day to the second: '10:53:07'."""
        moment = to_datetime(at_ms)
        return str(dates.format_time(moment, "medium", tzinfo=self._zone, locale=self._locale))

    def moment(self, at_ms: int) -> str:
        """Return a date with the time of day: '9 Oct 2025, 10:53:07'."""
        there, moment = self._zone, to_datetime(at_ms)
        return str(dates.format_datetime(moment, "medium", tzinfo=there, locale=self._locale))

    def duration(self, ms: int) -> str:
        """Return how long something took, in its two largest units: '2 min, 10 sec', '3 hr'."""
        parts: list[str] = []
        left = max(0, ms // 1000)
        for unit, seconds in DURATIONS:
            if left >= seconds or (unit == "second" and not parts):
                count, left = divmod(left, seconds)
                name = f"duration-{unit}"
                parts.append(units.format_unit(count, name, "short", locale=self._locale))
        return str(lists.format_list(parts[:2], "unit-short", locale=self._locale))

    def percent(self, share: float) -> str:
        """Return a share from 0 to 1 in whole per cent: '82%', '82 %'."""
        return str(numbers.format_percent(share, locale=self._numbers))

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as the language writes it, with at most so many decimals."""
        return str(numbers.format_decimal(round(value, decimals), locale=self._numbers))

    def language(self, code: str) -> str:
        """Return the name of a language (ISO 639-1), or its code when it has none."""
        return str(self._locale.languages.get(code, code))

    def zone(self, at_ms: int) -> str:
        """Return the zone's name at that moment: 'Central European Summer Time'."""
        moment = to_datetime(at_ms).astimezone(self._zone)
        return str(dates.get_timezone_name(moment, locale=self._locale))


def locale_of(language: str, market: str) -> Locale:
    """Return how a language is written in a country; `market`: ISO 3166-1."""
    names = (f"{language}_{market}", f"{language}_{EUROPE}")
    known = next((name for name in names if localedata.exists(name)), None)
    return Locale.parse(known) if known else home_of(language)
