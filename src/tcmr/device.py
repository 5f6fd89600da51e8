"""The device that networks run on."""

import torch

from tcmr.errors import TcmrError


def checked_device(name: str) -> str:
    """Return the name of a device after making sure that it works.

    Raises:
        TcmrError: torch does not know it, or this machine does not have it.
    """
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise TcmrError(f"the device {name!r} is not to be had here ({reason}); use --device cpu") from error
    return name
