"""Saving and loading weights and checkpoints as safetensors: names, arrays and JSON, no code that could run on loading.

`structure` turns a checkpoint, dicts and lists with Tensors in them, into arrays and JSON and back. `torch_file` reads what
PyTorch wrote, with the pickle parser of `pickled`, which can build nothing but numbers, strings, containers and arrays. `whole_model` is about Modules.
"""

import os
import tempfile
from pathlib import Path

from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as _format

from numbacnn.serialization.formats import Converter, SAFETENSORS
from numbacnn.serialization.structure import KEY, checkpoint_of, header_of, parts_of
from numbacnn.serialization.torch_file import is_torch_file, read_torch_file
from numbacnn.serialization.whole_model import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from numbacnn.tensors.internals import detached
from numbacnn.tensors.types import check_device


def save(obj, f):
    """Write a state dict, `save(model.state_dict(), "model.safetensors")`, or a checkpoint, wholly or not at all.

    Parameters
    ----------
    obj : dict, list, tuple or Tensor
        Tensors, NumPy arrays, numbers, strings, None, dtypes, devices and sizes in dicts, OrderedDicts, Counters, lists and
        tuples, nested in any way; the `state_dict` of an optimizer or a scheduler, too. What is one object, or one memory,
        in `obj` is one again after `load`. Whole Modules, too: the name of their class and their attributes are saved, not
        what the class does, so the program that loads them must have imported the class.
    f : str, path or file object
        Where to. A file is replaced in one step, so an interrupted save leaves the old one. An object needs `write`.

    Raises
    ------
    TypeError
        If something else is in `obj`, with the place where it is; for an optimizer with what to save instead. So is a Module
        with hooks, or with an attribute that is a function.
    ValueError
        If a container holds itself.
    FileNotFoundError
        If the folder does not exist.
    OSError
        If the file cannot be written; it names `f`.

    Notes
    -----
    The file is a safetensors file: the arrays lie in it under readable names, so that other programs can read them, and the
    JSON that says what they are parts of is among its metadata.
    """
    structure, arrays = parts_of(obj)
    content = _format(arrays, metadata={KEY: structure})
    if hasattr(f, "write"):
        f.write(content)
        return
    path = Path(f)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: the folder {path.parent} does not exist; create it first")
    try:
        _replace(path, content)
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


def load(f, map_location=None, weights_only=True):
    """Read what `save` wrote, any safetensors file, or a file of PyTorch's `torch.save` with Tensors in it.

    Nothing in a file is run, whatever it holds: a file that asks for more than numbers, strings, containers and arrays is
    refused with the name of what it asks for.

    Parameters
    ----------
    f : str, path or file object
        Where from. An object needs `read`; it is read to its end.
    map_location : str, device, dict or function, optional
        Accepted as PyTorch does; numbers always come to the CPU, those that a GPU wrote as well.
    weights_only : bool
        False lets whole models of any class that the program has imported be built. Otherwise the class must be one of numbacnn,
        or named by `numbacnn.serialization.add_safe_globals`.

    Returns
    -------
    object
        What was saved; of a safetensors file of another program a dict of names to Tensors. From PyTorch's files, float16 and
        bfloat16 become float32, with a warning that says so.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, in no format that can be read, or asks for something that is not part of a checkpoint, or for a
        model of a class that is not there or not trusted.
    RuntimeError
        If `map_location` names a device that there is not.
    """
    _check_location(map_location)
    if hasattr(f, "read"):
        content, name = f.read(), getattr(f, "name", "the file object")
    else:
        name = Path(f)
        if not name.is_file():
            raise FileNotFoundError(f"load: there is no file {name}")
        content = name.read_bytes()
    if is_torch_file(content):
        return read_torch_file(content, name)
    try:
        found = deserialize(content)
    except SafetensorError as error:
        raise ValueError(f"load: {name} is damaged or not a safetensors file ({error}), "
                         "and it is not a file of torch.save either") from None
    converter = Converter(name)
    arrays = {key: converter.array(SAFETENSORS.get(part["dtype"], part["dtype"]), part["data"]).reshape(part["shape"])
              for key, part in found}
    converter.warn()
    structure = header_of(content)
    if structure is None:
        return {key: detached(array) for key, array in arrays.items()}
    return checkpoint_of(structure, arrays, name, trusted=not weights_only)


def _check_location(map_location):
    """The CPU in any form that PyTorch takes: None, a name, a device, a dict of such to such, a function."""
    for place in map_location.values() if isinstance(map_location, dict) else [map_location]:
        if not callable(place):
            check_device(place)
