"""Where number plates are: four and more characters of one height in a row, on a plate.

No country's plate is known here: what all have in common is what is looked for. Other writing looks
alike, and is hidden, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.anonymise.places import Grey, Picture, Place

# The longer side of what is looked at, and the heights (px) of characters that can be told there.
LONGEST = 1120
LOWEST, TALLEST = 8, 90
FEWEST = 4
# A character's width by its height; the colour of its row differs from what is around.
_NARROWEST, _WIDEST = 0.08, 1.15
# How alike two neighbours are: their heights, where they stand, and how far apart; by their height.
_TALLER, _HIGHER, _APART = 1.35, 0.45, 1.5
# Windows (px) of local thresholds: of small plates and of large ones.
_WINDOWS = (19, 61)
_CONTRAST = 9
# The paper is one colour, and so is the ink: they spread by this share of what parts them (levels).
_PAPER_SPREAD, _INK_SPREAD, _LEAST_CONTRAST = 0.14, 0.22, 28
# How far beside a character its paper is looked for, by its height.
_BESIDE = 0.2
# What is around the characters: the rest of the plate, and more.
_MARGIN = 0.6


@dataclass(frozen=True, slots=True)
class Row:
    """Characters of a row, (n, 4): x, y, width, height, from left to right."""

    boxes: NDArray[np.int32]

    @property
    def place(self) -> Place:
        left, top = self.boxes[:, :2].min(axis=0)
        right, bottom = (self.boxes[:, :2] + self.boxes[:, 2:]).max(axis=0)
        tall = float(np.median(self.boxes[:, 3]))
        margin = _MARGIN * tall
        across = right - left + 4 * margin
        return Place(left - 2 * margin, top - margin, across, bottom - top + 2 * margin)


class Plates:
    """Finds number plates from about 60 pixels of a picture that is 1,120 long."""

    def find(self, picture: Picture) -> list[Place]:
        """Return where plates are, some of them more than once."""
        scale = LONGEST / max(picture.shape[:2])
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        near = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way), np.uint8)
        return [
            row.place.scaled(1 / scale)
            for window in _WINDOWS
            for dark in (True, False)
            for row in _rows(_characters(near, window, dark))
            if _on_paper(near, row.boxes, dark)
        ]


def _characters(grey: Grey, window: int, dark: bool) -> NDArray[np.int32]:
    """Return the boxes (n, 4) of what may be a character: darker or lighter than around it."""
    kind = cv2.THRESH_BINARY_INV if dark else cv2.THRESH_BINARY
    offset = _CONTRAST if dark else -_CONTRAST
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, kind, window, offset)
    _, _, facts, _ = cv2.connectedComponentsWithStats(ink, connectivity=4)
    width, height, area = facts[:, 2], facts[:, 3], facts[:, 4]
    shape = width / np.maximum(height, 1)
    full = area / np.maximum(width * height, 1)
    good = (height >= LOWEST) & (height <= TALLEST) & (full > 0.15)
    good &= (shape > _NARROWEST) & (shape < _WIDEST)
    return np.asarray(facts[good, :4], np.int32)


def _rows(boxes: NDArray[np.int32]) -> list[Row]:
    """Return the rows that characters form: each goes on with its nearest alike to the right."""
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    following = _following(boxes)
    begins = np.setdiff1d(np.arange(len(boxes)), following[following >= 0])
    rows = []
    for number in begins:
        chain = [int(number)]
        while (after := int(following[chain[-1]])) >= 0:
            chain.append(after)
        if len(chain) >= FEWEST and _is_row(boxes[chain]):
            rows.append(Row(boxes[chain]))
    return rows


def _following(boxes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return for each box the number of the nearest that goes on with its row, or -1."""
    following = np.full(len(boxes), -1, np.int64)
    left, width, height = boxes[:, 0], boxes[:, 2], boxes[:, 3]
    right, middle = left + width, boxes[:, 1] + height / 2
    for number in range(len(boxes)):
        tall = height[number]
        until = np.searchsorted(left, right[number] + _APART * tall, side="right")
        others = np.arange(number + 1, until)
        taller = height[others] / tall
        alike = (taller < _TALLER) & (taller > 1 / _TALLER)
        alike &= np.abs(middle[others] - middle[number]) < _HIGHER * tall
        alike &= left[others] > left[number] + 0.5 * width[number]
        if alike.any():
            following[number] = others[alike][0]
    return following


def _is_row(boxes: NDArray[np.int32]) -> bool:
    """Say whether boxes stand as characters do: on a line, and not like a grille of bars."""
    x, y = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    tall = float(np.median(boxes[:, 3]))
    slope, start = np.polyfit(x, y, 1)
    on_line = np.abs(y - (slope * x + start)).max() < 0.3 * tall
    # Bars are all narrow; of characters some are wide.
    return bool(on_line) and float(np.percentile(boxes[:, 2], 75)) > 0.3 * tall


def _on_paper(grey: Grey, boxes: NDArray[np.int32], dark: bool) -> bool:
    """Say whether characters of one colour stand on something of one colour."""
    paper, ink = [], []
    for x, y, width, height in boxes.tolist():
        beside = round(_BESIDE * height)
        around = grey[y : y + height, max(0, x - beside) : x + width + beside]
        ends = np.percentile(around, (15, 85))
        ink.append(float(ends[0 if dark else 1]))
        paper.append(float(ends[1 if dark else 0]))
    contrast = abs(float(np.median(paper)) - float(np.median(ink)))
    return (
        contrast > _LEAST_CONTRAST
        and float(np.std(paper)) < _PAPER_SPREAD * contrast
        and float(np.std(ink)) < _INK_SPREAD * contrast
    )
