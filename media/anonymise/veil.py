"""Blurs places of a picture so that nothing can be told, and nobody can undo it."""

from __future__ import annotations

from collections.abc import Iterable

import cv2

from media.anonymise.places import Picture, Place

# What remains of a place: so many spots on its longer side. A face of four by five is nobody's.
SPOTS = 5


def veil(picture: Picture, places: Iterable[Place]) -> None:
    """Blur these places of a picture, in it."""
    height, width = picture.shape[:2]
    for place in places:
        left, top = max(0, int(place.x)), max(0, int(place.y))
        right = min(width, int(place.x + place.width) + 1)
        bottom = min(height, int(place.y + place.height) + 1)
        if right - left < 2 or bottom - top < 2:
            continue
        part = picture[top:bottom, left:right]
        size = right - left, bottom - top
        spots = max(1, SPOTS * size[0] // max(size)), max(1, SPOTS * size[1] // max(size))
        # The mean of each spot is all that is left: nothing smaller than a spot comes back.
        few = cv2.resize(part, spots, interpolation=cv2.INTER_AREA)
        part[:] = cv2.resize(few, size, interpolation=cv2.INTER_LINEAR)
