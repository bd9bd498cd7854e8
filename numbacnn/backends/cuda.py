"""Switches of PyTorch's computing on GPUs: accepted, without effect."""

from types import SimpleNamespace

from numbacnn.tensors.absent import refusing

matmul = SimpleNamespace(allow_tf32=False, allow_fp16_reduced_precision_reduction=True)


def is_built():
    """False: numbacnn computes on the CPU."""
    return False


__getattr__ = refusing(__name__, ["is_built", "matmul"])
