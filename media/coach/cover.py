"""A finger, a hand or cloth before the lens: skin-coloured, without detail, soft at its edge."""

from __future__ import annotations

import cv2
import numpy as np

from media.coach.light import LINEAR
from media.coach.stills import Grey, Mask, Picture

# How much redder than green and than blue skin is, in natural logarithms of the light; light that
# comes through a finger is redder still.
REDDER_THAN_GREEN, REDDER_THAN_BLUE = 0.25, 0.35
# Detail of a size of two to five pixels, in levels: what is out of any focus has none but noise.
DETAIL, DETAIL_SHARE = 0.8, 0.015
LEAST_SHARE = 0.2
# Before a lens that is covered all over it is dark as well.
ALL_OVER = 0.9
# The width of the blob's edge in pixels, as below: a finger's is soft, a red door's is not.
SOFT_EDGE = 6.8
_WINDOW = 31
_LOGARITHM = np.log(LINEAR + np.float32(0.002))


def cover_of(picture: Picture) -> float:
    """Return the share of the picture that a blob of skin covers; 0 where there is none."""
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8)
    skin = _skin(soft)
    if skin.mean() < LEAST_SHARE:
        return 0.0
    smooth = (skin & _flat(picture, soft)).astype(np.uint8)
    smooth = np.asarray(cv2.morphologyEx(smooth, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(smooth)
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    blob = int(areas.argmax())
    share = float(areas[blob]) / smooth.size
    if share < LEAST_SHARE or _edge_width(soft, labels == blob) <= SOFT_EDGE:
        return 0.0
    return share


def _skin(soft: Picture) -> Mask:
    blue, green, red = (_LOGARITHM[channel] for channel in cv2.split(soft))
    return np.asarray((red - green > REDDER_THAN_GREEN) & (red - blue > REDDER_THAN_BLUE))


def _flat(picture: Picture, soft: Picture) -> Mask:
    """Return where there is no detail beyond noise, which grows with the light."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    band = cv2.GaussianBlur(grey, (0, 0), 1.5) - cv2.GaussianBlur(grey, (0, 0), 5)
    detail = np.sqrt(cv2.GaussianBlur(band * band, (0, 0), 6))
    return np.asarray(detail < DETAIL + DETAIL_SHARE * soft.mean(axis=2))


def _edge_width(soft: Picture, blob: Mask) -> float:
    """Return how wide the blob's edge is, in pixels: the step across it by its steepest slope.

    Infinite where the blob fills the picture.
    """
    filled = cv2.morphologyEx(blob.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    outside = cv2.distanceTransform(1 - filled, cv2.DIST_L2, 5)
    edge = (outside > 0) & (outside <= 3)
    if edge.sum() < 80:
        return float("inf")
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    step = (cv2.dilate(soft, window) - cv2.erode(soft, window)).max(axis=2)
    slope = cv2.dilate(_slope(soft), window)
    return float(np.percentile(step[edge] / (slope[edge] + 0.2), 60))


def _slope(soft: Picture) -> Grey:
    """Return the steepest channel's slope, in levels a pixel."""
    levels = soft.astype(np.float32)
    x = cv2.Sobel(levels, cv2.CV_32F, 1, 0, ksize=1)
    y = cv2.Sobel(levels, cv2.CV_32F, 0, 1, ksize=1)
    return np.asarray(np.hypot(x, y).max(axis=2) / 2, np.float32)
