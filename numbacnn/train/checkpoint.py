"""What a training saves: weights after each epoch, and a file from which it goes on bit for bit (weights, optimizer, random
generator, position)."""
import json

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

import numbacnn
from numbacnn.train.files import RunError, replace_file
from numbacnn.train.progress import Progress

GENERATOR = "generator"


class Saving:
    """Saves a training in its run folder, if it has one.

    Parameters
    ----------
    run : RunFolder or None
    model : numbacnn.nn.Module
    optimizer : numbacnn.optim.Optimizer
    """

    def __init__(self, run, model, optimizer):
        self.run, self.model, self.optimizer = run, model, optimizer

    def start(self):
        """Save the weights before training, which are the best and the last ones until an epoch is done; returns the Progress."""
        progress = Progress()
        if self.run:
            for name in ("initial", "best", "last"):
                self.run.save_weights(name, self.model)
            self.save_checkpoint(progress)
        return progress

    def resume(self):
        """Put all back to where the checkpoint was written; returns the Progress, or raises RunError as `load_checkpoint`."""
        progress = load_checkpoint(self.run.checkpoint, self.model, self.optimizer)
        self.run.write_log(progress.rows)
        return progress

    def save_epoch(self, progress, epochs):
        """Save the weights after an epoch of so many, and its row."""
        if self.run:
            row = progress.rows[-1]
            self.run.save_weights("last", self.model)
            if row.best:
                self.run.save_weights("best", self.model)
            self.run.save_snapshot(self.model, row.epoch, epochs)
            self.save_checkpoint(progress)
            self.run.append_log(row)

    def save_checkpoint(self, progress):
        """Save all that is needed to go on from here."""
        if self.run:
            save_checkpoint(self.run.checkpoint, self.model, self.optimizer, progress)


def save_checkpoint(path, model, optimizer, progress):
    """Write a checkpoint; a file of that name is replaced only when the new one is complete.

    Parameters
    ----------
    path : pathlib.Path
    model : numbacnn.nn.Module
    optimizer : numbacnn.optim.Optimizer
    progress : Progress
    """
    arrays = {f"model.{name}": tensor.clone().numpy() for name, tensor in model.state_dict().items()}
    plain = {}
    for index, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            if numbacnn.is_tensor(value):
                arrays[f"optimizer.{index}.{name}"] = value.numpy()
            else:
                plain[f"optimizer.{index}.{name}"] = value
    arrays |= {f"progress.{name}": array for name, array in progress.arrays().items()}
    arrays[GENERATOR] = numbacnn.get_rng_state().numpy()
    metadata = {"progress": json.dumps(progress.to_dict()), "optimizer": json.dumps(plain)}
    with replace_file(path) as temporary:
        temporary.write_bytes(safetensors_bytes({name: np.asarray(array, order="C") for name, array in arrays.items()},
                                                metadata))


def load_checkpoint(path, model, optimizer):
    """Put model, optimizer and random generator back to where a checkpoint was written.

    Parameters
    ----------
    path : pathlib.Path
    model : numbacnn.nn.Module
        Of the same kind as the one that was saved.
    optimizer : numbacnn.optim.Optimizer
        Made from the same settings.

    Returns
    -------
    Progress

    Raises
    ------
    RunError
        If the file is missing or damaged, or belongs to another model.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}
        progress = Progress.from_dict(json.loads(metadata["progress"]), _under("progress", arrays))
        plain = json.loads(metadata["optimizer"])
        generator = arrays.pop(GENERATOR)
    except FileNotFoundError:
        raise RunError(f"{path} is missing: there is nothing to go on from") from None
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is damaged ({error}): the training cannot go on from it") from None
    _load_model(path, model, _under("model", arrays))
    optimizer.load_state_dict({**optimizer.state_dict(), "state": _optimizer_state(arrays, plain)})
    numbacnn.set_rng_state(numbacnn.tensor(generator))
    return progress


def saved_progress(path):
    """The Progress in a checkpoint; None if there is no checkpoint that can be used."""
    try:
        with safe_open(path, framework="numpy") as file:
            return Progress.from_dict(json.loads(file.metadata()["progress"]), {})
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None


def _load_model(path, model, arrays):
    try:
        model.load_state_dict({name: numbacnn.tensor(array) for name, array in arrays.items()})
    except (RuntimeError, KeyError, ValueError) as error:
        raise RunError(f"{path} does not fit the model: {' '.join(str(error).split())}") from None


def _optimizer_state(arrays, plain):
    """Back from flat names such as `optimizer.3.momentum_buffer` to one dict per parameter."""
    flat = {**{name: numbacnn.tensor(array) for name, array in _under("optimizer", arrays).items()},
            **_under("optimizer", plain)}
    state = {}
    for name, value in flat.items():
        index, key = name.split(".")
        state.setdefault(int(index), {})[key] = value
    return state


def _under(prefix, values):
    return {name.removeprefix(prefix + "."): value for name, value in values.items() if name.startswith(prefix + ".")}
