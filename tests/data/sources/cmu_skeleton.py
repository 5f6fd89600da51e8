"""A BVH file with the hierarchy of the CMU database's conversions for MotionBuilder; all numbers are our own."""

import numpy as np


def leg(side: str, out: float) -> tuple:
    toes = ("ToeBase", (0.2 * out, -0.6, 2.1), [("End", (0, 0, 1.1), [])])
    shin = ("Leg", (2.6 * out, -7.1, 0), [("Foot", (2.5 * out, -6.8, 0), [toes])])
    return ("HipJoint", (0, 0, 0), [("UpLeg", (1.6 * out, -1.8, 0.6), [shin])])


def arm(out: float) -> tuple:
    finger = ("FingerBase", (0, 0, 0), [("HandIndex1", (0.7 * out, 0, 0), [("End", (0.5 * out, 0, 0), [])])])
    thumb = ("Thumb", (0, 0, 0), [("End", (0.5 * out, 0, 0.5), [])])
    hand = ("Hand", (3.3 * out, 0, 0), [finger, thumb])
    return (
        "Shoulder",
        (0, 0, 0),
        [("Arm", (3.5 * out, 0.8, -0.2), [("ForeArm", (4.9 * out, 0, 0), [hand])])],
    )


def named(tree: tuple, word: str, letter: str) -> tuple:
    """Put a side before the names of a limb: in short before the hips' and thumbs', as the files have it."""
    name, offset, children = tree
    if name != "End":
        name = (letter if name in ("HipJoint", "Thumb") else word) + name
    return name, offset, [named(child, word, letter) for child in children]


HEAD = ("Neck", (0, 0, 0), [("Neck1", (0, 1.6, 0.1), [("Head", (0, 1.6, -0.1), [("End", (0, 1.6, 0), [])])])])
CHEST = ("Spine1", (0, 2.1, 0), [HEAD, named(arm(1), "Left", "L"), named(arm(-1), "Right", "R")])
SKELETON = (
    "Hips",
    (0, 0, 0),
    [
        named(leg("Left", 1), "Left", "L"),
        named(leg("Right", -1), "Right", "R"),
        ("LowerBack", (0, 0, 0), [("Spine", (0, 2.0, -0.1), [CHEST])]),
    ],
)


def joint_names(tree: tuple = SKELETON) -> list[str]:
    """Return the joints that have columns, in their order."""
    name, _, children = tree
    return [name, *(each for child in children for each in joint_names(child))] if name != "End" else []


def lines(tree: tuple, root: bool = True) -> list[str]:
    name, offset, children = tree
    numbers = " ".join(f"{value:.5f}" for value in offset)
    if name == "End":
        return ["End Site", "{", f"OFFSET {numbers}", "}"]
    places = "Xposition Yposition Zposition " if root else ""
    channels = f"CHANNELS {6 if root else 3} {places}Zrotation Yrotation Xrotation"
    inner = [f"OFFSET {numbers}", channels, *(line for child in children for line in lines(child, False))]
    return [f"{'ROOT' if root else 'JOINT'} {name}", "{", *("\t" + line for line in inner), "}"]


def bvh_text(columns: np.ndarray, frame_time: float = 1 / 120, tree: tuple = SKELETON) -> str:
    """Return a file: each row of `columns` has the root's place and every joint's turns about z, y, x."""
    rows = [" ".join(f"{value:.6f}" for value in row) for row in columns]
    head = ["HIERARCHY", *lines(tree), "MOTION", f"Frames: {len(rows)}", f"Frame Time: {frame_time:.7f}"]
    return "\n".join([*head, *rows]) + "\n"


def walk(frames: int, seed: int = 0) -> np.ndarray:
    """Return columns of a smooth motion along z."""
    rng = np.random.default_rng(seed)
    count = len(joint_names())
    time = np.arange(frames)[:, None] / 120
    turns = 25 * np.sin(2 * np.pi * (time * rng.uniform(0.3, 1.2, 3 * count) + rng.random(3 * count)))
    place = np.stack([0 * time[:, 0], 16.5 + 0 * time[:, 0], 20 * time[:, 0]], 1)
    return np.concatenate([place, turns], 1)
