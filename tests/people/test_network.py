import numpy as np
import pytest

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.people.network import Network, read_model

SHAPES = [(1, 6, 56)]


def test_a_network_takes_pictures_of_different_sizes():
    network = Network(read_model(fetch("movenet"), SHAPES))
    for height, width in ((64, 96), (96, 64), (64, 96)):
        (persons,) = network(np.zeros((height, width, 3), np.uint8))
        assert persons.shape == (6, 56)


@pytest.mark.parametrize(
    "damage", [lambda model: model[: len(model) // 2], lambda model: b"", lambda model: b"text" * 99]
)
def test_a_damaged_file_is_named(tmp_path, damage):
    path = tmp_path / "model.tflite"
    path.write_bytes(damage(fetch("movenet").read_bytes()))
    with pytest.raises(TcmrError, match=r"model\.tflite is damaged or not a LiteRT model"):
        read_model(path, SHAPES)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TcmrError, match=r"cannot read the model .*gone\.tflite: No such file"):
        read_model(tmp_path / "gone.tflite", SHAPES)


def test_another_model_is_refused():
    with pytest.raises(TcmrError, match="another model than expected"):
        read_model(fetch("blazepose-detector"), SHAPES)
