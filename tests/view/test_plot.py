import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.view.plot import COLUMN_IN, acceleration_figure, write_plots
from tcmr.view.plot import _by_person as by_person
from tcmr.view.shown_result import open_results

NAMES = {"acceleration", "trajectory", "attention"}


def test_all_plots_are_written_at_the_width_of_a_column(result, tmp_path):
    files = write_plots(result, tmp_path)
    assert {file.name for file in files} == {
        f"{name}.{suffix}" for name in NAMES for suffix in ("png", "svg")
    }
    for name in NAMES:
        picture = cv2.imread(str(tmp_path / f"{name}.png"))
        assert picture.shape[1] == pytest.approx(300 * COLUMN_IN, abs=2)
        assert picture.std() > 5
        svg = (tmp_path / f"{name}.svg").read_text()
        smallest = min(float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg))
        assert smallest >= 7  # points at column width
        assert "person 1" in svg


def test_two_results_are_lines_of_one_panel(result, make_result, make_motion, tmp_path):
    other = make_result(tmp_path / "other", motions=[make_motion(1, speed=2.0)])
    figure = acceleration_figure(by_person(open_results([result, other])))
    first, second = figure.axes
    assert len(first.lines) == 2
    assert len(second.lines) == 1  # the other result has one person
    means = [float(re.search(r"mean ([\d.]+)", line.get_label()).group(1)) for line in first.lines]
    drawn = [np.nanmean(line.get_ydata()) for line in first.lines]
    np.testing.assert_allclose(means, drawn, atol=0.06)
    assert means[0] > 2 * means[1]  # at twice the speed; the first result is drawn last, on top


def test_a_motion_without_a_place_has_no_trajectory(make_motion, tmp_path):
    replace(make_motion(1), transl_m=None).save(tmp_path / "predicted.npz")
    (tmp_path / "plots").mkdir()
    files = write_plots(tmp_path / "predicted.npz", tmp_path / "plots")
    assert {file.stem for file in files} == {"acceleration", "attention"}


def test_a_folder_that_is_not_there_is_made(result, tmp_path):
    files = write_plots(result, tmp_path / "new" / "plots")
    assert sorted((tmp_path / "new" / "plots").iterdir()) == sorted(files)


def test_a_folder_that_cannot_be_made_is_told(result, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(TcmrError, match="taken"):
        write_plots(result, tmp_path / "taken")


def test_names_of_results_are_no_formulas(result, make_result, tmp_path):
    other = make_result(tmp_path / r"$\frac{a$")
    (tmp_path / "plots").mkdir()
    write_plots([result, other], tmp_path / "plots")
    assert r"$\frac{a$" in (tmp_path / "plots" / "acceleration.svg").read_text()
