import av
import numpy as np
import pytest

from tcmr.synth.jpeg import decode_jpeg, encode_jpeg


def two_colours() -> np.ndarray:
    rgb = np.zeros((50, 70, 3), np.uint8)
    rgb[:, 35:] = (200, 40, 90)
    return rgb


def test_others_can_read_it(tmp_path):
    (tmp_path / "two.jpg").write_bytes(encode_jpeg(two_colours()))
    with av.open(str(tmp_path / "two.jpg")) as container:
        read = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert read.shape == two_colours().shape
    assert np.abs(read.astype(int) - two_colours()).mean() < 4


def test_it_comes_back():
    read = decode_jpeg(encode_jpeg(two_colours()))
    assert np.abs(read.astype(int) - two_colours()).mean() < 4


@pytest.mark.parametrize("content", [b"", b"no picture at all"])
def test_something_else_is_refused(content):
    with pytest.raises(ValueError, match="picture"):
        decode_jpeg(content)
