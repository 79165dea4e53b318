"""What was found is followed from picture to picture: a miss now and then shows nothing.

A detector looks at every few pictures. In between, and when it misses, a place moves as the picture
does there (optical flow: Lucas and Kanade 1981). What is found for the first time was there before,
so it is followed backwards as well, which is why pictures leave late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from media.anonymise.places import Grey, Place

# So many pictures a place is hidden after it was last found, and before it was first found.
HOLD, BACK = 20, 10
# What lies on another by more than this is the same thing.
SAME = 0.3
_POINTS = 5
_WINDOW = (21, 21)
_LEVELS = 3
_FAR = 0.6


@dataclass(slots=True)
class Track:
    """A thing that is followed. `missed`: pictures since it was last found."""

    place: Place
    missed: int = 0


@dataclass(slots=True)
class Seen:
    """A picture that waits, and what is to be hidden in it."""

    grey: Grey
    hidden: list[Place] = field(default_factory=list)


class Tracks:
    """Follows what one detector finds. Hand each picture in; `hidden` of the oldest is final."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._seen: deque[Seen] = deque(maxlen=BACK + 1)

    def follow(self, grey: Grey, found: Sequence[Place] | None) -> Seen:
        """Take the next picture. `found` is None where nobody looked. Returns it, as it waits."""
        seen = Seen(grey)
        if self._seen:
            before = self._seen[-1].grey
            places = carried(before, grey, [track.place for track in self._tracks])
            for track, place in zip(self._tracks, places, strict=True):
                track.place = place
                track.missed += 1
        self._seen.append(seen)
        seen.hidden += [track.place for track in self._tracks]
        for place in found or ():
            self._take(place)
        inside = Place(0, 0, grey.shape[1], grey.shape[0])
        self._tracks = [
            track
            for track in self._tracks
            if track.missed < HOLD and track.place.shared(inside) > 0
        ]
        return seen

    def _take(self, place: Place) -> None:
        self._seen[-1].hidden.append(place)
        same = max(self._tracks, key=lambda one: one.place.shared(place), default=None)
        if same and same.place.shared(place) > SAME:
            same.place, same.missed = place, 0
        else:
            self._tracks.append(Track(place))
        # Also one that was known: where it was lost on the way, the way back is another.
        self._go_back(place)

    def _go_back(self, place: Place) -> None:
        waiting = list(self._seen)
        for after, before in zip(waiting[:0:-1], waiting[-2::-1], strict=True):
            (place,) = carried(after.grey, before.grey, [place])
            if any(place.share_in(one) > 1 - SAME for one in before.hidden):
                return
            before.hidden.append(place)


def carried(before: Grey, after: Grey, places: Sequence[Place]) -> list[Place]:
    """Return where places of one picture are in the next, by how their points move.

    One of another size is stretched: what was known of it is not forgotten.
    """
    if not places:
        return []
    if before.shape != after.shape:
        height, width = after.shape
        places = [one.scaled(width / before.shape[1], height / before.shape[0]) for one in places]
        stretched = cv2.resize(before, (width, height), interpolation=cv2.INTER_LINEAR)
        before = np.asarray(stretched, np.uint8)
    steps = (np.arange(_POINTS) + 0.5) / _POINTS
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    corners = np.array([[one.x, one.y] for one in places])
    sizes = np.array([[one.width, one.height] for one in places])
    points = (corners[:, None] + sizes[:, None] * grid).astype(np.float32).reshape(-1, 1, 2)
    moved, known, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points, np.empty_like(points), winSize=_WINDOW, maxLevel=_LEVELS
    )
    steps_of = (moved - points).reshape(len(places), -1, 2)
    good = np.asarray(known).reshape(len(places), -1) > 0
    return [_step(place, step[ok]) for place, step, ok in zip(places, steps_of, good, strict=True)]


def _step(place: Place, steps: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Place:
    if len(steps) < _POINTS:
        return place
    x, y = (float(one) for one in np.median(steps, axis=0))
    far = _FAR * max(place.width, place.height)
    return place.moved(x, y) if abs(x) < far and abs(y) < far else place
