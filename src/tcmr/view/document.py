"""The page as one HTML file: markup, style, scripts and motion in it; the video in it or at an address."""

import base64
import html
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from tcmr.body import BodyModel
from tcmr.body.own_body import own_body
from tcmr.export.animation import Animation
from tcmr.export.skin import Skin
from tcmr.joints import SMPL_PARENTS
from tcmr.view.pack import packed
from tcmr.view.performer import Performer, performers
from tcmr.view.shown_result import ShownResult
from tcmr.view.summary import CHOICES

PAGE = files("tcmr.view") / "page"
MODULES = ("about", "charts", "geometry", "linear", "main", "motion", "orbit", "player", "renderer")
WEIGHT_UNIT = 65535
HASH_DIGITS = 12


def document(
    results: Sequence[ShownResult], body: str | Path | BodyModel, addresses: Mapping[Path, str] | None = None
) -> str:
    """Return the page of one result, or of two to compare.

    Videos are at `addresses`; without them the first video goes into the page itself.

    Raises:
        TcmrError: the body cannot be read, or is another than the motions'.
    """
    motions = [motion for result in results for motion in result.motions]
    body = own_body(motions, body).to("cpu")  # where the motions' numbers are
    casts = [performers(result.motions, body) for result in results]
    index, motion = packed(arrays_of(casts))
    named = named_videos(results)
    if addresses is None:
        named = dict(list(named.items())[:1])
    scene = scene_of(results, casts) | {
        "arrays": index,
        "videos": [
            {"name": name, "address": addresses[file]} if addresses else {"name": name, "id": "video"}
            for name, file in named.items()
        ],
    }
    embedded = "" if addresses else "\n".join(_embedded(file) for file in named.values())
    return Template((PAGE / "page.html").read_text("utf-8")).substitute(
        title=_as_text(" and ".join(result.label for result in results)),
        style=(PAGE / "page.css").read_text("utf-8"),
        modules=json.dumps({"imports": {f"tcmr/{name}": _module_address(name) for name in MODULES}}),
        scene=json.dumps(scene, separators=(",", ":")).replace("<", "\\u003c"),
        motion=_base64(motion),
        videos=embedded,
    )


def named_videos(results: Sequence[ShownResult]) -> dict[str, Path]:
    """Return every video once, by a name that tells them apart: with the label of a result that has it alone."""
    named: dict[str, Path] = {}
    for result in results:
        for name, file in result.videos.items():
            if file not in named.values():
                shared = all(file in other.videos.values() for other in results)
                named[name if shared else f"{name}, {result.label}"] = file
    return named


def scene_of(results: Sequence[ShownResult], casts: Sequence[Sequence[Performer]]) -> dict[str, Any]:
    """Return what the page is told of the results, but for the arrays and the videos."""
    timestamps = max((result.timestamps_s for result in results), key=len)
    fps = results[0].fps
    persons = len({performer.motion.person for cast in casts for performer in cast})
    told = [
        {
            "label": result.label,
            "camera": camera_of(result),
            "facts": facts_of(result),
            "notes": [] if result.summary is None else result.summary.get("warnings", []),
            "persons": [performer.about(_key(number, performer)) for performer in cast],
        }
        for number, (result, cast) in enumerate(zip(results, casts, strict=True))
    ]
    for number, each in enumerate(told):
        for person in each["persons"]:
            person["result"] = number
            if len(told) > 1:
                person["label"] = f"{person['label']}, {'AB'[number]}"
        if len(told) > 1:
            each["label"] = f"{'AB'[number]}: {each['label']}"
    notice = next((why for why in (result.why_no_video for result in results) if why), None)
    return {
        "subtitle": f"{len(timestamps)} frames, {fps:.4g} per second, {persons} person{'s' * (persons != 1)}",
        "fps": fps,
        "timestamps": timestamps,
        "parents": list(SMPL_PARENTS),
        "results": told,
        "notice": notice if not named_videos(results) else None,
    }


def arrays_of(casts: Sequence[Sequence[Performer]]) -> dict[str, Any]:
    """Return the arrays of the body, which all share, and of every person."""
    first = casts[0][0]
    skin = Skin.of(Animation.of(first.motion, first.body, ""))
    arrays = {
        "body/faces": skin.faces.astype("uint16"),
        "body/joints": skin.joints.astype("uint8"),
        "body/weights": (WEIGHT_UNIT * skin.weights).round().astype("uint16"),
    }
    for number, cast in enumerate(casts):
        for performer in cast:
            for name, array in performer.arrays().items():
                arrays[f"{_key(number, performer)}/{name}"] = array
    return arrays


def camera_of(result: ShownResult) -> dict[str, Any] | None:
    """Return the camera of the video: what the page looks from."""
    if result.summary is None or result.motions[0].transl_m is None:
        return None
    camera = result.summary["camera"]
    return {
        "focal_px": camera["focal_px"],
        "center_px": camera["center_px"],
        "size": result.summary["size"],
    }


def facts_of(result: ShownResult) -> list[tuple[str, str]]:
    """Return how a result was made, name by name."""
    motion, summary = result.motions[0], result.summary
    facts = [("weights", _shortened(motion.weights)), ("body", _shortened(motion.body))]
    if summary is None:
        return facts
    return [(name, text) for name, text in _facts_of_run(summary, facts) if text]


def choices_of(summary: dict[str, Any]) -> list[str]:
    """Return what was chosen of how to estimate, as result.json tells it; nothing where it does not."""
    options = summary.get("options", {})
    return [f"{name.replace('_', ' ')} {options[name]}" for name in CHOICES if options.get(name) is not None]


def _facts_of_run(summary: dict[str, Any], facts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    width, height = summary["size"]
    return [
        ("command", summary.get("command", "")),
        ("video", str(summary["video"])),
        ("picture", f"{width} x {height} px, {summary['fps']:.4g} frames per second"),
        ("focal length", f"{summary['camera']['focal_px']:.0f} px"),
        ("landmarks", _shortened(summary.get("landmarks", ""))),
        ("features", _shortened(summary.get("features", ""))),
        *facts,
        ("choices", ", ".join(choices_of(summary))),
        ("time taken", f"{summary['seconds'].get('total', 0):.1f} s"),
        ("versions", ", ".join(f"{name} {number}" for name, number in summary["versions"].items())),
    ]


def _shortened(named: str) -> str:
    """Return the name of a file and the beginning of its SHA-256."""
    name, _, sha256 = named.rpartition(" ")
    return f"{name} {sha256[:HASH_DIGITS]}".strip()


def _key(number: int, performer: Performer) -> str:
    return f"{number}/{performer.motion.person}"


def _as_text(name: str) -> str:
    """Return a name as text of the page; a folder's may hold what is no character."""
    return html.escape(name.encode("utf-8", "replace").decode("utf-8"))


def _module_address(name: str) -> str:
    return f"data:text/javascript;base64,{_base64((PAGE / f'{name}.js').read_bytes())}"


def _embedded(video: Path) -> str:
    return f'<script type="application/octet-stream" id="video">{_base64(video.read_bytes())}</script>'


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
