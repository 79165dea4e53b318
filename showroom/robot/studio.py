"""The still parts of the picture: a dark studio with a lit backdrop and a turntable's floor."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from showroom.robot.mesh import Floats
from showroom.robot.painter import OPAQUE, Camera, Cutout, Image

DISC_RADIUS = 2.75
_TICKS = 60
_SEED = 7


def studio(camera: Camera, width: int, height: int) -> Image:
    """Backdrop, floor and turntable without a car, (height, width, 3) BGR."""
    x = (np.arange(width, dtype=np.float32)[None] - camera.centre[0]) / height
    y = (np.arange(height, dtype=np.float32)[:, None] - camera.centre[1]) / height
    glow = np.exp(-((x / 0.62) ** 2) - ((y + 0.10) / 0.26) ** 2)
    wall = 15 + 50 * glow
    distance = np.hypot(x / 0.78, (y - 0.17) / 0.20)
    floor = 13 + 44 * np.exp(-(distance**2) * 0.9)
    # Wall and floor meet in a wide curve, as in a photographer's cove: no horizon.
    blend = 1 / (1 + np.exp(-(y - 0.035) / 0.028))
    light = wall * (1 - blend) + floor * blend
    light = light * (1 - 0.35 * np.clip(np.hypot(x / 1.05, y / 0.75), 0, 1.2) ** 3)
    tint = np.array([1.10, 1.0, 0.95], dtype=np.float32)
    picture = np.asarray(light[:, :, None] * tint, dtype=np.float32)
    _add_disc(picture, camera)
    # A grain of less than two levels hides the steps of eight-bit gradients.
    grain = np.random.default_rng(_SEED).normal(0, 0.7, (height, width, 1))
    return np.asarray(np.clip(picture + grain, 0, 255), dtype=np.uint8)


def _circle(radius: float, count: int = 180, z: float = 0.0) -> Floats:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = [radius * np.cos(angle), radius * np.sin(angle), np.full(count, z)]
    return np.stack(ring, axis=1).astype(np.float32)


def _add_disc(picture: NDArray[np.float32], camera: Camera) -> None:
    """Draw the turntable: a slightly lighter disc with a bright edge that fades to the back."""
    shape = picture.shape[:2]
    mask = np.zeros(shape, dtype=np.uint8)
    disc = np.rint(camera.project(_circle(DISC_RADIUS)) * 16).astype(np.int32)
    cv2.fillPoly(mask, [disc], 255, cv2.LINE_AA, 4)
    picture *= (1 + 0.16 * (mask / np.float32(255)))[:, :, None]
    edge = np.zeros(shape, dtype=np.uint8)
    thick = max(1, round(shape[0] / 480))
    for radius, level in ((DISC_RADIUS, 255), (DISC_RADIUS * 0.90, 60)):
        ring = np.rint(camera.project(_circle(radius)) * 16).astype(np.int32)
        cv2.polylines(edge, [ring], True, level, thick, cv2.LINE_AA, 4)
    halo = cv2.GaussianBlur(edge, (0, 0), shape[0] / 120)
    front = np.linspace(0.35, 1.0, shape[0], dtype=np.float32)[:, None]
    light = (edge * np.float32(0.30) + halo * np.float32(0.45)) * front
    picture += light[:, :, None] * np.array([0.80, 0.92, 1.0], dtype=np.float32)


def tick_lines(camera: Camera, turn: Floats) -> list[NDArray[np.int32]]:
    """Short marks on the turning edge, in sixteenths of a pixel, each (2, 1, 2)."""
    inner = camera.project(_circle(DISC_RADIUS * 0.925, _TICKS) @ turn)
    outer = camera.project(_circle(DISC_RADIUS * 0.965, _TICKS) @ turn)
    marks = np.rint(np.stack([inner, outer], axis=1) * 16).astype(np.int32)
    return list(marks[:, :, None])


def ground_shadow(
    camera: Camera, turn: Floats, length: float, width: float, size: tuple[int, int]
) -> Image:
    """How much light the car takes from the floor, (height, width) of `size`, 0 to 255."""
    sheet = np.zeros((size[1], size[0]), dtype=np.uint8)
    corner = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    for grow, level in ((1.04, 150), (0.93, 225)):
        # A super-ellipse is close to a car's footprint.
        x = length / 2 * grow * np.sign(np.cos(corner)) * np.abs(np.cos(corner)) ** 0.45
        y = width / 2 * grow * np.sign(np.sin(corner)) * np.abs(np.sin(corner)) ** 0.45
        foot = np.stack([x, y, np.zeros_like(x)], axis=1).astype(np.float32) @ turn
        cv2.fillConvexPoly(sheet, np.rint(camera.project(foot)).astype(np.int32), level)
        sheet = np.asarray(cv2.blur(sheet, (size[0] // 64 | 1, size[1] // 64 | 1)), np.uint8)
    return sheet


def lay(cutout: Cutout, picture: Image) -> None:
    """Put a cut-out onto the picture (h, w, 3), in place."""
    height, width = cutout.image.shape[:2]
    under = picture[cutout.y : cutout.y + height, cutout.x : cutout.x + width]
    opacity = cv2.extractChannel(cutout.image, 3)
    colour = cv2.cvtColor(cutout.image, cv2.COLOR_BGRA2BGR)
    edges = cv2.findNonZero(cv2.inRange(opacity, 1, OPAQUE - 1))
    if edges is not None:
        x, y = edges[:, 0, 0], edges[:, 0, 1]
        through = (255 - opacity[y, x]).astype(np.uint16)[:, None]
        mixed = colour[y, x] + under[y, x] * through // 255
        under[y, x] = np.minimum(mixed, 255)
    cv2.copyTo(colour, cv2.inRange(opacity, OPAQUE, 255), under)
