"""The temporal encoder without windows: each frame sees the whole clip, for a sixteenth of the work.

The same networks as in windows of sixteen frames, run once over the clip instead of once for each frame: G_past
has seen every frame before the target and G_future every frame after it. Not in the paper: there a window ends
what can be remembered, and an error of BlazePose's that outlasts it cannot be undone.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from tcmr.model.encoder import TemporalEncoder, TemporalFeatures


def encode_whole_clip(
    encoder: TemporalEncoder, static: Float[Tensor, "clips frames size"]
) -> TemporalFeatures:
    """Encode every frame of each clip; the results have axes [clips, frames, size].

    Where nothing comes before (or after) a frame, that branch has a state of zero.
    """
    everything, _ = encoder.gru_cur(static)
    before, _ = encoder.gru_bef(static)
    after, _ = encoder.gru_aft(static.flip(1))
    return encoder.integrate(_one_later(before), everything, _one_later(after).flip(1))


def _one_later(states: Float[Tensor, "clips frames hidden"]) -> Float[Tensor, "clips frames hidden"]:
    """Give each step the state after the step before it."""
    return pad(states[:, :-1], (0, 0, 1, 0))
