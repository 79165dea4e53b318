"""Who sends a command: one side of one call."""

from dataclasses import dataclass

from showroom.ids import CallId, StaffId
from showroom.showrooms import Showroom
from showroom.words import Side


@dataclass(frozen=True, slots=True)
class Party:
    """One side of one call, as a command's sender."""

    showroom: Showroom
    side: Side
    call: CallId
    advisor: StaffId | None = None

    def fields(self) -> dict[str, str]:
        """Return who this is, in the pairing script's words."""
        who = {"side": str(self.side), "id": str(self.call)}
        return who if self.advisor is None else {**who, "advisor": str(self.advisor)}
