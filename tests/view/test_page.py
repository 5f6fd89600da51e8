"""The page in a real browser: it opens, plays, scrubs, and shows the right frame."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.types import Motion
from tcmr.view.overlay import Figure, draw_persons
from tcmr.view.report import write_report
from tcmr.view.viewer import page_server
from view.conftest import BITS, CAMERA, FPS, FRAMES, HEIGHT, WIDTH


def opened(tab, address) -> None:
    tab.goto(str(address) if isinstance(address, str) else address.as_uri())
    tab.wait_for_selector("html[data-ready]", state="attached")
    tab.evaluate("document.querySelectorAll('figcaption').forEach(caption => { caption.style.opacity = 0; })")


@pytest.fixture
def report(tab, result, tmp_path):
    """Open the one-file page from disk."""
    write_report(result, tmp_path / "page.html")
    opened(tab, tmp_path / "page.html")
    tab.wait_for_function("() => document.querySelector('video').readyState >= 2")
    return tab


@contextmanager
def served(results) -> Iterator[str]:
    server = page_server(results)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def seek(tab, frame: int) -> None:
    tab.evaluate(
        """frame => { const scrub = document.getElementById('scrub');
        scrub.value = frame; scrub.dispatchEvent(new Event('input')); }""",
        frame,
    )
    settle(tab)


def settle(tab) -> None:
    """Wait until video and bodies have caught up with the frame number."""
    tab.wait_for_function(
        """fps => { const video = document.querySelector('video');
        const frame = document.getElementById('frame').textContent;
        const there = !video || (!video.seeking && Math.floor(video.currentTime * fps) === Number(frame));
        return there
            && [...document.querySelectorAll('canvas')].every(canvas => canvas.dataset.painted === frame); }""",
        arg=FPS,
    )
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def frame_number(tab) -> int:
    return int(tab.inner_text("#frame"))


def picture(tab, selector: str) -> np.ndarray:
    """Photograph an element, the caption over it left out."""
    return cv2.imdecode(np.frombuffer(tab.locator(selector).first.screenshot(), np.uint8), cv2.IMREAD_COLOR)


def number_in_video(tab) -> int:
    """Read the bars of the video as it is shown."""
    row = picture(tab, "video")
    row = row[len(row) // 2].mean(-1)
    box = tab.locator("video").first.bounding_box()
    shown = min(box["width"], box["height"] * WIDTH / HEIGHT)
    left = (box["width"] - shown) / 2
    middles = left + shown * (np.arange(BITS) + 0.5) / BITS
    return sum(int(row[int(middle)] > 128) << bit for bit, middle in enumerate(middles))


def bodies_mask(tab) -> np.ndarray:
    """Tell which pixels of the canvas change when everybody is hidden, within the camera's picture."""
    with_bodies = picture(tab, "canvas").astype(int)
    for box in tab.locator("#persons input").all():
        box.uncheck()
    settle(tab)
    without = picture(tab, "canvas").astype(int)
    for box in tab.locator("#persons input").all():
        box.check()
    mask = np.abs(with_bodies - without).max(-1) > 12
    height, width = mask.shape
    shown = min(width, height * WIDTH / HEIGHT), min(height, width * HEIGHT / WIDTH)
    left, top = round((width - shown[0]) / 2), round((height - shown[1]) / 2)
    inner = mask[top : top + round(shown[1]), left : left + round(shown[0])]
    assert inner.sum() == mask.sum()
    return inner


def true_mask(result, body, frame: int, size: tuple[int, int]) -> np.ndarray:
    """Draw the same frame by the overlay's own renderer, in the size of the canvas."""
    factor = size[0] / WIDTH
    camera = PinholeCamera(CAMERA.focal_px * factor, (size[0] / 2, size[1] / 2))
    figures = []
    for path in result.glob("person-*.npz"):
        motion = Motion.load(path)
        if frame in motion.frames:
            row = int(np.searchsorted(motion.frames, frame))
            rotmat, betas, place = (
                torch.from_numpy(array[row]) for array in (motion.rotmat, motion.betas, motion.transl_m)
            )
            vertices = body.with_shape(betas).with_pose_at(rotmat, place).vertices().numpy()
            figures.append(Figure(motion.person, vertices))
    black = np.zeros((size[1], size[0], 3), np.uint8)
    return draw_persons(black, figures, body.faces.int().numpy(), camera).max(-1) > 0


