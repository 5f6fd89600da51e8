"""The command line: `tcmr COMMAND`. Each command is a module of `tcmr.commands`, imported when it is asked for."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import tyro

from tcmr.errors import TcmrError

COMMANDS = {
    "demo": "Run the main job on a real street scene, fetched on first use.",
    "run": "Find every person in videos, estimate their motion, draw it over the video.",
    "batch": "Run the main job on many videos; start it again to go on where it was stopped.",
    "predict": "Turn one person's static features into motion; needs no video.",
    "features": "Write the tracks and the static features of every person in a video.",
    "export": "Write motions for Blender, game engines, OpenSim and others.",
    "view": "Show a result in the browser, or write it as one HTML file; compare two.",
    "plot": "Draw acceleration, trajectory and attention for a paper's column.",
    "convert": "Turn released files, raw databases and captured motion into this package's own, strictly.",
    "assets": "List, fetch or add the outside files that the package uses.",
    "train": "Train a stage of the open weights.",
    "evaluate": "Score the weights on the real four-camera clip, rendered clips or the sample clip.",
    "study": "Answer questions about the temporal model by small trainings: tables and plots.",
    "synth": "Render training clips out of motion capture.",
}
BAD_INPUT, INTERRUPTED = 2, 130
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(args: Sequence[str] | None = None) -> None:
    """Run one command; exit with 2 and one line where the user's input cannot be used."""
    # The stages run side by side, each in a thread; more threads inside one would only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    args = sys.argv[1:] if args is None else list(args)
    chosen = args[0] if args else None
    commands = {name: _command(name) if name == chosen else _described(name) for name in COMMANDS}
    try:
        tyro.extras.subcommand_cli_from_dict(
            commands,
            prog="tcmr",
            description="Temporally consistent 3D human motion from ordinary video.",
            args=args or ["--help"],
        )
    except TcmrError as error:
        print(f"tcmr: error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        where = error.filename or "a file"
        print(f"tcmr: error: cannot write {where}: {error.strerror}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        print("tcmr: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _command(name: str) -> Callable[..., None]:
    return import_module(f"tcmr.commands.{name}").main


def _described(name: str) -> Callable[[], None]:
    """Stand in for a command that was not asked for: all that is needed of it is the line that describes it."""

    def command() -> None: ...

    command.__doc__ = COMMANDS[name]
    return command
