"""What the CPU can do, in PyTorch's words."""

from numbacnn.tensors.absent import refusing


def get_cpu_capability():
    """The word "DEFAULT": which instructions the loops use is decided where they are compiled."""
    return "DEFAULT"


__getattr__ = refusing(__name__, ["get_cpu_capability"])
