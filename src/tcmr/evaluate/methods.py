"""What the rows of a report are called, in their order: each step of a run adds to the one above."""

PER_FRAME = "ours per frame"
ALONE = "TCMR alone"
SETTLED = "+ sides settled"
RUN = "tcmr run"
FITTED = f"+ fitted to the landmarks: {RUN}"


def filtered_name(method: str, smooth: str) -> str:
    """Return what a method is called with a post-filter behind it.

    >>> filtered_name(RUN, "slerp"), filtered_name(RUN, "none")
    ('tcmr run + slerp', 'tcmr run')
    """
    return method if smooth == "none" else f"{method} + {smooth}"


def run_name(smooth: str) -> str:
    """Return what all that a run does is called; unfiltered, it is the last of the steps.

    >>> run_name("none"), run_name("slerp")
    ('+ fitted to the landmarks: tcmr run', 'tcmr run + slerp')
    """
    return FITTED if smooth == "none" else filtered_name(RUN, smooth)


def as_filmed_name(smooth: str, fps: float) -> str:
    """Return what a run is called that sees all frames of a clip which is scored at a lower rate.

    >>> as_filmed_name("none", 60.0)
    'tcmr run, of all 60 frames a second'
    """
    return f"{filtered_name(RUN, smooth)}, of all {fps:.0f} frames a second"
