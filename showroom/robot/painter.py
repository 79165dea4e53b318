"""Fills the faces of a mesh, far ones first, and shades the smooth ones between their corners.

What is filled are face *numbers*, on a sheet twice as fine as the picture. Looking up each
number's colour and shrinking the result gives smooth edges; within the painted and glazed parts
every pixel is then shaded again by its own place in its face (Gouraud, IEEE Transactions on
Computers C-20, 1971), which takes the facets away. One fill per face is all that Python loops over.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from showroom.robot.light import Chosen, Finish
from showroom.robot.mesh import Floats, Material, Mesh

Image = NDArray[np.uint8]

# Faces shaded between their corners carry this opacity, the others 255: after shrinking, a pixel
# that lies wholly within smooth faces can be told from one on an edge. The gap is wide enough for
# one sixteenth of it to survive rounding.
_SMOOTH = 240
_SMOOTH_MATERIALS = (Material.PAINT, Material.GLASS)
_FINE = 2

OPAQUE = _SMOOTH


@dataclass(frozen=True)
class Camera:
    """Looks along +x from `distance` metres, `height` above the floor, down at `target`.

    `focal` is in pixels; `centre` is where `target` appears.
    """

    distance: float
    height: float
    target: float
    focal: float
    centre: tuple[float, float]

    @property
    def place(self) -> Floats:
        """Where it stands, shape (3,)."""
        return np.array([-self.distance, 0.0, self.height], dtype=np.float32)

    def project(self, points: Floats) -> Floats:
        """(n, 3) metres to (n, 2) pixels."""
        tilt = np.arctan2(self.height - self.target, self.distance)
        cosine, sine = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
        relative = points - self.place
        scale = self.focal / (relative[:, 0] * cosine - relative[:, 2] * sine)
        up = relative[:, 0] * sine + relative[:, 2] * cosine
        pixels = [self.centre[0] - relative[:, 1] * scale, self.centre[1] - up * scale]
        return np.stack(pixels, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Cutout:
    """A drawn car: `image` (h, w, 4) BGR with premultiplied opacity, at (x, y) in the picture.

    What is `OPAQUE` or more hides everything behind it. The image is valid until its painter draws
    again.
    """

    image: Image
    x: int
    y: int


class Painter:
    """Draws one mesh in one paint, from one camera, into pictures of `size` (width, height)."""

    def __init__(self, mesh: Mesh, paint: str, camera: Camera, size: tuple[int, int]) -> None:
        self._mesh, self._camera, self._size = mesh, camera, size
        self._centres = mesh.vertices[mesh.faces].mean(axis=1)
        self._middles = mesh.normals[mesh.corners].mean(axis=1)
        self._smooth = np.isin(mesh.materials, _SMOOTH_MATERIALS)
        self._face_finish = Finish(mesh.materials, paint)
        # A corner is shared by faces of one patch, so any of them tells its material.
        materials = np.zeros(len(mesh.places), dtype=np.int32)
        materials[mesh.corners] = mesh.materials[:, None]
        self._corner_finish = Finish(materials, paint)
        # Memory is kept from frame to frame: fetching megabytes of it anew costs milliseconds.
        pixels = size[0] * size[1]
        self._sheet = np.zeros(_FINE * _FINE * pixels, dtype=np.uint16)
        self._coloured = np.empty(_FINE * _FINE * pixels, dtype=np.uint32)
        self._between = _Between(pixels)

    def draw(self, angle: float) -> Cutout | None:
        """Draw the car turned by `angle` (radians). None if nothing of it is in the picture."""
        turn = turned(angle)
        chosen = self._visible(turn)
        points = self._mesh.vertices @ turn
        colours = np.empty((len(chosen) + 1, 4), dtype=np.float32)
        colours[0] = 0
        colours[1:, 3] = np.where(self._smooth[chosen], _SMOOTH, 255)
        plain = np.flatnonzero(~self._smooth[chosen])
        colours[plain + 1, :3] = self._shade_middles(chosen[plain], turn)
        smooth = np.flatnonzero(self._smooth[chosen])
        corners = self._shade_corners(chosen[smooth], turn)
        colours[smooth + 1, :3] = _mean(corners)

        quads = self._camera.project(points)[self._mesh.faces[chosen]]
        numbers, low = self._fill(quads, _FINE)
        if numbers.size == 0:
            return None
        size = (numbers.shape[1] // _FINE, numbers.shape[0] // _FINE)
        image = np.asarray(
            cv2.resize(self._coloured_in(numbers, colours), size, interpolation=cv2.INTER_AREA),
            dtype=np.uint8,
        )
        planes = np.zeros((9, len(chosen) + 1), dtype=np.float32)
        planes[:, smooth + 1] = _slopes(quads[smooth] - low, corners)
        self._between.shade(image, numbers[:: 2 * _FINE, :: 2 * _FINE], planes)
        return Cutout(image, int(low[0]), int(low[1]))

    def draw_reflection(self, angle: float, strength: float) -> Cutout | None:
        """Draw the car's image in the floor, upside down; it fades with the height it shows.

        Edges are not smoothed: the floor blurs them. None if it is out of the picture.
        """
        turn = turned(angle) @ np.diag(np.array([1, 1, -1], dtype=np.float32))
        chosen = self._visible(turn)
        colours = np.full((len(chosen) + 1, 4), 255, dtype=np.float32)
        colours[1:, :3] = self._shade_middles(chosen, turn)
        height = np.abs(self._centres[chosen, 2])
        colours[1:] *= (strength * np.exp(-1.9 * height))[:, None]
        colours[0] = 0
        quads = self._camera.project(self._mesh.vertices @ turn)[self._mesh.faces[chosen]]
        numbers, low = self._fill(quads, 1)
        if numbers.size == 0:
            return None
        return Cutout(self._coloured_in(numbers, colours), int(low[0]), int(low[1]))

    def _coloured_in(self, numbers: NDArray[np.uint16], colours: Floats) -> Image:
        """(h, w, 4): every number replaced by its colour. Valid until the next call."""
        table = np.ascontiguousarray(colours.astype(np.uint8)).view(np.uint32).ravel()
        into = self._coloured[: numbers.size].reshape(numbers.shape)
        np.take(table, numbers, out=into, mode="clip")
        return into.view(np.uint8).reshape(*numbers.shape, 4)

    def _visible(self, turn: Floats) -> Chosen:
        """Return the faces that look at the camera, in painting order."""
        mesh = self._mesh
        # The camera is brought into the car's frame, which saves turning every face.
        place = turn @ self._camera.place
        towards = place - self._centres
        seen = np.einsum("ij,ij->i", mesh.facets, towards) > 0
        seen &= mesh.sides * place[1] >= 0
        chosen = np.flatnonzero(seen)
        towards = towards[chosen]
        distance = np.sqrt(np.einsum("ij,ij->i", towards, towards))
        order = np.argsort(mesh.layers[chosen] * 100.0 - distance, kind="stable")
        return np.asarray(chosen[order], dtype=np.intp)

    def _shade_middles(self, chosen: Chosen, turn: Floats) -> Floats:
        """One colour for each face, (n, 3)."""
        places, normals = self._centres[chosen] @ turn, self._middles[chosen] @ turn
        return self._face_finish.shade(chosen, normals, self._towards(places), np.abs(places[:, 2]))

    def _shade_corners(self, chosen: Chosen, turn: Floats) -> Floats:
        """Four colours for each face, (n, 4, 3)."""
        mesh = self._mesh
        corners = mesh.corners[chosen]
        # Neighbours share corners: each is shaded once.
        used = np.zeros(len(mesh.places), dtype=bool)
        used[corners] = True
        which = np.flatnonzero(used)
        places, normals = mesh.places[which] @ turn, mesh.normals[which] @ turn
        colours = np.empty((len(mesh.places), 3), dtype=np.float32)
        colours[which] = self._corner_finish.shade(
            which, normals, self._towards(places), places[:, 2]
        )
        return colours[corners]

    def _towards(self, places: Floats) -> Floats:
        """Return unit vectors from the places to the camera, (n, 3)."""
        towards = self._camera.place - places
        towards /= np.sqrt(np.einsum("ij,ij->i", towards, towards))[:, None]
        return towards

    def _fill(self, quads: Floats, fine: int) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """Face numbers from 1 on a sheet that just holds them, and its corner in the picture."""
        x, y = quads[:, :, 0], quads[:, :, 1]
        low = np.maximum(np.floor([x.min(), y.min()]).astype(np.int64) - 1, 0)
        high = np.ceil([x.max(), y.max()]).astype(np.int64) + 2
        # An even size can be halved without a remainder.
        wide, tall = np.maximum(np.minimum(high, self._size) - low, 0) // 2 * 2 * fine
        sheet = self._sheet[: tall * wide].reshape(tall, wide)
        sheet[:] = 0
        fill = cv2.fillConvexPoly
        corners = np.rint((quads - low) * fine).astype(np.int32)
        for number, corner in enumerate(corners, 1):
            fill(sheet, corner, number)
        return sheet, low


def turned(angle: float) -> Floats:
    """Return the matrix (3, 3) that turns row vectors about the vertical by `angle` radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]], dtype=np.float32)


