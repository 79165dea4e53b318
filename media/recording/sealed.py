"""Sealed files as PyAV wants them: to read in order or anywhere, and to write with a late head.

A finished file is two sealed ones: its head is the first piece, which may change until the end, as
lengths stand there; its body is all else. Nothing of it ever lies open on the disk.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from media.recording.vault import PIECE, Sealing, length, piece
from showroom.files import FileKind, Files, Place
from showroom.ids import ShowroomId

# How much is read ahead of whoever reads a film: 64 pieces.
_AHEAD = 64 * PIECE


@dataclass(frozen=True, slots=True)
class Pair:
    """A finished file: the places of its head and its body."""

    head: Place
    body: Place

    @classmethod
    def of(cls, showroom: ShowroomId, stem: str) -> "Pair":
        """Return where the file of this stem lies."""
        head, body = (
            Place(showroom, FileKind.RECORDING, f"{stem}.{end}") for end in ("head", "body")
        )
        return cls(head, body)

    def size(self, files: Files) -> int:
        """Return how many bytes it has, opened. Raises `NotFound`."""
        return sum(length(files.size(place)) for place in (self.head, self.body))

    def read(self, files: Files, key: bytes, start: int, end: int) -> bytes:
        """Return the bytes from `start` to before `end`. Raises `NotFound`."""
        first, last = start // PIECE, (end - 1) // PIECE
        found = []
        if first == 0:
            found += piece(files, self.head, key, 0)
        if last > 0:
            begin = max(first, 1)
            found += piece(files, self.body, key, begin - 1, last - begin + 1)
        return b"".join(found)[start - first * PIECE : end - first * PIECE]

    def delete(self, files: Files) -> None:
        """Remove what there is of it."""
        for place in (self.head, self.body):
            files.delete(place)


class FromBeginning:
    """A file to read from its beginning."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (more := next(self._source, b"")):
            self._rest += more
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


class _Moving:
    """Where one is in a file that can be moved about in."""

    size = 0
    _at = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True


class Anywhere(_Moving):
    """A finished file to read anywhere."""

    def __init__(self, files: Files, pair: Pair, key: bytes) -> None:
        self._files, self._pair, self._key = files, pair, key
        self.size = pair.size(files)
        self._begins, self._ahead = 0, b""

    def read(self, size: int = -1) -> bytes:
        left = max(0, self.size - self._at)
        size = left if size < 0 else min(size, left)
        if not self._begins <= self._at <= self._at + size <= self._begins + len(self._ahead):
            self._begins = self._at - self._at % PIECE
            end = min(self.size, max(self._begins + _AHEAD, self._at + size))
            self._ahead = self._pair.read(self._files, self._key, self._begins, end)
        start = self._at - self._begins
        self._at += size
        return self._ahead[start : start + size]


class Headless(_Moving):
    """A file to write, of which the first piece may change until the end: lengths stand there."""

    def __init__(self, sealing: Sealing) -> None:
        self.sealing = sealing
        self._head = bytearray()

    def write(self, data: bytes) -> int:
        data = bytes(data)
        count = max(0, min(len(data), PIECE - self._at))
        if count:
            self._head[self._at : self._at + count] = data[:count]
        if rest := data[count:]:
            if self._at + count != max(self.size, PIECE):
                raise io.UnsupportedOperation("what is sealed can't be changed")
            self.sealing.write(rest)
        self._at += len(data)
        self.size = max(self.size, self._at)
        return len(data)

    def write_head(self, sealing: Sealing) -> None:
        sealing.write(bytes(self._head))
        sealing.flush()
