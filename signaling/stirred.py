"""Showrooms in which something changed, for several who each look at their own pace."""

from showroom.ids import ShowroomId

# A hint can be missed: a showroom is looked at this often even if nothing seems to happen there.
IDLE_SECONDS = 5.0


class Stirred:
    """The teller adds; every reader has a set of its own and empties it when it looks."""

    def __init__(self) -> None:
        self._readers: list[set[ShowroomId]] = []

    def reader(self) -> set[ShowroomId]:
        """Return a new reader's set."""
        reader: set[ShowroomId] = set()
        self._readers.append(reader)
        return reader

    def add(self, showroom: ShowroomId) -> None:
        for reader in self._readers:
            reader.add(showroom)
