"""Apple's GPUs: numbacnn computes on the CPU."""

from numbacnn.tensors.absent import refusing


def is_available():
    """False: numbacnn computes on the CPU."""
    return False


def is_built():
    """False: numbacnn computes on the CPU."""
    return False


__getattr__ = refusing(__name__, ["is_available", "is_built"])
