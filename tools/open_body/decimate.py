"""Fewer vertices by edge collapse under quadric errors; the vertices that stay do not move.

Source: M. Garland and P. Heckbert, "Surface simplification using quadric error metrics", 1997.
"""

import heapq

import numpy as np
from jaxtyping import Bool, Float, Int

_EDGE_LENGTH_COST = 2e-6  # keeps flat regions evenly triangulated
_MAX_VALENCE = 11
_MIN_SHAPE = 0.08  # twice a triangle's area over its longest edge squared
_MIN_NORMAL_COSINE = 0.3


class EdgeCollapse:
    """A half mesh that loses inner vertices one by one, the cheapest first; its border stays as it is."""

    def __init__(
        self,
        points: Float[np.ndarray, "vertices 3"],
        faces: Int[np.ndarray, "faces 3"],
        border: Bool[np.ndarray, " vertices"],
    ) -> None:
        self.points = points.astype(np.float64)
        self.border = border
        self.faces = {index: list(map(int, face)) for index, face in enumerate(faces)}
        self.faces_at: list[set[int]] = [set() for _ in points]
        for index, face in self.faces.items():
            for vertex in face:
                self.faces_at[vertex].add(index)
        self.quadrics = _quadrics(self.points, faces)
        self.homogeneous = np.c_[self.points, np.ones(len(points))]
        self.version = np.zeros(len(points), int)
        self.queue: list[tuple[float, int, int, int, int]] = []
        for vertex in range(len(points)):
            for neighbour in self._neighbours(vertex):
                self._offer(vertex, neighbour)

    def remove(self, count: int) -> None:
        """Collapse `count` vertices.

        Raises:
            ValueError: no more can be collapsed without folds.
        """
        while count:
            if not self.queue:
                raise ValueError(f"cannot remove {count} more vertices without folding the mesh")
            _, gone, kept, gone_version, kept_version = heapq.heappop(self.queue)
            current = self.version[gone] == gone_version and self.version[kept] == kept_version
            if current and self._may_collapse(gone, kept):
                self._collapse(gone, kept)
                count -= 1

    def result(self) -> tuple[Int[np.ndarray, " kept"], Int[np.ndarray, "faces 3"]]:
        """Return the vertices that are left and the faces, numbered among them."""
        faces = np.array(list(self.faces.values()))
        return np.unique(faces), np.unique(faces, return_inverse=True)[1].reshape(-1, 3)

    def _neighbours(self, vertex: int) -> set[int]:
        return {other for face in self.faces_at[vertex] for other in self.faces[face]} - {vertex}

    def _offer(self, gone: int, kept: int) -> None:
        if self.border[gone]:
            return
        at = self.homogeneous[kept]
        distance = self.points[gone] - self.points[kept]
        cost = at @ (self.quadrics[gone] + self.quadrics[kept]) @ at
        cost += _EDGE_LENGTH_COST * distance @ distance
        entry = (float(cost), gone, kept, int(self.version[gone]), int(self.version[kept]))
        heapq.heappush(self.queue, entry)

    def _may_collapse(self, gone: int, kept: int) -> bool:
        around_gone, around_kept = self._neighbours(gone), self._neighbours(kept)
        if kept not in around_gone or len(around_gone & around_kept) != 2:
            return False
        if len(around_gone) + len(around_kept) - 4 > _MAX_VALENCE:
            return False
        gained = around_gone - around_kept - {kept}
        # An inner edge between two border vertices would be doubled by the other half.
        if self.border[kept] and self.border[list(gained)].any():
            return False
        return all(self._keeps_shape(face, gone, kept) for face in self.faces_at[gone] - self.faces_at[kept])

    def _keeps_shape(self, face: int, gone: int, kept: int) -> bool:
        before = self.points[self.faces[face]]
        after = self.points[[kept if vertex == gone else vertex for vertex in self.faces[face]]]
        normal_before, normal_after = _normal(before), _normal(after)
        area_before, area_after = np.linalg.norm(normal_before), np.linalg.norm(normal_after)
        longest = ((after - np.roll(after, 1, axis=0)) ** 2).sum(axis=1).max()
        if area_after < _MIN_SHAPE * longest:
            return False
        return normal_before @ normal_after >= _MIN_NORMAL_COSINE * area_before * area_after

    def _collapse(self, gone: int, kept: int) -> None:
        for face in self.faces_at[gone] & self.faces_at[kept]:
            for vertex in self.faces.pop(face):
                self.faces_at[vertex].discard(face)
        for face in self.faces_at[gone]:
            self.faces[face] = [kept if vertex == gone else vertex for vertex in self.faces[face]]
            self.faces_at[kept].add(face)
        self.faces_at[gone] = set()
        self.quadrics[kept] += self.quadrics[gone]
        self.version[gone] += 1
        self.version[kept] += 1
        for neighbour in self._neighbours(kept):
            self._offer(kept, neighbour)
            self._offer(neighbour, kept)


def _normal(triangle: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3"]:
    return np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])


def _quadrics(
    points: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"]
) -> Float[np.ndarray, "vertices 4 4"]:
    """Sum over each vertex's triangles the squared distance to their planes, weighted by area."""
    corner = points[faces[:, 0]]
    normals = np.cross(points[faces[:, 1]] - corner, points[faces[:, 2]] - corner)
    areas = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    normals = normals / areas
    planes = np.c_[normals, -(normals * corner).sum(axis=1)]
    weighted = planes[:, :, None] * planes[:, None, :] * areas[:, :, None]
    quadrics = np.zeros((len(points), 4, 4))
    for column in faces.T:
        np.add.at(quadrics, column, weighted)
    return quadrics
