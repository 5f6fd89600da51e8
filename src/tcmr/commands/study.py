"""`tcmr study`: questions about the temporal model, answered by small trainings on rendered clips."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tyro.conf import Positional

from tcmr.commands.evaluate import RENDERED, command_line, on_beam, on_rendered, reference_tracks
from tcmr.errors import TcmrError
from tcmr.evaluate.four_cameras import BEAM, View, fetch_views
from tcmr.evaluate.picture import check_matplotlib
from tcmr.evaluate.report import Report
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.requirements import require_above_zero
from tcmr.smooth.motion import FILTERS
from tcmr.studies.catalogue import STUDIES
from tcmr.studies.page import made_by, publish
from tcmr.studies.recipe import QUICK, Scale
from tcmr.studies.sources import Material
from tcmr.studies.study import run
from tcmr.studies.workshop import Workshop
from tcmr.types import Track


def main(
    names: Positional[tuple[str, ...]] = (),
    list: bool = False,
    quick: bool = False,
    seeds: int | None = None,
    rendered: Path = Path("data/rendered"),
    rendered_60: Path = Path("data/rendered60"),
    motion: Path = Path("data/motion.npz"),
    folder: Path = Path("runs/studies"),
    page: Path | None = None,
) -> None:
    """Answer questions about the temporal model by small trainings: tables and plots.

    Prints each study's table and draws its plot; goes on with studies that were stopped.

    Args:
        names: Which studies; "all" for every one.
        list: Say which there are, and what they ask.
        quick: Tiny networks and two steps: to see that everything works.
        seeds: How often each row is trained; each study says how often it should be.
        rendered: Folder of rendered clips, with sub-folders train and test.
        rendered_60: The same at 60 frames a second with the pooled feature (`tcmr synth --fps 60 --pooled`).
        motion: File of motion capture.
        folder: Where trainings, results, tables and plots are kept.
        page: A Markdown page to put the tables into, between its marks; the plots go to pictures/studies beside it.
    """
    if list or not names:
        for study in STUDIES.values():
            print(f"{study.name}: {study.question}")
        return
    require_above_zero("--seeds", seeds)
    unknown = set(names) - STUDIES.keys() - {"all"}
    if unknown:
        raise TcmrError(f"there is no study {', '.join(sorted(unknown))}; there are: {', '.join(STUDIES)}")
    check_matplotlib()
    workshop = open_workshop(rendered, rendered_60, motion, folder, QUICK if quick else Scale())
    for name in STUDIES if "all" in names else names:
        study, command = STUDIES[name], command_of(name, quick, seeds)
        results = run(study, workshop, seeds)
        print(study.question)
        trainings = (seeds or study.seeds) if study.trains else 0
        print(publish(results, folder, page, made_by(study, command, workshop.scale, trainings)))


def open_workshop(rendered: Path, rendered_60: Path, motion: Path, folder: Path, scale: Scale) -> Workshop:
    """Load what studies work with.

    Raises:
        TcmrError: there are no rendered clips.
    """

    @cache
    def models() -> Models:
        return Models.load(Options())

    @cache
    def evaluate(data: str) -> Report:
        options, smooths = Options(), ("none", *FILTERS)
        if data == "beam":
            return on_beam(options, smooths, command_line("beam", RENDERED, True, options))
        test = rendered / "test"
        return on_rendered(options, smooths, test, command_line("rendered", test, True, options))

    def four_cameras() -> tuple[Sequence[View], Sequence[Track]]:
        views = fetch_views(BEAM)
        return views, reference_tracks(views, Options(), models())

    material = Material.load(rendered, rendered_60, motion, scale.components)
    return Workshop(material, folder, scale, evaluate, four_cameras)


def command_of(name: str, quick: bool, seeds: int | None) -> str:
    """Return the command that makes a study's table again."""
    options = [" --quick"] if quick else []
    if seeds is not None:
        options.append(f" --seeds {seeds}")
    return f"tcmr study {name}{''.join(options)}"
