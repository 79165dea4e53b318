"""Who sends a command: one side of one call."""

from dataclasses import dataclass

from showroom.ids import CallId, PersonId, StaffId
from showroom.showrooms import Showroom
from showroom.words import Side


@dataclass(frozen=True, slots=True)
class Party:
    """One side of one call, as a command's sender."""

    showroom: Showroom
    side: Side
    call: CallId
    advisor: StaffId | None = None
    person: PersonId | None = None

    @property
    def who(self) -> str:
        """The sender's name in the relay's room."""
        if self.person is not None:
            return self.person
        # By name: whoever hands a call over loses their place there.
        return self.side if self.advisor is None else f"a-{self.advisor}"

    def fields(self) -> dict[str, str]:
        """Return who this is, in the pairing script's words."""
        who = {"side": str(self.side), "id": str(self.call)}
        if self.person is not None:
            return {**who, "person": str(self.person)}
        return who if self.advisor is None else {**who, "advisor": str(self.advisor)}
