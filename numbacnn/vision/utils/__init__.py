"""Pictures side by side, and into a file."""
from numbacnn.tensors.absent import refusing
from numbacnn.vision.utils.grid import make_grid, save_image

__all__ = ["make_grid", "save_image"]
__getattr__ = refusing(__name__, __all__)
