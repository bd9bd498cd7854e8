"""Whether an image looks like what a network has learned from: told by its layers' activations and by its scores.

A classifier answers with one of its classes whatever it is shown. Two numbers tell when it should not be believed:

- the squared Mahalanobis distance of the image's statistics (mean and standard deviation of every channel, of the input and
  of the layers' outputs) from those of training images, as in Lee, Lee, Lee and Shin, "A simple unified framework for
  detecting out-of-distribution samples and adversarial attacks", NeurIPS 2018, there with class means of the channels' means;
- the negative of the largest score before the softmax, as in Hendrycks et al., "Scaling out-of-distribution detection for
  real-world settings", ICML 2022.

An image is strange if either is larger than for 99 % of the validation images. How often that is right:
docs/data.md, measured by benchmarks/familiar.py.
"""
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

import numbacnn
from numbacnn.train.batches import Normalize
from numbacnn.train.evaluation import predict_logits
from numbacnn.train.files import RunError

FILE = "familiar.safetensors"
MOST_IMAGES, FEWEST = 1000, 20  # of the training and of the validation images; fewer tell nothing
MOST_STATISTICS = 300  # of the first layers: their covariance is a square of that size
PART = 0.99  # of the validation images that each number takes for familiar
RIDGE = 0.003  # part of the mean variance that is added to every one: channels that never vary have none


@dataclass(frozen=True)
class Familiar:
    """Statistics of the images of a run, as its network sees them.

    Parameters
    ----------
    mean, scale : ndarray of float64, shape (D,)
        Of the statistics of training images.
    precision : ndarray of float64, shape (D, D)
        Inverse covariance of the statistics, each divided by its scale.
    limits : ndarray of float64, shape (2,)
        The largest distance, and the largest negative score, of a familiar image.
    images : int
        Validation images that the limits come from.
    """

    mean: np.ndarray
    scale: np.ndarray
    precision: np.ndarray
    limits: np.ndarray
    images: int

    def numbers(self, statistics, logits):
        """The two numbers of each image, shape (N, 2): distance, and negative largest score."""
        off = (statistics - self.mean) / self.scale
        return np.stack([np.einsum("nd,de,ne->n", off, self.precision, off), -logits.max(axis=1)], axis=1)

    def strange(self, statistics, logits):
        """Whether each image looks like nothing the network has learned, shape (N,)."""
        return (self.numbers(statistics, logits) > self.limits).any(axis=1)


def look(model, images, normalize, progress=lambda done, total: None):
    """The scores of images, and their statistics.

    Parameters
    ----------
    model : numbacnn.nn.Module
    images : ndarray of uint8, shape (N, C, H, W)
    normalize : Normalize
    progress : callable, optional
        As for `predict_logits`.

    Returns
    -------
    logits : ndarray of float32, shape (N, classes)
        The bits of `predict_logits`.
    statistics : ndarray of float64, shape (N, D)
        Mean and standard deviation of every channel: of the normalized image, and of the outputs of the first layers that
        have no weights (activations, pooling), `MOST_STATISTICS` at most.
    """
    passes = []  # the statistics of each forward pass, layer by layer

    def begin(module, args):
        passes.append([_spread(args[0].numpy())])

    def keep(module, args, out):
        known = sum(part.shape[1] for part in passes[-1])
        if len(out.shape) == 4 and known + 2 * out.shape[1] <= MOST_STATISTICS:
            passes[-1].append(_spread(out.numpy()))

    with ExitStack() as hooks:
        hooks.enter_context(model.register_forward_pre_hook(begin))
        for layer in model.modules():
            if layer is not model and not [*layer.children()] and not [*layer.parameters()]:
                hooks.enter_context(layer.register_forward_hook(keep))
        logits = predict_logits(model, images, normalize, progress)
    return logits, np.concatenate([np.concatenate(parts, axis=1) for parts in passes])


def _spread(x):
    """Mean and standard deviation over the pixels of each channel: (N, C, H, W) to (N, 2C)."""
    return np.concatenate([x.mean(axis=(2, 3), dtype=np.float64), x.std(axis=(2, 3), dtype=np.float64)], axis=1)


def learn_familiar(run, data):
    """Find out what the images of a run look like to its best weights, and keep it in the run folder.

    Parameters
    ----------
    run : RunFolder
    data : ImageData
        What it was trained on: images. The limits are set by the validation images alone.

    Returns
    -------
    Familiar or None
        None if there are fewer than 20 validation images: nothing is kept then.
    """
    if len(data.x_val) < FEWEST:
        return None
    model, normalize = run.load_model("best"), Normalize(data.mean, data.std)
    _, statistics = look(model, _some(data.x_train), normalize)
    mean, scale = statistics.mean(axis=0), statistics.std(axis=0)
    scale = np.where(scale > 1e-6 * np.abs(mean).max(), scale, 1)
    off = (statistics - mean) / scale
    covariance = off.T @ off / len(off)
    covariance += RIDGE * np.trace(covariance) / len(mean) * np.eye(len(mean))
    logits, statistics = look(model, _some(data.x_val), normalize)
    unlimited = Familiar(mean, scale, np.linalg.inv(covariance), np.full(2, np.inf), len(logits))
    ordered = np.sort(unlimited.numbers(statistics, logits), axis=0)
    place = min(int(np.ceil(PART * (len(ordered) + 1))), len(ordered)) - 1
    familiar = Familiar(mean, scale, unlimited.precision, ordered[place], len(logits))
    numbacnn.save({"mean": mean, "scale": scale, "precision": familiar.precision, "limits": familiar.limits,
                   "images": np.array([familiar.images], np.int64)}, run.path / FILE)
    return familiar


def load_familiar(run):
    """The `Familiar` that `learn_familiar` kept in a run folder; None if there is none, as in runs of earlier versions.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    path = run.path / FILE
    try:
        arrays = numbacnn.load(path)
        return Familiar(*(arrays[name] for name in ("mean", "scale", "precision", "limits")), int(arrays["images"][0]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, IndexError) as error:
        raise RunError(f"{path} cannot be read: {error}; delete it, and numbacnn predict no longer says what is strange") from None


def _some(images):
    """At most `MOST_IMAGES` of them, at equal distances: their order may be that of their classes."""
    return images[np.linspace(0, len(images) - 1, min(len(images), MOST_IMAGES)).round().astype(int)]
