"""Workers that are processes: order, deaths, orphans."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from batch.labour import Doomed, Labour, Unwilling, outcomes, task, wait_until
from tcmr.batch.crew import work_off
from tcmr.batch.events import Done, Failed, Started
from tcmr.batch.local_crew import LocalCrew
from tcmr.errors import TcmrError


def worked_off(videos: list[str], folder: Path, processes: int = 2) -> list:
    return list(work_off([task(video) for video in videos], LocalCrew(Labour(str(folder)), processes)))


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_videos_are_begun_in_order_and_models_loaded_once_a_worker(tmp_path):
    videos = [f"video {number}" for number in range(9)]
    events = worked_off(videos, tmp_path)
    assert [event.id for event in events if isinstance(event, Started)] == [f"id of {v}" for v in videos]
    assert all(isinstance(outcome, Done) for outcome in outcomes(events).values())
    assert len(outcomes(events)) == 9
    assert 1 <= len(list(tmp_path.glob("loaded-*"))) <= 2


def test_there_are_no_more_workers_than_videos(tmp_path):
    worked_off(["only"], tmp_path, processes=8)
    assert len(list(tmp_path.glob("loaded-*"))) == 1


def test_a_bad_video_and_a_mistake_of_ours_stop_nobody(tmp_path):
    found = outcomes(worked_off(["bad", "good", "mistake", "better"], tmp_path))
    assert found["bad"] == Failed("id of bad", "bad: is no video")
    assert "ZeroDivisionError: of ours" in found["mistake"].error
    assert "labour.py" in found["mistake"].traceback
    assert isinstance(found["good"], Done)
    assert isinstance(found["better"], Done)


def test_a_dead_workers_video_goes_to_another(tmp_path):
    found = outcomes(worked_off(["first", "kills one", "last"], tmp_path))
    assert all(isinstance(outcome, Done) for outcome in found.values())


def test_a_video_that_kills_its_workers_fails_and_the_others_are_done(tmp_path):
    found = outcomes(worked_off(["kills everybody", "last"], tmp_path, processes=1))
    assert "2 workers died of it (SIGKILL, out of memory?)" in found["kills everybody"].error
    assert isinstance(found["last"], Done)


def test_models_that_cannot_be_loaded_end_everything():
    with pytest.raises(TcmrError, match="the weights are missing"):
        list(work_off([task("any")], LocalCrew(Unwilling(), 3)))


def test_workers_that_die_while_they_load_are_not_replaced_for_ever():
    with pytest.raises(TcmrError, match="die while they load"):
        list(work_off([task("any")], LocalCrew(Doomed(), 1)))


def test_who_stops_listening_stops_the_workers(tmp_path):
    events = work_off([task("endless")], LocalCrew(Labour(str(tmp_path)), 1))
    next(events)
    began = tmp_path / "began-endless"
    # The generator gives the video only when it goes on, which it must do from elsewhere than here.
    crew_pid = int(next(tmp_path.glob("loaded-*")).name.removeprefix("loaded-"))
    events.close()
    assert not is_running(crew_pid)
    assert not began.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_the_process_that_started_it(how, tmp_path):
    code = f"""
from batch.labour import Labour, task
from tcmr.batch.crew import work_off
from tcmr.batch.local_crew import LocalCrew
if __name__ == "__main__":
    list(work_off([task("endless")], LocalCrew(Labour({str(tmp_path)!r}), 1)))
"""
    script = tmp_path / "script.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen([sys.executable, script], env=environment, stderr=subprocess.DEVNULL) as main:
        wait_until((tmp_path / "began-endless").exists)
        wait_until(lambda: (tmp_path / "began-endless").read_text() != "")
        worker = int((tmp_path / "began-endless").read_text())
        assert is_running(worker)
        main.send_signal(how)
        try:
            wait_until(lambda: not is_running(worker))
        finally:
            main.kill()
