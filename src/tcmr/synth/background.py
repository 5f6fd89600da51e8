"""What is behind a rendered person: pictures of the user's, or made-up walls, streets, floors and clutter."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from jaxtyping import Float32, UInt8

from tcmr.errors import TcmrError
from tcmr.raster import Mesh, draw
from tcmr.synth.palette import any_colour
from tcmr.video.file import film_of, opened

Array = np.ndarray

SIDE_PX = 640
PICTURE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
PICTURE_CHANCE = 0.6  # how often a picture of the user's is taken, if there are any


def load_pictures(folder: Path) -> list[UInt8[Array, "_ _ 3"]]:
    """Read all pictures of a folder, each at no more than twice `SIDE_PX`.

    Raises:
        TcmrError: there is none, or one cannot be read.
    """
    return [_read_picture(path) for path in picture_files(folder)]


def picture_files(folder: Path) -> list[Path]:
    """Return the files of a folder's pictures, in the order of their names.

    Raises:
        TcmrError: there is none.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    if not paths:
        raise TcmrError(
            f"{folder}: no pictures ({', '.join(sorted(PICTURE_SUFFIXES))}) to use as backgrounds"
        )
    return paths


def paint_background(
    pictures: Sequence[UInt8[Array, "_ _ 3"]], rng: np.random.Generator
) -> Float32[Array, "side side 3"]:
    """Draw what a person stands before, as a square of `SIDE_PX` (0 to 255)."""
    if pictures and rng.random() < PICTURE_CHANCE:
        canvas = _cut_out(pictures[int(rng.integers(len(pictures)))], rng)
    else:
        canvas = (_wall, _bricks, _street)[rng.choice(3, p=[0.5, 0.2, 0.3])](rng)
        canvas += _grain(rng)
    if rng.random() < 0.6:
        _lay_floor(canvas, rng)
    _clutter(canvas, rng)
    return np.clip(_out_of_focus(canvas, rng), 0, 255)


