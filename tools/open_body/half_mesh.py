"""The left half of the body's skin: cavities cut out, eye and lips closed, bounded by the midline."""

from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int
from tools.open_body.sample import Samples
from tools.open_body.symmetry import is_left_or_middle

Faces = Int[np.ndarray, "faces 3"]


def left_half(
    samples: Samples, points: Float[np.ndarray, "vertices 3"], pairs: Int[np.ndarray, " vertices"]
) -> Faces:
    """Return the faces of the closed left half of the skin, as vertices of the samples' mesh."""
    left = is_left_or_middle(points, pairs)
    middle = pairs == np.arange(len(pairs))
    skin = samples.faces[~samples.hidden_faces & left[samples.faces].all(axis=1)]
    eyeball = np.unique(samples.faces[samples.left_eyeball])
    pupil = int(eyeball[np.argmax(points[eyeball, 2])])
    caps = []
    for chain in _open_chains(skin, middle):
        closed = chain[0] == chain[-1]
        caps.append(_fan(chain, pupil) if closed else _zip(chain, points))
    return np.concatenate([skin, *caps])


def _open_chains(faces: Faces, middle: Bool[np.ndarray, " vertices"]) -> list[list[int]]:
    """Return the open borders of the skin, in the faces' direction, but for the midline itself.

    A border that starts and ends on the midline (the lips) is a path; one that does not touch it (the eye) is
    a closed loop, whose first vertex is repeated at the end.
    """
    edges = {tuple(edge) for edge in np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])}
    following = {a: b for a, b in edges if (b, a) not in edges and not (middle[a] and middle[b])}
    starts = [a for a in following if middle[a]]
    chains = []
    while following:
        vertex = starts.pop() if starts else next(iter(following))
        chain = [vertex]
        while vertex in following:
            vertex = following.pop(vertex)
            chain.append(vertex)
        chains.append(chain)
    return chains


def _fan(loop: list[int], center: int) -> Faces:
    return np.array([(b, a, center) for a, b in pairwise(loop)])


def _zip(chain: list[int], points: Float[np.ndarray, "vertices 3"]) -> Faces:
    """Close a path by a strip of triangles between its two arms, from its outermost vertex to the midline."""
    corner = int(np.argmax(points[chain, 0]))
    back, ahead = corner - 1, corner
    faces = [(chain[ahead + 1], chain[corner], chain[back])]
    ahead += 1
    while back > 0 or ahead < len(chain) - 1:
        x_back = points[chain[back - 1], 0] if back > 0 else -np.inf
        x_ahead = points[chain[ahead + 1], 0] if ahead < len(chain) - 1 else -np.inf
        if x_back > x_ahead:
            faces.append((chain[back], chain[back - 1], chain[ahead]))
            back -= 1
        else:
            faces.append((chain[ahead + 1], chain[ahead], chain[back]))
            ahead += 1
    return np.array(faces)


def whole_from_half(
    faces: Faces, vertex_ids: Int[np.ndarray, " half"], pairs: Int[np.ndarray, " vertices"]
) -> tuple[Int[np.ndarray, " whole"], Faces]:
    """Mirror a half mesh.

    `vertex_ids` are the half's vertices in the samples' mesh, `faces` index them. Return the same two for the
    whole: the half first, then the right side.
    """
    inner = np.flatnonzero(pairs[vertex_ids] != vertex_ids)
    twin = np.arange(len(vertex_ids))
    twin[inner] = len(vertex_ids) + np.arange(len(inner))
    whole_ids = np.concatenate([vertex_ids, pairs[vertex_ids[inner]]])
    return whole_ids, np.concatenate([faces, twin[faces][:, ::-1]])


def check_closed(faces: Faces, vertex_count: int) -> None:
    """Assert that a mesh is a closed, consistently oriented surface without handles.

    Raises:
        ValueError: it is not.
    """
    directed = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    once = len(np.unique(directed, axis=0)) == len(directed)
    paired = {tuple(edge) for edge in directed} == {tuple(edge) for edge in directed[:, ::-1]}
    euler = vertex_count - len(directed) // 2 + len(faces)
    if not (once and paired and euler == 2 and len(np.unique(faces)) == vertex_count):
        raise ValueError(f"not a closed surface: Euler number {euler}, {vertex_count} vertices")
