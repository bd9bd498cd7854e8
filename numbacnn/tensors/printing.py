"""How a Tensor prints: as PyTorch prints it."""

from types import SimpleNamespace

import numpy as np

from numbacnn import notebook
from numbacnn.tensors.types import default_dtype

_PROFILES = {"default": (4, 1000, 3, 80), "short": (2, 1000, 2, 80), "full": (4, float("inf"), 3, 80)}
_options = SimpleNamespace(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
_PREFIX = "tensor("


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """Say how Tensors print; what is not given stays, but for `sci_mode`.

    Parameters
    ----------
    precision : int
        Digits after the point, at first 4.
    threshold : int
        From more elements than these only the first and last are shown, at first 1000.
    edgeitems : int
        How many of the first and of the last then, at first 3.
    linewidth : int
        Characters per line, at first 80.
    profile : {"default", "short", "full"}
        All of these at once.
    sci_mode : bool, optional
        Whether numbers print as 1.0000e+00; by default where they differ too much.

    Raises
    ------
    ValueError
        If there is no such profile.
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"set_printoptions: profile is one of {', '.join(_PROFILES)}, got {profile!r}")
    names = ("precision", "threshold", "edgeitems", "linewidth")
    for name, given, usual in zip(names, (precision, threshold, edgeitems, linewidth), _PROFILES.get(profile, (None,) * 4)):
        value = usual if given is None else given
        if value is not None:
            setattr(_options, name, value)
    _options.sci_mode = sci_mode


def tensor_html(tensor):
    """What a notebook shows: what has the shape of images as pictures, its numbers folded away below; else the text of `repr(tensor)`."""
    numbers, shown = notebook.preformatted(repr(tensor)), notebook.pictures(tensor._array)
    return shown + notebook.folded("numbers", numbers) if shown else numbers


def tensor_text(tensor):
    """The text of `repr(tensor)`: numbers of four digits, then dtype if unusual, then its place on the tape."""
    array = tensor._array
    notes = []
    if array.size == 0 and array.ndim > 1:
        notes.append(f"size={tuple(array.shape)}")
    # The dtype goes without saying if it is what a list of such numbers would get.
    default = default_dtype().name
    if array.dtype.name not in (default, "int64", "bool") or (array.size == 0 and array.dtype.name != default):
        notes.append(f"dtype=numbacnn.{array.dtype.name}")
    if tensor.grad_fn is not None:
        notes.append(f"grad_fn={tensor.grad_fn!r}")
    elif tensor.requires_grad:
        notes.append("requires_grad=True")
    return _with_notes(_PREFIX + _numbers(array), notes) + ")"


def _with_notes(text, notes):
    """Append `notes`; one that does not fit on the last line goes below it."""
    used = len(text) - text.rfind("\n") + 1
    for note in notes:
        if used + len(note) + 2 > _options.linewidth:
            text += ",\n" + " " * len(_PREFIX) + note
            used = len(_PREFIX) + len(note)
        else:
            text += ", " + note
            used += len(note) + 2
    return text


def _numbers(array):
    if array.size == 0:
        return "[]"
    summarize = array.size > _options.threshold
    show, width = _style(_corners(array) if summarize else array)
    if array.ndim == 0:
        return show(array.item())
    return _rows(array, lambda value: show(value).rjust(width), width, len(_PREFIX), summarize)


def _corners(array):
    """The elements that a summary shows: the first and last few along each axis."""
    for axis, extent in enumerate(array.shape):
        if extent > 2 * _options.edgeitems:
            array = array.take([*range(_options.edgeitems), *range(extent - _options.edgeitems, extent)], axis)
    return array


def _style(array):
    """A function that prints one number, and the width that all numbers of `array` need."""
    if array.dtype.kind != "f":
        return str, max(len(str(value)) for value in array.reshape(-1).tolist())
    counted = array[np.isfinite(array) & (array != 0)].astype(np.float64)
    size = np.abs(counted)
    scientific = _options.sci_mode
    if scientific is None:
        scientific = counted.size > 0 and (size.max() / size.min() > 1000 or size.max() > 1e8 or size.min() < 1e-4)
    if counted.size and scientific:
        digits = f"{{:.{_options.precision}e}}"
    elif np.all(counted == np.ceil(counted)):
        digits = "{:.0f}."
    else:
        digits = f"{{:.{_options.precision}f}}"
    width = max((len(digits.format(value)) for value in counted.tolist()), default=1)
    return lambda value: digits.format(value) if np.isfinite(value) else str(value), width


def _rows(array, show, width, indent, summarize):
    """Nested brackets: vectors wrapped to the line width, deeper levels one below the other."""
    extent = len(array)
    cut = summarize and extent > 2 * _options.edgeitems
    picks = [*range(_options.edgeitems), None, *range(extent - _options.edgeitems, extent)] if cut else range(extent)
    if array.ndim == 1:
        words = [" ..." if k is None else show(array[k].item()) for k in picks]
        per_line = max(1, (_options.linewidth - indent) // (width + 2))
        lines = [", ".join(words[k:k + per_line]) for k in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    parts = ["..." if k is None else _rows(array[k], show, width, indent + 1, summarize) for k in picks]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"
