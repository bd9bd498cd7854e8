"""Data sets, transforms and models under torchvision's names, so that a program needs its import lines changed and no more.

`import numbacnn.vision as torchvision`. Names, arguments and meaning are those that torchvision documents; random numbers come
from the generator that `numbacnn.manual_seed` seeds, so they differ from torchvision's for the same seed.
"""
from importlib import import_module as _import_module

_PARTS = ("datasets", "io", "models", "transforms", "utils")
__all__ = [*_PARTS]


def __getattr__(name):
    if name in _PARTS:
        return _import_module(f"{__name__}.{name}")
    if name == "__version__":
        from numbacnn import __version__

        return __version__
    from numbacnn.tensors.absent import absent

    raise absent(__name__, name, _PARTS)


def __dir__():
    return sorted({*globals(), *_PARTS})