def resize(rgb: UInt8[Array, "_ _ 3"], width: int, height: int) -> UInt8[Array, "height width 3"]:
    """Scale a picture smoothly."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
    return frame.reformat(width=width, height=height, interpolation="BICUBIC").to_ndarray()


def spread(
    values: Float32[Array, "rows columns channels"], width: int, height: int
) -> Float32[Array, "height width channels"]:
    """Fill a picture with few values, with smooth steps from one to the next."""
    for length in (height, width):  # down the columns, then along the rows
        position = np.linspace(0, len(values) - 1, length, dtype=np.float32)
        before = position.astype(int)
        share = position % 1
        share = (share * share * (3 - 2 * share))[:, None, None]
        after = np.minimum(before + 1, len(values) - 1)
        values = ((1 - share) * values[before] + share * values[after]).transpose(1, 0, 2)
    return np.ascontiguousarray(values)


def _read_picture(path: Path) -> UInt8[Array, "_ _ 3"]:
    try:
        with opened(path) as container:
            frame = next(container.decode(film_of(container, str(path))))
        scale = min(1.0, 2 * SIDE_PX / max(frame.width, frame.height))
        width, height = (max(2, round(scale * length)) for length in (frame.width, frame.height))
        # Converted and scaled in one pass: the whole picture in RGB would take as much memory again.
        return frame.reformat(width, height, "rgb24", interpolation="BICUBIC").to_ndarray()
    except (av.FFmpegError, StopIteration, TcmrError) as error:
        raise TcmrError(
            f"{path}: not a readable picture; take it out of the folder of backgrounds"
        ) from error


def _cut_out(picture: UInt8[Array, "_ _ 3"], rng: np.random.Generator) -> Float32[Array, "side side 3"]:
    """Cut a random square out of a picture, in other light, perhaps mirrored."""
    side = int(rng.uniform(0.4, 1) * min(picture.shape[:2]))
    top, left = (int(rng.integers(length - side + 1)) for length in picture.shape[:2])
    cut = picture[top : top + side, left : left + side]
    cut = resize(cut[:, ::-1] if rng.random() < 0.5 else cut, SIDE_PX, SIDE_PX)
    return (cut * rng.uniform(0.6, 1.2, 3) + rng.uniform(-30, 40)).astype(np.float32)


def _wall(rng: np.random.Generator) -> Float32[Array, "side side 3"]:
    """Draw a surface in changing light, perhaps with stripes."""
    corners = np.stack([any_colour(rng) for _ in range(4)]).reshape(2, 2, 3)
    corners = (corners + 2 * corners.mean((0, 1))) / 3 if rng.random() < 0.6 else corners
    canvas = spread(corners, SIDE_PX, SIDE_PX)
    if rng.random() < 0.25:
        period, width = rng.uniform(20, 160), rng.uniform(0.05, 0.5)
        stripes = (np.arange(SIDE_PX) / period) % 1 < width
        canvas[:, stripes] = 0.5 * canvas[:, stripes] + 0.5 * any_colour(rng)
    return canvas


def _bricks(rng: np.random.Generator) -> Float32[Array, "side side 3"]:
    """Draw rows of bricks or tiles with joints between them."""
    height, width, joint = rng.uniform(8, 60), rng.uniform(16, 120), rng.uniform(1, 4)
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32)
    row = np.floor(rows / height)
    shifted = columns + (row % 2) * width * rng.choice([0, 0.5])
    column = np.floor(shifted / width)
    in_joint = (rows % height < joint) | (shifted % width < joint)
    tints = rng.normal(0, rng.uniform(3, 25), 997).astype(np.float32)
    bricks = any_colour(rng) + tints[((31 * row + 17 * column) % 997).astype(int)][..., None]
    return np.where(in_joint[..., None], any_colour(rng), bricks).astype(np.float32)


def _street(rng: np.random.Generator) -> Float32[Array, "side side 3"]:
    """Draw sky, houses with windows, and the ground before them."""
    canvas = np.empty((SIDE_PX, SIDE_PX, 3), np.float32)
    sky = np.array([150, 190, 235]) * rng.uniform(0.5, 1.1) + rng.normal(0, 15, 3)
    canvas[:] = sky + np.linspace(-20, 20, SIDE_PX)[:, None, None]
    left = 0
    while left < SIDE_PX:
        right = left + int(rng.integers(60, 260))
        house = canvas[int(rng.uniform(0, 0.45) * SIDE_PX) :, left:right]
        house[:] = any_colour(rng) * rng.uniform(0.5, 1)
        storey, spacing = int(rng.integers(30, 90)), int(rng.integers(20, 70))
        pane = any_colour(rng) * rng.uniform(0.2, 1)
        for row in range(storey // 3, len(house), storey):
            for column in range(spacing // 3, house.shape[1], spacing):
                house[row : row + storey // 2, column : column + spacing // 2] = pane
        left = right
    return canvas


def _grain(rng: np.random.Generator) -> Float32[Array, "side side 1"]:
    """Draw random texture of several sizes."""
    grain = np.zeros((SIDE_PX, SIDE_PX, 1), np.float32)
    for octave in range(rng.integers(0, 5)):
        cells = 4 * 3**octave
        noise = rng.standard_normal((cells, cells, 1), np.float32)
        grain += spread(noise, SIDE_PX, SIDE_PX) * np.float32(rng.uniform(4, 30))
    return grain


def _lay_floor(canvas: Float32[Array, "side side 3"], rng: np.random.Generator) -> None:
    horizon = int(rng.uniform(0.45, 0.75) * SIDE_PX)
    floor = canvas[horizon:]
    floor *= 0.35
    floor += 0.65 * any_colour(rng)
    if rng.random() < 0.4:  # boards or tiles that run away from the camera
        depth = 40 / (np.arange(len(floor)) + 6.0)
        across = (
            (np.arange(SIDE_PX) - rng.uniform(0, SIDE_PX))[None, :] * depth[:, None] / rng.uniform(10, 40)
        )
        along = rng.uniform(2, 8) * depth[:, None] + np.zeros_like(across)
        pale = (np.floor(across) + np.floor(along) * rng.integers(0, 2)) % 2 == 0
        floor[pale] *= np.float32(rng.uniform(0.7, 0.95))


def _clutter(canvas: Float32[Array, "side side 3"], rng: np.random.Generator) -> None:
    """Put boxes, posts, cables and odd shapes about, the later ones in front."""
    count = int(rng.integers(0, 22))
    centers = rng.uniform(0, SIDE_PX, (count, 1, 2))
    sizes = np.exp(rng.uniform(np.log(3), np.log(200), (count, 1, 2)))
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    crooked = (rng.random((count, 1, 1)) < 0.3) * rng.normal(0, 0.4, (count, 4, 2))
    angles = np.where(rng.random(count) < 0.6, 0, rng.uniform(0, np.pi, count))
    turns = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], -1).reshape(-1, 2, 2)
    corners = centers + ((square + crooked) * sizes) @ turns.mT
    nearness = np.repeat(np.arange(1, count + 1), 4)[:, None]
    screen = np.concatenate([corners.reshape(-1, 2), nearness], 1).astype(np.float32)
    rgb = np.repeat([any_colour(rng) for _ in range(count)], 4, axis=0).reshape(-1, 3) + rng.normal(
        0, 12, (4 * count, 3)
    )
    first = 4 * np.arange(count)[:, None]
    fronts = np.concatenate([first + np.array(half) for half in ([0, 1, 2], [0, 2, 3])])
    faces = np.concatenate([fronts, fronts[:, ::-1]]).astype(np.int32)
    draw(Mesh(screen, rgb.astype(np.float32), faces), canvas, np.zeros(canvas.shape[:2], np.float32))


def _out_of_focus(
    canvas: Float32[Array, "side side 3"], rng: np.random.Generator
) -> Float32[Array, "side side 3"]:
    """Blur a part of the backgrounds, by way of a smaller picture."""
    if rng.random() < 0.5:
        return canvas
    side = int(SIDE_PX / rng.uniform(1.2, 8))
    small = resize(np.clip(canvas, 0, 255).astype(np.uint8), side, side)
    return resize(small, SIDE_PX, SIDE_PX).astype(np.float32)
