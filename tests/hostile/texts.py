"""Surfaces that read text: results, lists of videos, manifests, settings, calibrations."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

from fsspec.core import url_to_fs

from tcmr.batch.events import Planned
from tcmr.batch.fingerprint import content_sha256, stamp
from tcmr.batch.journal import LocalJournal
from tcmr.batch.manifest import Manifest
from tcmr.batch.sources import find_sources
from tcmr.batch.work import done_by_result
from tcmr.errors import TcmrError
from tcmr.evaluate.calibration import read_qualisys
from tcmr.options import Options
from tcmr.train.config import TrainConfig
from tcmr.train.paper_config import PaperConfig
from tcmr.view.document import camera_of, facts_of
from tcmr.view.shown_result import ShownResult

from .arrays import motion_arrays
from .case import Files
from .mutation import VALUES, changed, damaged
from .npy import npz
from .surface import Damage, Surface, damaged_file

ROOT = Path(__file__).parents[2]
DEEP = b"[" * 100_000
LONG = b"9" * 5000


def damaged_json(name: str) -> Damage:
    """Return what changes values in a file of JSON, or of lines of JSON."""

    def damage(rng: Random, files: Files) -> Files:
        content = files[name]
        if not isinstance(content, bytes):
            return files
        lines = content.split(b"\n") if name.endswith("l") else [content]
        place = rng.randrange(len(lines))
        try:
            lines[place] = json.dumps(changed(rng, json.loads(lines[place]))).encode()
        except (ValueError, RecursionError):
            lines[place] = damaged(rng, lines[place])
        return {**files, name: b"\n".join(lines)}

    return damage


def _result(folder: Path) -> Surface:
    about = {
        "video": "clip.mp4", "frames": 7, "fps": 30.0, "size": [64, 48],
        "timestamps_s": [frame / 30 for frame in range(7)],
        "camera": {"focal_px": 80.0, "center_px": [32.0, 24.0]}, "dropped": [], "warnings": ["none"],
        "weights": "open 00",
        "persons": [{"id": 1, "file": "person-1.npz", "frames": 5, "ranges": [[0, 2], [5, 6]], "bridged_frames": 0}],
        "body": "open 00", "versions": {"tcmr": "0.1.0"}, "seconds": {"total": 1.5},
    }  # fmt: skip
    motion = npz(**motion_arrays())

    def case(said: object) -> Files:
        return {"result.json": json.dumps(said).encode(), "person-1.npz": motion}

    def read(folder: Path) -> None:
        task = Planned("0", "clip.mp4", "case", None, None)
        if (folder / "result.json").is_file():
            done_by_result(task, (folder / "result.json").read_bytes())
        shown = ShownResult.open(folder)
        camera_of(shown), facts_of(shown), shown.timestamps_s
        assert all(file.parent == folder for name, file in shown.videos.items() if name == "overlay")

    persons = [
        {**about, "persons": [{"file": value}]}
        for value in (*VALUES, "../case/person-1.npz", "person-1.npz\0", "person-../1.npz")
    ]
    single = [{**about, name: value} for name in about for value in VALUES]
    return Surface(
        "result",
        read,
        [case(about)],
        [
            *map(case, [*persons, *single]),
            *(
                {"result.json": text, "person-1.npz": motion}
                for text in (DEEP, LONG, b"", b"\xff", b'{"a":' * 50_000)
            ),
        ],
        (TcmrError,),
        (damaged_json("result.json"), damaged_json("result.json"), damaged_file),
    )


def _list(
    name: str, sample: bytes, attacks: list[bytes], damages: tuple[Damage, ...]
) -> Callable[[Path], Surface]:
    def surface(folder: Path) -> Surface:
        url_to_fs("file:///")  # so that all of fsspec is imported

        def read(case: Path) -> None:
            for source in find_sources([str(case / name)], str(case / "out"), Options()):
                if (
                    not source.place.is_folder()
                ):  # a list may name the whole disk, which takes long to look at
                    content_sha256(source.place)
                    stamp(source.place)

        return Surface(
            name.replace(".", "_"), read, [{name: sample, "a.mp4": b"film"}], [{name: attack,
            "a.mp4": b"film"} for attack in attacks], (TcmrError,), damages
        )  # fmt: skip

    return surface


_CSV = b'video,focal,max_persons\na.mp4,900,2\nb/c.mp4,,\n"d,e.mp4",800.5,1\n'
_CSV_ATTACKS = [
    b"video\n../../../etc/passwd\n", b"video\n/dev/null\n", b"video\na\0b.mp4\n", b"video\n\xed\xa0\x80\n",
    b"video\n" + b"x" * 200_000 + b"\n",
    b"video\n~root/x.mp4\n", b"video,focal\na.mp4," + LONG + b"\n", b"video,max_persons\na.mp4," + LONG + b"\n",
    b"video,video\na.mp4,b.mp4\n",
    b"video,focal\na.mp4,nan\n", b"video,focal\na.mp4,1e999\n", b"video\n\"a.mp4\n" * 1000, b"\xff\xfe",
    b"video" + b",a" * 100_000 + b"\n",
    b"video,\na.mp4,1\n", b"video,weights\na.mp4,x\n", b"video,__class__\na.mp4,x\n", b"video\nnosuch://a/b\n",
    b"video\nfile:///etc/passwd\n", b"",
]  # fmt: skip
_JSONL = b'{"video": "a.mp4", "focal": 900, "max_persons": 2}\n{"video": "b/c.mp4", "smooth": "none"}\n'
_JSONL_ATTACKS = [
    *(json.dumps({"video": value}).encode() for value in VALUES),
    *(json.dumps({"video": "a.mp4", name: value}).encode() for name in ("focal", "max_persons", "edges",
    "bogus") for value in VALUES),
    DEEP, b'{"video":' * 50_000, LONG, b"\xff", b"null", b'{"video": "a.mp4", "focal": ' + LONG + b"}",
]  # fmt: skip


def _manifest(folder: Path) -> Surface:
    lines = [
        {
            "event": "planned",
            "time": "t",
            "id": "1",
            "video": "a.mp4",
            "folder": "a",
            "sha256": None,
            "stamp": "3 bytes",
            "choices": {"focal": "900"},
        },
        {"event": "started", "time": "t", "id": "1", "worker": "w"},
        {"event": "done", "time": "t", "id": "1", "frames": 3, "persons": 1, "seconds": 1.5},
        {"event": "failed", "time": "t", "id": "2", "error": "e", "traceback": ""},
    ]
    sample = "\n".join(map(json.dumps, lines)).encode() + b"\n"
    attacks = [
        json.dumps({**line, name: value}).encode() + b"\n"
        for line in lines
        for name in line
        for value in VALUES
    ]
    attacks += [
        DEEP + b"\n",
        LONG + b"\n",
        b"\xff\n",
        b"\n",
        b"null\n",
        b'{"event": "planned"}\n',
        b"\0" * 1000 + b"\n",
    ]

    def read(case: Path) -> None:
        manifest = Manifest(LocalJournal(case / "manifest.jsonl"), "manifest.jsonl")
        for name in manifest.folder.values():
            assert (case / name).resolve().parent == case.resolve(), name

    return Surface(
        "manifest",
        read,
        [{"manifest.jsonl": sample}],
        [{"manifest.jsonl": attack} for attack in attacks],
        (TcmrError,),
        (damaged_json("manifest.jsonl"), damaged_json("manifest.jsonl"), damaged_file),
    )


TOML_VALUES = (
    "0", "-1", "1e999", "nan", "inf", '""', '"../../x"', "[]", "{}", "[1, 2]", "{a = 1}", "true", "1979-05-27",
    "9" * 5000, "'''a\nb'''",
    '"\\u0000"', "[" * 3000, "{a=" * 3000, '"x', "0x", "99999999999999999999", "''", "[[]]", "1_000",
)  # fmt: skip


def damaged_toml(rng: Random, files: Files) -> Files:
    """Change values, names and tables in a file of TOML."""
    name = rng.choice(sorted(files))
    content = files[name]
    if not isinstance(content, bytes):
        return files
    lines = content.decode(errors="replace").split("\n")
    for _ in range(rng.choice((1, 1, 2, 5))):
        place = rng.randrange(len(lines))
        key, divider, _ = lines[place].partition("=")
        match rng.randrange(5):
            case 0:
                del lines[place : place + 1]
                lines = lines or [""]
            case 1:
                lines.insert(
                    place,
                    rng.choice(
                        ("[loss]", "[network]", "[network.tcmr]", "[a.b]", "x = 1", "[[loss]]", lines[place])
                    ),
                )
            case _:
                lines[place] = f"{key}= {rng.choice(TOML_VALUES)}" if divider else rng.choice(TOML_VALUES)
    return {**files, name: "\n".join(lines).encode(errors="replace")}


def _settings(folder: Path) -> Surface:
    open_track = [path.read_bytes() for path in sorted((ROOT / "configs").glob("*.toml"))]
    paper = [path.read_bytes() for path in sorted((ROOT / "configs" / "paper").glob("*.toml"))][:3]

    def read(case: Path) -> None:
        path = case / "run.toml"
        (PaperConfig if path.is_file() and b'"paper"' in path.read_bytes() else TrainConfig).load(path)

    attacks = [b"stage = " + value.encode() for value in TOML_VALUES] + [
        b'stage = "static"\n' + name + b" = " + value.encode()
        for value in TOML_VALUES
        for name in (b"loss", b"network", b"network.tcmr", b"run")
    ]
    return Surface(
        "settings",
        read,
        [{"run.toml": sample} for sample in open_track + paper],
        [
            {"run.toml": attack}
            for attack in [*attacks, b"", b"\xff", b"a = " + b"[" * 100_000, b"[a." + b"b." * 20_000 + b"c]"]
        ],
        (TcmrError,),
        (damaged_toml, damaged_toml, damaged_file),
    )


def _calibration(folder: Path) -> Surface:
    camera = (
        '<camera serial="1"><fov_video left="0" right="1087" top="0" bottom="1919"/>'
        '<transform x="1" y="2" z="3" r11="1" r12="0" r13="0" r21="0" r22="1" r23="0" r31="0" r32="0" r33="1"/>'
        '<intrinsic focalLengthU="90000" focalLengthV="90000" centerPointU="34000" centerPointV="60000"/></camera>'
    )
    sample = f"<calibration><cameras>{camera}{camera}</cameras></calibration>".encode()
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    attacks = [
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a9;</x>'.encode(),
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        b"<a>" * 100_000, sample.replace(b"1087", b"1e999"), sample.replace(b"1087", b"nan"),
        sample.replace(b'"1"', b'""'), b"", b"<x/>",
    ]  # fmt: skip
    return Surface(
        "calibration", lambda case: read_qualisys(case / "calibration.xml"), [{"calibration.xml": sample}],
        [{"calibration.xml": attack} for attack in attacks], (TcmrError, OSError),
    )  # fmt: skip


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "result": _result,
    "list_csv": _list("list.csv", _CSV, _CSV_ATTACKS, (damaged_file,)),
    "list_jsonl": _list("list.jsonl", _JSONL, _JSONL_ATTACKS, (damaged_json("list.jsonl"), damaged_file)),
    "manifest": _manifest,
    "settings": _settings,
    "calibration": _calibration,
}
