"""What programs ask of whatever device is fastest: there is only the CPU."""

from numbacnn.tensors.absent import refusing

__all__ = ["current_accelerator", "device_count", "empty_cache", "is_available"]


def is_available():
    """False: numbacnn computes on the CPU."""
    return False


def current_accelerator(check_available=False):
    """None: numbacnn computes on the CPU."""


def device_count():
    """0: numbacnn computes on the CPU."""
    return 0


def empty_cache():
    """Do nothing: there is no memory of another device."""


__getattr__ = refusing(__name__, __all__)
