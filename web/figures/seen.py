"""A page of figures, or a mail of one: what groups are called, and where they lead."""

from collections.abc import Mapping
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from showroom.asking import Key
from showroom.clock import to_datetime
from showroom.showrooms import Showroom
from showroom.texts import Translate, Words
from showroom.words import Dimension, Period
from web.figures.asked import WITHOUT, FiguresAsked, Preset, word_of
from web.figures.report import Report, hour_end
from web.figures.writing import Writing

# By dimension: what its values are called, of those that have names.
Names = Mapping[str, Mapping[str, str]]


F = TypeVar("F")


class Seen(Generic[F]):
    """One look at a page: whose showroom, which figures, in which language."""

    def __init__(
        self,
        words: Words,
        language: str,
        showroom: Showroom,
        names: Names,
        asked: FiguresAsked,
        told: Report[F],
    ) -> None:
        self.words, self.language = words, language
        self.showroom, self.asked, self.told = showroom, asked, told
        self.t: Translate = words.translator(language)
        self.written = Writing(self.t, language, showroom)
        self.names = names

    def name(self, dimension: Dimension, value: str) -> str:
        """Return what a value of a dimension is called."""
        if not value:
            return self.t(f"figures.without.{word_of(dimension)}")
        if dimension in (Dimension.DEVICE, Dimension.CHANNEL):
            return self.t(f"figures.{word_of(dimension)}.{value}")
        return self.names.get(word_of(dimension), {}).get(value, value)

    def label(self, key: Key) -> str:
        """Return what a group is called."""
        if isinstance(self.told.by, Dimension):
            return self.name(self.told.by, str(key))
        return self.written.group(self.told.by, int(key))

    def short(self, key: Key) -> str:
        """Return what stands below a group's point in the chart; a dimension has none."""
        by = self.told.by
        if isinstance(by, Dimension):
            return ""
        return self.written.short(by, int(key), self.told.stretch.days)

    def sign(self, key: Key) -> str:
        """Return what a group is called in the CSV, the same in every language.

        Days, weeks and months by their first day, hours by their begin and the clock's offset,
        hours of the week by their number from Monday 00:00 on, the rest by their names.
        """
        by = self.told.by
        if isinstance(by, Dimension):
            return self.names.get(word_of(by), {}).get(str(key), str(key))
        if by is Period.HOUR_OF_WEEK:
            return str(key)
        local = to_datetime(int(key)).astimezone(ZoneInfo(self.showroom.zone))
        return local.isoformat(timespec="minutes") if by is Period.HOUR else str(local.date())

    def ways(self, key: Key) -> tuple[str | None, str | None]:
        """Return the page of a group alone, and the list of the calls in it, where there are any.

        An hour has no page: what is told of it are its calls.
        """
        asked, slug, by = self.asked, self.showroom.slug, self.told.by
        if isinstance(by, Dimension):
            one = {word_of(by): str(key) or WITHOUT}
            return asked.address(slug, by=None, **one), asked.calls(slug, self.told.stretch, **one)
        if by is Period.HOUR_OF_WEEK:
            return None, None
        here = ZoneInfo(self.showroom.zone)
        begun = to_datetime(int(key)).astimezone(here)
        if by is Period.HOUR:
            span = {"since": key, "until": hour_end(int(key), begun.minute)}
            calls = asked.calls(slug, self.told.stretch, **span)
            return calls, calls
        days = self.told.stretch.part(by, begun.date())
        own = {"period": Preset.OWN, "since": days.first, "until": days.last}
        return asked.address(slug, by=None, **own), asked.calls(slug, days)
