"""Persons, light, scenery and a camera to frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32, UInt8

from tcmr.raster import Mesh, draw, to_screen, vertex_normals
from tcmr.synth.camera_motion import CameraPath
from tcmr.synth.lens import Lens
from tcmr.synth.light import Lighting
from tcmr.synth.scenery import Scenery

Array = np.ndarray

SHUTTER_STEPS = (-0.5, 0.0, 0.5)  # moments that a picture with motion blur is the mean of


@dataclass(frozen=True)
class Actor:
    """A person before the camera: vertices in camera coordinates, and colours before light."""

    vertices_m: Float32[Array, "frames vertices 3"]
    rgb: Float32[Array, "vertices 3"]
    thickness_m: Float32[Array, " vertices"]
    faces: Int32[Array, "faces 3"]

    def surface_m(self, frame: int) -> Float32[Array, "vertices 3"]:
        """Return the outside of clothes and hair."""
        skin = self.vertices_m[frame]
        return skin + self.thickness_m[:, None] * vertex_normals(skin, self.faces)

    def velocity_m(self, frame: int) -> Float32[Array, "vertices 3"]:
        """Return how far each vertex moves in the time of a frame."""
        last = len(self.vertices_m) - 1
        before, after = max(frame - 1, 0), min(frame + 1, last)
        return (self.vertices_m[after] - self.vertices_m[before]) / max(after - before, 1)


@dataclass(frozen=True)
class Scene:
    """All that a clip's pictures are made from."""

    actors: Sequence[Actor]
    camera: CameraPath
    lighting: Lighting
    scenery: Scenery
    lens: Lens

    def render(self, rng: np.random.Generator) -> Iterator[UInt8[Array, "side side 3"]]:
        """Take the clip's pictures one by one; `rng` is for the sensor's noise."""
        for frame in range(len(self.camera.rotmat)):
            yield self.lens.expose(self._light_at(frame), rng)

    def _light_at(self, frame: int) -> Float32[Array, "side side 3"]:
        surfaces = [actor.surface_m(frame) for actor in self.actors]
        colours = [
            self.lighting.shade(actor.rgb, vertex_normals(surface, actor.faces), self.camera.rotmat[frame])
            for actor, surface in zip(self.actors, surfaces, strict=True)
        ]
        if not self.lens.shutter:
            return self._moment(surfaces, colours, float(frame))
        last = len(self.camera.rotmat) - 1.0
        moments = []
        for step in SHUTTER_STEPS:
            offset = step * self.lens.shutter
            moved = [
                surface + np.float32(offset) * actor.velocity_m(frame)
                for actor, surface in zip(self.actors, surfaces, strict=True)
            ]
            moments.append(self._moment(moved, colours, min(max(frame + offset, 0.0), last)))
        return np.mean(moments, axis=0)

    def _moment(
        self,
        surfaces_m: Sequence[Float32[Array, "vertices 3"]],
        colours: Sequence[Float32[Array, "vertices 3"]],
        frame: float,
    ) -> Float32[Array, "side side 3"]:
        picture = self.scenery.behind(frame)
        inverse_depth = np.zeros(picture.shape[:2], np.float32)
        for actor, surface, rgb in zip(self.actors, surfaces_m, colours, strict=True):
            screen = to_screen(surface, self.camera.focal_px, self.camera.center_xy_px)
            draw(Mesh(screen, rgb, actor.faces), picture, inverse_depth)
        self.scenery.cover(picture, frame)
        return picture
