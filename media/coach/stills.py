"""Stills as they come from a page: checked before they are decoded, and encoded anew."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.jpeg import decoded, dimensions
from showroom.errors import BadRequest, NotAPicture, TooLarge

Picture = NDArray[np.uint8]
Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

# A page sends one picture: a still of at most 480 pixels on its longer side, and below it, half as
# large, what the camera showed 100 and 200 ms later.
LONGEST = 480
MOST_BYTES = 40_000
_SHORTEST = 60
THUMBNAIL_QUALITY = 70
# What a file says of its orientation is not asked for: it would turn the parts about.
_AS_IT_IS = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


@dataclass(frozen=True, slots=True)
class Stills:
    """A still (h, w, 3), and two more, each 100 ms later, of (h/2, w/2, 3); all BGR."""

    still: Picture
    after: tuple[Picture, Picture]


def read_stills(sheet: bytes) -> Stills:
    """Decode what a page sent. Raises `BadRequest`, and `TooLarge` before anything is decoded."""
    if len(sheet) > MOST_BYTES:
        raise TooLarge("A still has at most 40 kB. Send a smaller one.")
    try:
        width, rows = dimensions(sheet)
    except NotAPicture:
        raise BadRequest("A still is a JPEG picture.") from None
    height = rows * 2 // 3
    if max(height, width) > LONGEST:
        raise TooLarge("A still is at most 480 pixels long. Send a smaller one.")
    if rows % 3 or width % 2 or min(height, width) < _SHORTEST:
        raise BadRequest("A still has two more below it, half as large.")
    try:
        pixels = decoded(sheet, _AS_IT_IS)
    except NotAPicture:
        raise BadRequest("This still can't be read.") from None
    if pixels.shape[:2] != (rows, width):
        raise BadRequest("This still can't be read.")
    middle = width // 2
    below = pixels[height:]
    return Stills(pixels[:height], (below[:, :middle], below[:, middle:]))


def thumbnail(stills: Stills) -> bytes:
    """Return the still as a JPEG of our own: nothing of the sender's bytes goes to anybody else."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, THUMBNAIL_QUALITY]
    small = cv2.resize(stills.still, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, quality)[1])
