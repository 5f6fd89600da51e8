"""What a run goes on from: the very same state, or one clear line that says which file and what to do."""

import json

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from tcmr.errors import TcmrError
from tcmr.train.checkpoint import resume, save_checkpoint
from tcmr.train.record import read_record
from tcmr.train.run_log import read_log


def parts_of(seed, size=4):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, size), nn.Linear(size, 1))
    optimiser = torch.optim.Adam(network.parameters(), 0.1)
    return {"network": network, "inner": {"optimiser": optimiser}, "plateau": ReduceLROnPlateau(optimiser)}


def learn(parts, steps):
    for step in range(steps):
        optimiser = parts["inner"]["optimiser"]
        optimiser.zero_grad()
        parts["network"](torch.full((2, 3), step + 1.0)).square().mean().backward()
        optimiser.step()
        parts["plateau"].step(float(step))


@pytest.fixture
def checkpoint(tmp_path):
    parts = parts_of(0)
    learn(parts, 15)
    save_checkpoint(tmp_path / "checkpoint.pt", 15, parts, best={"score": 1.5})
    return tmp_path / "checkpoint.pt"


def test_a_run_goes_on_from_the_very_same_state(checkpoint):
    whole, resumed = parts_of(0), parts_of(1)
    learn(whole, 15)
    state = resume(checkpoint, resumed)
    assert (state["step"], state["best"]) == (15, {"score": 1.5})
    assert resumed["plateau"].state_dict() == whole["plateau"].state_dict()
    assert resumed["inner"]["optimiser"].param_groups[0]["lr"] < 0.1
    learn(whole, 5)
    learn(resumed, 5)
    expected = whole["network"].state_dict()
    assert all(
        torch.equal(tensor, expected[name]) for name, tensor in resumed["network"].state_dict().items()
    )


def test_without_a_checkpoint_nothing_is_done(tmp_path):
    assert resume(tmp_path / "checkpoint.pt", parts_of(0)) == {"step": 0}


def changed(checkpoint, change):
    state = torch.load(checkpoint, weights_only=True)
    change(state)
    torch.save(state, checkpoint)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("step"),
        lambda state: state.update(step=-1),
        lambda state: state.pop("network"),
        lambda state: state["network"].update({"0.bias": torch.full((4,), torch.nan)}),
        lambda state: state["inner"].update(optimiser=None),
        lambda state: state["inner"]["optimiser"]["state"].update({9: {}}),
        lambda state: state["inner"]["optimiser"]["state"][0].pop("exp_avg"),
        lambda state: state["inner"]["optimiser"]["state"][0].update(exp_avg=torch.zeros(3)),
        lambda state: state["inner"]["optimiser"]["param_groups"][0].update(lr="fast"),
        lambda state: state["inner"]["optimiser"]["param_groups"][0].update(params=[0, 0, 0, 0]),
        lambda state: state["plateau"].update(num_bad_epochs="none"),
        lambda state: state["plateau"].pop("best"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_named_with_what_to_do(checkpoint, change):
    changed(checkpoint, change)
    with pytest.raises(TcmrError, match=r"checkpoint\.pt: .*delete it to begin anew.*--run"):
        resume(checkpoint, parts_of(0))


def test_that_of_another_network_is_refused(checkpoint):
    with pytest.raises(TcmrError, match=r"0\.weight is \[4, 3\], not \[5, 3\].*--run"):
        resume(checkpoint, parts_of(0, size=5))


@pytest.mark.parametrize("content", [b"", b"text", b"\x80\x02cos\nsystem\n(Vtrue\ntR.", None])
def test_a_damaged_checkpoint_is_refused(checkpoint, content):
    checkpoint.write_bytes(checkpoint.read_bytes()[:-400] if content is None else content)
    with pytest.raises(TcmrError, match=r"checkpoint\.pt: .*delete it"):
        resume(checkpoint, parts_of(0))


def test_settings_of_the_optimiser_are_those_of_the_run_that_goes_on(checkpoint):
    parts = parts_of(0)
    changed(checkpoint, lambda state: state["inner"]["optimiser"]["param_groups"][0].update(betas=("a", [])))
    resume(checkpoint, parts)
    assert parts["inner"]["optimiser"].param_groups[0]["betas"] == (0.9, 0.999)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"config": 3}', b"\xff", b"[" * 100_000])
def test_a_damaged_record_is_named_with_what_to_do(tmp_path, content):
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(TcmrError, match=r"record\.json.*delete it"):
        read_record(tmp_path / "record.json")


def test_a_log_is_read_up_to_a_line_that_was_cut_off(tmp_path):
    rows = [{"step": 1, "loss": 0.5}, {"step": 2}]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"step": 3, "lo')
    assert read_log(tmp_path) == rows


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"step": "1"}', "[" * 100_000])
def test_a_damaged_log_is_named_with_what_to_do(tmp_path, line):
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n' + line + "\n")
    with pytest.raises(TcmrError, match=r"log\.jsonl.*delete it"):
        read_log(tmp_path)