def _mean(corners: Floats) -> Floats:
    """Return the mean of four corners, (n, 4, k) to (n, k); `mean` is slow on short axes."""
    first, second, third, fourth = (corners[:, number] for number in range(4))
    return np.asarray((first + second + third + fourth) * np.float32(0.25))


def _slopes(quads: Floats, colours: Floats) -> Floats:
    """Return the plane through each face's corner colours, by least squares.

    quads: (n, 4, 2) pixels. colours: (n, 4, 3). Gives (9, n): for B, G and R in turn the value at
    the origin, the slope along x and the slope along y.
    """
    middle, mean = _mean(quads), _mean(colours)
    away, tint = quads - middle[:, None], colours - mean[:, None]
    xx, xy, yy = (
        np.einsum("ij,ij->i", away[:, :, a], away[:, :, b]) for a, b in ((0, 0), (0, 1), (1, 1))
    )
    # A face seen edge-on has no reliable slope across; the ridge keeps it small.
    xx, yy = xx + 2.0, yy + 2.0
    moments = np.einsum("nki,nkc->nic", away, tint)
    scale = 1.0 / (xx * yy - xy * xy)
    along = (yy[:, None] * moments[:, 0] - xy[:, None] * moments[:, 1]) * scale[:, None]
    down = (xx[:, None] * moments[:, 1] - xy[:, None] * moments[:, 0]) * scale[:, None]
    origin = mean - along * middle[:, :1] - down * middle[:, 1:]
    return np.stack([origin, along, down], axis=2).reshape(-1, 9).T.astype(np.float32)


