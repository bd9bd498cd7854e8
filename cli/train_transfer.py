"""`numbacnn train --from RUN --freeze LAYERS`: what is taken from another run, and what is frozen."""
from dataclasses import dataclass, replace

import click
import numpy as np

from numbacnn.cli.failure import DataFailure
from numbacnn.cli.options import open_run_with_note
from numbacnn.data.record import KINDS
from numbacnn.train import RunFolder
from numbacnn.train.freezing import frozen_layers, layers_of
from numbacnn.train.transfer import take_weights

WEIGHTS = "best"


@dataclass(frozen=True)
class Source:
    """The run that a training starts from."""

    run: RunFolder
    state: dict

    @classmethod
    def open(cls, path):
        """The run in a folder and its best weights."""
        run = open_run_with_note(path, WEIGHTS)
        return cls(run, run.load_weights(WEIGHTS))

    def model_name(self, given):
        """The name of its model, which is that of the new one; `given` is what the command asks for, or None."""
        own = self.run.info["model"]["name"]
        if given not in (None, own):
            raise click.UsageError(f"--model {given} cannot start from {self.run.path}, which is {own}: leave --model out, "
                                   f"or give a run of {given}")
        return own

    def normalized(self, data):
        """The data with the mean and deviation of the run, which its weights are used to."""
        known = self.run.info["data"]
        if not self.normalizes(data):
            return data
        return replace(data, mean=np.array(known["mean"]), std=np.array(known["std"]))

    def normalizes(self, data):
        """Whether the data have as many channels as those of the run."""
        return len(self.run.info["data"]["mean"]) == len(data.mean)

    def may_have_seen(self, data, seed):
        """Whether it may have been trained with images that validate now: of the same data it held back others."""
        known = self.run.info["data"]
        same_images, same_seed = known["hash"] == data.hash, self.run.info["seed"] == seed
        if known["name"] != data.name:
            return False
        if "val" in data.parts:  # a part of its own, with which no run has trained
            return False
        if not data.val_is_random:  # another seed draws other images
            return same_seed and not same_images
        return not (same_images and same_seed and known.get("val_is_random"))

    def give(self, model, settings, data):
        """Copy the weights that fit; returns what was taken, for run.json."""
        taken, new = take_weights(model, self.state)
        if not taken:
            raise DataFailure(f"--from {self.run.path}: none of its layers has the shape of one of the new model, so there "
                              "is nothing to take; is it the same kind of data?")
        random = [name for name in frozen_layers(model, settings.freeze) if name in new]
        if random and settings.unfreeze_after is None:
            raise click.UsageError(f"--freeze {settings.freeze} would keep {', '.join(random)} at random: {self.run.path} "
                                   f"has other shapes there; freeze less, or give --unfreeze-after")
        return {"run": str(self.run.path), "weights": WEIGHTS, "data": self.run.info["data"]["name"], "taken": taken,
                "new": new, "normalized": self.normalizes(data), "may_have_seen": self.may_have_seen(data, settings.seed)}


def frozen_counts(model, settings):
    """The frozen layers and the number of their parameters, as plain values; None if there are none."""
    names, layers = frozen_layers(model, settings.freeze), layers_of(model)
    if not names:
        return None
    count = sum(parameter.numel() for name in names for parameter in layers[name].parameters())
    return {"layers": names, "parameters": count, "of": sum(parameter.numel() for parameter in model.parameters()),
            "epochs": settings.unfreeze_after}


def transfer_lines(session):
    """Lines on what was taken from where, and what is frozen for how long."""
    origin, frozen = session.folder.info.get("from"), frozen_counts(session.model, session.settings)
    lines = []
    if origin:
        as_there = origin.get("normalized", origin.get("normalised", True))  # as runs of earlier versions spell it
        there = "; normalized as there" if as_there else "; normalized as the new data"
        lines.append(f"from {origin['run']} ({origin['weights']} weights, trained on {origin['data']}{there}): "
                     f"taken {', '.join(origin['taken'])} · new {', '.join(origin['new']) or 'nothing'}")
        if origin.get("may_have_seen"):
            lines.append(f"{origin['run']} held other {KINDS[session.data.kind][0]} of {origin['data']} back (another --seed or --limit), so it may have "
                         "learned from those that validate here: go by the test accuracy, not by the validation accuracy")
    if frozen:
        long = "" if frozen["epochs"] is None else f" until epoch {frozen['epochs']} is done"
        lines.append(f"frozen{long}: {', '.join(frozen['layers'])}, {frozen['parameters']:,} of {frozen['of']:,} parameters; "
                     f"{frozen['of'] - frozen['parameters']:,} are trained")
    return lines
