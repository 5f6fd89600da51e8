"""What a source is called: without what only its owner may know."""

import pytest

from tcmr.video.source import folder_name, without_password


def test_user_and_password_are_dropped():
    for who in ("me:secret", "me", "me:se@cret", "me:"):
        assert (
            without_password(f"rtsp://{who}@door.example:554/walk.mp4") == "rtsp://door.example:554/walk.mp4"
        )


@pytest.mark.parametrize(
    "password", ["pass/word", "pass#word", "pass?word", "p@ss/word", "12/word", "/word", "12?word"]
)
def test_of_a_password_that_should_have_been_escaped_nothing_is_shown(password):
    for rest in ("", ":1/x", "/walk.mp4?token=word"):
        url = f"rtsp://me:{password}@door.example{rest}"
        assert without_password(url) == "rtsp://"
        assert folder_name(url) == "stream"


def test_a_folder_can_be_made_of_every_name(tmp_path):
    for source in (f"http://host/{'walk' * 100}.mp4", "http://host/a:b.mp4", f"camera:{'x' * 300}"):
        (tmp_path / folder_name(source)).mkdir()


@pytest.mark.parametrize("rest", ["?token=secret", "?secret", "#secret", "?a=1#secret"])
def test_what_may_hold_a_token_is_dropped(rest):
    assert without_password(f"http://me@host:80/live/walk.mp4{rest}") == "http://host:80/live/walk.mp4"


@pytest.mark.parametrize("rest", ["?mail=me@secret", "#me@secret"])
def test_what_stands_behind_an_at_sign_is_not_taken_for_the_host(rest):
    assert without_password(f"http://host/walk.mp4{rest}") == "http://host/walk.mp4"
    assert without_password(f"http://me:pass@host/walk.mp4{rest}") == "http://"


@pytest.mark.parametrize(
    "source", ["rtsp://host:554/stream", "http://host/@somebody/live", "http://[::1]:80/x", "camera:0", "-"]
)
def test_what_hides_nothing_stays(source):
    assert without_password(source) == source
