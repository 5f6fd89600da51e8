import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.evaluate.calibration import read_qualisys

# A camera 3 m east of the origin, 1 m up (world: x east, y north, z up), that looks west.
# Qualisys' axes: x to the right of the picture (north), y up, z backwards (east).
LOOKING_WEST = """<?xml version='1.0' encoding='ASCII'?>
<calibration><cameras><camera serial="west">
<fov_video bottom="1919" left="0" right="1087" top="0"/>
<transform r11="0" r12="1" r13="0" r21="0" r22="0" r23="1" r31="1" r32="0" r33="0" x="3000" y="0" z="1000"/>
<intrinsic centerPointU="32000" centerPointV="64000" focalLengthU="64000" focalLengthV="64000"/>
</camera></cameras></calibration>
"""


@pytest.fixture
def calibration(tmp_path):
    path = tmp_path / "Calib.qca.txt"
    path.write_text(LOOKING_WEST)
    return path


def test_camera_sees_the_world_from_where_it_stands(calibration):
    (camera,) = read_qualisys(calibration)
    assert (camera.name, camera.width, camera.height) == ("west", 1088, 1920)
    above_origin, north, ground = camera.from_world(np.array([[0.0, 0, 1], [0, 1, 1], [0, 0, 0]]))
    np.testing.assert_allclose(above_origin, [0, 0, 3], atol=1e-12)
    np.testing.assert_allclose(north, [1, 0, 3], atol=1e-12)
    np.testing.assert_allclose(ground, [0, 1, 3], atol=1e-12)
    pixel = camera.pinhole.project(torch.tensor(north))
    np.testing.assert_allclose(pixel, [500 + 1000 / 3, 1000], rtol=1e-6)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text[:100], "not a Qualisys calibration"),
        (lambda text: "<calibration/>", "holds no camera"),
        (lambda text: text.replace('r12="1"', ""), "r12"),
        (lambda text: text.replace('x="3000"', 'x="far"'), "far"),
        (lambda text: text.replace("<transform", "<turned"), "no <transform>"),
    ],
)
def test_damaged_files_are_refused_by_name(calibration, damage, reason):
    calibration.write_text(damage(LOOKING_WEST))
    with pytest.raises(TcmrError, match=reason) as caught:
        read_qualisys(calibration)
    assert str(calibration) in str(caught.value)
