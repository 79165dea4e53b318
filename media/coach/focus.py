"""Out of focus, or shaken: how sharp the edges of each direction are, and how the picture moves.

An edge's sharpness is its slope at a fine scale by its slope at a coarse one, which depends on how
far it is smeared, and on nothing else of the scene (after Zhuo and Sim, 'Defocus map estimation
from a single image', 2011). A lens out of focus smears all directions alike, a hand mostly one, and
differently from one picture to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from media.coach.stills import Grey, Stills

FINE, COARSE, CHANGE = 0.5, 1.5, 1.6
# Edges count from this slope on: in levels a pixel, by the steepest ones of the picture, and by its
# noise, as long as that is not what the picture is made of, as with gravel.
LEAST_SLOPE, OF_STEEPEST, OF_NOISE, MOST_OF_STEEPEST = 3.0, 0.12, 12.0, 0.3
FEWEST = 20
_DIRECTIONS = 12
_FEWEST_A_DIRECTION = 15

_LAPLACIANS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6

Moment = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Focus:
    """What the edges tell.

    `softest` and `sharpest`: the sharpness of edges in the worst and in the best direction, about
    2 in a picture that is in focus, down to 1. `moved`: how far the picture moved in 100 ms, at
    most, in pixels. `changed`: how differently two of the stills are smeared, at most, the natural
    logarithm of a ratio.
    """

    softest: float
    sharpest: float
    moved: float
    changed: float


def focus_of(stills: Stills) -> Focus | None:
    """Measure; None where nothing has an edge, as on a plain wall."""
    grey = _grey(stills.still)
    if (sharpness := _sharpness(grey)) is None:
        return None
    first, second = (_grey(one) for one in stills.after)
    size = first.shape[1], first.shape[0]
    before = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    movements = [_movement(before, first), _movement(first, second), _movement(before, second)]
    # The third is over twice the time; a hand that shakes may be back where it was.
    moved = max(moved for moved, _ in movements[:2])
    return Focus(*sharpness, moved, max(changed for _, changed in movements))


def _grey(picture: NDArray[np.uint8]) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32)


def _slopes(grey: Grey, scale: float) -> tuple[Grey, Grey]:
    soft = cv2.GaussianBlur(grey, (0, 0), scale)
    x = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=1)
    y = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=1)
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _sharpness(grey: Grey) -> tuple[float, float] | None:
    """Return the sharpness of edges in the softest and in the sharpest direction."""
    x, y = _slopes(grey, COARSE)
    slope = np.hypot(x, y)
    fine_x, fine_y = _slopes(grey, FINE)
    along = np.abs(fine_x * x + fine_y * y) / (slope + 1e-6)
    around = np.ones((3, 3), np.uint8)
    ridge = (slope >= cv2.dilate(slope, around) - 1e-6) & (slope > _least_slope(grey, slope))
    ridge[:6] = ridge[-6:] = ridge[:, :6] = ridge[:, -6:] = False
    if ridge.sum() < FEWEST:
        return None
    sharp = cv2.dilate(along, around)[ridge] / slope[ridge]
    angle = np.arctan2(y[ridge], x[ridge])
    found = []
    for number in range(_DIRECTIONS):
        apart = (angle - number * np.pi / _DIRECTIONS + np.pi / 2) % np.pi - np.pi / 2
        chosen = sharp[np.abs(apart) < np.pi / 10]
        if len(chosen) >= _FEWEST_A_DIRECTION:
            found.append(np.percentile(chosen, (60, 88)))
    lower, upper = np.transpose(found or [np.percentile(sharp, (60, 88))])
    return float(lower.min()), float(upper.max())


def _least_slope(grey: Grey, slope: Grey) -> float:
    steep = float(np.percentile(slope, 99.5))
    # What remains of noise where there is least of anything else (after Immerkær, 'Fast noise
    # variance estimation', 1996).
    rest = cv2.filter2D(grey, -1, _LAPLACIANS)
    noise = float(np.sqrt(max(0.0, np.percentile(cv2.blur(rest * rest, (15, 15)), 20))))
    return max(LEAST_SLOPE, OF_STEEPEST * steep, min(OF_NOISE * noise, MOST_OF_STEEPEST * steep))


@cache
def _hanning(width: int, height: int) -> Grey:
    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), np.float32)


def _movement(before: Grey, after: Grey) -> tuple[float, float]:
    """Return how far it moved, in pixels of the still, and how differently the two are smeared."""
    height, width = before.shape
    flat = [_even(one) for one in (before, after)]
    (x, y), _ = cv2.phaseCorrelate(flat[0], flat[1], _hanning(width, height))
    moved = float(np.hypot(x, y))
    edge = int(moved) + 4
    if 2 * edge > min(height, width) - 40:
        return 2 * moved, 1.0
    place = np.array([[1, 0, x], [0, 1, y]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = np.asarray(cv2.warpAffine(after, place, (width, height), flags=flags), np.float32)
    moments = [_moments(one[edge:-edge, edge:-edge]) for one in (before, laid)]
    ratios = np.linalg.eigvals(np.linalg.solve(moments[1], moments[0])).real
    return 2 * moved, float(np.abs(np.log(np.maximum(ratios, 1e-3))).max())


def _even(grey: Grey) -> Grey:
    """Return the detail alone, as strong everywhere: neither light nor one edge shall decide."""
    detail = grey - cv2.GaussianBlur(grey, (0, 0), 8)
    strength = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 12)) + 3
    return np.asarray(detail / strength, np.float32)


def _moments(grey: Grey) -> Moment:
    """Return the slopes' second moments, (2, 2): how much detail each direction has."""
    slopes = np.stack([one.ravel() for one in _slopes(grey, CHANGE)]).astype(np.float64)
    moments = slopes @ slopes.T
    return np.asarray(moments + np.eye(2) * (1e-3 * np.trace(moments) + 1), np.float64)
