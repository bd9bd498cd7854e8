"""Switches of a library for GPUs: accepted, without effect."""

from numbacnn.tensors.absent import refusing

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True
benchmark_limit = 10


def is_available():
    """False: there is no GPU."""
    return False


def version():
    """None: the library is not there."""


__getattr__ = refusing(__name__, ["allow_tf32", "benchmark", "benchmark_limit", "deterministic", "enabled", "is_available", "version"])
