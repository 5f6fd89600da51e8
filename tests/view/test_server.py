import http.client
import threading

import pytest

from tcmr.errors import TcmrError
from tcmr.view.server import PageServer


@pytest.fixture
def server(tmp_path):
    video = tmp_path / "video.mp4"
    video.write_bytes(bytes(range(256)) * 4)
    server = PageServer("<p>page</p>", {"/video/0.mp4": video})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server, path, **headers):
    connection = http.client.HTTPConnection(*server.server_address)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_the_page_and_the_whole_video(server):
    answer, content = ask(server, "/")
    assert (answer.status, content) == (200, b"<p>page</p>")
    answer, content = ask(server, "/video/0.mp4")
    assert (answer.status, answer.headers["Content-Type"], len(content)) == (200, "video/mp4", 1024)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, 1023),
        ("bytes=100-199", 100, 199),
        ("bytes=-24", 1000, 1023),
        ("bytes=1000-9999", 1000, 1023),
        ("bytes=1000-" + "9" * 5000, 1000, 1023),
        ("bytes=-" + "9" * 5000, 0, 1023),
    ],
)
def test_a_part_of_the_video(server, asked, first, last):
    answer, content = ask(server, "/video/0.mp4", Range=asked)
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"
    assert content == (bytes(range(256)) * 4)[first : last + 1]


@pytest.mark.parametrize("first", ["1024", "5000", "9" * 5000])
def test_a_part_that_is_not_there(server, first):
    answer, _ = ask(server, "/video/0.mp4", Range=f"bytes={first}-{first}")
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize("path", ["/video/1.mp4", "/../pyproject.toml", "/etc/passwd"])
def test_nothing_else_is_served(server, path):
    assert ask(server, path)[0].status == 404


def test_a_name_that_only_points_here_is_refused(server):
    assert ask(server, "/", Host="evil.example:80")[0].status == 403
    assert ask(server, "/", Host=f"localhost:{server.server_port}")[0].status == 200


@pytest.mark.parametrize("path", ["/", "/video/0.mp4"])
def test_no_other_site_may_show_it(server, path):
    assert ask(server, path)[0].headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_video_that_becomes_shorter_ends_the_connection(server):
    video = server.videos["/video/0.mp4"]
    size = 64 << 20  # more than the buffers of the connection hold
    with video.open("wb") as file:
        file.truncate(size)
    connection = http.client.HTTPConnection(*server.server_address, timeout=20)
    connection.request("GET", "/video/0.mp4")
    answer = connection.getresponse()
    video.write_bytes(b"")
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()


def test_a_port_in_use_is_told(server):
    with pytest.raises(TcmrError, match="--port"):
        PageServer("", {}, server.server_port)
