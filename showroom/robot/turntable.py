"""The robot advisor's picture: a car on a studio turntable, with its name, price and a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import cv2
import numpy as np

from showroom.robot.body import car
from showroom.robot.lettering import baseline, lettering
from showroom.robot.painter import Camera, Cutout, Image, Painter, turned
from showroom.robot.silhouettes import SILHOUETTES
from showroom.robot.studio import ground_shadow, lay, studio, tick_lines

_SECONDS_A_TURN = 26.0
_START = np.radians(128)  # three quarters from the front, the view a car is sold by
_REFLECTION = 0.42
_USUAL = 7.8  # square metres from the side; a larger car is filmed from a little further away
_SHRUNK = 3  # shadow and reflection are blurred: a third of the size is plenty

_IVORY = (226, 236, 240)
_GOLD = (128, 178, 214)
_GREY = (158, 164, 168)

_Colour = tuple[int, int, int]


class Turntable:
    """Draws the picture at any instant. Not safe for two threads at once.

    `body` is one of `showroom.robot.body.STYLES`, `paint` a "#rrggbb" colour; `name`, `price` and
    `caption` arrive in the customer's language. Sizes are even numbers of pixels. Raises
    `KeyError` for an unknown body and `ValueError` for a paint that is not a colour.
    """

    def __init__(
        self,
        *,
        name: str,
        price: str,
        body: str,
        paint: str,
        caption: str = "Robot advisor",
        width: int = 1280,
        height: int = 720,
    ) -> None:
        self._unit = min(height / 720, width / 1280)
        shape = SILHOUETTES[body]
        tallest = max(z for _, z in shape.top)
        self._footprint = (shape.length, shape.width)
        self._camera = Camera(
            distance=9.2,
            height=1.75,
            target=0.60,
            focal=1600 * self._unit * min(1.0, (_USUAL / (shape.length * tallest)) ** 0.5),
            centre=(width / 2, height * 0.50),
        )
        self._far_camera = replace(
            self._camera,
            focal=self._camera.focal / _SHRUNK,
            centre=(self._camera.centre[0] / _SHRUNK, self._camera.centre[1] / _SHRUNK),
        )
        self._far_size = (-(-width // _SHRUNK), -(-height // _SHRUNK))
        self._reach = _reach(self._far_camera, shape.length, shape.width, self._far_size)
        self._painter = Painter(car(body), paint, self._camera, (width, height))
        self._mirrored = Painter(car(body, coarse=True), paint, self._far_camera, self._far_size)
        self._still = studio(self._camera, width, height)
        self._write_labels(name, price, caption)
        self._time_written = ""
        self._time: _Label | None = None

    def draw(self, seconds: float, clock: datetime) -> Image:
        """Draw the picture `seconds` after the start, as the wall clock shows `clock`.

        Gives (height, width, 3) uint8, BGR; a new array for each call.
        """
        angle = _START + 2 * np.pi * seconds / _SECONDS_A_TURN
        turn = turned(angle)
        picture = self._still.copy()
        marks = tick_lines(self._camera, turn)
        cv2.polylines(picture, marks, False, (92, 98, 100), 1, cv2.LINE_AA, 4)
        self._lay_floor(picture, angle)
        drawn = self._painter.draw(angle)
        if drawn is not None:
            lay(drawn, picture)
        for label in self._labels:
            label.print_on(picture)
        self._draw_clock(picture, clock)
        return picture

    def _lay_floor(self, picture: Image, angle: float) -> None:
        """Draw what the car does to the floor: it takes light from it, and is mirrored in it."""
        shadow = ground_shadow(self._far_camera, turned(angle), *self._footprint, self._far_size)
        soft = np.zeros((*shadow.shape, 4), dtype=np.uint8)
        soft[:, :, 3] = shadow
        mirrored = self._mirrored.draw_reflection(angle, _REFLECTION)
        if mirrored is not None:
            _lay_over(mirrored, soft)
        rows, columns = self._reach
        floor = cv2.GaussianBlur(soft[rows, columns], (3, 5), 0)
        under = picture[
            rows.start * _SHRUNK : rows.stop * _SHRUNK,
            columns.start * _SHRUNK : columns.stop * _SHRUNK,
        ]
        # The last row or column of thirds may hang over the picture's edge.
        whole = cv2.resize(floor, (floor.shape[1] * _SHRUNK, floor.shape[0] * _SHRUNK))
        whole = whole[: under.shape[0], : under.shape[1]]
        through = cv2.cvtColor(255 - whole[:, :, 3], cv2.COLOR_GRAY2BGR)
        dimmed = cv2.multiply(under, through, scale=1 / 255)
        cv2.add(dimmed, cv2.cvtColor(whole, cv2.COLOR_BGRA2BGR), dst=under)

    def _write_labels(self, name: str, price: str, caption: str) -> None:
        unit, height, width = self._unit, *self._still.shape[:2]
        left = 56 * unit
        size = 50 * unit
        ink = lettering(name, size)
        room = width - 2 * left
        if ink.shape[1] > room:
            size *= room / ink.shape[1]
            ink = lettering(name, size)
        small = 30 * unit
        # The reflection passes beneath the name and the price, so they are printed last.
        self._labels = [
            _Label(ink, left, height - 96 * unit - baseline(size), _IVORY),
            _Label(lettering(price, small), left, height - 48 * unit - baseline(small), _GOLD),
        ]
        small = 20 * unit
        middle = 56 * unit
        dot = (round((left + 6 * unit) * 16), round(middle * 16))
        cv2.circle(self._still, dot, round(5 * unit * 16), _GOLD, -1, cv2.LINE_AA, 4)
        ink = lettering(caption, small, spacing=0.03)
        y = middle + 0.36 * small - baseline(small)
        _Label(ink, left + 22 * unit, y, _GREY).print_on(self._still)

    def _draw_clock(self, picture: Image, clock: datetime) -> None:
        """Draw the time of day, and a hand that sweeps once a minute."""
        unit, width = self._unit, picture.shape[1]
        middle = (width - 72 * unit, 56 * unit)
        written = clock.strftime("%H:%M:%S")
        if self._time is None or written != self._time_written:
            size = 22 * unit
            # Figures differ in width; a wide time reserves the place, so nothing shifts.
            reserved = lettering("00:00:00", size, spacing=0.03).shape[1]
            x, y = middle[0] - 30 * unit - reserved, middle[1] + 0.36 * size - baseline(size)
            self._time = _Label(lettering(written, size, spacing=0.03), x, y, _GREY)
            self._time_written = written
        self._time.print_on(picture)
        at = (round(middle[0] * 16), round(middle[1] * 16))
        radius = 17 * unit
        cv2.circle(picture, at, round(radius * 16), (96, 102, 106), 1, cv2.LINE_AA, 4)
        turn = 2 * np.pi * (clock.second + clock.microsecond / 1e6) / 60
        reach = np.array([np.sin(turn), -np.cos(turn)]) * (radius - 4 * unit) * 16
        tip = (round(at[0] + reach[0]), round(at[1] + reach[1]))
        cv2.line(picture, at, tip, _GOLD, max(1, round(1.6 * unit)), cv2.LINE_AA, 4)


def _reach(
    camera: Camera, length: float, width: float, size: tuple[int, int]
) -> tuple[slice, slice]:
    """Return the rows and columns of floor that the car can dim or be mirrored in."""
    radius = float(np.hypot(length, width)) / 2 + 0.25
    around = np.array(
        [(0, radius, 0), (0, -radius, 0), (radius, 0, 0), (-radius, 0, 0), (-radius, 0, -0.8)]
    )
    pixels = camera.project(around.astype(np.float32))
    low = np.clip(np.floor(pixels.min(axis=0)).astype(int), 0, size)
    high = np.clip(np.ceil(pixels.max(axis=0)).astype(int), low + 1, size)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _lay_over(cutout: Cutout, sheet: Image) -> None:
    """Lay a half-transparent cut-out over a sheet (h, w, 4) of premultiplied colours, in place."""
    height, width = cutout.image.shape[:2]
    under = sheet[cutout.y : cutout.y + height, cutout.x : cutout.x + width]
    through = cv2.cvtColor(255 - cutout.image[:, :, 3], cv2.COLOR_GRAY2BGRA)
    through[:, :, 3] = 255 - cutout.image[:, :, 3]
    under[:] = cv2.add(cv2.multiply(under, through, scale=1 / 255), cutout.image)


class _Label:
    """Letters at a place in the picture, prepared so that printing them costs next to nothing."""

    def __init__(self, ink: Image, x: float, y: float, colour: _Colour) -> None:
        self._left, self._top = max(0, round(x)), max(0, round(y))
        share = ink[:, :, None] / np.float32(255)
        self._glow = np.rint(share * np.array(colour, dtype=np.float32)).astype(np.uint8)
        self._through = np.repeat(255 - ink[:, :, None], 3, axis=2)

    def print_on(self, picture: Image) -> None:
        """Print in place; what hangs over the edge is cut off."""
        height, width = self._glow.shape[:2]
        under = picture[self._top : self._top + height, self._left : self._left + width]
        glow, through = (
            sheet[: under.shape[0], : under.shape[1]] for sheet in (self._glow, self._through)
        )
        cv2.add(cv2.multiply(under, through, scale=1 / 255), glow, dst=under)
