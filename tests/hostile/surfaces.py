"""Every surface by its name; what it reads with is imported when it is made."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from .surface import Surface

# Module -> its surfaces, in the order in which they are tried.
NAMES = {
    "videos": ("video", "images", "sound", "backgrounds", "occluders"),
    "arrays": (
        "motion",
        "features_npz",
        "features_npy",
        "body_npz",
        "regressor_npy",
        "captured_motion",
        "amass",
        "bvh",
        "shard",
        "picture_shard",
        "store",
    ),
    "pickled": ("features_pickle", "body_pickle", "pickle", "joblib_database"),
    "weights": ("safetensors", "landmark_weights", "ablation", "pth_tar"),
    "texts": ("result", "list_csv", "list_jsonl", "manifest", "settings", "calibration"),
    "assets": ("asset_wheel", "asset_user", "asset_record"),
    "databases": ("insta_hdf5", "mpii3d_test", "mpii3d_train", "threedpw", "own_labels"),
    "live": ("pipe", "message_server"),
    "browser": ("view_server",),
    "shown": ("plots", "page"),
    "runs": ("run_checkpoint", "run_record", "finished_shard", "kept_features"),
}


def _maker(module: str, name: str) -> Callable[[Path], Surface]:
    def make(folder: Path) -> Surface:
        made: Surface = import_module(f".{module}", __package__).SURFACES[name](folder)
        return made

    return make


SURFACES = {name: _maker(module, name) for module, names in NAMES.items() for name in names}
