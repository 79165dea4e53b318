"""Streets and halls with faces and number plates in them, and where those are: made, so labelled.

Faces are real, out of packages that the tests have anyway: a hundred small portraits, a large one,
and a man in a moving car. Number plates are drawn as eight countries make them, seen from the side,
from above and askew. Both are laid into pictures of other things, made worse as cameras do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.media.pictures.scenes import PHOTOS, Picture, Random, _frames, _photo

WIDTH, HEIGHT = 1280, 720
Corners = NDArray[np.float32]
"""(4, 2): of what must not be seen, in pixels."""


@dataclass(frozen=True)
class Thing:
    """A face or a plate from the front: its picture, how opaque it is, and its label's corners."""

    kind: str
    picture: Picture
    opaque: NDArray[np.float32]
    corners: Corners


# ---------------------------------------------------------------- number plates


@dataclass(frozen=True)
class Style:
    """How a country's plate looks. `size` in mm; colours are RGB."""

    size: tuple[int, int]
    paper: tuple[int, int, int]
    ink: tuple[int, int, int]
    band: bool
    lines: Callable[[Random], tuple[str, ...]]


def _text(pattern: str) -> Callable[[Random], tuple[str, ...]]:
    """Return a maker of numbers: A stands for a letter, 0 for a digit, / for a new line."""

    def made(random: Random) -> tuple[str, ...]:
        letters = {"A": "ABCDEFGHJKLMNPRSTVWXYZ", "0": "0123456789"}
        signs = (
            str(random.choice(list(letters[one]))) if one in letters else one for one in pattern
        )
        return tuple("".join(signs).split("/"))

    return made


STYLES = {
    "France": Style((520, 110), (245, 245, 245), (15, 15, 15), True, _text("AA-000-AA")),
    "Germany": Style((520, 110), (250, 250, 250), (10, 10, 10), True, _text("A AA 0000")),
    "Britain, front": Style((520, 111), (240, 240, 240), (10, 10, 10), False, _text("AA00 AAA")),
    "Britain, rear": Style((520, 111), (240, 200, 30), (10, 10, 10), False, _text("AA00 AAA")),
    "Netherlands": Style((520, 110), (245, 195, 20), (15, 15, 15), True, _text("AA-000-A")),
    "Belgium": Style((520, 113), (245, 245, 245), (150, 20, 30), True, _text("0-AAA-000")),
    "Switzerland": Style((300, 160), (245, 245, 245), (10, 10, 10), False, _text("AA/000000")),
    "Italy, old": Style((520, 110), (20, 20, 22), (235, 235, 235), False, _text("AA 000000")),
    "California": Style((305, 152), (240, 240, 245), (30, 40, 110), False, _text("0AAA000")),
}


def plate(style: Style, random: Random) -> Thing:
    """Draw a plate, 2 pixels a millimetre across 1, with its frame."""
    width, height = style.size
    image = Image.new("RGB", (width + 12, height + 12), (25, 25, 28))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((6, 6, width + 5, height + 5), 8, fill=style.paper)
    left = 6
    if style.band:
        pen.rectangle((6, 6, 48, height + 5), fill=(20, 50, 150))
        left = 50
    lines = style.lines(random)
    # Letters are 75 mm high on a plate of 110, and less where there are two lines.
    top, tall = (6 + 0.16 * height, 0.68 * height) if len(lines) == 1 else (16, (height - 22) / 2)
    for number, line in enumerate(lines):
        room = 0 if len(lines) == 1 else 8
        box = left + 10, top + number * tall, width - 8, top + (number + 1) * tall - room
        _write(image, line, box, style.ink)
    picture = np.asarray(image, np.uint8)[..., ::-1].copy()
    corners = np.array([[left, 6], [width + 6, 6], [width + 6, height + 6], [left, height + 6]])
    opaque = np.ones(picture.shape[:2], np.float32)
    return Thing("plate", picture, opaque, corners.astype(np.float32))