def test_the_page_opens_from_disk_and_asks_the_network_for_nothing(report):
    assert report.title() == "numbered"
    assert "40 frames, 20 per second, 2 persons" in report.inner_text("#subtitle")
    assert frame_number(report) == 0
    report.wait_for_timeout(200)
    assert {re.match(r"\w+:", url).group() for url in report.asked_for} <= {"file:", "data:", "blob:"}
    assert report.locator("#persons-table tr").count() == 2
    assert "0\u201339" in report.inner_text("#persons-table")
    assert "5\u201314, 25\u201339" in report.inner_text("#persons-table")
    assert "tcmr 0." in report.inner_text("#facts")
    assert "<b>cloudy</b>" in report.inner_text("#facts")  # text, not markup


@pytest.mark.parametrize("frame", [0, 7, 22, 39])
def test_scrubbing_shows_the_frame_in_the_video_and_in_3d(frame, report, result, body):
    seek(report, frame)
    assert frame_number(report) == frame
    assert number_in_video(report) == frame
    report.keyboard.press("c")
    settle(report)
    seen = bodies_mask(report)
    truth = true_mask(result, body, frame, seen.shape[::-1])
    # Half a pixel all around a body is 5 % of it.
    assert (seen & truth).sum() / (seen | truth).sum() > 0.93
    elsewhere = true_mask(result, body, (frame + 12) % FRAMES, seen.shape[::-1])
    assert (seen & elsewhere).sum() / (seen | elsewhere).sum() < 0.85


def test_it_plays_in_step_with_the_video_and_stops(report):
    report.keyboard.press(" ")
    report.wait_for_function("() => Number(document.getElementById('frame').textContent) > 4")
    report.keyboard.press(" ")
    settle(report)
    stopped = frame_number(report)
    assert number_in_video(report) == stopped
    report.wait_for_timeout(300)
    assert frame_number(report) == stopped


def test_keys_step_and_jump(report):
    report.keyboard.press("End")
    assert frame_number(report) == FRAMES - 1
    report.keyboard.press("Shift+ArrowLeft")
    report.keyboard.press("ArrowLeft")
    report.keyboard.press("ArrowLeft")
    report.keyboard.press("ArrowRight")
    settle(report)
    assert frame_number(report) == FRAMES - 12 == number_in_video(report)
    report.keyboard.press("Home")
    assert frame_number(report) == 0
    report.keyboard.press("2")
    assert report.is_checked("input[value=skeleton]")


def test_a_click_on_a_curve_goes_there(report):
    report.locator(".chart .plot").first.click(position={"x": 1, "y": 20})
    assert frame_number(report) == 0
    box = report.locator(".chart .plot").first.bounding_box()
    report.locator(".chart .plot").first.click(position={"x": box["width"] / 2, "y": 20})
    assert frame_number(report) in (19, 20)


def test_speed_of_playing_reaches_the_video(report):
    report.select_option("#rate", "0.25")
    assert report.evaluate("document.querySelector('video').playbackRate") == 0.25


def test_each_way_of_showing_differs_and_dragging_turns(report):
    pictures = []
    for key in "123":
        report.keyboard.press(key)
        settle(report)
        pictures.append(picture(report, "canvas"))
    canvas = report.locator("canvas").bounding_box()
    report.mouse.move(canvas["x"] + 200, canvas["y"] + 200)
    report.mouse.down()
    report.mouse.move(canvas["x"] + 280, canvas["y"] + 220, steps=3)
    report.mouse.up()
    settle(report)
    pictures.append(picture(report, "canvas"))
    for before, after in pairwise(pictures):
        assert (np.abs(before.astype(int) - after).max(-1) > 30).sum() > 200


