"""A released database that was converted, as a test: ours beside the paper's figures, by two protocols."""

from collections.abc import Sequence

from tcmr.data.store import FeatureStore
from tcmr.evaluate.labelled_store import Protocol, StoreTest
from tcmr.evaluate.report import Report
from tcmr.evaluate.score import Scores
from tcmr.model.predictor import Predictor
from tcmr.model.windows import Edges

# Database -> table -> PA-MPJPE, MPJPE, MPVPE, acceleration error on its test set. Paper: Tables 4 and 6.
PUBLISHED: dict[str, dict[str, tuple[float, float, float | None, float]]] = {
    "3dpw": {"Table 4": (52.7, 86.5, 102.9, 6.8), "Table 6": (55.8, 95.0, 111.5, 6.7)},
    "mpii3d": {"Table 4": (63.5, 97.3, None, 8.5), "Table 6": (62.8, 96.5, None, 9.5)},
    "h36m": {"Table 4": (52.0, 73.6, None, 3.9), "Table 6": (41.1, 62.3, None, 5.3)},
}

_PROTOCOL = (
    "{joints} joints, relative to {root}; means over frames. As published: clip ends see their target frame only, "
    "frames left out and invalid frames are passed over as if they were not there. Mended: windows and accelerations "
    "stay within frames that follow each other, and accelerations count where all three frames do (edges: {edges}). "
    "The paper's figures are of its own weights on the test set"
)


def evaluate_store(
    store: FeatureStore,
    predictor: Predictor,
    *,
    edges: Edges,
    smooths: Sequence[str] = ("none",),
    command: str,
) -> Report:
    """Score a network on a store by both protocols, through each post-filter; `edges` is for the mended one.

    Raises:
        TcmrError: see `StoreTest.score`; or the store's features are not what the network takes.
    """
    ways: dict[str, tuple[Edges, Protocol]] = {
        "as published": ("static", "published"),
        "mended": (edges, "mended"),
    }
    rows: dict[str, Scores] = {}
    for smooth in smooths:
        filtered = "" if smooth == "none" else f" + {smooth}"
        for way, (ends, protocol) in ways.items():
            test = StoreTest(store, predictor.body, ends, protocol, smooth)
            rows[f"ours{filtered}, {way}"] = _scores(test.score(predictor.tcmr))
    for table, (pa_mpjpe, mpjpe, mpvpe, accel) in PUBLISHED.get(store.database or "", {}).items():
        rows[f"paper, {table}"] = Scores(
            pa_mpjpe_mm=pa_mpjpe, mpjpe_mm=mpjpe, mpvpe_mm=mpvpe, acceleration_error_mm=accel
        )
    skeleton = test.skeleton
    return Report(
        data=f"feature store {store.name}" + (f", converted from {store.database}" if store.database else ""),
        split=str(store.path),
        protocol=_PROTOCOL.format(joints=len(skeleton.joints), root=" and ".join(skeleton.root), edges=edges),
        weights=predictor.weights,
        command=command,
        rows=rows,
    )


def _scores(figures: dict[str, float]) -> Scores:
    return Scores(
        mpjpe_mm=figures["mpjpe_mm"],
        pa_mpjpe_mm=figures["pa_mpjpe_mm"],
        mpvpe_mm=figures.get("mpvpe_mm"),
        acceleration_error_mm=figures.get("accel_mm"),
        frames=int(figures["frames"]),
    )
