"""Files: whole or growing, read by ranges; no name leads elsewhere, and a full disk says so."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from showroom.errors import NotFound, StorageFull
from showroom.files import FileKind, FolderFiles, Place
from showroom.ids import ShowroomId


def place(name: str = "one.jpg", showroom: str = "paris") -> Place:
    return Place(ShowroomId(showroom), FileKind.PHOTO, name)


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files")


def test_a_file_is_read_whole_and_by_ranges(files: FolderFiles) -> None:
    files.put(place(), b"0123456789")
    assert files.read(place()) == b"0123456789"
    assert files.read(place(), 3, 4) == b"3456"
    assert files.read(place(), 8, 100) == b"89"
    assert files.read(place(), 100) == b""
    assert files.size(place()) == 10
    files.put(place(), b"another")
    assert files.read(place()) == b"another"


def test_what_was_deleted_or_never_was_is_not_found(files: FolderFiles) -> None:
    files.delete(place())
    files.put(place(), b"x")
    files.delete(place())
    for ask in (files.read, files.size):
        with pytest.raises(NotFound):
            ask(place())
    with pytest.raises(NotFound):
        files.read(place(showroom="lyon"))


@pytest.mark.parametrize(
    "name", ["../one.jpg", "/etc/passwd", "", ".", "..", ".hidden", "a/b", "a\0b", "a\nb", "é" * 3]
)
def test_a_name_leads_nowhere_else(files: FolderFiles, tmp_path: Path, name: str) -> None:
    for trick in (place(name), place(showroom=name)):
        with pytest.raises(NotFound):
            files.put(trick, b"x")
        with pytest.raises(NotFound):
            files.read(trick)
        files.delete(trick)
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_a_link_that_somebody_put_there_is_not_followed(files: FolderFiles, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "one.jpg").write_bytes(b"theirs")
    files.put(place(), b"ours")
    folder = tmp_path / "files" / "paris" / "photos"
    (folder / "link.jpg").symlink_to(elsewhere / "one.jpg")
    (tmp_path / "files" / "lyon").symlink_to(tmp_path / "files" / "paris")
    for trick in (place("link.jpg"), place(showroom="lyon")):
        with pytest.raises(OSError, match=r"link|directory"):
            files.read(trick)
    # One in the way is replaced by a file of ours.
    files.put(place("link.jpg"), b"ours")
    assert files.read(place("link.jpg")) == b"ours"
    assert (elsewhere / "one.jpg").read_bytes() == b"theirs"


def test_nobody_else_may_read_them(files: FolderFiles, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.put(place(), b"x")
        with files.append(place("two")) as growing:
            growing.write(b"x")
    finally:
        os.umask(before)
    modes = {
        stat.S_IMODE(one.stat().st_mode): one.is_dir() for one in (tmp_path / "files").rglob("*")
    }
    assert modes == {0o700: True, 0o600: False}
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700


def test_a_file_that_grows_can_be_read_meanwhile_and_goes_on_after_a_break(
    files: FolderFiles,
) -> None:
    with files.append(place()) as growing:
        assert growing.write(b"first ") == 6
        assert files.read(place()) == b"first "
        growing.write(b"second ")
        growing.flush()
    with files.append(place()) as growing:
        growing.write(b"third")
    assert files.read(place(), 6) == b"second third"


def test_what_was_written_outlives_a_process_that_is_killed(
    files: FolderFiles, tmp_path: Path
) -> None:
    writer = f"""
import os, signal
from pathlib import Path
from showroom.files import *
files = FolderFiles(Path({str(tmp_path / "files")!r}))
with files.append(Place("paris", FileKind.PHOTO, "one.jpg")) as growing:
    growing.write(b"to the last byte")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", writer], check=False).returncode == -9
    assert files.read(place()) == b"to the last byte"


def test_a_full_disk_is_one_clear_refusal_and_what_was_there_stays(small_disk: Path) -> None:
    files = FolderFiles(small_disk / "files")
    files.put(place(), b"before")
    with pytest.raises(StorageFull, match="no room left"):
        files.put(place(), bytes(1_000_000))
    assert files.read(place()) == b"before"
    assert [one.name for one in (small_disk / "files/paris/photos").iterdir()] == ["one.jpg"]
    with pytest.raises(StorageFull), files.append(place("long")) as growing:
        for _ in range(1000):
            growing.write(bytes(4096))
    # What fitted is there, and once there is room it goes on.
    held = files.size(place("long"))
    assert held > 100_000
    files.delete(place("long"))
    files.put(place(), bytes(100_000))
    assert files.size(place()) == 100_000


def test_what_a_broken_put_has_left_goes_with_the_file(files: FolderFiles, tmp_path: Path) -> None:
    files.put(place(), b"x")
    left = tmp_path / "files/paris/photos/.one.jpg"
    left.write_bytes(b"half of it")
    files.delete(place())
    assert not left.exists()