def test_values_under_the_time_line_are_the_motions(report, result):
    motion = Motion.load(result / "person-1.npz")
    seek(report, 10)
    said = report.inner_text("#charts")
    step = np.linalg.norm(motion.joints_m[10] - motion.joints_m[9], axis=-1).mean() * motion.fps
    assert f"{step:.2f} m/s" in said
    for share in motion.attention[10]:
        assert f"{round(100 * share)} %" in said


def test_two_results_are_served_and_shown_in_step(tab, result, make_result, make_motion, tmp_path):
    other = make_result(tmp_path / "other", motions=[make_motion(1, speed=2.0)])
    tab.context.set_offline(False)
    with served([result, other]) as address:
        opened(tab, address)
        tab.wait_for_function("() => document.querySelector('video').readyState >= 2")
        assert all(
            url.startswith((address, "data:", "blob:")) for url in tab.asked_for
        )  # nobody else is asked
        assert tab.locator("canvas").count() == 2
        assert "A: numbered" in tab.inner_text("#stage")
        seek(tab, 31)
        assert number_in_video(tab) == 31
        tab.select_option("#source", label="overlay, other")
        tab.wait_for_function("() => document.querySelector('video').readyState >= 2")
        settle(tab)
        assert number_in_video(tab) == 31
        tab.goto("about:blank")


def test_where_the_video_is_gone_the_bodies_play_alone_and_the_page_says_so(tab, make_result, tmp_path):
    folder = make_result(tmp_path / "gone", overlay=False)
    write_report(folder, tmp_path / "page.html")
    opened(tab, tmp_path / "page.html")
    assert tab.locator("video").count() == 0
    assert "moved-away.mp4 is not there" in tab.inner_text("#notice")
    tab.keyboard.press(" ")
    tab.wait_for_function("() => Number(document.getElementById('frame').textContent) > 4")


def test_a_video_that_does_not_play_is_told_and_the_bodies_play_alone(tab, result, tmp_path):
    folder = Path(shutil.copytree(result, tmp_path / "damaged"))
    (folder / "overlay.mp4").write_bytes(bytes(20_000))
    write_report(folder, tmp_path / "page.html")
    opened(tab, tmp_path / "page.html")
    tab.wait_for_selector("#notice:not([hidden])")
    assert "cannot play the video (overlay): here are the bodies alone." in tab.inner_text("#notice")
    tab.keyboard.press(" ")
    tab.wait_for_function("() => Number(document.getElementById('frame').textContent) > 4")


def test_everybody_has_one_colour_in_the_legends_and_curves(report):
    colours = report.evaluate(
        """() => [...document.querySelectorAll('#persons label')].map((label, at) => [
          getComputedStyle(label, '::after').backgroundColor,
          getComputedStyle(document.querySelectorAll('td.person')[at], '::before').backgroundColor,
          getComputedStyle(document.querySelectorAll('.chart dt')[at], '::before').backgroundColor,
          getComputedStyle(document.querySelectorAll('.line')[at]).stroke])"""
    )
    assert [len(set(each)) for each in colours] == [1, 1]
    assert colours[0] != colours[1]


def test_on_a_phone_nothing_is_cut_off_and_the_time_line_is_at_hand(report):
    report.set_viewport_size({"width": 390, "height": 844})
    assert report.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = report.locator("#play").bounding_box()
    assert 0 < box["y"] < 844 - box["height"]


def test_a_motion_without_a_place_is_shown_too(tab, make_motion, tmp_path):
    replace(make_motion(1), transl_m=None).save(tmp_path / "predicted.npz")
    write_report(tmp_path / "predicted.npz", tmp_path / "page.html")
    opened(tab, tmp_path / "page.html")
    assert tab.is_disabled("input[value=camera]")
    assert "bodies alone" in tab.inner_text("#notice")
    settle(tab)
