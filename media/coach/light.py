"""Too little light in a picture, and too much of it in one place."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from media.coach.stills import Grey, Mask, Picture

# A picture that is too dark stays below both: a black car in a dark hall has a lamp in its paint.
DARK_MOST, DARK_PEAK = 52.0, 80.0
BLACK_PEAK = 9.0
# A lamp or a window: white in all channels, over at least this share of the picture.
WHITE, LEAST_LAMP = 248, 0.004
# How much lighter, in natural logarithms, it is close to a lamp than a little further away. Light
# that blooms falls off to nearly all sides; beside a white car in the sun it does to one or two.
BLOOM, LEAST_SIDES = 0.1, 25
_SIDES, _FEWEST_A_SIDE = 8, 12
# The surroundings of a lamp that are close, and those further away, in pixels from it.
RINGS = ((6, 12), (20, 32))

_CURVE = np.arange(256, dtype=np.float64) / 255
_LINEAR = np.where(_CURVE <= 0.04045, _CURVE / 12.92, ((_CURVE + 0.055) / 1.055) ** 2.4)
LINEAR = _LINEAR.astype(np.float32)
"""The light that each level of sRGB stands for (IEC 61966-2-1), of 1."""


@dataclass(frozen=True, slots=True)
class Brightness:
    """Levels, of 255, that nineteen twentieths and all but a hundredth of a picture stay below."""

    most: float
    peak: float

    @property
    def is_dark(self) -> bool:
        """Whether nearly all of the picture is near black."""
        return self.most < DARK_MOST and self.peak < DARK_PEAK

    @property
    def is_black(self) -> bool:
        """Whether there is no light at all: even by night something shines."""
        return self.peak < BLACK_PEAK


def brightness_of(picture: Picture) -> Brightness:
    """Measure the brightest channel, with the noise of single pixels taken out."""
    blue, green, red = cv2.split(cv2.blur(picture, (5, 5)))
    levels = np.bincount(cv2.max(cv2.max(blue, green), red).ravel(), minlength=256)
    below = np.cumsum(levels) / levels.sum()
    most, peak = (float(np.searchsorted(below, share)) for share in (0.95, 0.99))
    return Brightness(most, peak)


def has_glare(picture: Picture) -> bool:
    """Say whether something far brighter than white stands in the picture, and blooms."""
    white = (cv2.medianBlur(picture, 5).min(axis=2) >= WHITE).astype(np.uint8)
    white = np.asarray(cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)
    if not white.any():
        return False
    count, labels, facts, _ = cv2.connectedComponentsWithStats(white)
    light = LINEAR[cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)]
    for lamp in range(1, count):
        if facts[lamp, cv2.CC_STAT_AREA] >= LEAST_LAMP * white.size:
            this = labels == lamp
            others = cv2.dilate(white * ~this, np.ones((15, 15), np.uint8)) > 0
            if _bloom(light, this, others) > BLOOM:
                return True
    return False


def _bloom(light: Grey, lamp: Mask, others: Mask) -> float:
    """Return how much lighter it is close to a lamp than further away, to nearly all sides."""
    distance = cv2.distanceTransform((~lamp).astype(np.uint8), cv2.DIST_L2, 5)
    near, far = ((distance > low) & (distance <= high) & ~others for low, high in RINGS)
    rows, columns = np.nonzero(lamp)
    y, x = np.indices(lamp.shape)
    angle = np.arctan2(y - rows.mean(), x - columns.mean()) / (2 * np.pi)
    side = (angle * _SIDES).astype(np.int8) % _SIDES
    falls = [
        _fall(light[near & (side == one)], light[far & (side == one)]) for one in range(_SIDES)
    ]
    known = [fall for fall in falls if fall is not None]
    return float(np.percentile(known, LEAST_SIDES)) if known else 0.0


def _fall(near: Grey, far: Grey) -> float | None:
    """Return how much lighter it is near than far; None where too little is seen.

    By the darker half of each: what else shines there says nothing.
    """
    if min(len(near), len(far)) < _FEWEST_A_SIDE:
        return None
    levels = (np.percentile(ring, (15, 30, 50)) + 0.004 for ring in (near, far))
    return float(np.median(np.subtract(*np.log(list(levels)))))
