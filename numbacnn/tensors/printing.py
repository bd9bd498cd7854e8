"""How a Tensor prints: as PyTorch prints it."""

import numpy as np

_THRESHOLD, _EDGE, _WIDTH = 1000, 3, 80
_PREFIX = "tensor("


def tensor_text(tensor):
    """The text of `repr(tensor)`: numbers of four digits, then dtype if unusual, then its place on the tape."""
    array = tensor._array
    notes = []
    if array.size == 0 and array.ndim > 1:
        notes.append(f"size={tuple(array.shape)}")
    # The dtype goes without saying if it is what a list of such numbers would get.
    if array.dtype.name not in ("float32", "int64", "bool") or (array.size == 0 and array.dtype.name != "float32"):
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
        if used + len(note) + 2 > _WIDTH:
            text += ",\n" + " " * len(_PREFIX) + note
            used = len(_PREFIX) + len(note)
        else:
            text += ", " + note
            used += len(note) + 2
    return text


def _numbers(array):
    if array.size == 0:
        return "[]"
    summarise = array.size > _THRESHOLD
    show, width = _style(_corners(array) if summarise else array)
    if array.ndim == 0:
        return show(array.item())
    return _rows(array, lambda value: show(value).rjust(width), width, len(_PREFIX), summarise)


def _corners(array):
    """The elements that a summary shows: the first and last few along each axis."""
    for axis, extent in enumerate(array.shape):
        if extent > 2 * _EDGE:
            array = array.take([*range(_EDGE), *range(extent - _EDGE, extent)], axis)
    return array


def _style(array):
    """A function that prints one number, and the width that all numbers of `array` need."""
    if array.dtype.kind != "f":
        return str, max(len(str(value)) for value in array.reshape(-1).tolist())
    counted = array[np.isfinite(array) & (array != 0)].astype(np.float64)
    if counted.size == 0:
        digits = "{:.0f}."
    elif np.ptp(np.log10(np.abs(counted))) > 3 or np.abs(counted).max() > 1e8 or np.abs(counted).min() < 1e-4:
        digits = "{:.4e}"
    elif np.all(counted == np.ceil(counted)):
        digits = "{:.0f}."
    else:
        digits = "{:.4f}"
    width = max((len(digits.format(value)) for value in counted.tolist()), default=1)
    return lambda value: digits.format(value) if np.isfinite(value) else str(value), width


def _rows(array, show, width, indent, summarise):
    """Nested brackets: vectors wrapped to the line width, deeper levels one below the other."""
    extent = len(array)
    cut = summarise and extent > 2 * _EDGE
    picks = [*range(_EDGE), None, *range(extent - _EDGE, extent)] if cut else range(extent)
    if array.ndim == 1:
        words = [" ..." if k is None else show(array[k].item()) for k in picks]
        per_line = max(1, (_WIDTH - indent) // (width + 2))
        lines = [", ".join(words[k:k + per_line]) for k in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    parts = ["..." if k is None else _rows(array[k], show, width, indent + 1, summarise) for k in picks]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"
