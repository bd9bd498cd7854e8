"""What the data sets of pictures have in common."""
from pathlib import Path

from numbacnn.utils.data import Dataset


class VisionDataset(Dataset):
    """A data set of pictures in a folder.

    Parameters
    ----------
    root : str or Path
        The folder.
    transforms : callable, optional
        Takes and returns (picture, target); not together with the two below.
    transform : callable, optional
        Takes the picture.
    target_transform : callable, optional
        Takes the target.

    Raises
    ------
    ValueError
        If `transforms` is given together with one of the others.
    """

    def __init__(self, root=None, transforms=None, transform=None, target_transform=None):
        if transforms is not None and (transform or target_transform):
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.root = str(Path(root).expanduser()) if root is not None else None
        self.transforms, self.transform, self.target_transform = transforms, transform, target_transform

    def _changed(self, picture, target):
        """A sample after the transforms."""
        if self.transforms is not None:
            return self.transforms(picture, target)
        if self.transform is not None:
            picture = self.transform(picture)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return picture, target

    def extra_repr(self):
        """Lines of `repr` besides the number of samples."""
        return ""

    def __repr__(self):
        lines = [f"Number of datapoints: {len(self)}", f"Root location: {self.root}", *self.extra_repr().splitlines()]
        lines += [f"{name}: {value!r}" for name, value in (("Transform", self.transform),
                                                            ("Target transform", self.target_transform)) if value]
        return "\n".join([f"Dataset {type(self).__name__}", *(f"    {line}" for line in lines)])


class PublishedDataset(VisionDataset):
    """A published data set, one part at a time.

    Subclasses set `data` (the pictures), `train` (whether they are those to train with) and `classes`.
    """

    @property
    def class_to_idx(self):
        """The number of each class."""
        return {name: k for k, name in enumerate(self.classes)}

    def __len__(self):
        return len(self.data)

    def extra_repr(self):
        """The part of the data set."""
        return f"Split: {'Train' if self.train else 'Test'}"
