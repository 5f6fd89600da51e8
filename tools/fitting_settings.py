"""Choose settings of the fitting: a row of a table for each, on rendered validation clips and the woman of `pair`.

    python tools/fitting_settings.py FLOW=0.2 ESTIMATE_S=0.05,CORRECTION_S=0.075   (a minute a trial)

The first row is as shipped; each argument changes constants of `model/fitting.py` for a row of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import torch
import tyro
from tyro.conf import Positional

from tcmr.commands.evaluate import predictors, reference_tracks
from tcmr.evaluate.four_cameras import PAIR, evaluate_four_cameras, fetch_views
from tcmr.evaluate.methods import FITTED
from tcmr.evaluate.rendered import evaluate_rendered
from tcmr.evaluate.score import Scores
from tcmr.loading import Models
from tcmr.model import fitting
from tcmr.options import Options

COLUMNS = {
    "mpjpe_mm": ("MPJPE", ".1f"),
    "pa_mpjpe_mm": ("PA-MPJPE", ".1f"),
    "acceleration_error_mm": ("Accel", ".1f"),
    "speed_kept": ("speed kept", ".2f"),
    "velocity_followed": ("velocity followed", ".2f"),
}


def main(
    trials: Positional[tuple[str, ...]] = (),
    rendered: Path = Path("data/rendered/val"),
    options: Annotated[Options, tyro.conf.arg(name="")] = Options(),
) -> None:
    """Print a row as shipped and one for each trial ("NAME=VALUE,NAME=VALUE")."""
    torch.set_num_threads(1)
    models = Models.load(options)
    methods = {"run": predictors(options, models, ("none",))[FITTED]}
    views = fetch_views(PAIR)
    tracks = reference_tracks(views, options, models)
    shards = sorted(rendered.glob("*.npz"))

    def on_both() -> tuple[Scores, Scores]:
        command, weights = "tools/fitting_settings.py", options.weights
        clips = evaluate_rendered(
            shards, models.body, methods, split=str(rendered), weights=weights, command=command
        )
        woman = evaluate_four_cameras(PAIR, views, tracks, methods, weights=weights, command=command)
        return clips.rows["run"], woman.rows["run"]

    heads = [f"{data}: {head}" for data in ("rendered", "woman") for head, _ in COLUMNS.values()]
    print(f"| | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")
    for trial in ("", *trials):
        with changed(settings_of(trial)):
            cells = [
                format(getattr(scores, name), spec)
                for scores in on_both()
                for name, (_, spec) in COLUMNS.items()
            ]
        print(f"| {trial or 'as shipped'} | {' | '.join(cells)} |", flush=True)


def settings_of(trial: str) -> dict[str, float]:
    """Read "NAME=VALUE,NAME=VALUE".

    Raises:
        ValueError: a name is no constant of the fitting.
    """
    pairs = [setting.partition("=") for setting in trial.split(",") if setting]
    unknown = [name for name, _, _ in pairs if not isinstance(getattr(fitting, name, None), int | float)]
    if unknown:
        raise ValueError(f"fitting has no setting {unknown[0]}")
    return {name: type(getattr(fitting, name))(value) for name, _, value in pairs}


@contextmanager
def changed(settings: dict[str, float]) -> Iterator[None]:
    """Let the fitting have other constants for a while."""
    before = {name: getattr(fitting, name) for name in settings}
    vars(fitting).update(settings)
    yield
    vars(fitting).update(before)


if __name__ == "__main__":
    tyro.cli(main)
