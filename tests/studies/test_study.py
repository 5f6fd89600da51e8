"""The running of studies, with a measure that counts how often it is asked."""

import json
from dataclasses import dataclass, replace

import pytest

from tcmr.errors import TcmrError
from tcmr.studies.catalogue import STUDIES
from tcmr.studies.page import made_by, publish, with_block
from tcmr.studies.recipe import QUICK, Scale
from tcmr.studies.study import Column, Figures, Row, Study, run
from tcmr.studies.table import markdown
from tcmr.studies.workshop import Workshop

asked: list[tuple[str, int]] = []


@dataclass(frozen=True)
class Counting:
    name: str
    known: bool = True

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        asked.append((self.name, seed))
        return {"error": 10.0 + 2 * seed, **({"more": 1.0} if self.known else {})}


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


@pytest.fixture
def workshop(material, tmp_path) -> Workshop:
    return Workshop(material, tmp_path, QUICK, not_asked_for, not_asked_for)


STUDY = Study(
    "count",
    "How often is each row measured?",
    (Row("first", Counting("a"), {"error": 9.0}), Row("second", Counting("b", known=False))),
    (Column("error", "error mm", drawn=True), Column("more", "more", ".2f"), Column("never", "never")),
)


def not_asked_for(*_: object) -> None:
    raise AssertionError


def quiet(line: str) -> None:
    """Say nothing."""


def test_each_row_is_measured_with_each_seed_and_only_once(workshop):
    run(STUDY, workshop, seeds=2, say=quiet)
    assert asked == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    again = run(STUDY, workshop, seeds=3, say=quiet)
    assert asked[4:] == [("a", 2), ("b", 2)]
    assert again.values(STUDY.rows[0], "error") == [10.0, 12.0, 14.0]
    assert again.mean(STUDY.rows[0], "error") == 12
    assert again.spread(STUDY.rows[0], "error") == 2
    assert again.mean(STUDY.rows[0], "never") is None


def test_what_is_not_remembered_is_measured_each_time(workshop):
    """The weights that ship may have changed since."""
    forgetful = replace(STUDY, rows=(Row("shipped", Counting("a"), random=False, remembered=False),))
    for _ in range(2):
        run(forgetful, workshop, say=quiet)
    assert asked == [("a", 0), ("a", 0)]


def test_a_row_without_chance_is_measured_once(workshop):
    study = replace(STUDY, rows=(replace(STUDY.rows[0], random=False), STUDY.rows[1]))
    found = run(study, workshop, say=quiet)
    assert asked == [("a", 0), ("b", 0), ("b", 1), ("b", 2)]
    assert found.spread(study.rows[0], "error") is None


def test_another_scale_is_measured_anew(workshop):
    run(STUDY, workshop, seeds=1, say=quiet)
    run(STUDY, replace(workshop, scale=Scale()), seeds=1, say=quiet)
    assert asked == [("a", 0), ("b", 0)] * 2


def test_with_other_weights_or_another_body_all_is_measured_anew(workshop):
    material = workshop.material
    others = (
        replace(material, weights_sha256="0" * 64),
        replace(material, body=replace(material.body, sha256="0" * 64)),
    )
    for each in (material, *others, *others):
        run(STUDY, replace(workshop, material=each), seeds=1, say=quiet)
    assert asked == [("a", 0), ("b", 0)] * 3


def test_a_line_that_was_cut_off_is_measured_anew(workshop):
    run(STUDY, workshop, seeds=1, say=quiet)
    log = workshop.folder / "count" / "results.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    assert [json.loads(line)["row"] for line in lines] == ["first", "second"]
    log.write_text(lines[0] + lines[1][:20])
    run(STUDY, workshop, seeds=1, say=quiet)
    run(STUDY, workshop, seeds=1, say=quiet)
    assert asked == [("a", 0), ("b", 0), ("b", 0)]


def test_the_table_has_means_spreads_and_the_papers_figures(workshop):
    lines = markdown(run(STUDY, workshop, seeds=2, say=quiet)).splitlines()
    assert lines[0] == "|  | error mm | more | paper: error mm |"
    assert lines[2] == "| first | 11.0 ± 1.4 | 1.00 | 9.0 |"
    assert lines[3] == "| second | 11.0 ± 1.4 | - | - |"


def test_the_page_gets_table_and_plot_and_keeps_its_words(workshop):
    page = workshop.folder / "studies.md"
    page.write_text("before <!-- count -->old<!-- /count --> after")
    found = run(STUDY, workshop, seeds=1, say=quiet)
    for _ in range(2):
        publish(found, workshop.folder, page, "made so")
    text = page.read_text()
    assert text.startswith("before <!-- count -->\n|")
    assert text.endswith("<!-- /count --> after")
    assert "made so" in text
    assert "old" not in text
    pictures = page.parent / "pictures" / "studies"
    assert (pictures / "count.png").read_bytes().startswith(b"\x89PNG")
    assert "second" in (pictures / "count.svg").read_text()


def test_a_page_without_a_place_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    with pytest.raises(TcmrError, match="no place for count"):
        with_block(page, "count", "x")


def test_a_page_does_not_speak_of_trainings_where_there_were_none():
    trained, scored = (made_by(STUDIES["filters"], "tcmr study x", Scale(), seeds) for seeds in (3, 0))
    assert "3 seeds" in trained
    assert "seed" not in scored
    assert "the shipped weights" in scored
    assert [name for name, study in STUDIES.items() if not study.trains] == ["filters"]


@pytest.mark.parametrize(
    ("name", "steps"), [("residual", "240"), ("longer", "720"), ("recurrence", "108 or 240"), ("fps", "240")]
)
def test_a_page_tells_the_steps_that_its_rows_took(name, steps):
    assert f", {steps} steps of " in made_by(STUDIES[name], "tcmr study x", Scale(), 1)
