"""Pictures that managers upload, of cars and as a logo: judged by their header, and encoded anew.

JPEG, PNG (ISO/IEC 15948) and WebP (RFC 9649) are taken. What is kept is our own encoding of the
pixels: no place, no serial number, no second picture behind the first. SVG is a document with
scripts, and is not taken.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from media.jpeg import START, Pixels, decoded, dimensions
from showroom.errors import NotAPicture, ShowroomError, TooLarge

# With eight or sixteen bits each for three colours and what shows through, decoded at once.
MOST_PIXELS = 20_000_000
WHOLE_SIDE, SMALL_SIDE = 1920, 720
LOGO_SIDE, SMALL_LOGO_SIDE = 640, 320
QUALITY, SMALL_QUALITY, WEBP_QUALITY = 86, 78, 88
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What the pixels need (11.2, 11.3.1); whatever else a PNG has is left out before it is decoded.
NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
ANIMATES = 0x02  # of VP8X's flags
OPAQUE = 255


class Unfit(StrEnum):
    """Why a picture is not taken."""

    SVG = "svg"
    ANIMATED = "animated"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"


class PictureRefused(ShowroomError):
    """A file that is no picture that we take; `why` it is not."""

    code, status = "not_a_picture", 415
    default = "This is no JPEG, PNG or WebP that we can read. Choose another picture."

    def __init__(self, why: Unfit = Unfit.UNKNOWN) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as we keep it, and small for lists. `name` is made of what is in it.

    `width` and `height` are the whole's.
    """

    name: str
    whole: bytes
    small: bytes
    width: int
    height: int


def car_picture(data: bytes) -> Made:
    """Return a car's picture encoded anew. It takes up to a second: not for the event loop.

    What shows through stays so. Raises `PictureRefused`.
    """
    pixels = _pixels(data)
    ending = "webp" if pixels.shape[2] == 4 else "jpg"
    return _made(pixels, ending, WHOLE_SIDE, SMALL_SIDE)


def logo(data: bytes) -> Made:
    """Return a logo encoded anew, without loss: its edges stay sharp. Raises `PictureRefused`."""
    return _made(_pixels(data), "png", LOGO_SIDE, SMALL_LOGO_SIDE)


def _pixels(data: bytes) -> Pixels:
    """Return the pixels, BGR, with a fourth channel where something shows through."""
    try:
        if data.startswith(START):
            sides, pixels = dimensions(data), decoded(data)
            if sorted(pixels.shape[:2]) != sorted(sides):
                raise PictureRefused
            return pixels
        if data.startswith(SIGNATURE):
            size, data = _png(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            size = _webp(data)
        else:
            raise PictureRefused(_unfit(data))
    except TooLarge:
        raise PictureRefused(Unfit.TOO_LARGE) from None
    except NotAPicture:
        raise PictureRefused from None
    if not all(size):
        raise PictureRefused
    if size[0] * size[1] > MOST_PIXELS:
        raise PictureRefused(Unfit.TOO_LARGE)
    return _decoded(data, size)


def _unfit(data: bytes) -> Unfit:
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Unfit.ANIMATED
    return Unfit.SVG if b"<svg" in data[:4096].lower() else Unfit.UNKNOWN


def _png(data: bytes) -> tuple[tuple[int, int], bytes]:
    """Return width and height, and the file with nothing in it but what its pixels need."""
    kept, size = [SIGNATURE], (0, 0)
    for kind, chunk in _chunks(data):
        if kind == b"acTL":
            raise PictureRefused(Unfit.ANIMATED)
        if len(kept) == 1:
            if kind != b"IHDR" or len(chunk) != 25:
                raise PictureRefused
            size = int.from_bytes(chunk[8:12]), int.from_bytes(chunk[12:16])
        if kind in NEEDED:
            kept.append(chunk)
    return size, b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks up to the last one, each with its kind."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if end > len(data):
            break
        yield kind, data[at:end]
        if kind == b"IEND":
            return
        at = end
    raise PictureRefused


def _webp(data: bytes) -> tuple[int, int]:
    """Return width and height as the first chunk says (RFC 9649, 2.5 to 2.7)."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise PictureRefused
    if kind == b"VP8X":
        if head[0] & ANIMATES or b"ANIM" in data[30:64]:
            raise PictureRefused(Unfit.ANIMATED)
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L" and head[0] == 0x2F:
        both = int.from_bytes(head[1:5], "little")
        return (both & 0x3FFF) + 1, (both >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        sides = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return next(sides), next(sides)
    raise PictureRefused


def _decoded(data: bytes, size: tuple[int, int]) -> Pixels:
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        found = None
    if found is None or found.shape[1::-1] != size:
        raise PictureRefused
    if found.dtype == np.uint16:
        found = (found // 256).astype(np.uint8)
    pixels = found.astype(np.uint8, copy=False)
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    if pixels.shape[2] == 4 and bool((pixels[:, :, 3] == OPAQUE).all()):
        pixels = pixels[:, :, :3]
    return pixels


def _made(pixels: Pixels, ending: str, side: int, small_side: int) -> Made:
    whole, small = _within(pixels, side), _within(pixels, small_side)
    data = _encoded(whole, ending, QUALITY)
    height, width = whole.shape[:2]
    return Made(
        name=f"{hashlib.sha256(data).hexdigest()[:32]}.{ending}",
        whole=data,
        small=_encoded(small, ending, SMALL_QUALITY),
        width=width,
        height=height,
    )


def _within(pixels: Pixels, side: int) -> Pixels:
    """Return the pixels with no side longer than this."""
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = [max(1, round(one * scale)) for one in pixels.shape[1::-1]]
    if pixels.shape[2] == 3:
        return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    # What is not seen must not lend its colour to the edges.
    seen = pixels[:, :, 3:].astype(np.float32) / OPAQUE
    both = np.dstack((pixels[:, :, :3] * seen, seen))
    less = cv2.resize(both, size, interpolation=cv2.INTER_AREA)
    colours = less[:, :, :3] / np.maximum(less[:, :, 3:], 1e-6)
    return np.dstack((colours, less[:, :, 3:] * OPAQUE)).round().clip(0, OPAQUE).astype(np.uint8)


def _encoded(pixels: Pixels, ending: str, quality: int) -> bytes:
    options = {
        "jpg": [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
        "webp": [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY],
        "png": [cv2.IMWRITE_PNG_COMPRESSION, 9],
    }
    written, data = cv2.imencode(f".{ending}", pixels, options[ending])
    if not written:
        raise PictureRefused
    return data.tobytes()
