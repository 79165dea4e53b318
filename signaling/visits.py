"""Booked visits as signalling knows them: what a call carries of one, and what became of a call."""

from dataclasses import dataclass

from showroom.ids import AppointmentId, StaffId
from showroom.words import CallState, EndReason


@dataclass(frozen=True, slots=True)
class BookedVisit:
    """The appointment behind a call. Times are milliseconds since the epoch.

    Until `kept_until` the call rings nobody but `advisor`; without one it is everybody's at once.
    `name` and `wish` are what the guest wrote, for the ring card.
    """

    id: AppointmentId
    advisor: StaffId | None
    kept_until: int
    starts_at: int
    name: str = ""
    wish: str = ""

    def dump(self) -> dict[str, str]:
        """Return the fields of the call's hash."""
        return {
            "visit": self.id,
            "host": self.advisor or "",
            "kept_until": str(self.kept_until),
            "starts": str(self.starts_at),
            "guest": self.name,
            "wish": self.wish,
        }

    @classmethod
    def parse(cls, raw: dict[str, str]) -> "BookedVisit | None":
        """Return what `dump` wrote; None for a call that nobody booked."""
        if not raw.get("visit"):
            return None
        return cls(
            id=AppointmentId(raw["visit"]),
            advisor=StaffId(raw["host"]) if raw["host"] else None,
            kept_until=int(raw["kept_until"]),
            starts_at=int(raw["starts"]),
            name=raw["guest"],
            wish=raw["wish"],
        )


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What became of a call so far, for the rules of punctuality."""

    state: CallState
    advisor: StaffId | None
    created_at: int
    accepted_at: int | None
    ended_at: int | None
    end_reason: EndReason | None