def _write(
    image: Image.Image,
    line: str,
    box: tuple[float, float, float, float],
    ink: tuple[int, int, int],
) -> None:
    """Write a line into a box as plates have it: letters of one width, with space between them."""
    left, top, right, bottom = box
    tall = min(bottom - top, (right - left) / sum(_pitch(sign) for sign in line))
    x = (left + right - tall * sum(_pitch(sign) for sign in line)) / 2
    for sign in line:
        wide = _pitch(sign) * tall
        if sign.isalnum():
            letter = _letter(sign).resize((max(1, round(wide * 0.82)), max(1, round(tall))))
            place = round(x + wide * 0.09), round((top + bottom - tall) / 2)
            image.paste(Image.new("RGB", letter.size, ink), place, letter)
        elif sign == "-":
            dash = [x + wide * 0.2, (top + bottom) / 2 - 3, x + wide * 0.8, (top + bottom) / 2 + 3]
            ImageDraw.Draw(image).rectangle(dash, fill=ink)
        x += wide


def _pitch(sign: str) -> float:
    """Return how much room a sign takes, by the height of letters."""
    return 0.72 if sign.isalnum() else 0.4


@cache
def _letter(sign: str) -> Image.Image:
    """Return a bold letter that fills its picture."""
    font = ImageFont.load_default(size=120)
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = pen.textbbox((0, 0), sign, font=font, stroke_width=4)
    letter = Image.new("L", (round(right - left), round(bottom - top)), 0)
    ImageDraw.Draw(letter).text((-left, -top), sign, fill=255, font=font, stroke_width=4)
    return letter


# ---------------------------------------------------------------- faces


@cache
def _portraits() -> tuple[Picture, ...]:
    """Return a hundred small portraits of a hundred people, in grey."""
    small = np.load(PHOTOS / "lfw_subset.npy")[:100]
    return tuple(np.asarray(one * 255, np.uint8) for one in small)


def small_face(random: Random) -> Thing:
    """Return one of the small portraits, tinted, 25 pixels of it enlarged."""
    portraits = _portraits()
    grey = portraits[int(random.integers(len(portraits)))]
    large = cv2.resize(grey, (100, 100), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    tint = np.array([0.78, 0.88, 1.0]) * random.uniform(0.85, 1.0)
    return _face(np.asarray(np.clip(large[..., None] * tint, 0, 255), np.uint8), (8, 4, 92, 98))


def large_face(random: Random) -> Thing:
    """Return the portrait."""
    return _face(_photo("astronaut.png")[0:260, 110:330], (62, 62, 160, 200))


# Where the man's face is, by eye: x, y, right, bottom in frames of 176 by 144.
IN_THE_CAR = {0: (61, 42, 118, 98), 20: (60, 40, 120, 98), 40: (41, 34, 110, 106)}


def man_in_car(random: Random) -> Thing:
    """Return the man in the car, without the car."""
    number = int(random.choice(list(IN_THE_CAR)))
    x, y, right, bottom = IN_THE_CAR[number]
    frame = _frames("carphone_pristine.mp4", tuple(IN_THE_CAR))[list(IN_THE_CAR).index(number)]
    left, top = max(0, x - 20), max(0, y - 30)
    part = frame[top : bottom + 8, left : right + 20]
    return _face(part, (x - left, y - top, right - left, bottom - top))


FACES = {"portraits": small_face, "astronaut": large_face, "man in a car": man_in_car}


def _face(picture: Picture, box: tuple[int, int, int, int]) -> Thing:
    """Return a face whose surroundings fade. `box`: forehead to chin, left, top, right, bottom."""
    height, width = picture.shape[:2]
    y, x = np.indices((height, width), np.float32)
    away = np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2))
    opaque = np.clip((1.0 - away) / 0.12, 0, 1).astype(np.float32)
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return Thing("face", np.ascontiguousarray(picture), opaque, corners)


# ---------------------------------------------------------------- where they are seen


