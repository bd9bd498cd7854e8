"""Saving and loading weights as safetensors: names and arrays, no code that could run on loading."""

import os
import tempfile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as _parse
from safetensors.numpy import save as _format

from numbacnn.tensors.tensor import Tensor


def save(obj, f):
    """Write a state dict, `save(model.state_dict(), "model.safetensors")`, wholly or not at all.

    Parameters
    ----------
    obj : dict of str to Tensor or array
        What to write.
    f : str or path
        The file. It is replaced in one step, so an interrupted save leaves the old one.

    Raises
    ------
    TypeError
        If `obj` is something else than a dict of names to Tensors.
    FileNotFoundError
        If the folder does not exist.
    OSError
        If the file cannot be written; it names `f`.
    """
    if not isinstance(obj, dict):
        hint = "; save model.state_dict()" if hasattr(obj, "state_dict") else ""
        raise TypeError(f"save: expected a dict of names to Tensors, got {type(obj).__name__}{hint}")
    arrays = {}
    for name, value in obj.items():
        if not isinstance(name, str) or not isinstance(value, (Tensor, np.ndarray)):
            raise TypeError(f"save: only names with Tensors can be saved; {name!r} is a {type(value).__name__}")
        array = value._array if isinstance(value, Tensor) else value
        arrays[name] = np.array(array, order="C")
    path = Path(f)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: the folder {path.parent} does not exist; create it first")
    try:
        _replace(path, _format(arrays))
    except OSError as error:  # of a full disk, say: it names the draft or nothing
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(path, content):
    """Write a draft beside the file, then put it in its place."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp keeps the file private; a saved model gets what any new file gets.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(draft, 0o666 & ~umask)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def load(f):
    """Read what `save` wrote (or any safetensors file): a dict of names to Tensors.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged or not in the safetensors format.
    """
    path = Path(f)
    if not path.is_file():
        raise FileNotFoundError(f"load: there is no file {path}")
    try:
        arrays = _parse(path.read_bytes())
    except SafetensorError as error:
        raise ValueError(f"load: {path} is damaged or not a safetensors file ({error}); "
                         "files of torch.save must be converted first") from None
    return {name: Tensor._detached(array) for name, array in arrays.items()}
