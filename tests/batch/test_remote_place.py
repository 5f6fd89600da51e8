"""Files of a real web server, and stores that are not there."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tcmr.batch.fingerprint import content_sha256
from tcmr.batch.local_place import LocalPlace
from tcmr.batch.place import place_of
from tcmr.batch.remote_place import RemotePlace
from tcmr.batch.sources import find_sources
from tcmr.errors import TcmrError
from tcmr.options import Options


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path) -> Iterator[str]:
    """Serve a folder over http."""
    pytest.importorskip("aiohttp")
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


def test_a_video_of_a_web_server_is_the_same_video(server, tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "clip.mp4").write_bytes(content)
    [source] = find_sources([f"{server}/clip.mp4"], "out", Options())
    assert source.place.name == f"{server}/clip.mp4"
    assert content_sha256(source.place) == content_sha256(LocalPlace.of(tmp_path / "clip.mp4"))
    with source.place.here() as copy:
        assert copy.read_bytes() == content
        assert copy.name == "clip.mp4"
    assert not copy.exists()
    with pytest.raises(TcmrError, match="no such file"):
        find_sources([f"{server}/gone.mp4"], "out", Options())


def test_a_store_of_an_unknown_kind_is_named():
    with pytest.raises(TcmrError, match=r"^odd://bucket/x.mp4: cannot be used"):
        place_of("odd://bucket/x.mp4")


def test_a_folder_of_images_comes_whole(tmp_path):
    place = RemotePlace.of("memory:///images")
    for name in ("0.png", "1.png"):
        place.within(name).write(name.encode())
    with place.here() as copy:
        assert {path.name: path.read_bytes() for path in Path(copy).iterdir()} == {
            "0.png": b"0.png",
            "1.png": b"1.png",
        }
        assert content_sha256(place) == content_sha256(LocalPlace.of(copy))
    place.store.rm("/images", recursive=True)
