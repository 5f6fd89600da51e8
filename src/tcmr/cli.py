"""The command line: `tcmr COMMAND`. Each command is a module of `tcmr.commands`, imported when it is asked for."""

import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from tcmr.errors import TcmrError, one_line

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
BAD_INPUT = 2
# As shells count what a signal ended: 128 and the number of SIGINT, of SIGPIPE.
INTERRUPTED, UNREAD = 130, 141


def main(args: Sequence[str] | None = None) -> None:
    """Run one command; exit with 2 and one line where the user's input cannot be used."""
    # The stages run side by side, each in a thread; more threads inside one would only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text
    try:
        _run(sys.argv[1:] if args is None else list(args))
    except BrokenPipeError:
        # Nobody reads on; Python would write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)
    except (TcmrError, OSError) as error:
        print(f"tcmr: error: {one_line(error)}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        print("tcmr: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _run(args: list[str]) -> None:
    """Run one command. Whatever takes time is imported here, where Ctrl-C is met."""
    import tyro

    chosen = args[0] if args else None
    commands = {name: _command(name) if name == chosen else _described(name) for name in COMMANDS}
    try:
        tyro.extras.subcommand_cli_from_dict(
            commands,
            prog="tcmr",
            description="Temporally consistent 3D human motion from ordinary video.",
            args=args or ["--help"],
        )
    finally:
        sys.stdout.flush()


def _command(name: str) -> Callable[..., None]:
    return import_module(f"tcmr.commands.{name}").main


def _described(name: str) -> Callable[[], None]:
    """Stand in for a command that was not asked for: all that is needed of it is the line that describes it."""

    def command() -> None: ...

    command.__doc__ = COMMANDS[name]
    return command
