"""The one question programs ask before they choose a device."""


def is_available():
    """False: numbacnn computes on the CPU."""
    return False
