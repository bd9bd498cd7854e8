"""Pictures from files as Tensors, and back."""
from numbacnn.tensors.absent import refusing
from numbacnn.vision.io.pictures import ImageReadMode, read_image, write_jpeg, write_png

__all__ = ["ImageReadMode", "read_image", "write_jpeg", "write_png"]
__getattr__ = refusing(__name__, __all__)
