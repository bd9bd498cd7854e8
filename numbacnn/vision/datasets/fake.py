"""Pictures of noise, to try a program with."""
from PIL import Image

from numbacnn.tensors.generator import Generator
from numbacnn.vision.datasets.base import VisionDataset


class FakeData(VisionDataset):
    """Random pictures with random classes, alike each time; samples are (PIL image, class number).

    Parameters
    ----------
    size : int
        How many.
    image_size : (int, int, int)
        (channels, height, width), of 1 or 3 channels.
    num_classes : int
    transform, target_transform : callable, optional
        Take the picture, and the class number.
    random_offset : int
        Added to the number of a picture to seed it; another offset, other pictures.
    """

    def __init__(self, size=1000, image_size=(3, 224, 224), num_classes=10, transform=None, target_transform=None,
                 random_offset=0):
        super().__init__(None, transform=transform, target_transform=target_transform)
        self.size, self.num_classes, self.image_size, self.random_offset = size, num_classes, image_size, random_offset

    def __getitem__(self, index):
        """The sample number `index`."""
        if not 0 <= index < len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        random = Generator().manual_seed(index + self.random_offset).numpy
        C, H, W = self.image_size
        pixels = random.integers(0, 256, (H, W) if C == 1 else (H, W, C), "uint8")
        return self._changed(Image.fromarray(pixels), int(random.integers(self.num_classes)))

    def __len__(self):
        return self.size
