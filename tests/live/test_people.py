"""Everybody frame by frame against the whole clip at once, on real frames."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from tcmr import pipeline
from tcmr.assets import fetch
from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.live.people import PeopleStream
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.types import Motion
from tcmr.video import VideoWriter, open_clip

FRAMES, SETTLE = 45, 12


@pytest.fixture(scope="module")
def models(untrained) -> Models:
    return Models.load(Options(weights=str(untrained)))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Cut the walking woman out of the sample clip: she comes from behind a tree."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with open_clip(fetch("sample-clip"), max_side=640) as frames:
        height, width = (side // 2 * 2 for side in next(iter(frames)).rgb.shape[:2])
        with VideoWriter(path, width=width, height=height, fps=30.0) as writer:
            for frame in islice(frames, 60, 60 + FRAMES):
                writer.write(np.ascontiguousarray(frame.rgb[:height, :width]))
    return path


@pytest.fixture(scope="module")
def offline(clip, models) -> list[Motion]:
    """Run without what needs the whole track: sides settled, unsure ends cut off, bodies fitted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "settle_sides", lambda track, fps: track)
        patch.setattr(pipeline, "sure_part", lambda track: track)
        return pipeline.run(clip, Options(min_frames=1, fit="off"), models).motions


def live(clip, models, **choices) -> tuple[list[list[Motion]], list[Motion]]:
    """Push all frames; return what came with each and what came at the end."""
    with open_clip(clip) as frames:
        # As the offline run has it: the mean rate by the timestamps.
        for _ in frames:
            pass
        fps, camera = frames.clip.fps, PinholeCamera.assumed(frames.clip.width, frames.clip.height)
        stream = PeopleStream(models, camera, fps, **choices)
        return [stream.push(frame) for frame in frames], stream.finish()


def test_with_time_to_settle_it_is_the_offline_result_before_settling_and_fitting(clip, models, offline):
    pushed, last = live(clip, models, settle=SETTLE)
    motions = [motion for each in pushed for motion in each] + last
    found = pipeline.by_person(motions)
    assert [motion.person for motion in found] == [motion.person for motion in offline]
    for ours, theirs in zip(found, offline, strict=True):
        assert ours.frames.tolist() == theirs.frames.tolist()
        np.testing.assert_array_equal(ours.bridged, theirs.bridged)
        np.testing.assert_allclose(ours.boxes_xyxy_px, theirs.boxes_xyxy_px, atol=1e-2)
        np.testing.assert_allclose(ours.rotmat, theirs.rotmat, atol=1e-4)
        np.testing.assert_allclose(ours.transl_m, theirs.transl_m, atol=1e-2)


@pytest.mark.parametrize(("lookahead", "settle"), [(0, 0), (7, 0), (2, 3)])
def test_motion_comes_as_late_as_was_said(clip, models, offline, lookahead, settle):
    pushed, last = live(clip, models, lookahead=lookahead, settle=settle)
    for index, motions in enumerate(pushed):
        for motion in motions:
            assert len(motion) == 1
            assert motion.frames[0] <= index - lookahead - settle
    unbridged = [motion.frames[0] for motion in pushed[FRAMES - 1]]
    assert set(unbridged) <= {FRAMES - 1 - lookahead - settle}
    total = sum(map(len, pushed)) + len(last)
    assert total == sum(map(len, offline))


def test_memory_does_not_grow_with_the_frames(clip, models):
    with open_clip(clip) as frames:
        camera = PinholeCamera.assumed(frames.clip.width, frames.clip.height)
        stream = PeopleStream(models, camera, 30.0)
        for turn in range(2):
            for frame in frames:
                moved = replace(frame, index=frame.index + turn * FRAMES, time_s=frame.time_s + turn * 1.5)
                stream.push(moved)
        assert len(stream._pictures) == 11
        for follower in stream._followers.values():
            assert len(follower._track.frames) <= 2 * SETTLE + 1
            assert len(follower._bridged) <= 20


def test_what_cannot_be_live_is_refused(models, untrained):
    camera = PinholeCamera.assumed(640, 480)
    with pytest.raises(TcmrError, match="post-filter"):
        PeopleStream(models, camera, 30.0, Options(smooth="gaussian"))
    with pytest.raises(TcmrError, match="0 to 7"):
        PeopleStream(models, camera, 30.0, lookahead=9)
    with pytest.raises(TcmrError, match="settle"):
        PeopleStream(models, camera, 30.0, settle=-1)
    with pytest.raises(TcmrError, match="leave --temporal out"):
        PeopleStream(Models.load(Options(weights=str(untrained), temporal="off")), camera, 30.0)