class _Between:
    """Gouraud shading of all smooth pixels at once; owns the memory that this takes.

    It works at half the picture's size: within a smooth face nothing is lost by that, and it takes
    a quarter of the time.
    """

    def __init__(self, pixels: int) -> None:
        self._shaded = np.empty((pixels // 4, 4), dtype=np.float32)
        self._line = np.empty((3, pixels // 4), dtype=np.float32)

    def shade(self, image: Image, numbers: NDArray[np.uint16], planes: Floats) -> None:
        """Replace the colours of those pixels of `image` that lie wholly within smooth faces.

        numbers: (h / 2, w / 2) face numbers. planes: (9, n) as `_slopes` gives them.
        """
        height, width = numbers.shape
        shrunk = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        small = np.asarray(shrunk, dtype=np.uint8)
        # One pixel here is four there, and its number that of its upper left quarter.
        at = np.flatnonzero(_smooth_pixels(small))
        rows, columns = np.divmod(at.astype(np.int32), np.int32(width))
        of = numbers.reshape(-1)[at].astype(np.intp)
        x, y = (2 * columns + 0.5).astype(np.float32), (2 * rows + 0.5).astype(np.float32)
        shaded = self._shaded[: len(at)]
        total, along, down = self._line[:, : len(at)]
        for channel in range(3):
            for part, line in enumerate((total, along, down)):
                np.take(planes[3 * channel + part], of, out=line, mode="clip")
            along *= x
            down *= y
            total += along
            np.add(total, down, out=shaded[:, channel])
        shaded[:, 3] = 255
        # Rounds and limits to 0..255 in one pass.
        whole = cv2.convertScaleAbs(np.maximum(shaded, 0, out=shaded))
        small.view(np.uint32).reshape(-1)[at] = whole.view(np.uint32).reshape(-1)
        smooth = cv2.resize(small, (image.shape[1], image.shape[0]))
        cv2.copyTo(smooth, _smooth_pixels(image), image)


def _smooth_pixels(image: Image) -> Image:
    """Return a mask (h, w): 255 where nothing but smooth faces went into a pixel, else 0."""
    lower, upper = (0.0, 0.0, 0.0, float(_SMOOTH)), (255.0, 255.0, 255.0, float(_SMOOTH))
    return np.asarray(cv2.inRange(image, lower, upper), dtype=np.uint8)
