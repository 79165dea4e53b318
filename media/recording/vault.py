"""Recordings are sealed: each with a key of its own, which stands in SQL, wrapped by one of ours.

Whoever deletes the row has shredded every copy of the files. A sealed file is a row of pieces::

    length of the plaintext (4 bytes, big-endian) | AES-256-GCM of up to 8,192 bytes | tag (16)

Each file has a key of its own (HKDF, RFC 5869, of the recording's key and the file's name), so the
number of a piece can be its nonce (NIST SP 800-38D §8.2.1). A file that grows is flushed, and then
has shorter pieces: it is read from its beginning. A finished one has full pieces only, but for the
last, so that where a byte lies can be reckoned.
"""

import base64
import secrets
import struct
from collections.abc import Iterator

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from showroom.files import Files, Growing, Place
from showroom.ids import RecordingId

log = structlog.get_logger()

PIECE = 8192
_LENGTH = struct.Struct("!L")
_NONCE = 12
_TAG = 16
_STEP = _LENGTH.size + PIECE + _TAG
# How much is asked of the store at a time while a file is read from its beginning: 32 pieces.
_GULP = 32 * _STEP


class Keyring:
    """Makes and opens recordings' keys with the server's secret."""

    def __init__(self, secret: str) -> None:
        self._wrap = AESGCM(_derive(secret.encode(), b"keys of recordings"))

    def new(self, recording: RecordingId) -> str:
        """Return a new key, wrapped."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._wrap.encrypt(nonce, secrets.token_bytes(32), recording.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, recording: RecordingId, wrapped: str) -> bytes:
        """Return a recording's key. Raises `ValueError` for one that we never wrapped for it."""
        raw = base64.b64decode(wrapped)
        try:
            return self._wrap.decrypt(raw[:_NONCE], raw[_NONCE:], recording.encode())
        except InvalidTag:
            raise ValueError("this key was wrapped by another secret") from None


class Sealing:
    """Seals what is written, and puts it into a file that grows. Raises `StorageFull`."""

    def __init__(self, file: Growing, key: bytes, name: str) -> None:
        self._file = file
        self._cipher = AESGCM(_derive(key, name.encode()))
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) >= PIECE:
            self._seal(PIECE)
        return len(data)

    def flush(self) -> None:
        """Write what waits, as a shorter piece."""
        if self._waiting:
            self._seal(len(self._waiting))

    def _seal(self, length: int) -> None:
        plain = bytes(self._waiting[:length])
        head = _LENGTH.pack(length)
        sealed = self._cipher.encrypt(_nonce(self._number), plain, head)
        self._number += 1
        self._file.write(head + sealed)
        del self._waiting[:length]


def pieces(files: Files, place: Place, key: bytes) -> Iterator[bytes]:
    """Yield the plaintext of a sealed file from its beginning, up to where it was cut off.

    After a power cut its end may be anything, and often is zeros.
    """
    cipher = AESGCM(_derive(key, place.name.encode()))
    at = number = 0
    while gulp := files.read(place, at, _GULP):
        used = 0
        while (end := _end_of_piece(gulp, used)) <= len(gulp):
            head = gulp[used : used + _LENGTH.size]
            try:
                plain = cipher.decrypt(_nonce(number), gulp[used + _LENGTH.size : end], head)
            except InvalidTag:
                log.warning("a sealed file is broken from here on", at=at + used)
                return
            yield plain
            used, number = end, number + 1
        if used == 0:
            return  # the rest of a piece was never written
        at += used


def _end_of_piece(gulp: bytes, start: int) -> int:
    if start + _LENGTH.size > len(gulp):
        return len(gulp) + 1
    (length,) = _LENGTH.unpack_from(gulp, start)
    return start + _LENGTH.size + int(length) + _TAG


def piece(files: Files, place: Place, key: bytes, number: int, count: int = 1) -> list[bytes]:
    """Return the plaintext of up to `count` pieces of a finished file, from `number` on."""
    cipher = AESGCM(_derive(key, place.name.encode()))
    raw = files.read(place, number * _STEP, count * _STEP)
    found: list[bytes] = []
    for start in range(0, len(raw), _STEP):
        sealed = raw[start : start + _STEP]
        head, body = sealed[: _LENGTH.size], sealed[_LENGTH.size :]
        found.append(cipher.decrypt(_nonce(number + len(found)), body, head))
    return found


def length(sealed: int) -> int:
    """Return how many bytes of plaintext are in so many bytes of a finished file."""
    return sealed - -(-sealed // _STEP) * (_LENGTH.size + _TAG)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE, "big")
