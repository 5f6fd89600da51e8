"""The body that motions were estimated for."""

from collections.abc import Sequence
from pathlib import Path

from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.errors import TcmrError
from tcmr.types import Motion


def own_body(motions: Sequence[Motion], body: str | Path | BodyModel) -> BodyModel:
    """Return a body, by name, file or itself, after making sure that it is the motions' own.

    Raises:
        TcmrError: it cannot be read, or is another than a motion's.
    """
    loaded = body if isinstance(body, BodyModel) else load_body(body)
    for motion in motions:
        name, _, sha256 = motion.body.rpartition(" ")
        if sha256 == loaded.sha256:
            continue
        if name == loaded.name:
            raise TcmrError(
                f"person {motion.person}'s motion is of another version of the body '{name}'; make the result anew, "
                "or name the file of the body that it was made with by --body"
            )
        raise TcmrError(
            f"person {motion.person}'s motion is of the body '{name or sha256:.80}', not of "
            f"'{loaded.name}'; name the body that it was made with by --body"
        )
    return loaded
