"""Your own pictures: one folder per class."""
import os
from pathlib import Path

from PIL import Image

from numbacnn.vision.datasets.base import VisionDataset

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename, extensions):
    """Whether a file name ends in one of `extensions`, upper or lower case."""
    return str(filename).lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename):
    """Whether a file name ends as those of pictures do."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def default_loader(path):
    """The picture in a file, as a PIL image of mode "RGB"."""
    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


def find_classes(directory):
    """The folders in a folder in the order of their names, and the number of each.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
    return classes, {name: k for k, name in enumerate(classes)}


def make_dataset(directory, class_to_idx, extensions=None, is_valid_file=None, allow_empty=False):
    """All files of all classes as (path, class number), with the files of folders below.

    Raises
    ------
    ValueError
        Unless exactly one of `extensions` and `is_valid_file` is given.
    FileNotFoundError
        If a class has no file and `allow_empty` is False.
    """
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same time")
    valid = is_valid_file or (lambda path: has_file_allowed_extension(path, extensions))
    samples, filled = [], set()
    for name in sorted(class_to_idx):
        for folder, _, files in sorted(os.walk(Path(directory) / name, followlinks=True)):
            for path in (os.path.join(folder, file) for file in sorted(files)):
                if valid(path):
                    samples.append((path, class_to_idx[name]))
                    filled.add(name)
    empty = sorted(set(class_to_idx) - filled)
    if empty and not allow_empty:
        kinds = "" if extensions is None else (" Supported extensions are: "
                                               f"{extensions if isinstance(extensions, str) else ', '.join(extensions)}")
        raise FileNotFoundError(f"Found no valid file for the classes {', '.join(empty)}.{kinds}")
    return samples


class DatasetFolder(VisionDataset):
    """Your own files, one folder per class: `root/<class>/...`.

    Parameters
    ----------
    root : str or Path
    loader : callable
        Takes the path of a file, returns the sample.
    extensions : tuple of str, optional
        How the names of files end that count.
    transform, target_transform : callable, optional
        Take the sample, and the class number.
    is_valid_file : callable, optional
        Tells of a path whether it counts, instead of `extensions`.
    allow_empty : bool
        Whether a class may have no files.

    Attributes
    ----------
    classes : list of str
        In the order of their names.
    class_to_idx : dict
    samples : list of (path, class number)
    targets : list of int

    Raises
    ------
    FileNotFoundError
        If there is no class, or one has no file.
    """

    def __init__(self, root, loader, extensions=None, transform=None, target_transform=None, is_valid_file=None,
                 allow_empty=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.loader, self.extensions = loader, extensions
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = make_dataset(self.root, self.class_to_idx, extensions, is_valid_file, allow_empty)
        self.targets = [target for _, target in self.samples]

    def find_classes(self, directory):
        """The classes, and the number of each; subclasses may find others."""
        return find_classes(directory)

    def __getitem__(self, index):
        """The sample number `index`."""
        path, target = self.samples[index]
        return self._changed(self.loader(path), target)

    def __len__(self):
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """Your own pictures, one folder per class: `root/<class>/*.png`; samples are (PIL image, class number).

    Parameters
    ----------
    root : str or Path
    transform, target_transform : callable, optional
        Take the picture, and the class number.
    loader : callable
        Takes the path of a file, returns the picture; by default a PIL image of mode "RGB".
    is_valid_file : callable, optional
        Tells of a path whether it counts, instead of the ends of names in `IMG_EXTENSIONS`.
    allow_empty : bool
        Whether a class may have no pictures.
    """

    def __init__(self, root, transform=None, target_transform=None, loader=default_loader, is_valid_file=None,
                 allow_empty=False):
        super().__init__(root, loader, IMG_EXTENSIONS if is_valid_file is None else None, transform, target_transform,
                         is_valid_file, allow_empty)
        self.imgs = self.samples
