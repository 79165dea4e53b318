"""A phone's camera, from light to the stills that a page sends, and what can go wrong with it.

The faults are made where they arise: exposure, glare, focus and movement in linear light, noise by
the number of photons, and only then the curve of sRGB and JPEG.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from tests.media.pictures.scenes import HEIGHT, MARGIN, WIDTH, Light, Picture, Random

STILL = (480, 272)
AFTER = (240, 136)
BETWEEN_SECONDS = 0.1
MOST_BYTES = 25_000


@dataclass(frozen=True)
class Shot:
    """What a page sends: one JPEG of a still and, below it, two smaller ones, each 100 ms later."""

    sheet: bytes


@dataclass(frozen=True)
class Hand:
    """How a hand moves the camera: sway of a few hertz and a steady part, in pixels."""

    sway: Light  # (n, 2) amplitudes
    hertz: Light  # (n,)
    phase: Light  # (n, 2)
    drift: Light  # (2,) pixels a second

    @classmethod
    def random(cls, random: Random) -> "Hand":
        hertz = random.uniform(2.0, 9.0, 4)
        sway = random.normal(0, 1, (4, 2)) / hertz[:, None]
        phase, drift = random.uniform(0, 2 * np.pi, (4, 2)), random.normal(0, 1, 2)
        parts = (sway, hertz, phase, drift)
        return cls(*(np.asarray(part, np.float32) for part in parts))

    def at(self, seconds: Light) -> Light:
        """Return where the camera points, (len(seconds), 2)."""
        turn = 2 * np.pi * self.hertz * seconds[:, None]
        swayed = np.sin(turn[..., None] + self.phase) * self.sway
        return np.asarray(swayed.sum(axis=1) + seconds[:, None] * self.drift, np.float32)


@dataclass(frozen=True)
class Settings:
    """How one shot is taken. `reach`: how far the picture moves in one exposure, in pixels."""

    exposure: float
    reach: float
    electrons: float  # what white is worth: fewer are noisier
    quality: int
    focus: float = 0.0  # radius of the disc of confusion, in pixels


def shoot(scene: Light, random: Random, settings: Settings, veil: Light | None = None) -> Shot:
    """Take the still and the two after it. `veil`: light that is added in the lens."""
    light = _out_of_focus(scene, settings.focus)
    hand = Hand.random(random)
    steps = 3 if settings.reach <= 1 else 15
    during = np.linspace(0, settings.exposure, steps, dtype=np.float32)
    path = hand.at(during)
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum() + 1e-6
    scale = settings.reach / length
    start = path.mean(axis=0)
    pictures = []
    for begin in (0.0, BETWEEN_SECONDS, 2 * BETWEEN_SECONDS):
        offsets = (hand.at(during + np.float32(begin)) - start) * scale
        seen = _moved(light, np.clip(offsets, -MARGIN + 1, MARGIN - 1))
        if veil is not None:
            seen = seen + veil
        pictures.append(_developed(seen, random, settings.electrons))
    still, *after = pictures
    below = [cv2.resize(one, AFTER, interpolation=cv2.INTER_AREA) for one in after]
    sheet = np.vstack([still, np.hstack(below)])
    return Shot(_jpeg(np.asarray(sheet, np.uint8), settings.quality))


def _jpeg(picture: Picture, quality: int) -> bytes:
    """Encode as the page does: noise makes large files, and then the quality goes down."""
    while True:
        data = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(data) <= MOST_BYTES or quality <= 15:
            return data
        quality -= 15


def _out_of_focus(scene: Light, radius: float) -> Light:
    """Return the scene with each point a disc, as an open lens makes it."""
    if radius <= 0:
        return scene
    fine = 4
    size = 2 * int(np.ceil(radius)) + 3
    disc = np.zeros((size * fine, size * fine), np.float32)
    middle = (size * fine - 1) / 2
    y, x = np.indices(disc.shape)
    disc[np.hypot(x - middle, y - middle) <= radius * fine] = 1
    kernel = cv2.resize(disc, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT))


def _moved(light: Light, offsets: Light) -> Light:
    """Return the mean of what a moving camera sees, cut to a still's size."""
    total = np.zeros((STILL[1], STILL[0], 3), np.float32)
    for x, y in offsets:
        place = np.array([[1, 0, MARGIN + x], [0, 1, MARGIN + y]], np.float32)
        total += cv2.warpAffine(light, place, STILL, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(total / len(offsets), np.float32)


def _developed(light: Light, random: Random, electrons: float) -> Picture:
    """Return the sRGB picture: shot and read noise, smoothed a little, and the curve."""
    counts = np.maximum(light, 0) * electrons
    grain = random.standard_normal(light.shape, np.float32)
    noisy = counts + grain * np.sqrt(counts + 9)
    share = np.clip(cv2.GaussianBlur(noisy / electrons, (0, 0), 0.45), 0, 1)
    curve = np.where(share <= 0.0031308, share * 12.92, 1.055 * share ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(curve, 0, 1) * 255), np.uint8)


# ---------------------------------------------------------------- what can go wrong


