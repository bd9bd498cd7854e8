"""Transforms made of transforms."""
from numbacnn.nn.module import Module
from numbacnn.tensors.generator import default_generator


class Compose:
    """Transforms one after the other.

    Parameters
    ----------
    transforms : list of callable
        Each takes what the one before returns.
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        """`img` after all transforms."""
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return "\n".join([f"{type(self).__name__}(", *(f"    {transform}" for transform in self.transforms), ")"])


class Lambda:
    """A function as a transform.

    Parameters
    ----------
    lambd : callable

    Raises
    ------
    TypeError
        If it cannot be called.
    """

    def __init__(self, lambd):
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, img):
        """`lambd(img)`."""
        return self.lambd(img)

    def __repr__(self):
        return f"{type(self).__name__}()"


class RandomApply(Module):
    """With probability `p` all of some transforms, else none.

    Parameters
    ----------
    transforms : sequence of callable
    p : float
    """

    def __init__(self, transforms, p=0.5):
        super().__init__()
        self.transforms, self.p = transforms, p

    def forward(self, img):
        """`img`, or what the transforms make of it."""
        if default_generator.numpy.random() >= self.p:
            return img
        for transform in self.transforms:
            img = transform(img)
        return img


class ByChance(Module):
    """Base of transforms that change a picture with probability `p`: subclasses define `change(img)`.

    Parameters
    ----------
    p : float
    """

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, img):
        """`img`, or `change(img)`."""
        return self.change(img) if default_generator.numpy.random() < self.p else img

    def __repr__(self):
        return f"{type(self).__name__}(p={self.p})"


class RandomChoice:
    """One of some transforms, drawn anew for each picture.

    Parameters
    ----------
    transforms : sequence of callable
    p : sequence of float, optional
        How probable each is; alike if not given. They are divided by their sum.
    """

    def __init__(self, transforms, p=None):
        self.transforms = transforms
        self.p = p

    def __call__(self, img):
        """`img` after one transform."""
        share = None if self.p is None else [each / sum(self.p) for each in self.p]
        return self.transforms[int(default_generator.numpy.choice(len(self.transforms), p=share))](img)


class RandomOrder:
    """All of some transforms, in an order drawn anew for each picture.

    Parameters
    ----------
    transforms : sequence of callable
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        """`img` after all transforms."""
        for k in default_generator.numpy.permutation(len(self.transforms)):
            img = self.transforms[k](img)
        return img
