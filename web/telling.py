"""A call in sentences, for the page that shows it: what happened in it, and what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from booking.times import TimeWords
from media.findings import Finding, Trouble
from showroom.calls import CallEvent, CallRecord
from showroom.ids import StaffId
from showroom.texts import Translate
from showroom.words import Side
from web.spoken import NOTHING, clock

# Rates above this are said in Mbit/s.
MEGA = 1_000_000
UNITS = {"received": "rate", "sent": "rate", "loss": "share", "round_trip": "ms", "frozen": "s"}


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things of one call in one language; `begun_ms` is when it was requested."""

    t: Translate
    times: TimeWords
    names: Mapping[StaffId, str]
    cars: Mapping[str, str]
    begun_ms: int

    def moment(self, at_ms: int) -> dict[str, Any]:
        """Return a moment as the showroom's clock and as time since the request."""
        return {
            "at": at_ms,
            "clock": self.times.second(at_ms),
            "since": "+" + clock(at_ms - self.begun_ms),
        }

    def event(self, event: CallEvent, call: CallRecord) -> dict[str, Any]:
        """Return a line of the timeline. Of an advisor's event the manager wants the name."""
        data = event.data
        advisor = self.names.get(StaffId(data.get("advisor") or data.get("to") or ""), "")
        car = self.cars.get(data.get("vehicle") or "", data.get("vehicle") or "")
        by = advisor or data.get("name") or self._side(event.by)
        text = self.t(f"manager.event.{event.kind}", by=by, what=data.get("text") or car or advisor)
        if event.kind in ("end", "leave") and call.end_reason:
            text = self.t(f"common.end.{call.end_reason}")
        return {"kind": event.kind, "text": text, "photo": data.get("photo"), "pointer": None} | (
            self.moment(event.at)
        )

    def pointed(self, side: Side, advisor: StaffId, count: int, lasted_ms: int) -> str:
        """Return who pointed at the picture, how often and for how long.

        `advisor` had the call then.
        """
        name = self.names.get(advisor, "") if side is Side.ADVISOR else ""
        times, lasted = self.times.number(count), self.length(lasted_ms)
        said = {"by": name or self._side(side), "count": times, "lasted": lasted}
        return self.t.count("replay.pointed", count, **said)

    def path(self, x1: float, y1: float, x2: float, y2: float) -> str:
        """Return the way of a pointer, for whoever does not see it."""
        spots = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        return self.t(
            "replay.pointed.path", **{at: self._percent(share) for at, share in spots.items()}
        )

    def finding(self, found: Finding) -> dict[str, Any]:
        """Return a sentence about what went wrong, and when."""
        key = f"replay.found.{found.trouble}" + (f".{found.side}" if found.side else "")
        said = {"lasted": self.length(found.lasted_ms), "worst": self._worst(found)}
        if found.trouble in (Trouble.MISSED, Trouble.DECLINED, Trouble.RELINKED):
            text = self.t.count(key, round(found.worst), **said)
        else:
            text = self.t(key, **said)
        return {"text": text} | self.moment(found.at_ms)

    def measure(self, name: str, value: float | None) -> str:
        """Return a measure of `web.curves` with its unit."""
        if value is None:
            return NOTHING
        match UNITS[name]:
            case "rate":
                return self.rate(value)
            case "share":
                return self._percent(value)
            case "s":
                return self.t("replay.seconds", n=self.times.number(value / 1000, 1))
        return self.t("replay.milliseconds", n=self.times.number(value))

    def rate(self, bits: float) -> str:
        """Return bits a second: '180 kbit/s', '1.2 Mbit/s'."""
        if bits >= MEGA:
            return self.t("replay.mbits", n=self.times.number(bits / MEGA, 1))
        return self.t("replay.kbits", n=self.times.number(bits / 1000))

    def length(self, ms: int) -> str:
        """Return a stretch of time: '40 s', '2:05 min'."""
        if ms < 60_000:
            return self.t("replay.seconds", n=self.times.number(ms / 1000))
        return self.t("replay.minutes", n=clock(ms))

    def _worst(self, found: Finding) -> str:
        match found.trouble:
            case Trouble.UPLINK:
                return self.rate(found.worst)
            case Trouble.LOSS | Trouble.SOUND:
                return self._percent(found.worst)
            case Trouble.DELAY:
                return self.t("replay.milliseconds", n=self.times.number(found.worst))
            case Trouble.FROZEN:
                return self.length(round(found.worst))
        return self.times.number(found.worst)

    def _percent(self, share: float) -> str:
        return self.t("replay.percent", n=self.times.number(share * 100, 1 if share < 0.1 else 0))

    def _side(self, by: str) -> str:
        return self.t(f"common.side.{by}") if by in set(Side) else ""


def in_short(teller: Teller, name: str, samples: list[float]) -> str:
    """Return what a curve says without being seen: from the least to the most."""
    if not samples:
        return NOTHING
    least, most = (teller.measure(name, value) for value in (min(samples), max(samples)))
    return teller.t("replay.curve.range", least=least, most=most)
