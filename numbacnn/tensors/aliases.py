"""NumPy's names of arguments, which PyTorch takes for its own: `axis` for `dim`, `keepdims` for `keepdim`."""

import functools
import inspect

_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def numpy_named(function):
    """The function that also takes `axis` for `dim`, and `keepdims` for `keepdim`."""
    @functools.wraps(function)
    def named(*args, **kwargs):
        if kwargs and not _NAMES.keys().isdisjoint(kwargs):
            kwargs = {_NAMES.get(name, name): value for name, value in kwargs.items()}
        return function(*args, **kwargs)

    return named


def accept_numpy_names(cls):
    """Let the public methods of a class that have a `dim` take it by NumPy's name, too."""
    for name in dir(cls):
        method = inspect.getattr_static(cls, name)
        if not name.startswith("_") and inspect.isfunction(method) and "dim" in inspect.signature(method).parameters:
            setattr(cls, name, numpy_named(method))
