"""What a run's choices come to, and the command that makes them again."""

from typing import Annotated

import numpy as np
import pytest
import tyro
from tyro.conf import arg

from tcmr.errors import TcmrError
from tcmr.options import Options

CHOSEN = [
    Options(),
    Options(weights="a file.safetensors", focal_px=1200.5, max_persons=2, image_fps=25.0),
    Options(temporal="off", smooth="one-euro", detect_every=3, min_frames=1, device="cuda:1"),
    Options(body="SMPL", backbone="spin", spin="spin.pth.tar", edges="static", fit="on"),
    Options(height=1.72),
    Options(height="1:1.72,2:1.65"),
]


@pytest.mark.parametrize("options", CHOSEN)
def test_the_arguments_give_the_same_options_again(options):
    def command(options: Annotated[Options, arg(name="")] = Options()) -> Options:
        return options

    assert tyro.cli(command, args=options.arguments()) == options


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        (Options(), True),
        (Options(body="SMPL"), False),
        (Options(temporal="off"), False),
        (Options(temporal="off", fit="on"), True),
        (Options(fit="off"), False),
    ],
)
def test_bodies_are_fitted_where_their_places_are_known_and_time_counts(options, fits):
    assert options.fits is fits
    assert options.resolved().fit == ("on" if fits else "off")
    assert options.resolved().fits is fits


@pytest.mark.parametrize(
    ("chosen", "of_files", "live"), [("auto", "on", "off"), ("on", "on", "on"), ("off", "off", "off")]
)
def test_landmarks_are_read_in_the_mirror_unless_frames_do_not_wait(chosen, of_files, live):
    options = Options(mirrored=chosen)
    assert options.resolved().mirrored == of_files
    assert options.for_live().resolved().mirrored == live


def test_a_person_without_a_height_of_his_own_has_everybody_s():
    assert Options().height_m(1) is None
    assert Options(height=1.72).height_m(1) == 1.72
    options = Options(height="1.72,2:1.21")
    assert (options.height_m(1), options.height_m(2)) == (1.72, 1.21)
    assert Options(height="2:1.21").height_m(1) is None


def test_a_height_that_is_none_is_refused():
    with pytest.raises(TcmrError, match="in metres"):
        Options(height=172.0)


def test_a_number_not_above_zero_is_refused_by_its_name():
    with pytest.raises(TcmrError, match="focal must be above 0"):
        Options(focal_px=0.0)


@pytest.mark.parametrize("name", ["focal_px", "image_fps"])
def test_a_number_that_is_not_finite_is_refused(name):
    for number, need in ((float("inf"), "finite"), (float("nan"), "above 0")):
        with pytest.raises(TcmrError, match=f"{name.removesuffix('_px')} must be {need}"):
            Options(**{name: number})


@pytest.mark.usefixtures("without_checks_of_types")
def test_a_number_that_is_a_text_is_refused():
    with pytest.raises(TcmrError, match="focal must be a number, not '1000'"):
        Options(focal_px="1000")
    assert Options(focal_px=np.float32(1000)).focal_px == 1000


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("focal_px", 1e300),
        ("focal_px", 1e-300),
        ("image_fps", 1e7),
        ("image_fps", 1e-3),
        ("detect_every", 10**20),
        ("min_frames", 10**20),
        ("max_persons", 10**20),
    ],
)
def test_a_number_beyond_all_sense_is_refused_with_what_makes_sense(name, number):
    with pytest.raises(TcmrError, match=rf"{name.removesuffix('_px')} must be [\d.]+ to [\d.]+, not"):
        Options(**{name: number})


@pytest.mark.usefixtures("without_checks_of_types")
@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("temporal", True, "'on' or 'off'"),
        ("fit", True, "'auto' or 'on' or 'off'"),
        ("mirrored", False, "'auto' or 'on' or 'off'"),
        ("edges", "bogus", "'reflect' or 'hold' or 'cut' or 'static'"),
        ("edges", None, "'reflect' or 'hold' or 'cut' or 'static'"),
        ("smooth", "much", "'none' or 'slerp' or 'one-euro' or 'gaussian'"),
        ("backbone", "resnet", "'landmarks' or 'spin'"),
    ],
)
def test_a_value_that_there_is_not_is_refused_with_those_that_there_are(name, value, allowed):
    with pytest.raises(TcmrError, match=f"{name} must be {allowed}, not {value!r}"):
        Options(**{name: value})
