"""What programs ask of Intel's GPU before they choose a device: there is only the CPU."""

from numbacnn.mps import device_count, empty_cache, is_available, manual_seed
from numbacnn.tensors.absent import refusing

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed"]
__getattr__ = refusing(__name__, __all__)
