"""The training loop: steps, learning rate, log, exact resume.

Each step draws from a generator seeded by the run's seed and the step's number, so that a run that was killed
goes on exactly as if it had not been.
"""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from tcmr.train.allocation import keep_freed_memory
from tcmr.train.checkpoint import Part, resume, save_checkpoint
from tcmr.train.config import RunConfig
from tcmr.train.record import write_record


@runtime_checkable
class Stage(Protocol):
    """What is trained: networks, a loss for each step, and a measure of how good they are."""

    @property
    def network(self) -> nn.Module:
        """What is trained."""

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of a freshly drawn batch and its terms."""

    def validate(self) -> dict[str, float]:
        """Return figures on held-out clips."""

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the networks as weights that the package loads."""


def train(stage: Stage, config: RunConfig) -> dict[str, float]:
    """Train a stage to its last step, or go on where a killed run left off; return the last validation.

    Raises:
        TcmrError: the run's folder holds one with other settings, or its record or checkpoint is damaged.
    """
    torch.set_num_threads(config.threads)
    keep_freed_memory()
    config.run.mkdir(parents=True, exist_ok=True)
    record = write_record(config)
    parameters = [p for p in stage.network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, config.learning_rate, weight_decay=config.weight_decay)
    checkpoint = config.run / "checkpoint.pt"
    parts: dict[str, Part] = {"network": stage.network, "optimiser": optimiser}
    first = resume(checkpoint, parts)["step"]
    began, seen = time.perf_counter(), 0
    stage.network.train()
    for step in range(first, config.steps):
        generator = seeded(config.seed, step)
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * schedule(step, config)
        loss, terms = stage.loss(generator)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, config.clip_gradient)
        optimiser.step()
        seen += config.batch
        done = step + 1
        if done % 100 == 0:
            speed = seen / (time.perf_counter() - began)
            row = {"step": done, "loss": loss.item(), "windows_per_s": round(speed)}
            log(config.run, row | {name: round(term.item(), 5) for name, term in terms.items()})
        if done % config.checkpoint_every == 0 or done == config.steps:
            save_checkpoint(checkpoint, done, parts)
        if done % config.validate_every == 0 and done < config.steps:
            measured(stage, config.run, done)
            stage.network.train()
    figures = measured(stage, config.run, config.steps)
    stage.save(config.run / "weights.safetensors", record | {"validation": figures})
    return figures


def measured(stage: Stage, run: Path, step: int) -> dict[str, float]:
    """Validate, log and return the figures; the network is left in evaluation mode."""
    stage.network.eval()
    figures = stage.validate()
    log(run, {"step": step} | figures, show=True)
    return figures


def seeded(seed: int, step: int) -> torch.Generator:
    """Return the generator of one step, and seed dropout with it.

    The generator heeds 32 bits only, so seeds are set far apart within them.
    """
    state = (seed * 2_654_435_761 + step) % 2**32
    torch.manual_seed(state)
    return torch.Generator().manual_seed(state)


def schedule(step: int, config: RunConfig) -> float:
    """Return the factor of the learning rate: linear warm-up, then a half cosine down to one hundredth."""
    warm = min(1.0, (step + 1) / config.warmup_steps)
    progress = torch.tensor(step / config.steps)
    return warm * (0.01 + 0.99 * 0.5 * (1 + torch.cos(torch.pi * progress)).item())


def log(run: Path, row: dict[str, Any], show: bool = False) -> None:
    """Append a line to the run's log."""
    line = json.dumps(row)
    with (run / "log.jsonl").open("a") as file:
        file.write(line + "\n")
    if show:
        print(line, flush=True)


def join(terms: Iterable[dict[str, Tensor]], shares: Iterable[float]) -> dict[str, Tensor]:
    """Average terms over the parts of a batch by their shares."""
    parts = [
        {name: share * term for name, term in row.items()} for row, share in zip(terms, shares, strict=True)
    ]
    return {name: torch.stack([part[name] for part in parts]).sum() for name in parts[0]}
