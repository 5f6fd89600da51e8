"""The protocol on what BlazePose really saw (four_cameras.npz: our own readings of the clip)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.commands.evaluate import tracks_of
from tcmr.errors import TcmrError
from tcmr.evaluate.calibration import CalibratedCamera
from tcmr.evaluate.four_cameras import (
    BEAM,
    PAIR,
    View,
    at_half_rate,
    evaluate_four_cameras,
    fetch_views,
    track_of_reference,
)
from tcmr.evaluate.prediction import Observation, Prediction
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, LIMBS_IN_BLAZEPOSE, indices
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.types import Track


@pytest.fixture(scope="module")
def measured() -> dict[str, np.ndarray]:
    return dict(np.load(Path(__file__).with_name("four_cameras.npz")))


@pytest.fixture(scope="module")
def tracks(measured) -> list[Track]:
    return [
        Track(
            id=0, segment=0, frames=np.arange(100), xy_px=xy_px, visibility=np.ones((100, 33), np.float32),
            world_m=world_m, scores=np.ones(100, np.float32), bridged=np.zeros(100, bool),
            spread_px=np.zeros((100, 33), np.float32),
            flow_px=np.zeros((100, 33, 2), np.float32),
            flow_certainty=np.zeros((100, 33), np.float32),
        )
        for xy_px, world_m in zip(measured["xy_px"], measured["world_m"], strict=True)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def views(measured) -> list[View]:
    names = [str(name) for name in measured["camera_names"]]
    pinhole = PinholeCamera.assumed(1088, 1920)
    return [
        View(
            Path(f"{name}.mp4"),
            CalibratedCamera(name, 1088, 1920, pinhole, np.eye(3), np.zeros(3)),
            60.0,
            true_m,
        )
        for name, true_m in zip(names, measured["reference_m"], strict=True)
    ]


@pytest.fixture(scope="module")
def report(views, tracks):
    def half_as_fast(observation: Observation) -> Prediction:
        joints = observation.track.world_m[:, indices(BLAZEPOSE_33, LIMBS_12)]
        return Prediction(joints / 2 + np.float32([0, 0, 5]), placed=True)

    return evaluate_four_cameras(
        BEAM,
        views,
        tracks,
        {"half": half_as_fast},
        weights="none",
        command="pytest",
        as_filmed={"half, of all": half_as_fast},
    )


def test_raw_blazepose_scores_what_it_is_known_to(report):
    raw = report.rows["BlazePose"]
    assert raw.mpjpe_mm == pytest.approx(151.2, abs=0.05)
    assert raw.pa_mpjpe_mm == pytest.approx(95.8, abs=0.05)
    assert raw.acceleration_error_mm == pytest.approx(73.7, abs=0.05)
    assert raw.speed_kept == pytest.approx(2.02, abs=0.005)
    by_camera = [scores.pa_mpjpe_mm for scores in report.parts["BlazePose"].values()]
    np.testing.assert_allclose(by_camera, [80.8, 129.6, 86.2, 86.6], atol=0.05)


def test_smoothed_blazepose_scores_what_it_is_known_to(report):
    smoothed = report.rows["BlazePose + Gaussian (2 frames)"]
    assert smoothed.pa_mpjpe_mm == pytest.approx(97.1, abs=0.05)
    assert smoothed.acceleration_error_mm == pytest.approx(9.7, abs=0.05)


def test_standing_still_keeps_nothing_but_a_low_acceleration_error(report):
    still = report.rows["no motion"]
    assert still.acceleration_error_mm == pytest.approx(8.67, abs=0.05)
    assert still.speed_kept == still.acceleration_kept == 0


def test_camera_2_sees_the_man_from_the_wrong_side(report):
    away = {name: scores.facing_away_percent for name, scores in report.parts["BlazePose"].items()}
    assert away["cam02"] > 10
    assert max(away["cam01"], away["cam03"], away["cam04"]) < 1


def test_frames_that_face_away_are_counted_by_camera(report):
    by_camera = report.parts["BlazePose"]
    assert all(scores.frames == 100 for scores in by_camera.values())
    away = by_camera["cam02"].facing_away_frames
    assert away == by_camera["cam02"].facing_away_percent
    row = report.rows["BlazePose"]
    assert row.facing_away_frames == sum(scores.facing_away_frames for scores in by_camera.values()) >= away
    assert row.frames == 400


def test_ends_and_middle_are_all_frames(report):
    frames = [scores.frames for scores in report.ends["BlazePose"].values()]
    assert frames == [8 * 8, 8 * 35, 8 * 7]
    mean = np.average([scores.mpjpe_mm for scores in report.ends["BlazePose"].values()], weights=frames)
    assert mean == pytest.approx(report.rows["BlazePose"].mpjpe_mm)


def test_a_method_of_the_callers_is_scored_beside(report):
    assert list(report.rows)[-2:] == ["half", "half, of all"]
    half, raw = report.rows["half"], report.rows["BlazePose"]
    assert half.speed_kept == pytest.approx(raw.speed_kept / 2)
    assert half.pa_mpjpe_mm == pytest.approx(raw.pa_mpjpe_mm)
    assert half.off_person_percent is not None
    assert raw.off_person_percent is None


def test_a_method_that_knows_no_time_is_the_same_as_filmed(report):
    assert report.rows["half, of all"] == report.rows["half"]


def test_as_filmed_a_method_sees_all_frames(views, tracks):
    seen = []

    def whole(observation: Observation) -> Prediction:
        seen.append((len(observation.track.frames), observation.fps))
        return Prediction(views[0].reference_m[: len(observation.track.frames)])

    of_all = {"whole, of all": whole}
    found = evaluate_four_cameras(
        BEAM, views[:1], tracks[:1], {"whole": whole}, weights="none", command="pytest", as_filmed=of_all
    )
    assert seen == [(50, 30.0), (50, 30.0), (100, 60.0)]
    assert found.rows["whole, of all"].mpjpe_mm == 0
    assert found.rows["whole, of all"].frames == 100


def test_half_rate_phases_are_the_even_and_odd_frames(tracks):
    even, odd = (at_half_rate(tracks[0], phase) for phase in (0, 1))
    np.testing.assert_array_equal(even.frames, np.arange(50))
    both = np.stack([even.xy_px, odd.xy_px], 1).reshape(100, 33, 2)
    np.testing.assert_array_equal(both, tracks[0].xy_px)


def test_at_half_rate_the_picture_moves_by_two_steps_at_once(tracks):
    known = np.ones((100, 33), np.float32)
    known[50] = 0
    step = np.float32([3, -4]) * np.ones((100, 33, 2), np.float32)
    odd = at_half_rate(replace(tracks[0], flow_px=step, flow_certainty=known), 1)
    np.testing.assert_array_equal(odd.flow_px[1:], 2 * step[1:50])
    np.testing.assert_array_equal(np.flatnonzero(odd.flow_certainty[:, 0] == 0), [0, 25])
    np.testing.assert_allclose(odd.flow_certainty[1], np.sqrt(0.5))


def test_a_track_of_part_of_the_clip_meets_its_own_frames(views, measured):
    late = Track(
        id=0, segment=0, frames=np.arange(41, 100), xy_px=measured["xy_px"][0, 41:],
        visibility=np.ones((59, 33), np.float32), world_m=np.zeros((59, 33, 3), np.float32),
        scores=np.ones(59, np.float32), bridged=np.zeros(59, bool),
        spread_px=np.zeros((59, 33), np.float32),
        flow_px=np.zeros((59, 33, 2), np.float32),
        flow_certainty=np.zeros((59, 33), np.float32),
    )  # fmt: skip
    even = measured["reference_m"][0, 41::2], measured["reference_m"][0, 42::2]

    def truth(observation: Observation) -> Prediction:
        return Prediction(even[0] if len(observation.track.frames) == 30 else even[1])

    report = evaluate_four_cameras(
        BEAM, views[:1], [late], {"truth": truth}, weights="none", command="pytest"
    )
    assert report.rows["truth"].mpjpe_mm == 0


def test_a_track_beyond_the_reference_is_refused(views, tracks):
    short = View(views[0].video, views[0].camera, 60.0, views[0].reference_m[:50])
    with pytest.raises(ValueError, match=r"cam01.mp4: the track ends at frame 99, the reference at 49"):
        evaluate_four_cameras(BEAM, [short], tracks[:1], {}, weights="none", command="pytest")


@pytest.mark.network
def test_reference_projects_onto_the_man_in_every_calibrated_view(measured):
    for view, xy_px, reference_m in zip(
        fetch_views(BEAM), measured["xy_px"], measured["reference_m"], strict=True
    ):
        assert view.video.exists()
        np.testing.assert_allclose(view.reference_m, reference_m, atol=1e-5)
        projected_px = view.camera.pinhole.project(torch.tensor(view.reference_m)).numpy()
        distance_px = np.linalg.norm(projected_px - xy_px[:, indices(BLAZEPOSE_33, LIMBS_12)], axis=-1)
        assert np.median(distance_px) < 20


def test_the_reference_tells_whose_track_is_meant(views, tracks):
    view = views[0]
    beside = replace(tracks[0], xy_px=tracks[0].xy_px + np.float32([400, 0]))
    seen_px = view.camera.pinhole.project(torch.from_numpy(view.reference_m)).numpy()
    on_it = replace(tracks[0], xy_px=tracks[0].xy_px.copy())
    on_it.xy_px[:, LIMBS_IN_BLAZEPOSE] = seen_px
    assert track_of_reference(view, [beside, on_it]) is on_it
    assert track_of_reference(view, [on_it, beside]) is on_it


def test_a_view_without_anybody_is_an_error(views):
    with pytest.raises(TcmrError, match=r"cam01.mp4: nobody was found"):
        track_of_reference(views[0], [])


@pytest.mark.network
def test_the_womans_reference_lies_on_the_woman():
    view = fetch_views(PAIR)[3]  # the views do not quite agree: this one and the reference do best
    options = Options()
    tracks, _ = tracks_of(view.video, options, Models.load(options))
    woman = track_of_reference(view, tracks)
    reference_px = view.camera.pinhole.project(torch.from_numpy(view.reference_m)).numpy()[woman.frames]
    distance_px = np.linalg.norm(woman.xy_px[:, LIMBS_IN_BLAZEPOSE] - reference_px, axis=-1)
    assert len(woman.frames) > 90
    assert np.median(distance_px) < 25  # of a person about 900 px tall
