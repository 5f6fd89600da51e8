"""On the ground: feet that stand are still, the pose is as it was, the truth stays the truth."""

from dataclasses import replace

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.world.feet import foot_points_m
from tcmr.world.place import hold_feet, place
from tcmr.world.shape import with_one_shape


@pytest.mark.parametrize("name", ["across", "towards"])
def test_sliding_and_floating_go_and_the_pose_stays(name, request, open_body):
    someone = request.getfixturevalue(name)
    level = place([someone.seen], "level", open_body).motions[0]
    placed = place([someone.seen], "ground", open_body)
    (motion,), (report,) = placed.motions, placed.reports
    assert report.slide_mm_before > 4
    assert report.slide_mm_after < 1
    assert report.float_mm_after < report.float_mm_before
    assert report.standing_share > 0.8
    np.testing.assert_array_equal(motion.rotmat, level.rotmat)
    np.testing.assert_array_equal(motion.joints_m, level.joints_m)
    moved_mm = 1e3 * np.linalg.norm(motion.transl_m - level.transl_m, axis=1).mean()
    assert report.moved_mm == pytest.approx(moved_mm, rel=1e-3)


@pytest.mark.parametrize("name", ["across", "towards"])
def test_the_path_is_the_true_one_to_a_tenth_of_a_metre(name, request, open_body):
    someone = request.getfixturevalue(name)
    motion = place([someone.seen], "ground", open_body).motions[0]
    off_m = motion.transl_m - someone.truth.transl_m
    assert np.abs(off_m[:, 1]).mean() < 0.02  # height over the floor
    assert np.linalg.norm(off_m - off_m.mean(0), axis=1).mean() < 0.1


def test_a_true_walk_is_hardly_moved(across, open_body):
    sights = across.truth.transl_m + np.array([0, 1.4, 0], np.float32)
    motion, report = hold_feet(across.truth, sights, open_body, 0.0)
    assert report.slide_mm_before < 1
    assert np.linalg.norm(motion.transl_m - across.truth.transl_m, axis=1).mean() < 0.05  # of 5.6 m


def test_somebody_in_the_air_stays_on_the_path(across, open_body):
    flying = replace(across.truth, transl_m=across.truth.transl_m - np.array([0, 1, 0], np.float32))
    motion, report = hold_feet(flying, flying.transl_m, open_body, 0.0)
    assert report.standing_share == 0
    assert "no foot stands" in str(report)
    np.testing.assert_allclose(motion.transl_m, flying.transl_m, atol=1e-5)


def test_a_person_who_leaves_and_comes_back_is_placed(across, open_body):
    rows = np.r_[0:60, 90:150]
    arrays = ("rotmat", "betas", "camera", "joints_m", "attention", "frames", "transl_m")
    seen = replace(across.seen, **{name: getattr(across.seen, name)[rows] for name in arrays})
    placed = place([seen], "ground", open_body)
    assert placed.reports[0].slide_mm_after < 1
    assert (np.abs(foot_points_m(placed.motions[0], open_body)[..., 1].max(1)) < 0.05).mean() > 0.9


def test_each_place_is_a_step_on_the_last(across, open_body):
    as_seen, smooth, level = (place([across.seen], how, open_body) for how in ("camera", "smooth", "level"))
    assert as_seen.motions == [across.seen]
    assert not any((as_seen.reports, smooth.reports, level.reports))
    np.testing.assert_array_equal(smooth.motions[0].rotmat, across.seen.rotmat)
    lowest = foot_points_m(level.motions[0], open_body)[..., 1].max(1)
    assert abs(np.median(lowest)) < 1e-4


def test_one_frame_can_be_placed(across, open_body):
    arrays = ("rotmat", "betas", "camera", "joints_m", "attention", "frames", "transl_m")
    one = replace(across.seen, **{name: getattr(across.seen, name)[:1] for name in arrays})
    assert np.isfinite(place([one], "ground", open_body).motions[0].transl_m).all()


def test_another_body_is_refused(across):
    with pytest.raises(TcmrError, match="SMPL_NEUTRAL"):
        place([replace(across.seen, body="SMPL_NEUTRAL 0123")], "ground")


def test_one_shape_is_the_middle_of_all(across, open_body):
    rng = np.random.default_rng(0)
    betas = np.ones((150, 10)) + 0.1 * rng.normal(size=(150, 10))
    betas[:20] = 9  # frames that saw something else
    kept = with_one_shape(replace(across.seen, betas=betas.astype(np.float32)), open_body)
    assert (kept.betas == kept.betas[0]).all()
    np.testing.assert_allclose(kept.betas[0], 1, atol=0.1)
    heights = [np.ptp(motion.joints_m[..., 1]) for motion in (kept, across.seen)]
    assert heights[0] != heights[1]


def test_a_body_on_a_device_is_brought_to_the_motion(across, open_body):
    """A body on the device "meta" has no numbers: all that can be seen is that they are asked for first."""
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        place([across.seen], "ground", open_body.to("meta"))


@pytest.mark.usefixtures("without_checks_of_types")
def test_a_way_that_there_is_not_is_refused(across, open_body):
    with pytest.raises(TcmrError, match="how must be 'camera' or 'smooth' or 'level' or 'ground'"):
        place([across.seen], "nonsense", open_body)
