"""Other people's readers of the formats: from a file to the joints of one person, y up, metres."""

from pathlib import Path

import numpy as np
import pybvh
import pygltflib
from pxr import Usd, UsdSkel
from scipy.spatial.transform import Rotation
from smplcodec import SMPLCodec

from tcmr.joints import SMPL_24

Array = np.ndarray
COMPONENT_TYPES = {5126: np.float32, 5121: np.uint8, 5125: np.uint32}
COMPONENT_COUNTS = {"SCALAR": (), "VEC3": (3,), "VEC4": (4,), "MAT4": (4, 4)}


def gltf_array(gltf: pygltflib.GLTF2, number: int) -> Array:
    """Return what an accessor points at."""
    accessor = gltf.accessors[number]
    start = gltf.bufferViews[accessor.bufferView].byteOffset
    shape = (accessor.count, *COMPONENT_COUNTS[accessor.type])
    kind = COMPONENT_TYPES[accessor.componentType]
    return np.frombuffer(gltf.binary_blob(), kind, int(np.prod(shape)), start).reshape(shape)


def gltf_motion(path: Path, person: int = 0) -> tuple[Array, Array]:
    """Return the times and the joints' matrices [frames, 24, 4, 4] in the scene, through the node tree."""
    gltf = pygltflib.GLTF2().load(str(path))
    curves = {}
    for channel in gltf.animations[0].channels:
        sampler = gltf.animations[0].samplers[channel.sampler]
        assert sampler.interpolation == "LINEAR"
        curves[channel.target.node, channel.target.path] = sampler
    joints = gltf.skins[person].joints
    times = gltf_array(gltf, curves[joints[0], "translation"].input)
    parents = {child: number for number, node in enumerate(gltf.nodes) for child in node.children}

    def local(number: int) -> Array:
        node, matrices = gltf.nodes[number], np.tile(np.eye(4), (len(times), 1, 1))
        matrices[:, :3, 3] = node.translation or 0
        if (number, "translation") in curves:
            matrices[:, :3, 3] = gltf_array(gltf, curves[number, "translation"].output)
        if (number, "rotation") in curves:
            turns = gltf_array(gltf, curves[number, "rotation"].output)
            matrices[:, :3, :3] = Rotation.from_quat(turns).as_matrix()
        return matrices

    def world(number: int) -> Array:
        return world(parents[number]) @ local(number) if number in parents else local(number)

    assert [gltf.nodes[joint].name for joint in joints] == list(SMPL_24)
    return times, np.stack([world(joint) for joint in joints], 1)


def gltf_vertices(path: Path, person: int = 0) -> Array:
    """Skin a person's mesh as the specification says: [frames, vertices, 3]."""
    gltf = pygltflib.GLTF2().load(str(path))
    attributes = gltf.meshes[person].primitives[0].attributes
    rest, joints, weights = (
        gltf_array(gltf, getattr(attributes, name)) for name in ("POSITION", "JOINTS_0", "WEIGHTS_0")
    )
    inverse = gltf_array(gltf, gltf.skins[person].inverseBindMatrices).swapaxes(-1, -2)
    _, moved = gltf_motion(path, person)
    matrices = moved @ inverse
    rest = np.column_stack([rest, np.ones(len(rest))])
    return sum(
        weights[:, k, None] * np.einsum("fvij,vj->fvi", matrices[:, joints[:, k]], rest)[..., :3]
        for k in range(weights.shape[1])
    )


def read_glb(path: Path) -> Array:
    return gltf_motion(path)[1][..., :3, 3]


def read_bvh(path: Path) -> Array:
    bvh = pybvh.read_bvh_file(path, world_up="+y")
    return bvh.joint_positions()[:, [bvh.joint_names.index(name) for name in SMPL_24]]


def read_usd(path: Path) -> Array:
    stage = Usd.Stage.Open(str(path))
    root = UsdSkel.Root(next(prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Root)))
    cache = UsdSkel.Cache()
    cache.Populate(root, Usd.TraverseInstanceProxies())
    skeleton = UsdSkel.Skeleton(next(prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton)))
    query = cache.GetSkelQuery(skeleton)
    assert [path.split("/")[-1] for path in query.GetJointOrder()] == list(SMPL_24)
    frames = np.arange(stage.GetStartTimeCode(), stage.GetEndTimeCode() + 1)
    return np.stack([np.array(query.ComputeJointSkelTransforms(frame))[:, 3, :3] for frame in frames])


def read_csv(path: Path) -> Array:
    names = path.read_text().split("\n", 1)[0].split(",")
    columns = [names.index(f"{joint}_{axis}_m") for joint in SMPL_24 for axis in "xyz"]
    return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)[:, columns].reshape(-1, 24, 3)


def read_trc(path: Path) -> Array:
    """Read by the rules of OpenSim's own page on the format; there is no reader on the package index."""
    lines = path.read_text().split("\n")
    head = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    assert head["Units"] == "m"
    assert lines[3].split("\t")[:2] == ["Frame#", "Time"]
    assert [name for name in lines[3].split("\t")[2:] if name] == list(SMPL_24)
    assert lines[4].split("\t")[2:5] == ["X1", "Y1", "Z1"]
    assert lines[5] == ""
    rows = np.array([[float(cell) for cell in line.split("\t")] for line in lines[6:] if line])
    assert len(rows) == int(head["NumFrames"])
    np.testing.assert_allclose(np.diff(rows[:, 1]), 1 / float(head["DataRate"]), atol=2e-6)
    return rows[:, 2:].reshape(len(rows), int(head["NumMarkers"]), 3)


def smpl_parameters(path: Path) -> tuple[Array, Array, Array]:
    """Read a .smpl: poses [frames, 24, 3], betas, trans."""
    codec = SMPLCodec.from_file(path)
    return codec.full_pose, codec.shape_parameters, codec.body_translation


def amass_parameters(path: Path) -> tuple[Array, Array, Array]:
    """Read an AMASS .npz: poses of the body [frames, 24, 3], the hands at rest, betas, trans."""
    codec = SMPLCodec.from_amass_npz(path)
    poses = np.zeros((codec.frame_count, 24, 3))
    poses[:, :22] = codec.body_pose
    return poses, codec.shape_parameters, codec.body_translation
