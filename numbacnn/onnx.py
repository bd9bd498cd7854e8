"""PyTorch's page for exporting networks, for programs that import it and export on request only; every name of it is refused."""

from numbacnn.tensors.absent import refusing

__all__ = []
__getattr__ = refusing(__name__, __all__)
