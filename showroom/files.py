"""What is kept as files: photos, recordings, pictures. One small interface, so that an object store
can take the folder's place, or something that encrypts can stand in front of it.

Everything here blocks: call it from a thread. A file is written whole (`put`) or grows at its end
(`append`), and is read by ranges of bytes; nothing in it is ever changed. So whoever encrypts can
do it in chunks, each with a tag of its own, and needs no more than this.
"""

import errno
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from showroom.errors import NotFound, StorageFull
from showroom.ids import ShowroomId

# What a folder's and a file's name can be: no dot at its beginning, nothing that leads elsewhere.
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[a-z0-9]{1,8})?", re.ASCII)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# How much of what grows a power cut may take; the end of a process alone takes nothing.
SYNC_SECONDS = 2.0


class FileKind(StrEnum):
    """What a file is; each kind has a folder of its own."""

    PHOTO = "photos"
    RECORDING = "recordings"
    PICTURE = "pictures"  # of a car, or a logo


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies. `name` is one that we made (`new_id`, perhaps an ending)."""

    showroom: ShowroomId
    kind: FileKind
    name: str


class Growing(Protocol):
    """A file that grows. What was written is there for readers, and outlives this process."""

    def write(self, data: bytes) -> int:
        """Add to the end; return how many bytes that were. Raises `StorageFull`."""
        ...

    def flush(self) -> None:
        """Have all of it outlive a power cut. It also happens now and then by itself."""
        ...


class Files(Protocol):
    """Keeps files. A name that can't be one is not found."""

    def put(self, place: Place, data: bytes) -> None:
        """Keep a whole file, in place of one that was there; raises `StorageFull`.

        Readers find all of it or none.
        """
        ...

    def append(self, place: Place) -> AbstractContextManager[Growing]:
        """Begin a file that grows, or go on with it. Raises `StorageFull`."""
        ...

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        """Return up to `length` bytes from `start`, fewer at the end. Raises `NotFound`."""
        ...

    def size(self, place: Place) -> int:
        """Return how many bytes there are by now. Raises `NotFound`."""
        ...

    def delete(self, place: Place) -> None:
        """Remove a file, and what a broken `put` has left of it. None there is no error."""
        ...

    def names(self, showroom: ShowroomId, kind: FileKind, beginning: str) -> Sequence[str]:
        """Return the names of the files that begin so, sorted."""
        ...


class FolderFiles:
    """`Files` in a folder: `<root>/<showroom>/<kind>/<name>`, for nobody but this user.

    Folders are opened one below the other and never through a link, so a path leads nowhere else.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, place: Place, data: bytes) -> None:
        name, part = _checked(place.name), _part(place.name)
        with _full_disk(), self._folder(place, make=True) as folder:
            try:
                with _opened(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, folder) as file:
                    _write(file, data)
                    os.fsync(file)
                os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
            except OSError:
                with suppress(OSError):
                    os.unlink(part, dir_fd=folder)
                raise

    @contextmanager
    def append(self, place: Place) -> Iterator[Growing]:
        name = _checked(place.name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with self._folder(place, make=True) as folder, _opened(name, flags, folder) as file:
            growing = _GrowingFile(file)
            growing.flush()
            with _full_disk():
                os.fsync(folder)
            yield growing
            growing.flush()

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        with self._reading(place) as file:
            end = os.fstat(file).st_size
            wanted = max(0, end - start) if length is None else length
            parts = []
            while wanted > 0 and (part := os.pread(file, wanted, start)):
                parts.append(part)
                start, wanted = start + len(part), wanted - len(part)
            return b"".join(parts)

    def size(self, place: Place) -> int:
        with self._reading(place) as file:
            return os.fstat(file).st_size

    def delete(self, place: Place) -> None:
        with suppress(NotFound, FileNotFoundError):
            name, part = _checked(place.name), _part(place.name)
            with self._folder(place) as folder:
                with suppress(FileNotFoundError):
                    os.unlink(part, dir_fd=folder)
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)

    def names(self, showroom: ShowroomId, kind: FileKind, beginning: str) -> Sequence[str]:
        folder = self._root / _checked(showroom) / kind
        with suppress(FileNotFoundError):
            names = (path.name for path in folder.iterdir())
            return sorted(name for name in names if name.startswith(beginning))
        return ()

    @contextmanager
    def _reading(self, place: Place) -> Iterator[int]:
        try:
            with (
                self._folder(place) as folder,
                _opened(_checked(place.name), os.O_RDONLY, folder) as file,
            ):
                yield file
        except FileNotFoundError:
            raise NotFound from None

    @contextmanager
    def _folder(self, place: Place, make: bool = False) -> Iterator[int]:
        """Yield the place's folder, opened; it is made if need be and asked for."""
        names = _checked(place.showroom), str(place.kind)
        if make:
            with _full_disk():
                self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self._root, os.O_DIRECTORY)
        try:
            for name in names:
                if make:
                    with _full_disk(), suppress(FileExistsError):
                        os.mkdir(name, 0o700, dir_fd=folder)
                below = os.open(name, os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)


class _GrowingFile:
    """Writes straight to the system: nothing waits in this process."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._synced = time.monotonic()

    def write(self, data: bytes) -> int:
        with _full_disk():
            _write(self._file, data)
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self.flush()
        return len(data)

    def flush(self) -> None:
        with _full_disk():
            os.fdatasync(self._file)
        self._synced = time.monotonic()


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise NotFound
    return name


def _part(name: str) -> str:
    """Return the name of a file that is not whole yet: no `Place` can have it."""
    return f".{name}"


@contextmanager
def _opened(name: str, flags: int, folder: int) -> Iterator[int]:
    with _full_disk():
        file = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        yield file
    finally:
        os.close(file)


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


@contextmanager
def _full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull from error
        raise
