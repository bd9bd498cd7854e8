"""From uint8 images to what a network is fed: which images, in which order, on which scale."""
from math import prod

import numpy as np

from numbacnn.data import parse_augmentation
from numbacnn.engine import network_input
from numbacnn.tensors.creation import tensor
from numbacnn.tensors.internals import detached


class Normalize:
    """(x - mean) / std, channel by channel, as one multiplication and one subtraction.

    Parameters
    ----------
    mean, std : sequence of float
        Per channel, of the training data; of images with pixels from 0 to 1.
    """

    def __init__(self, mean, std):
        mean, std = (np.asarray(values, dtype=np.float64) for values in (mean, std))
        std = np.where(std > 0, std, 1)  # a channel that never changes becomes zeros
        self.scale = (1 / std).astype(np.float32)
        self.byte_scale = (1 / (255 * std)).astype(np.float32)
        self.offset = (mean / std).astype(np.float32)

    def __call__(self, images):
        """Normalize images, films or time series; tokens, which have no scale, are left as they are.

        Parameters
        ----------
        images : ndarray of uint8 (0 to 255, divided by 255), float32, or int64 (tokens), shape (N, C, ...)

        Returns
        -------
        ndarray of float32, shape (N, C, ...); of tokens the same array
        """
        if images.dtype == np.int64:
            return images
        axes = (-1, *(1,) * (images.ndim - 2))
        x = images.astype(np.float32)
        x *= (self.byte_scale if images.dtype == np.uint8 else self.scale).reshape(axes)
        x -= self.offset.reshape(axes)
        return x

    def tensor(self, images):
        """Normalize to a Tensor; uint8 images and films are brought into the engine's order in the same pass.

        `images` must not be written to before the result has been used.
        """
        if images.dtype == np.uint8:
            rows = images.reshape(*images.shape[:2], prod(images.shape[2:-1]), images.shape[-1])  # frame under frame
            return detached(network_input(rows, self.byte_scale, self.offset)).reshape(images.shape)
        return tensor(self(images))


def epoch_order(images, epoch, seed):
    """Order in which an epoch takes the images: a permutation that depends on the seed and the epoch alone.

    Parameters
    ----------
    images : int
        How many there are.
    epoch : int
        Counted from 1.
    seed : int
        Seed of the training.

    Returns
    -------
    ndarray of int64, shape (images,)
    """
    return np.random.default_rng([seed, epoch]).permutation(images)


def training_images(images, indices, epoch, settings):
    """The images of one or several batches as the network is to learn from them: augmented as the settings say.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, C, H, W)
        All training images.
    indices : ndarray of int64, shape (B,)
        Those of the batches.
    epoch : int
        Counted from 1; every epoch changes an image in another way.
    settings : Settings
        Its `augment` and `seed` are used.

    Returns
    -------
    ndarray of uint8, shape (B, C, H, W)
    """
    return parse_augmentation(settings.augment)(images[indices], indices, epoch, settings.seed)
