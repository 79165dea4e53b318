"""Faces in space, and the builder that collects them from patches.

The car's frame: x points out of the nose, y to the car's left, z up; metres; the origin lies on
the floor below the middle of the car.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


class Material(IntEnum):
    """What a face is made of; `light` knows how each one answers the lamps."""

    PAINT = 0
    GLASS = 1
    TYRE = 2
    RIM = 3
    LAMP_FRONT = 4
    LAMP_REAR = 5
    TRIM = 6
    PLATE = 7
    CHROME = 8
    LAMP_REAR_LIT = 9
    RAIL = 10
    SEAT = 11


class Layer(IntEnum):
    """Painting order. A later layer always covers an earlier one; depth decides within one."""

    BEHIND = 0
    SHELL = 1
    RECESS = 2
    PANEL = 3
    DETAIL = 4
    WHEEL = 5
    SPOKE = 6
    ATTACHED = 7


@dataclass(frozen=True)
class Mesh:
    """A car in quads. V vertices, F faces.

    vertices: (V, 3) metres. faces: (F, 4) indices into them, counter-clockwise from outside.
    materials, layers: (F,) `Material` and `Layer` numbers. normals: (N, 3) unit vectors smoothed
    over neighbouring faces, for shading; places: (N, 3) where they stand; corners: (F, 4) indices
    into both. facets: (F, 3) true unit normals, for hiding the far side.
    sides: (F,) 1 or -1 for a face drawn only while the car's left or right looks at the camera.
    """

    vertices: Floats
    faces: Ints
    materials: Ints
    layers: Ints
    normals: Floats
    places: Floats
    corners: Ints
    facets: Floats
    sides: Ints

    def of(self, material: Material) -> Ints:
        """Return the indices of the faces made of `material`, shape (n,)."""
        return np.flatnonzero(self.materials == material).astype(np.int32)


@dataclass
class Sculptor:
    """Collects patches and turns them into a `Mesh`."""

    _points: list[NDArray[np.float64]] = field(default_factory=list)
    _quads: list[NDArray[np.int64]] = field(default_factory=list)
    _tags: list[NDArray[np.int64]] = field(default_factory=list)
    _count: int = 0
    _patches: int = 0

    def patch(
        self,
        points: NDArray[np.float64],
        material: Material,
        layer: Layer,
        *,
        around: tuple[float, float, float] = (0.0, 0.0, 0.5),
        group: int | None = None,
        side: int = 0,
    ) -> None:
        """Add a grid of points, shape (m, n, 3), as (m-1)(n-1) quads that face away from `around`.

        Patches of the same `group` are shaded as one smooth surface.
        """
        rows, columns = points.shape[:2]
        index = np.arange(rows * columns).reshape(rows, columns)
        quads = np.stack(
            [index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1
        ).reshape(-1, 4)
        flat = points.reshape(-1, 3)
        corners = flat[quads]
        outward = _cross(corners)
        if np.sum(outward * (corners.mean(axis=1) - np.asarray(around))) < 0:
            quads = quads[:, ::-1]
        self._patches += 1
        tag = np.array([material, layer, self._patches if group is None else -group, side])
        self._points.append(flat)
        self._quads.append(quads + self._count)
        self._tags.append(np.repeat(tag[None], len(quads), axis=0))
        self._count += len(flat)

    def both(
        self,
        points: NDArray[np.float64],
        material: Material,
        layer: Layer,
        *,
        around: tuple[float, float, float] = (0.0, 0.0, 0.5),
        sided: bool = False,
    ) -> None:
        """Add a patch on the car's left and its mirror image on the right.

        `sided` patches are drawn only while their side of the car looks at the camera.
        """
        for side in (1, -1):
            self.patch(
                points * (1, side, 1),
                material,
                layer,
                around=(around[0], around[1] * side, around[2]),
                side=side if sided else 0,
            )

    def mesh(self) -> Mesh:
        """Everything collected so far. Faces without an area are left out."""
        points = np.concatenate(self._points)
        quads = np.concatenate(self._quads)
        tags = np.concatenate(self._tags)
        cross = _cross(points[quads])
        area = np.linalg.norm(cross, axis=1)
        kept = area > 1e-7
        quads, tags, cross, area = quads[kept], tags[kept], cross[kept], area[kept]
        # Patches meet without sharing vertices; equal places in one group make one normal.
        places = np.concatenate(
            [np.round(points[quads.ravel()] * 500), np.repeat(tags[:, 2], 4)[:, None]], axis=1
        )
        _, inverse = np.unique(places, axis=0, return_inverse=True)
        inverse = inverse.ravel()
        summed = np.zeros((inverse.max() + 1, 3))
        np.add.at(summed, inverse, np.repeat(cross, 4, axis=0))
        summed /= np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)
        stands = np.zeros_like(summed)
        stands[inverse] = points[quads.ravel()]
        return Mesh(
            vertices=points.astype(np.float32),
            faces=quads.astype(np.int32),
            materials=tags[:, 0].astype(np.int32),
            layers=tags[:, 1].astype(np.int32),
            normals=summed.astype(np.float32),
            places=stands.astype(np.float32),
            corners=inverse.reshape(-1, 4).astype(np.int32),
            facets=(cross / area[:, None]).astype(np.float32),
            sides=tags[:, 3].astype(np.int32),
        )


def _cross(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the area vectors of quads (n, 4, 3), from their diagonals; shape (n, 3)."""
    return np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
