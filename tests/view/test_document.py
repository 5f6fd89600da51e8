import os
import shutil
from dataclasses import replace

import pytest

from tcmr.errors import TcmrError
from tcmr.view.report import write_report


def test_a_folder_s_name_may_be_no_text(result, tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9 <b>")
    shutil.copytree(result, folder)
    write_report(folder, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<title>caf? &lt;b&gt;</title>" in page


@pytest.mark.parametrize("name", ["", " ", "nothing"])
def test_a_motion_of_no_known_body_is_refused(make_motion, name, tmp_path):
    replace(make_motion(), body=name).save(tmp_path / "person-1.npz")
    with pytest.raises(TcmrError, match="is of the body"):
        write_report(tmp_path / "person-1.npz", tmp_path / "page.html")
