"""What programs ask of Apple's GPU before they choose a device: there is only the CPU."""

from numbacnn.tensors.absent import refusing

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed"]


def is_available():
    """False: numbacnn computes on the CPU."""
    return False


def device_count():
    """0: numbacnn computes on the CPU."""
    return 0


def manual_seed(seed):
    """Accept a seed and do nothing: no random generator runs on another device; see `numbacnn.manual_seed`."""


def empty_cache():
    """Do nothing: there is no memory of another device."""


__getattr__ = refusing(__name__, __all__)
