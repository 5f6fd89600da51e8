from pathlib import Path

import cv2
import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.video import open_clip


def _write(path: Path, rgb: np.ndarray) -> None:
    assert cv2.imwrite(str(path), rgb[:, :, ::-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve images, the level of each its number."""
    for number in range(12):
        _write(tmp_path / f"frame{number}.png", np.full((7, 9, 3), number, np.uint8))
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


def test_images_come_in_natural_order(folder: Path) -> None:
    with open_clip(folder, image_fps=12.5) as reader:
        assert (reader.clip.fps, reader.clip.frame_count, reader.clip.has_audio) == (12.5, 12, False)
        assert [int(frame.rgb[0, 0, 0]) for frame in reader] == list(range(12))
    np.testing.assert_allclose(reader.timestamps_s, np.arange(12) / 12.5)
    assert reader.clip.fps == pytest.approx(12.5)
    assert reader.warnings() == []


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp", ".PNG"])
def test_formats_agree_with_opencv(tmp_path: Path, sample_clip: Path, suffix: str) -> None:
    with open_clip(sample_clip, max_side=320) as reader:
        rgb = next(iter(reader)).rgb
    _write(tmp_path / f"100%d{suffix}", rgb)
    expected = cv2.imread(str(tmp_path / f"100%d{suffix}"))[:, :, ::-1]
    with open_clip(tmp_path) as reader:
        (frame,) = reader
    assert np.abs(frame.rgb.astype(int) - expected).mean() < 1.5


def test_grey_images(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((5, 6), 77, np.uint8))
    with open_clip(tmp_path) as reader:
        (frame,) = reader
    np.testing.assert_array_equal(frame.rgb, np.full((5, 6, 3), 77))


def test_a_damaged_image_is_left_out_and_the_others_keep_their_time(folder: Path) -> None:
    (folder / "frame4.png").write_bytes(b"")
    (folder / "frame5.png").write_bytes(b"\x89PNG rubbish")
    with open_clip(folder, image_fps=10.0) as reader:
        levels = [int(frame.rgb[0, 0, 0]) for frame in reader]
    assert levels == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    np.testing.assert_allclose(reader.timestamps_s, np.array(levels) / 10)
    assert reader.damaged_frames == 2


def test_exif_orientation(tmp_path: Path, corners: np.ndarray) -> None:
    """Orientation 6, as a phone held upright writes it: turn clockwise to see."""
    _write(tmp_path / "a.jpg", corners)
    content = (tmp_path / "a.jpg").read_bytes()
    tiff = (
        b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    )
    exif = b"Exif\x00\x00" + tiff
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    (tmp_path / "a.jpg").write_bytes(content[:2] + segment + content[2:])
    with open_clip(tmp_path) as reader:
        (frame,) = reader
    assert frame.rgb.shape == (64, 48, 3)
    assert np.abs(frame.rgb.astype(int) - np.rot90(corners, -1)).mean() < 8


def test_images_of_two_sizes_are_refused(folder: Path) -> None:
    _write(folder / "frame7.png", np.zeros((7, 10, 3), np.uint8))
    with open_clip(folder) as reader, pytest.raises(TcmrError, match=r"frame7.png: is 10x7 .* 9x7"):
        list(reader)


def test_a_folder_without_images(tmp_path: Path) -> None:
    (tmp_path / "._a.png").write_bytes(b"\x00")
    (tmp_path / "notes.txt").write_text("not an image")
    with pytest.raises(TcmrError, match=f"{tmp_path.name}: has no images"):
        open_clip(tmp_path)


def test_a_folder_with_damaged_images_only(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG rubbish")
    with pytest.raises(TcmrError, match=f"{tmp_path.name}: no frame"):
        open_clip(tmp_path)


@pytest.mark.parametrize("poster", [True, False])
def test_a_folder_of_videos_is_for_batch(tmp_path: Path, poster: bool) -> None:
    (tmp_path / "b.MP4").touch()
    (tmp_path / "a.mkv").touch()
    if poster:
        _write(tmp_path / "poster.png", np.zeros((7, 9, 3), np.uint8))
    with pytest.raises(
        TcmrError, match=rf"{tmp_path.name}: holds videos \(a.mkv\); .*`tcmr batch {tmp_path}`"
    ):
        open_clip(tmp_path)
