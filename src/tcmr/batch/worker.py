"""What every worker does, whatever the work and wherever it is."""

import traceback
from collections.abc import Callable

from tcmr.batch.events import Done, Failed, Outcome, Planned
from tcmr.errors import TcmrError

Work = Callable[[Planned], Done]
Preparation = Callable[[], Work]  # called in the worker, where it loads what all videos need


def attempt(work: Work, task: Planned) -> Outcome:
    """Do a video; whatever goes wrong with it is its own."""
    try:
        return work(task)
    except TcmrError as error:
        return Failed(task.id, " ".join(str(error).split()))
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Failed(task.id, f"{task.video}: unexpected error ({reason})", traceback.format_exc())