def background(random: Random) -> Picture:
    """Return a street, a workshop, a wall or a table, without a face or a plate."""
    pick = int(random.integers(7))
    if pick < 3:
        wanted = (0, 10, 20, 150, 160, 170, 200)
        frames = _frames("bikes.mp4", wanted)
        picture = frames[int(random.choice([0, 1, 2, 5]))]
    else:
        names = ("motorcycle_left.png", "coffee.png", "brick.png", "rocket.jpg")
        picture = _photo(names[pick - 3])
    scale = max(WIDTH / picture.shape[1], HEIGHT / picture.shape[0]) * 1.15
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    y = int(random.integers(0, large.shape[0] - HEIGHT + 1))
    x = int(random.integers(0, large.shape[1] - WIDTH + 1))
    return np.ascontiguousarray(large[y : y + HEIGHT, x : x + WIDTH], np.uint8)


@dataclass(frozen=True)
class Pose:
    """How a thing is seen: `width` in pixels if seen from the front; angles in degrees."""

    width: float
    at: tuple[float, float]
    yaw: float
    pitch: float
    roll: float

    def of(self, thing: Thing) -> NDArray[np.float64]:
        """Return the matrix (3, 3) from the thing's picture to the place where it is seen."""
        height, width = thing.picture.shape[:2]
        yaw, pitch, roll = np.radians((self.yaw, self.pitch, self.roll))
        about_y = np.array(
            [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
        )
        about_x = np.array(
            [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
        )
        about_z = np.array(
            [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
        )
        turn = about_z @ about_x @ about_y
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        flat = (corners - (width / 2, height / 2)) / width
        solid = np.column_stack([flat, np.zeros(4)]) @ turn.T
        seen = solid[:, :2] / (1 + solid[:, 2:] / 4) * self.width + self.at
        return np.asarray(cv2.getPerspectiveTransform(corners, seen.astype(np.float32)))


def lay(thing: Thing, pose: Pose, picture: Picture, light: float = 1.0) -> Corners:
    """Put a thing into a picture; return its label's corners."""
    matrix = pose.of(thing)
    # Reduced first: a warp alone would leave out what lies between its points.
    scale = min(1.0, 1.5 * pose.width / thing.picture.shape[1])
    small = cv2.resize(thing.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(thing.opaque, (small.shape[1], small.shape[0]))
    shrink = np.diag(
        [thing.picture.shape[1] / small.shape[1], thing.picture.shape[0] / small.shape[0], 1]
    )
    size = picture.shape[1], picture.shape[0]
    warped = cv2.warpPerspective(small, matrix @ shrink, size)
    share = cv2.warpPerspective(mask, matrix @ shrink, size)[..., None]
    lit = np.clip(warped * light, 0, 255)
    picture[:] = np.rint(picture * (1 - share) + lit * share)
    corners = cv2.perspectiveTransform(thing.corners[None], matrix)[0]
    return np.asarray(corners, np.float32)


def taken(picture: Picture, random: Random) -> Picture:
    """Return what a phone makes of it: not quite sharp, noisy, and coded."""
    soft = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.2))
    noise = random.normal(0, random.uniform(1, 6), picture.shape)
    worse = np.clip(soft * random.uniform(0.6, 1.1) + noise, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", worse, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(45, 90))])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def pose_of(kind: str, random: Random) -> Pose:
    """Return how a face or a plate may be seen: from 2 to 12 m, from the side, askew."""
    widest = {"plate": (70, 330), "face": (50, 320)}[kind]
    width = float(np.exp(random.uniform(*np.log(widest))))
    at = random.uniform(170, WIDTH - 170), random.uniform(170, HEIGHT - 170)
    if kind == "plate":
        return Pose(
            width, at, random.uniform(-55, 55), random.uniform(-15, 20), random.normal(0, 5)
        )
    return Pose(width, at, random.uniform(-25, 25), random.uniform(-10, 10), random.normal(0, 8))
