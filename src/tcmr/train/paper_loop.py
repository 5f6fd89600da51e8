"""Training as in the paper: Adam, 500 steps an epoch, plateau schedule, the best epoch's weights kept.

Every random draw depends on the seed and the step alone, so a run that was killed goes on exactly as if it had
not been, and processes that share a batch draw what one process would. Paper: section 4.
"""

import json
from typing import Any, Protocol, runtime_checkable

import torch
from lightning_fabric import Fabric
from torch.optim.lr_scheduler import ReduceLROnPlateau

from tcmr.body.load import load_body
from tcmr.errors import TcmrError
from tcmr.model.ablation import AblatedTCMR, save_ablated, tcmr_with
from tcmr.model.checkpoint import FORMAT
from tcmr.model.regressor import Estimate
from tcmr.model.tcmr import TCMR
from tcmr.stages import Stages
from tcmr.tensors import save_safetensors
from tcmr.train.adversary import Adversary
from tcmr.train.checkpoint import Part, resume, save_checkpoint
from tcmr.train.dropout import share_dropout
from tcmr.train.loop import seeded
from tcmr.train.paper_config import PaperConfig
from tcmr.train.paper_data import Batches, Motions
from tcmr.train.paper_losses import PaperLoss, Prediction
from tcmr.train.paper_network import SupervisedTCMR, start_from_spin
from tcmr.train.pooled import pooled
from tcmr.train.record import PACKAGES, write_record
from tcmr.train.run_log import RunLog

SCORE = "pa_mpjpe_mm"


@runtime_checkable
class Validation(Protocol):
    """Measures a network on held-out sequences; the lower SCORE the better."""

    def __call__(self, tcmr: TCMR) -> dict[str, float]:
        """Return figures, SCORE among them."""


class PaperTraining:
    """One run: its network, optimiser and schedule, and what it reads."""

    def __init__(self, config: PaperConfig, fabric: Fabric, validate: Validation):
        self.config, self.fabric, self.validate = config, fabric, validate
        torch.manual_seed(config.seed)
        self.tcmr = tcmr_with(config.network, config.ablation)
        if config.start_from is not None:
            start_from_spin(self.tcmr.regressor, config.start_from)
        network = SupervisedTCMR(self.tcmr)
        share_dropout(network, fabric.global_rank, fabric.world_size)
        adam = torch.optim.Adam(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        self.plateau = ReduceLROnPlateau(adam, factor=0.1, patience=config.patience)
        self.network, self.optimiser = fabric.setup(network, adam)
        self.body = load_body(config.body, fabric.device)
        self.criterion = PaperLoss(config.loss)
        self.batches = Batches.open(config)
        self.motions = Motions.open(config, config.adversarial) if config.adversarial else None
        self.adversary = Adversary(config.adversarial, fabric) if config.adversarial else None
        self.share = slice(fabric.global_rank, None, fabric.world_size)
        self.best: dict[str, float] = {}

    def go(self, stages: Stages) -> dict[str, float]:
        """Train to the end, or go on where a killed run left off; return the best epoch's figures."""
        torch.set_num_threads(self.config.threads)
        self.config.run.mkdir(parents=True, exist_ok=True)
        record = self._record() if self.fabric.is_global_zero else {}
        done = self._load()
        self.log = RunLog(self.config.run, done) if self.fabric.is_global_zero else None
        self.network.train()
        steps = range(done, self.config.steps)
        for step in stages.progress("training", steps, len(steps), unit="steps"):
            terms = self.step(step)
            self._write("train", step + 1, terms, every=self.config.log_every)
            ends = (step + 1) % self.config.steps_per_epoch == 0
            if ends:
                self._end_epoch(step + 1, record)
            if ends or (step + 1) % self.config.checkpoint_every == 0:
                self._save(step + 1)
        if self.log is not None:
            self.log.close()
        return self.best

    def step(self, step: int) -> dict[str, float]:
        """Take one step; return its terms over the whole batch.

        Raises:
            TcmrError: the loss is not finite.
        """
        seeded(self.config.seed, step)
        device = self.fabric.device
        batch = self.batches.read(step, self.fabric.global_rank, self.fabric.world_size).to(device)
        clips = self.motions.read_clips(step, self.share).to(device) if self.motions else None
        parameters, motions = self.network(batch.static, clips)
        terms = self.criterion.terms(Prediction.of(Estimate(*parameters), self.body), batch.labels)
        if self.adversary:
            terms["adversarial"] = self.adversary.unconvinced(motions)
        loss, values = pooled(terms, self.fabric)
        if not torch.isfinite(loss):
            raise TcmrError(f"the loss is not finite at step {step + 1}: {values}; lower the learning rate")
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        self.optimiser.step()
        values = {"loss": sum(values.values())} | values
        if self.adversary and self.motions:
            captured = self.motions.read_captured(step, self.share).to(device)
            values |= self.adversary.learn(motions, captured)
        return values

    def _end_epoch(self, done: int, record: dict[str, Any]) -> None:
        """Validate on the first process, lower the learning rate where it is due, keep the best weights."""
        self.network.eval()
        figures = self.validate(self.tcmr) if self.fabric.is_global_zero else {}
        figures = self.fabric.broadcast(figures)
        self.network.train()
        rate = self.optimiser.param_groups[0]["lr"]
        self._write("validation", done, figures | {"learning_rate": rate})
        self.plateau.step(figures[SCORE])
        if figures[SCORE] < self.best.get(SCORE, float("inf")):
            self.best = figures
            if self.fabric.is_global_zero:
                self._save_weights(record | {"step": done, "validation": figures})

    def _save_weights(self, provenance: dict[str, Any]) -> None:
        path = self.config.run / "best.safetensors"
        if isinstance(self.tcmr, AblatedTCMR):
            save_ablated(path, self.tcmr, provenance)
            return
        metadata = {
            "format": FORMAT,
            "tcmr": json.dumps(self.tcmr.describe()),
            "provenance": json.dumps(provenance),
        }
        save_safetensors(path, self.tcmr.state_dict(), metadata)

    def _save(self, done: int) -> None:
        if self.fabric.is_global_zero:
            save_checkpoint(self.config.run / "checkpoint.pt", done, self._parts(), best=self.best)

    def _load(self) -> int:
        """Load the run's checkpoint where there is one; return the number of steps done."""
        state = resume(self.config.run / "checkpoint.pt", self._parts())
        self.best = state.get("best", {})
        return state["step"]

    def _parts(self) -> dict[str, Part]:
        """Return what changes in the course of the run."""
        parts: dict[str, Part] = {
            "network": self.tcmr,
            "optimiser": self.optimiser,
            "plateau": self.plateau,
        }
        return parts | ({"adversary": self.adversary.parts} if self.adversary else {})

    def _record(self) -> dict[str, Any]:
        """Write what is needed to repeat the run."""
        stores = [part.store for mixture, _ in self.batches.groups for part in mixture.parts]
        packages = (*PACKAGES, "lightning-fabric", "tensorboard")
        return write_record(self.config, packages, data={store.name: store.describe() for store in stores})

    def _write(self, kind: str, done: int, figures: dict[str, float], every: int = 1) -> None:
        if self.log is not None and done % every == 0:
            self.log.write(kind, done, figures)
