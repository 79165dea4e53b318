"""Photos that strangers' devices send: judged by their header, decoded, and encoded anew.

Only JPEG is taken (ITU-T T.81), which has no script, no animation and no second layer of packing.
What is kept is our own encoding of the pixels: no place, no serial number, nothing hung on it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from showroom.errors import NotAPicture, TooLarge

# Decoding costs three bytes a pixel, so what is larger is refused by its header alone.
MOST_PIXELS = 40_000_000
# What is kept: as much as the largest screens show (3840 × 2160).
KEPT_PIXELS = 3840 * 2160
SMALL_SIDE = 480
QUALITY, SMALL_QUALITY = 88, 75
# Each scan of a progressive file goes over the whole picture; cameras and browsers make about ten.
MOST_SCANS = 64

START, END, SCAN = b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xda"
# Baseline, extended and progressive, each with Huffman's codes: what everybody writes (T.81, B.1).
FRAMES = frozenset({0xC0, 0xC1, 0xC2})
OTHER_FRAMES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, *range(0xC9, 0xD0)} - {0xCC})
BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a segment

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Clean:
    """A photo as we keep it: whole, and small for a list. `width` and `height` are the whole's."""

    whole: bytes
    small: bytes
    width: int
    height: int


def clean(data: bytes) -> Clean:
    """Return a photo encoded anew, upright. It takes up to a second: not for the event loop.

    Raises `NotAPicture`, and `TooLarge` above 40 megapixels.
    """
    width, height = dimensions(data)
    pixels = decoded(data)
    if sorted(pixels.shape[:2]) != sorted((height, width)):
        raise NotAPicture
    whole = _at_most(pixels, (KEPT_PIXELS / (width * height)) ** 0.5)
    small = _at_most(pixels, SMALL_SIDE / max(width, height))
    return Clean(_encoded(whole, QUALITY), _encoded(small, SMALL_QUALITY), *whole.shape[1::-1])


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height as the header says, having looked at nothing but the header.

    Raises `NotAPicture` for what is no JPEG that we take, `TooLarge` for one with too many pixels.
    """
    if not data.startswith(START) or data.rfind(END) < data.rfind(SCAN):
        raise NotAPicture
    width, height = _frame(data)
    if width * height > MOST_PIXELS:
        raise TooLarge("This photo has more than 40 megapixels. Take a smaller one.")
    if not width or not height or data.count(SCAN) > MOST_SCANS:
        raise NotAPicture
    return width, height


def _frame(data: bytes) -> tuple[int, int]:
    """Walk from segment to segment to the one that says how large the picture is (T.81, B.2.2)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in BARE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        segment = data[at + 4 : at + 2 + length]
        if marker in FRAMES and len(segment) >= 6 and segment[0] == 8 and segment[5] in (1, 3):
            return int.from_bytes(segment[3:5]), int.from_bytes(segment[1:3])
        if marker in FRAMES | OTHER_FRAMES or marker in (0, SCAN[1], END[1]) or length < 2:
            break  # a decoder looks for the next marker right behind a zero, not behind a length
        at += 2 + length
    raise NotAPicture


def decoded(data: bytes, way: int = cv2.IMREAD_COLOR) -> Pixels:
    """Return the pixels, BGR, turned as the camera was held unless OpenCV's `way` says otherwise.

    Its `dimensions` come first: they bound what this costs. Raises `NotAPicture`.
    """
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), way)
    except cv2.error:
        found = None
    if found is None:
        raise NotAPicture
    return found.astype(np.uint8, copy=False)


def _at_most(pixels: Pixels, scale: float) -> Pixels:
    if scale >= 1:
        return pixels
    size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _encoded(pixels: Pixels, quality: int) -> bytes:
    # Progressive: on a slow line the whole picture is there soon, and then becomes sharp.
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    written, data = cv2.imencode(".jpg", pixels, options)
    if not written:
        raise NotAPicture
    return data.tobytes()
