"""A run folder: everything about one training, in files that other programs can read too.

```
run.json              command, versions, data, model, settings, results
log.jsonl             one row per epoch
initial.safetensors   weights before training
best.safetensors      weights of the latest epoch with the lowest validation loss, within its standard error
last.safetensors      weights of the last finished epoch
checkpoint.safetensors   weights, optimizer and position: what `--resume` goes on from
curves.png            loss and accuracy by epoch
familiar.safetensors  what its images look like to the network (see `familiar`)
snapshots/            weights at the end of epochs, all of a small network, else filters (see `snapshots`)
```
"""
import json
import platform
import re
from pathlib import Path

import numba
import numpy as np

import numbacnn
from numbacnn.models import build_model
from numbacnn.models.inputs import input_shape
from numbacnn.train.familiar import FILE as FAMILIAR
from numbacnn.train.files import RunError, replace_file, writing
from numbacnn.train.run_html import run_html
from numbacnn.train.settings import Settings
from numbacnn.train.snapshots import discard_snapshots, load_snapshot, save_snapshot, snapshot_epochs

RESTORE = "put a copy of it back, or train anew"
WEIGHTS = ("best", "last", "initial")


class RunFolder:
    """A folder that holds one training.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder; it exists.
    info : dict
        What run.json says, or will say.
    """

    def __init__(self, path, info):
        self.path, self.info = Path(path), info

    @property
    def checkpoint(self):
        """Path of the file that a training goes on from."""
        return self.path / "checkpoint.safetensors"

    @property
    def settings(self):
        """The `Settings` of the training."""
        return Settings.from_dict(self.info["settings"])

    @property
    def input_shape(self):
        """Shape of one example of the data that the model was made for; RunError if run.json does not say it."""
        try:
            return input_shape(self.info["model"])
        except (TypeError, ValueError) as error:
            raise RunError(f"{self.path / 'run.json'} describes no usable model: {error}") from None

    @property
    def rows(self):
        """The rows of the finished epochs, from run.json or, if the training did not end, from the log."""
        rows = (self.info.get("results") or {}).get("log")
        if rows:
            return rows
        try:
            lines = (self.path / "log.jsonl").read_text(encoding="utf-8").splitlines()
            return [json.loads(line) for line in lines if line.strip()]
        except (OSError, ValueError):
            return []

    def epoch_of(self, weights):
        """After which epoch the `best` or `last` weights are; 0 before training."""
        epochs = [row["epoch"] for row in self.rows if row.get("best") or weights == "last"]
        return epochs[-1] if epochs else 0

    def __repr__(self):
        done = (self.info.get("results") or {}).get("verdict") or "not finished"
        return f"RunFolder({str(self.path)!r}: {self.info['model'].get('name')} on {self.info['data'].get('name')}, {len(self.rows)} epochs, {done})"

    def _repr_html_(self):
        return run_html(self)

    def write_info(self, **changes):
        """Change entries of `info` and write run.json anew, all or nothing."""
        self.info.update(changes)
        with replace_file(self.path / "run.json") as temporary:
            temporary.write_text(json.dumps(self.info, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def append_log(self, row):
        """Add an epoch's row to log.jsonl; it is on disk when this returns."""
        path = self.path / "log.jsonl"
        with writing(path), open(path, "a", encoding="utf-8") as log:
            log.write(json.dumps(row.to_dict()) + "\n")

    def write_log(self, rows):
        """Write log.jsonl anew: a resumed training starts from the rows its checkpoint knows."""
        with replace_file(self.path / "log.jsonl") as temporary:
            temporary.write_text("".join(json.dumps(row.to_dict()) + "\n" for row in rows), encoding="utf-8")

    def save_weights(self, name, model):
        """Save the model's weights as `name`, one of `best`, `last`, `initial`."""
        numbacnn.save(model.state_dict(), self.path / f"{name}.safetensors")

    def load_weights(self, name):
        """The `state_dict` saved as `name`; RunError if the file is missing or damaged, or holds NaN or infinity."""
        path = self.path / f"{name}.safetensors"
        try:
            state = numbacnn.load(path)
        except FileNotFoundError:
            raise RunError(f"{path} is missing: the run has no {name} weights{self._other_weights(name)}") from None
        except ValueError as error:
            reason = str(error).removeprefix(f"load: {path}").lstrip(": ")
            raise RunError(f"{path} cannot be read: it {reason}{self._other_weights(name)}") from None
        lost = next((layer for layer, tensor in state.items() if not np.isfinite(tensor.numpy()).all()), None)
        if lost:
            raise RunError(f"{path} holds weights that are not numbers (NaN or infinity in {lost}): train anew with a smaller "
                           "learning rate")
        return state

    def _other_weights(self, name):
        """The end of a sentence: other weights to use in place of those that cannot be read."""
        other = {"best": "last", "last": "best"}.get(name)
        there = other and (self.path / f"{other}.safetensors").is_file()
        return f"; --weights {other} may still work" if there else ""

    def save_snapshot(self, model, epoch, epochs):
        """Keep the weights after an epoch of so many, or of a large model its first filters, if this epoch is one that is kept."""
        save_snapshot(self.path, model, epoch, epochs)

    @property
    def snapshots(self):
        """Epochs that `load_snapshot` can read: 0, before training, and those that `fit` kept; none in runs of earlier versions."""
        return [0, *snapshot_epochs(self.path)]

    def load_snapshot(self, epoch):
        """Weights after an epoch as arrays by name, of a large model the filters that were kept; RunError if there are none."""
        if epoch == 0:
            return {name: tensor.numpy() for name, tensor in self.load_weights("initial").items()}
        return load_snapshot(self.path, epoch)

    def load_model(self, weights="best"):
        """A new model of the run's kind with saved weights, in evaluation mode: dropout passes all, batch normalization is fixed.

        To train it on, call its `train()`; `fit` does. It takes images as it was trained with, (x / 255 - mean) / std with
        `mean` and `std` of `info["data"]`: `Normalize(mean, std).tensor(images)`.

        Parameters
        ----------
        weights : str
            `best`, `last` or `initial`.

        Returns
        -------
        numbacnn.nn.Module

        Raises
        ------
        RunError
            If the weights are missing, damaged, no finite numbers, or belong to another model.
        """
        model, state = self.new_model(), self.load_weights(weights)
        try:
            model.load_state_dict(state)
        except (KeyError, RuntimeError, ValueError) as error:
            raise RunError(f"{self.path / weights}.safetensors does not fit the model {self.info['model']['name']}: "
                           f"{' '.join(str(error).split())}") from None
        return model.eval()

    def discard(self):
        """Remove what a run writes, and the folder if nothing else is in it."""
        files = ["run.json", "log.jsonl", "curves.png", FAMILIAR, self.checkpoint.name]
        files += [f"{name}.safetensors" for name in WEIGHTS]
        for name in files:
            (self.path / name).unlink(missing_ok=True)
        discard_snapshots(self.path)
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def new_model(self):
        """A new model of the run's kind, with weights that are not trained."""
        try:
            return build_model(**self.info["model"])
        except (TypeError, ValueError) as error:
            raise RunError(f"{self.path / 'run.json'} describes no usable model: {error}") from None


def create_run(out, info):
    """Make a folder for a new run; never one that holds something already.

    Parameters
    ----------
    out : str or pathlib.Path or None
        The folder to make. None takes the next free `runs/<model>-<data>-<number>`.
    info : dict
        The first content of run.json, with `model` and `data`.

    Returns
    -------
    RunFolder

    Raises
    ------
    FileExistsError
        If `out` is a file, or a folder that is not empty.
    OSError
        If the folder cannot be made or written to.
    """
    path = _next_free(info) if out is None else Path(out)
    refuse_taken(path)
    path.mkdir(parents=True, exist_ok=True)
    run = RunFolder(path, info)
    try:
        run.write_info()
    except OSError:
        run.discard()
        raise
    return run


def refuse_taken(path):
    """Raise FileExistsError if `path` is a file, or a folder that is not empty."""
    path = Path(path)
    if path.is_dir() and any(path.iterdir()):
        raise FileExistsError(f"{path} exists and is not empty: numbacnn refuses to overwrite it; "
                              "choose another --out, or omit it")
    if path.exists() and not path.is_dir():
        raise FileExistsError(f"{path} is a file: numbacnn refuses to overwrite it; choose another --out")


def _next_free(info):
    """The first unused number after the highest in use."""
    stem = f"{info['model']['name']}-{re.sub(r'[^a-z0-9]+', '-', Path(info['data']['name']).stem.lower()).strip('-')}"
    taken = [int(found[1]) for found in (re.fullmatch(re.escape(stem) + r"-(\d+)", path.name)
                                         for path in Path("runs").glob(f"{stem}-*")) if found]
    return Path("runs") / f"{stem}-{max(taken, default=0) + 1:03d}"


def open_run(path):
    """Read a run folder back.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    RunFolder

    Raises
    ------
    RunError
        If it is not a run folder, or its run.json is damaged.
    """
    path = Path(path)
    if not path.is_dir():
        raise RunError(f"{path} is not a run folder: " + ("it is a file" if path.exists() else "it does not exist"))
    try:
        info = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path} is not a run folder: it has no run.json") from None
    except ValueError as error:  # neither JSON nor UTF-8
        raise RunError(f"{path / 'run.json'} is damaged: {error}; {RESTORE}") from None
    missing = [key for key in ("model", "data", "settings") if not isinstance(info, dict) or not info.get(key)]
    if missing:
        raise RunError(f"{path / 'run.json'} is damaged: it says nothing about {', '.join(missing)}; {RESTORE}")
    run = RunFolder(path, info)
    try:
        run.settings
        info["data"]["mean"], info["data"]["std"], info["data"]["classes"]
    except (TypeError, KeyError, ValueError) as error:
        raise RunError(f"{path / 'run.json'} is damaged: {error}; {RESTORE}") from None
    return run


def versions():
    """Versions of all that decides about the numbers, for run.json."""
    return {"numbacnn": numbacnn.__version__, "numpy": np.__version__, "numba": numba.__version__,
            "python": platform.python_version()}
