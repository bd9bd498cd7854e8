"""A few drawn digits as data for a training that takes no time."""
from types import SimpleNamespace

from numbacnn.data import draw_digits


def few_digits(train, validate):
    """So many to train and to validate with."""
    images, labels = draw_digits(train + validate, seed=1)
    images = images[:, None]
    return SimpleNamespace(name="few", x_train=images[:train], y_train=labels[:train], x_val=images[train:],
                           y_val=labels[train:], mean=[0.13], std=[0.3])
