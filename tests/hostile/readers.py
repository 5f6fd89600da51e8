"""Every module of the package that reads from outside, by what its source calls, and the surfaces that try it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "tcmr"
# Calls that take in what somebody else may have made; `open` counts where its mode says that it reads.
READS = re.compile(
    r"(.*\.)?(open_file|read_text|read_json|parse_json|read_bytes|read_npz|read_npy|names_in_npz|npy_header|read_pickle"
    r"|load_torch|safe_open|load_file|fromfile|memmap|FileIO|loadmat|loadtxt|genfromtxt|ZipFile|DictReader|genops"
    r"|open_confined|opened|how_to_open|Sound|recv|urlopen|serve|MessageServer|HTTPServer|ThreadingHTTPServer|Interpreter)"
    r"|(np|numpy|torch|json|tomllib|pickle|joblib|yaml)\.loads?|av\.open|h5py\.File|ElementTree\.(parse|fromstring)"
)

OWN_FILE = "a file of the package"
BY_HASH = "fetched, and used only with the right SHA-256"
# Module -> surfaces, or why it needs none.
MODULES: dict[str, tuple[str, ...] | str] = {
    "arrays": ("motion", "features_npz", "features_npy", "amass"),
    "assets/cache": ("asset_record",),
    "assets/check": ("asset_user",),
    "assets/wheel": ("asset_wheel",),
    "batch/events": ("manifest",),
    "batch/journal": ("manifest",),
    "batch/lists": ("list_csv", "list_jsonl"),
    "batch/local_crew": "the pipe to a worker that this process started",
    "batch/local_place": ("list_csv", "list_jsonl"),
    "batch/output": ("result",),
    "batch/remote_place": "object stores that the user names; what is in them is read as other files are",
    "batch/work": ("result",),
    "body/landmarks": OWN_FILE,
    "body/pickles": ("body_pickle",),
    "body/regressor_files": ("regressor_npy",),
    "body/smpl_files": ("body_npz", "body_pickle"),
    "commands/view": ("view_server",),
    "data/column": ("store",),
    "data/confined": ("insta_hdf5", "mpii3d_test", "mpii3d_train"),
    "data/confined_process": ("insta_hdf5", "mpii3d_test", "mpii3d_train"),
    "data/landmark_clips": ("shard",),
    "data/released/files": ("joblib_database", "insta_hdf5"),
    "data/released/rows": ("joblib_database",),
    "data/sources/amass": ("amass",),
    "data/sources/bvh": ("bvh",),
    "data/sources/labelled": ("kept_features",),
    "data/sources/motion": ("captured_motion",),
    "data/sources/mpii3d": ("mpii3d_train", "mpii3d_test"),
    "data/sources/own": ("own_labels",),
    "data/sources/threedpw": ("threedpw",),
    "data/store": ("store",),
    "evaluate/calibration": ("calibration",),
    "evaluate/four_cameras": OWN_FILE,
    "export/saved": ("result", "page", "plots"),
    "features/occlusion": ("occluders",),
    "files": ("result", "settings"),
    "live/outlets": ("message_server",),
    "live/server": ("message_server",),
    "model/ablation": ("ablation",),
    "model/feature_files": ("features_npy", "features_npz", "features_pickle"),
    "model/sizes": ("safetensors", "ablation"),
    "people/network": BY_HASH,
    "pickles/read": ("pickle", "features_pickle"),
    "studies/backbone_input": "clips that the user rendered for a study",
    "studies/page": "a page of this repository",
    "studies/study": "the log that a study wrote",
    "synth/background": ("backgrounds",),
    "synth/captured": ("captured_motion",),
    "synth/generate": ("finished_shard",),
    "tensors": ("safetensors", "landmark_weights", "pth_tar"),
    "torch_files": ("pth_tar",),
    "train/checkpoint": ("run_checkpoint",),
    "train/landmark_pictures": ("picture_shard",),
    "train/record": ("run_record",),
    "train/run_log": ("run_record",),
    "train/settings": ("settings",),
    "types": ("motion",),
    "video/connection": ("pipe",),
    "video/file": ("video", "images"),
    "video/images": ("images",),
    "video/sound": ("sound",),
    "video/write": ("sound",),
    "view/document": OWN_FILE,
    "view/server": ("view_server",),
    "view/summary": ("result", "page", "plots"),
}


def reading_modules() -> Iterator[str]:
    """Yield the names of the modules that call something that reads."""
    for path in sorted(SOURCE.rglob("*.py")):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if any(_reads(call) for call in calls):
            yield path.relative_to(SOURCE).with_suffix("").as_posix()


def _reads(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if READS.fullmatch(name):
        return True
    modes = [each.value for each in call.args[:2] if isinstance(each, ast.Constant)]
    return name.split(".")[-1] == "open" and any(
        re.fullmatch(r"rb?|[wax]?r?b?\+b?|a\+b", str(mode)) for mode in modes
    )
