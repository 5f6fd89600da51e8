"""What a user can choose about a run: the same names on the command line and in Python."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from tyro.conf import arg

from tcmr.heights import EVERYBODY, read_heights
from tcmr.model.windows import Edges
from tcmr.requirements import require_choices, require_within
from tcmr.smooth.motion import Smooth
from tcmr.video.file import PLAUSIBLE_FPS

CameraMoves = Literal["auto", "still"]
_COUNTS = (1, 1_000_000_000)
_BOUNDS = {
    "focal_px": (1, 1_000_000),
    "max_persons": _COUNTS,
    "min_frames": _COUNTS,
    "detect_every": _COUNTS,
    "image_fps": PLAUSIBLE_FPS,
}


@dataclass(frozen=True)
class Options:
    """Choices that hold for every video of a run.

    Raises:
        TcmrError: a value is none of those allowed, a number is out of range, or a height is none.
    """

    weights: str = "open"
    """Temporal model: "open", or a file of weights."""

    body: str = "open"
    """Body: "open", a SMPL file, or a folder that holds one."""

    backbone: Literal["landmarks", "spin"] | None = None
    """What makes the static features; default: what the weights were trained on."""

    spin: str | None = None
    """SPIN's checkpoint; default: the one in the body's folder, else the one that was added to the assets."""

    landmark_weights: str = "open"
    """Weights of the landmark network: "open", "blazepose" (its own), or a file that `tcmr train` made."""

    edges: Edges = "reflect"
    """What a window sees beyond the ends of a clip: the clip mirrored ("reflect"), its end frame repeated ("hold"),
    nothing ("cut"), or instead of all else its target frame repeated ("static")."""

    mirrored: Literal["auto", "on", "off"] = "auto"
    """Read landmarks in the mirror too and take the mean: surer, for twice the work; "auto": where frames wait."""

    temporal: Literal["on", "off"] = "on"
    """TCMR, or to compare with it each frame by itself: the per-frame network's own estimate."""

    fit: Literal["auto", "on", "off"] = "auto"
    """Move the bodies onto the landmarks; "auto": TCMR's with the open body, on which their places are known."""

    smooth: Smooth = "none"
    """Post-filter on the rotations; docs/post_filters.md has what each gives and costs."""

    focal_px: Annotated[float | None, arg(name="focal", metavar="PX")] = None
    """Focal length of the camera in pixels; assumed to be as long as the picture's diagonal."""

    height: Annotated[float | str | None, arg(metavar="M")] = None
    """Body height in metres: 1.72 for everybody, 1:1.72,2:1.65 for persons 1 and 2; by default they are guessed."""

    camera: CameraMoves = "auto"
    """How the camera turns is measured in the background ("auto"; not live), or it is known to stand still."""

    max_persons: Annotated[int | None, arg(aliases=["--max-people"], metavar="INT")] = None
    """Keep at most so many persons: the most prominent ones."""

    min_frames: int = 10
    """Drop a person who is seen in fewer frames, but not who is seen in all frames of a shorter video."""

    detect_every: int = 8
    """Look for new persons every so many frames, at 30 per second; as often in seconds where there are more."""

    device: str = "cpu"
    """Where the networks run: "cpu", "cuda", "cuda:1", "mps"."""

    image_fps: float = 30.0
    """Frames per second of a folder of images."""

    def __post_init__(self) -> None:
        require_choices(self)
        for name, (least, most) in _BOUNDS.items():
            require_within(_on_command_line(name), getattr(self, name), least, most)
        self.heights_m()  # so that a wrong one is told at once

    def heights_m(self) -> dict[int | None, float]:
        """Return the known heights of persons by their numbers; under `EVERYBODY` that of all others."""
        return {} if self.height is None else read_heights(str(self.height))

    def height_m(self, person: int) -> float | None:
        """Return a person's height, if it is known."""
        known = self.heights_m()
        return known.get(person, known.get(EVERYBODY))

    @property
    def fits(self) -> bool:
        """Whether bodies are moved onto the landmarks."""
        return self.fit == "on" or (self.fit == "auto" and self.temporal == "on" and self.body == "open")

    @property
    def mirrors(self) -> bool:
        """Whether landmarks are read in the mirror too."""
        return self.mirrored != "off"

    def for_live(self) -> "Options":
        """Return the same choices with what "auto" comes to where frames do not wait."""
        return replace(self, mirrored="on" if self.mirrored == "on" else "off", camera="still")

    def resolved(self) -> "Options":
        """Return the same choices with what "auto" comes to."""
        return replace(self, fit="on" if self.fits else "off", mirrored="on" if self.mirrors else "off")

    def named(self) -> dict[str, Any]:
        """Return all choices under the names of the command line."""
        return {_on_command_line(name): value for name, value in asdict(self).items()}

    def arguments(self) -> list[str]:
        """Return the arguments of the command line for what is not as by default.

        >>> Options(smooth="gaussian", max_persons=2).arguments()
        ['--smooth', 'gaussian', '--max-persons', '2']
        """
        default = Options().named()
        return [
            word
            for name, value in self.named().items()
            if value != default[name]
            for word in (f"--{name.replace('_', '-')}", str(value))
        ]


def _on_command_line(name: str) -> str:
    return name.removesuffix("_px")
