"""How many faces and number plates are found on a made, labelled set: figures as they are."""

import os
import sys
from collections import defaultdict

import cv2
import numpy as np
import pytest

from media.anonymise.faces import Faces
from media.anonymise.film import FACE_MARGIN, PLATE_MARGIN
from media.anonymise.places import Detector, Place
from media.anonymise.plates import Plates
from tests.media.pictures.scenes import Picture
from tests.media.pictures.streets import (
    FACES,
    HEIGHT,
    STYLES,
    WIDTH,
    Corners,
    background,
    lay,
    plate,
    pose_of,
    taken,
)

# Other than those with which the detectors were set up.
SEED = 27_182
# A label counts as hidden when so much of its area is.
HIDDEN = 0.9
KINDS = ("face", "plate")
# docs/anonymised.md speaks of three times as many: `EXAMPLES=all`.
PART = 1 if os.environ.get("EXAMPLES") else 3
EXAMPLES = {"face": 90 // PART, "plate": 180 // PART}
MARGINS = {"face": FACE_MARGIN, "plate": PLATE_MARGIN}
LEAST = {"face": 0.85, "plate": 0.85}


def example(kind: str, number: int) -> tuple[str, Picture, Corners]:
    """Return what is in a picture, the picture, and where it is. Always the same for a number."""
    random = np.random.default_rng([SEED, KINDS.index(kind), number])
    names = list(FACES) if kind == "face" else list(STYLES)
    name = names[number % len(names)]
    thing = FACES[name](random) if kind == "face" else plate(STYLES[name], random)
    picture = background(random)
    corners = lay(thing, pose_of(kind, random), picture, random.uniform(0.7, 1.05))
    return name, taken(picture, random), corners


def share_hidden(corners: Corners, places: list[Place]) -> float:
    label = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(label, np.rint(corners).astype(np.int32), 1)
    area = int(label.sum())
    for place in places:
        left, top = max(0, int(place.x)), max(0, int(place.y))
        right, bottom = int(place.x + place.width), int(place.y + place.height)
        label[top : max(0, bottom), left : max(0, right)] = 0
    return 1 - int(label.sum()) / area


@pytest.mark.parametrize("kind", KINDS)
def test_most_of_what_identifies_people_is_found_in_a_single_picture(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    detector: Detector = Faces() if kind == "face" else Plates()
    told: dict[str, list[bool]] = defaultdict(list)
    others = []
    for number in range(EXAMPLES[kind]):
        name, picture, corners = example(kind, number)
        found = [place.grown(*MARGINS[kind]) for place in detector.find(picture)]
        hidden = share_hidden(corners, found) >= HIDDEN
        wide = float(np.linalg.norm(corners[1] - corners[0]))
        size = next(most for most in (40, 80, 160, 1000) if wide <= most)
        for group in ("all", name, f"up to {size} px wide"):
            told[group].append(hidden)
        elsewhere = [one for one in found if share_hidden(corners, [one]) < 0.05]
        others.append(sum(one.width * one.height for one in elsewhere) / (WIDTH * HEIGHT))
    with capsys.disabled():
        sys.stdout.write(f"\n{kind}s hidden in single pictures of {WIDTH}x{HEIGHT}:\n")
        for group, answers in told.items():
            sys.stdout.write(f"  {group}: {sum(answers)} of {len(answers)}\n")
        sys.stdout.write(f"  hidden without need: {np.mean(others):.1%} of the picture\n")
    assert np.mean(told["all"]) >= LEAST[kind]
