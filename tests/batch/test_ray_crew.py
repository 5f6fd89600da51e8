"""Workers that are actors of a real Ray cluster of two nodes on this machine."""

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch.labour import Labour, Unwilling, outcomes, task, wait_until
from tcmr.batch.crew import work_off
from tcmr.batch.events import Done, Failed, Started
from tcmr.batch.ray_crew import RayCrew
from tcmr.errors import TcmrError

pytestmark = [
    pytest.mark.slow,
    # Ray's own: files and processes that it leaves to the garbage collector, and notes on coming versions.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("ray")
        from ray.cluster_utils import Cluster

        tests = str(Path(__file__).parents[1])
        os.environ["PYTHONPATH"] = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
        yield cluster
        cluster.shutdown()


def test_a_killed_actors_video_goes_to_another(cluster, tmp_path):
    """The first worker hangs; it is killed when the one on the other node has done something."""
    videos = ["hangs once", "video 1", "video 2", "kills one", "bad", "video 3"]
    began = tmp_path / "began-hangs once"
    events, killed = [], 0
    crew = RayCrew(Labour(str(tmp_path)), cluster.address, None)
    assert crew.size == 2
    for event in work_off([task(video) for video in videos], crew):
        events.append(event)
        if isinstance(event, Done) and not killed:
            wait_until(lambda: began.exists() and began.read_text())
            killed = int(began.read_text())
            os.kill(killed, signal.SIGKILL)
    found = outcomes(events)
    assert isinstance(found.pop("bad"), Failed)
    assert len(found) == 5
    assert all(isinstance(outcome, Done) for outcome in found.values())
    assert found["hangs once"].frames not in (0, killed)  # another process did it
    assert [event.id for event in events if isinstance(event, Started)].count("id of hangs once") == 2


def test_models_that_cannot_be_loaded_end_everything(cluster):
    with pytest.raises(TcmrError, match="the weights are missing"):
        list(work_off([task("any")], RayCrew(Unwilling(), cluster.address, 1)))


def test_no_cluster_is_one_clear_error():
    pytest.importorskip("ray")
    with pytest.raises(TcmrError, match=r"no Ray cluster at '127\.0\.0\.1:1'"):
        RayCrew(Labour("."), "127.0.0.1:1", 1)


def test_the_command_runs_on_the_cluster(cluster, street, untrained, tmp_path):
    """As a user does; a node is taken away in the middle of it."""
    videos = [tmp_path / "in" / f"{number}.mp4" for number in range(3)]
    (tmp_path / "in").mkdir()
    for number, video in enumerate(videos):
        video.write_bytes(street.read_bytes() + bytes(number))  # other content, the same pictures
    node = cluster.add_node(num_cpus=1)
    command = [sys.executable, "-m", "tcmr", "batch", "in", "-o", "out", "--cluster", cluster.address]
    options = ["--weights", str(untrained), "--no-overlay"]
    with subprocess.Popen([*command, *options], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as batch:
        manifest = tmp_path / "out" / "manifest.jsonl"
        wait_until(lambda: manifest.exists() and '"done"' in manifest.read_text(), seconds=250)
        cluster.remove_node(node, allow_graceful=False)
        errors = batch.communicate()[1]
    assert batch.returncode == 0, errors
    persons = [(tmp_path / "out" / video.stem / "person-1.npz").read_bytes() for video in videos]
    assert len(persons) == 3
    assert len(set(persons)) == 1
