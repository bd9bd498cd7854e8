"""What `fit` keeps of the weights at the end of an epoch, so that their course can be looked at afterwards.

A snapshot is a small file, `snapshots/epoch-0007.safetensors` in the run folder: all weights of a network of up to 4 MB, of a
larger one the filters of its first convolutions, as many as fit into 4 MB. A long training keeps every second epoch, or every
third, ..., so that all together stay below 50 MB and 100 files. Which epochs these are is known before the first, so a resumed
training keeps the same. Epoch 0 is before training; it lies in `initial.safetensors`.
"""
import re

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as safetensors_bytes

from numbacnn.train.files import RunError, replace_file

FOLDER = "snapshots"
SMALL, ALL, MOST = 4_000_000, 50_000_000, 100  # bytes of one, bytes of all, how many


def kept_names(sizes):
    """The entries of a `state_dict` that a snapshot holds.

    Parameters
    ----------
    sizes : dict of str to (tuple of int, int)
        Shape and bytes of each entry, in the order of the layers.

    Returns
    -------
    list of str
    """
    if sum(nbytes for _, nbytes in sizes.values()) <= SMALL:
        return [*sizes]
    kept, room = [], SMALL
    for name, (shape, nbytes) in sizes.items():
        if len(shape) > 2 and name.endswith("weight"):
            if nbytes > room:
                break
            kept.append(name)
            room -= nbytes
    return kept


def keeps_epoch(epoch, epochs, nbytes):
    """Whether an epoch's snapshot is kept: the first, the last, and between them every one, every second, ... as there is room.

    Parameters
    ----------
    epoch, epochs : int
        Which one, counted from 1, and how many the settings ask for.
    nbytes : int
        Of one snapshot.

    Returns
    -------
    bool
    """
    most = max(2, min(MOST, ALL // max(nbytes, 1)))
    stride = -(-epochs // (most - 1)) if epochs > most else 1
    return epoch in (1, epochs) or epoch % stride == 0


def save_snapshot(folder, model, epoch, epochs):
    """Keep the weights of an epoch, if its snapshot is one of those that are kept.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder.
    model : numbacnn.nn.Module
    epoch, epochs : int
        As for `keeps_epoch`.
    """
    state = model.state_dict()
    sizes = {name: (tuple(tensor.shape), tensor.numel() * tensor.element_size()) for name, tensor in state.items()}
    names = kept_names(sizes)
    if not names or not keeps_epoch(epoch, epochs, sum(sizes[name][1] for name in names)):
        return
    path = _path(folder, epoch)
    path.parent.mkdir(exist_ok=True)
    content = safetensors_bytes({name: np.asarray(state[name].clone().numpy(), order="C") for name in names})
    with replace_file(path) as temporary:
        temporary.write_bytes(content)


def snapshot_epochs(folder):
    """The epochs of which a run folder has a snapshot, in their order.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of int
        Epoch 0, before training, is not among them: its weights are `initial`.
    """
    found = (re.fullmatch(r"epoch-(\d+)\.safetensors", path.name) for path in (folder / FOLDER).glob("epoch-*"))
    return sorted(int(match[1]) for match in found if match)


def load_snapshot(folder, epoch):
    """The weights of an epoch.

    Parameters
    ----------
    folder : pathlib.Path
    epoch : int

    Returns
    -------
    dict of str to ndarray
        The entries of the `state_dict` that were kept.

    Raises
    ------
    RunError
        If there is none of this epoch, or its file is damaged.
    """
    path = _path(folder, epoch)
    try:
        return load_file(path)
    except FileNotFoundError:
        raise RunError(f"{path} is missing: the run has no snapshot of epoch {epoch}") from None
    except (SafetensorError, ValueError, KeyError) as error:
        raise RunError(f"{path} cannot be read: {error}") from None


def discard_snapshots(folder):
    """Remove all snapshots of a run folder."""
    for epoch in snapshot_epochs(folder):
        _path(folder, epoch).unlink()
    if (folder / FOLDER).is_dir() and not any((folder / FOLDER).iterdir()):
        (folder / FOLDER).rmdir()


def _path(folder, epoch):
    return folder / FOLDER / f"epoch-{epoch:04d}.safetensors"
