"""A coming day by half hours: the calls it may bring, whom that takes, and who is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from booking.rostered import Presence
from showroom.erlang import answered_within, needed
from showroom.figure_columns import Number
from showroom.forecast import DayForecast, Expected, Half

COLUMNS = ("calls", "needed", "rostered", "visiting", "difference", "within")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be reached. `share` of calls, 0 to 1, within `seconds`; of who is there so many
    `percent` are not at their desk; a call takes an advisor `handling_s`."""

    share: float
    seconds: int
    percent: int
    handling_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One half hour; `within` is the share that is answered in time with who is there."""

    half: Half
    calls: float
    needed: int
    presence: Presence
    within: float | None

    @property
    def difference(self) -> int:
        """By how many more are there for calls than it takes; below 0 they are too few."""
        return self.presence.free - self.needed

    @property
    def cells(self) -> Sequence[Number]:
        """The cells of `COLUMNS`, as the CSV has them."""
        return (
            round(self.calls, 2),
            self.needed,
            self.presence.rostered,
            self.presence.visiting,
            self.difference,
            None if self.within is None else round(self.within, 4),
        )


def rows_of(day: DayForecast, presences: Sequence[Presence], aim: Aim) -> list[Row]:
    """Return the half hours of a day, each with who is there in it."""
    return [_row(one, who, aim) for one, who in zip(day.halves, presences, strict=True)]


def _row(expected: Expected, who: Presence, aim: Aim) -> Row:
    load = expected.calls * aim.handling_s * 1000 / expected.open_ms
    desks = needed(load, aim.share, aim.seconds, aim.handling_s)
    at_desk = who.free * (100 - aim.percent) // 100
    within = answered_within(load, at_desk, aim.seconds, aim.handling_s) if load else None
    # Whoever is open has somebody there, also when hardly anybody calls.
    rostered = -(-max(1, desks) * 100 // (100 - aim.percent))
    return Row(expected.half, expected.calls, rostered, who, within)
