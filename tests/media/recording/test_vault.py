"""Recordings are sealed: without its key nobody reads one, and where it was cut off, it ends."""

import secrets
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from media.recording.vault import PIECE, Keyring, Sealing, piece, pieces
from showroom.files import FileKind, FolderFiles, Place
from showroom.ids import RecordingId, ShowroomId

KEY = secrets.token_bytes(32)
SECRET = "a secret of thirty-two characters"


def place(name: str = "a.part") -> Place:
    return Place(ShowroomId("paris"), FileKind.RECORDING, name)


def seal(files: FolderFiles, *written: bytes, flush: bool = False, name: str = "a.part") -> None:
    with files.append(place(name)) as file:
        sealing = Sealing(file, KEY, name)
        for data in written:
            sealing.write(data)
            if flush:
                sealing.flush()
        sealing.flush()


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=3 * PIECE), max_size=5), st.booleans())
def test_what_was_sealed_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], flush: bool
) -> None:
    files = FolderFiles(tmp_path_factory.mktemp("files"))
    seal(files, *written, flush=flush)
    assert b"".join(pieces(files, place(), KEY)) == b"".join(written)


def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    seal(files, b"first", b"second", flush=True)
    file = tmp_path / "paris/recordings/a.part"
    file.write_bytes(file.read_bytes()[:-3])
    assert b"".join(pieces(files, place(), KEY)) == b"first"


def test_any_piece_of_a_finished_file_is_found_by_its_number(tmp_path: Path) -> None:
    files, data = FolderFiles(tmp_path), secrets.token_bytes(3 * PIECE + 100)
    seal(files, data)
    assert b"".join(piece(files, place(), KEY, 1, 2)) == data[PIECE : 3 * PIECE]
    assert b"".join(piece(files, place(), KEY, 3, 5)) == data[3 * PIECE :]


def test_on_the_disk_is_nothing_of_what_was_said(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    seal(files, b"said in confidence" * 100)
    assert b"confidence" not in (tmp_path / "paris/recordings/a.part").read_bytes()


def test_a_file_whose_end_a_power_cut_has_spoilt_is_read_up_to_there(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    seal(files, b"first", b"second", flush=True)
    file = tmp_path / "paris/recordings/a.part"
    raw = file.read_bytes()
    for end in (bytes(4096), b"\xff" * 4096, secrets.token_bytes(4096)):
        file.write_bytes(raw + end)
        assert list(pieces(files, place(), KEY)) == [b"first", b"second"]


def test_a_changed_or_a_renamed_file_is_refused(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    seal(files, b"as it was")
    file = tmp_path / "paris/recordings/a.part"
    raw = bytearray(file.read_bytes())
    (tmp_path / "paris/recordings/b.part").write_bytes(raw)
    raw[6] ^= 1
    file.write_bytes(raw)
    for name in ("a.part", "b.part"):
        assert list(pieces(files, place(name), KEY)) == []
        with pytest.raises(InvalidTag):
            piece(files, place(name), KEY, 0)


def test_a_key_opens_only_with_our_secret_and_for_its_recording() -> None:
    one, other = RecordingId("one"), RecordingId("other")
    ring = Keyring(SECRET)
    wrapped = ring.new(one)
    assert ring.open(one, wrapped) == Keyring(SECRET).open(one, wrapped)
    assert len(ring.open(one, wrapped)) == 32
    assert ring.new(one) != wrapped
    for mine, name in ((ring, other), (Keyring("another " * 5), one)):
        with pytest.raises(ValueError, match="another secret"):
            mine.open(name, wrapped)
