"""Mixed precision by its old name: see `numbacnn.amp`."""

from numbacnn import amp
from numbacnn.amp import GradScaler
from numbacnn.tensors.absent import refusing



class autocast(amp.autocast):
    """`numbacnn.amp.autocast` for "cuda": switched off with PyTorch's warning, as on every machine without a GPU."""

    def __init__(self, enabled=True, dtype=None, cache_enabled=None):
        super().__init__("cuda", dtype, enabled)


__all__ = ["GradScaler", "autocast"]
__getattr__ = refusing(__name__, __all__)
