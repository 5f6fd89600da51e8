import subprocess
import sys

import numpy as np
import torch

from parity import synth
from tcmr.cli import main
from tcmr.types import Motion


def test_a_converted_checkpoint_predicts_the_same(narrow_checkpoint, smpl_folder, tmp_path):
    converted = tmp_path / "new" / "narrow.safetensors"
    command = ["convert", "checkpoint", str(narrow_checkpoint), str(converted)]
    done = subprocess.run(
        [sys.executable, "-m", "tcmr", *command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"{narrow_checkpoint} written to {converted}\n"), done.stderr
    np.save(tmp_path / "f.npy", synth.features("some", 1, 20)[0])
    motions = []
    for weights in (narrow_checkpoint, converted):
        output = tmp_path / f"{weights.suffix}.npz"
        options = ["--weights", str(weights), "--body", str(smpl_folder), "-o", str(output)]
        main(["predict", str(tmp_path / "f.npy"), *options])
        motions.append(Motion.load(output))
    for field in ("rotmat", "betas", "camera", "attention", "joints_m"):
        np.testing.assert_array_equal(getattr(motions[0], field), getattr(motions[1], field))


def test_faulty_checkpoints_and_places_are_refused(refused, narrow_state, narrow_checkpoint, tmp_path):
    state = {name: tensor for name, tensor in narrow_state.items() if name != "encoder.linear_aft.bias"}
    torch.save({"gen_state_dict": state}, tmp_path / "faulty.pth.tar")
    said = refused("convert", "checkpoint", tmp_path / "faulty.pth.tar", tmp_path / "out.safetensors")
    assert "encoder.linear_aft.bias is missing" in said
    (tmp_path / "taken").mkdir()
    assert "taken" in refused("convert", "checkpoint", narrow_checkpoint, tmp_path / "taken")
    assert not list(tmp_path.glob("*.safetensors*"))