def _usual(random: Random) -> Settings:
    """Return how a shot is taken when all is well: a steady hand, or a pan in good light."""
    return Settings(
        exposure=float(random.choice([1 / 120, 1 / 60, 1 / 30])),
        reach=random.uniform(0, 1.0),
        electrons=float(10 ** random.uniform(3.0, 4.0)),
        quality=int(random.integers(60, 85)),
    )


def good(scene: Light, random: Random) -> Shot:
    return shoot(scene * random.uniform(0.85, 1.1), random, _usual(random))


def dark(scene: Light, random: Random) -> Shot:
    """Too little light: 95 % of the picture stay below 42 of 255, and 99 % below 75."""
    usual = _usual(random)
    level = random.uniform(10, 42)
    most, peak = np.percentile(scene.max(axis=2), (95, 99))
    factor = min(_light_of(level) / most, _light_of(level * 1.8) / peak)
    # The gain is at its end, so the noise is lifted with the picture.
    electrons = usual.electrons / random.uniform(2, 8)
    settings = Settings(1 / 30, usual.reach, electrons, usual.quality)
    return shoot(scene * factor, random, settings)


def _light_of(level: float) -> float:
    """Return the light that becomes this level of 255."""
    return float(((level / 255 + 0.055) / 1.055) ** 2.4)


def blurred(scene: Light, random: Random) -> Shot:
    usual = _usual(random)
    settings = Settings(
        usual.exposure, usual.reach, usual.electrons, usual.quality, random.uniform(2.5, 8)
    )
    return shoot(scene, random, settings)


def shaken(scene: Light, random: Random) -> Shot:
    usual = _usual(random)
    exposure = random.uniform(1 / 30, 1 / 15)
    settings = Settings(exposure, random.uniform(8, 24), usual.electrons, usual.quality)
    return shoot(scene, random, settings)


def glaring(scene: Light, random: Random) -> Shot:
    """A lamp, the sun or a window in the picture, far above white, that blooms over the rest."""
    y, x = np.indices((STILL[1], STILL[0]), np.float32)
    centre = random.uniform(0.1, 0.9) * STILL[0], random.uniform(0.05, 0.75) * STILL[1]
    core = np.zeros((STILL[1], STILL[0]), np.float32)
    if random.random() < 0.5:
        radius = random.uniform(0.05, 0.16) * STILL[1]
        core[np.hypot(x - centre[0], y - centre[1]) < radius] = 1
        strength, dimmed = random.uniform(15, 80), random.uniform(0.3, 0.8)
    else:
        width, height = random.uniform(0.2, 0.45) * STILL[0], random.uniform(0.35, 0.8) * STILL[1]
        core[(abs(x - centre[0]) < width / 2) & (abs(y - centre[1]) < height / 2)] = 1
        strength, dimmed = random.uniform(3, 8), random.uniform(0.08, 0.3)
    small = cv2.resize(core, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    wide = sum(
        share * cv2.GaussianBlur(small, (0, 0), size / 4)
        for share, size in ((0.05, 9), (0.025, 28), (0.015, 80))
    )
    bloom = 0.9 * cv2.GaussianBlur(core, (0, 0), 1.2) + cv2.resize(np.asarray(wide), STILL)
    tint = np.array([0.85, 0.95, 1.0], np.float32)
    veil = np.asarray(strength * bloom[..., None] * tint, np.float32)
    return shoot(scene * dimmed, random, _usual(random), veil)


SKIN = ((0.20, 0.28, 0.48), (0.08, 0.12, 0.24), (0.03, 0.05, 0.12))
THROUGH = (0.02, 0.03, 0.35)  # light that comes through a finger


def covered(scene: Light, random: Random) -> Shot:
    """A finger, a hand or a pocket before the lens, over a third of the picture or all of it."""
    usual = _usual(random)
    whole = random.random() < 0.5
    pocket = whole and random.random() < 0.35
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    side = random.uniform(0, 2 * np.pi)
    along = np.cos(side) * x + np.sin(side) * y * 0.6
    shading = 1 + random.uniform(0.1, 0.5) * along
    if pocket:
        colour = np.array([1, 1, 1.1]) * 10 ** random.uniform(-4, -2.8)
    elif random.random() < 0.4:
        colour = np.array(THROUGH) * random.uniform(0.1, 1.3)
    else:
        colour = np.array(SKIN[int(random.integers(3))]) * random.uniform(0.15, 0.9)
    blob = np.asarray(colour * np.maximum(shading, 0.1)[..., None], np.float32)
    mask = np.ones((HEIGHT, WIDTH), np.float32)
    if not whole:
        bow = random.uniform(0.1, 0.6) * (np.sin(side) * x - np.cos(side) * y) ** 2
        height = along - bow
        visible = height[MARGIN:-MARGIN, MARGIN:-MARGIN]
        edge = np.percentile(visible, 100 * (1 - random.uniform(0.35, 0.9)))
        mask = np.asarray(height > edge, np.float32)
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), random.uniform(10, 30)), np.float32)
    mask = mask[..., None]
    # The lens focuses on what is behind, and the finger moves with the camera.
    settings = Settings(usual.exposure, 0.3, usual.electrons, usual.quality)
    return shoot(scene * (1 - mask) + blob * mask, random, settings)
