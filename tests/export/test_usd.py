"""What is particular to .usd: the stage, the binding of the mesh, the missing package."""

import builtins

import numpy as np
import pytest
import torch
from pxr import Gf, Usd, UsdGeom, UsdSkel

from tcmr.errors import TcmrError
from tcmr.export import export_motions
from tcmr.world.shape import with_one_shape


@pytest.fixture(scope="module")
def stage(motion_of, tmp_path_factory):
    path = tmp_path_factory.mktemp("usd") / "scene.usd"
    export_motions([motion_of(1), motion_of(2)], path)
    return Usd.Stage.Open(str(path))


def test_units_axes_and_frames_are_said(stage, motion):
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert stage.GetTimeCodesPerSecond() == motion.fps
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == tuple(motion.frames[[0, -1]])


def test_the_mesh_follows_the_skeleton(stage, motion, open_body):
    assert len([prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Root)]) == 2
    root = UsdSkel.Root(next(prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Root)))
    frame, row = float(motion.frames[12]), 12
    assert UsdSkel.BakeSkinning(root, Gf.Interval(frame, frame))
    mesh = UsdGeom.Mesh(next(prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)))
    kept = with_one_shape(motion, open_body)
    posed = open_body.with_shape(torch.from_numpy(kept.betas[row])).with_pose_at(
        torch.from_numpy(kept.rotmat[row]), torch.from_numpy(kept.transl_m[row])
    )
    ours_m = posed.vertices().numpy() * [1, -1, -1]
    error_mm = 1e3 * np.linalg.norm(np.array(mesh.GetPointsAttr().Get(frame)) - ours_m, axis=-1)
    assert error_mm.mean() < 3  # the pose blend shapes


def test_the_missing_package_is_named(motion, tmp_path, monkeypatch):
    def without_usd(name, *args, **kwargs):
        if name == "pxr":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    original = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_usd)
    with pytest.raises(TcmrError, match="pip install"):
        export_motions(motion, tmp_path / "motion.usd")
    assert list(tmp_path.iterdir()) == []
