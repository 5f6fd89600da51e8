"""Messages say what the motion says."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.live.messages import SCHEMA, end_message, frame_message, start_message
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Clip


def test_a_frame_holds_everybodys_motion(motion_at):
    motions = [motion_at(7, person=3), motion_at(7, person=5)]
    line = frame_message(7, 0.2333333, motions, dropped_frames=2)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["schema"], told["type"], told["frame"], told["late"]) == (SCHEMA, "frame", 7, False)
    assert told["dropped_frames"] == 2
    assert told["time_s"] == pytest.approx(7 / 30, abs=1e-6)
    assert [person["id"] for person in told["persons"]] == [3, 5]
    person = told["persons"][0]
    assert set(person) == {"id", "box", "cam", "transl", "poses", "betas", "joints", "bridged"}
    rotmat = rotmat_from_axis_angle(torch.tensor(person["poses"]).reshape(24, 3))
    np.testing.assert_allclose(rotmat, motions[0].rotmat[0], atol=1e-4)
    assert np.shape(person["joints"]) == (24, 3)
    assert (len(person["betas"]), len(person["cam"])) == (10, 3)
    assert person["transl"] == [0, 0, 3]
    assert person["box"] == [10, 20, 30, 40.12346]
    assert person["bridged"] is False


def test_the_first_and_the_last_message():
    clip = Clip(Path("camera-0"), 640, 480, 30.0, None, has_audio=False)
    first = json.loads(start_message("camera:0", clip, PinholeCamera(800.0, (320.0, 240.0)), 7))
    assert first == {
        "schema": SCHEMA,
        "type": "start",
        "source": "camera:0",
        "size": [640, 480],
        "fps": 30.0,
        "focal_px": 800.0,
        "center_px": [320.0, 240.0],
        "latency_frames": 7,
    }
    last = json.loads(end_message(100, 3, 1))
    assert last == {"schema": SCHEMA, "type": "end", "frames": 100, "dropped_frames": 3, "reconnects": 1}
