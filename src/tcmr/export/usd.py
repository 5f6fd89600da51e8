"""USD with UsdSkel: .usd, y up, metres; time codes are the video's frame numbers."""

from pathlib import Path
from typing import Any

import numpy as np

from tcmr.errors import TcmrError
from tcmr.export.animation import Animation
from tcmr.export.colour import linear, person_colour
from tcmr.export.skin import INFLUENCES, Skin
from tcmr.joints import SMPL_24, SMPL_PARENTS

Array = np.ndarray


def write_usd(animations: list[Animation], path: Path) -> None:
    """Write persons of one shape each into one stage.

    Raises:
        TcmrError: the package usd-core is missing.
    """
    try:
        from pxr import Usd, UsdGeom
    except ImportError as error:
        raise TcmrError("USD needs the package usd-core; install it: pip install usd-core") from error
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(animations[0].fps)
    stage.SetFramesPerSecond(animations[0].fps)
    stage.SetStartTimeCode(min(each.first_frame for each in animations))
    stage.SetEndTimeCode(max(each.first_frame + len(each) - 1 for each in animations))
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/scene").GetPrim())
    for animation in animations:
        add_person(stage, animation)
    stage.GetRootLayer().Save()


def add_person(stage: Any, animation: Animation) -> None:
    """Add a SkelRoot with a person's skeleton, mesh and motion."""
    from pxr import UsdSkel

    root = f"/scene/{animation.name.replace('-', '_')}"
    UsdSkel.Root.Define(stage, root)
    skeleton = UsdSkel.Skeleton.Define(stage, f"{root}/skeleton")
    skeleton.CreateJointsAttr(joint_paths())
    skeleton.CreateBindTransformsAttr(translations(animation.rest_joints_m))
    skeleton.CreateRestTransformsAttr(translations(animation.bones_m))
    add_mesh(stage, f"{root}/body", animation, skeleton)
    motion = add_motion(stage, f"{root}/motion", animation)
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([motion.GetPath()])


def add_mesh(stage: Any, path: str, animation: Animation, skeleton: Any) -> None:
    """Add the mesh, bound to the skeleton, in the person's colour."""
    from pxr import Sdf, UsdGeom, UsdSkel, Vt

    skin = Skin.of(animation)
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(skin.vertices_m))
    mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(skin.normals))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray(len(skin.faces), 3))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(skin.faces.reshape(-1)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateDisplayColorAttr([linear(person_colour(animation.person))])
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    binding.CreateGeomBindTransformAttr(translations(np.zeros((1, 3), np.float32))[0])
    joints = Vt.IntArray.FromNumpy(skin.joints.astype(np.int32).reshape(-1))
    weights = Vt.FloatArray.FromNumpy(skin.weights.reshape(-1))
    binding.CreateJointIndicesPrimvar(False, INFLUENCES).Set(joints)
    binding.CreateJointWeightsPrimvar(False, INFLUENCES).Set(weights)
    mesh.GetPrim().CreateAttribute("primvars:skel:skinningMethod", Sdf.ValueTypeNames.Token).Set(
        UsdSkel.Tokens.classicLinear
    )


def add_motion(stage: Any, path: str, animation: Animation) -> Any:
    """Add every joint's rotation and translation, frame by frame; return the SkelAnimation."""
    from pxr import UsdSkel, Vt

    motion = UsdSkel.Animation.Define(stage, path)
    motion.CreateJointsAttr(joint_paths())
    motion.CreateScalesAttr(Vt.Vec3hArray(len(SMPL_24), (1, 1, 1)))
    rotations, places = motion.CreateRotationsAttr(), motion.CreateTranslationsAttr()
    quaternions = animation.quaternions()
    bones_m = animation.bones_m
    for row, (quaternion, pelvis_m) in enumerate(zip(quaternions, animation.pelvis_m, strict=True)):
        time = animation.first_frame + row
        bones_m[0] = pelvis_m
        rotations.Set(Vt.QuatfArray.FromNumpy(quaternion), time)
        places.Set(Vt.Vec3fArray.FromNumpy(bones_m), time)
    return motion


def joint_paths() -> list[str]:
    """Return UsdSkel's names of the joints: each with all its parents before it."""
    paths: list[str] = []
    for name, parent in zip(SMPL_24, SMPL_PARENTS, strict=True):
        paths.append(name if parent < 0 else f"{paths[parent]}/{name}")
    return paths


def translations(places_m: Array) -> Any:
    """Return USD's matrices (row vectors) that move the origin to places."""
    from pxr import Gf, Vt

    return Vt.Matrix4dArray([Gf.Matrix4d().SetTranslate(Gf.Vec3d(*map(float, place))) for place in places_m])
