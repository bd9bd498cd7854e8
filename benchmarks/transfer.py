"""What a network that learned from drawn digits is worth to a few hundred real ones: `python benchmarks/transfer.py MNIST_DIR`.

LeNet-5 is trained on `digits`, which numbacnn draws, then on 500 images of MNIST: from scratch, with all weights taken over,
with the convolutions frozen, and with these frozen for the first half. Each way has the learning rate and the epochs
that do best on the last 10,000 training images of MNIST, from the same choices for all; only then is the test set looked
at, once, with seeds that took no part in choosing. A seed picks the 500 images, the weights that are new and the order.
The weights of the last epoch count.
"""
import argparse
import json
from dataclasses import asdict, dataclass
from itertools import product
from statistics import mean, stdev
from types import SimpleNamespace

import numpy as np

import numbacnn
from numbacnn.data import load_dataset
from numbacnn.models import build_model
from numbacnn.train import Normalize, Settings, evaluate, fit
from numbacnn.train.transfer import take_weights

IMAGES, CHOOSING = 500, 10_000
RATES, EPOCHS = (0.003, 0.01, 0.03, 0.1), (10, 40)
CHOOSING_SEEDS, SEEDS = (100, 101), (0, 1, 2, 3, 4)
SGD = {"optimizer": "sgd", "schedule": "cosine", "label_smoothing": 0.0}  # the same for all, momentum 0.9
WAYS = ("scratch", "all weights taken", "convolutions frozen", "frozen for the first half")


@dataclass(frozen=True)
class Choice:
    """How a way trains."""

    learning_rate: float
    epochs: int


def lenet5(seed):
    numbacnn.manual_seed(seed)
    return build_model("lenet5", 1, 28, 28, 10)


def trained_on_digits(epochs):
    """The state of a LeNet-5 after N epochs of SGD, the data it saw, and its accuracy on their test images."""
    data, model = load_dataset("digits"), lenet5(0)
    for _ in fit(model, data, Settings(epochs=epochs, **SGD)):
        pass
    return model.state_dict(), data, evaluate(model, data.x_test, data.y_test, Normalize(data.mean, data.std))[1]


def settings_of(way, choice, seed):
    """The settings of a way to train."""
    freeze = {} if way in WAYS[:2] else {"freeze": "features"}
    if way == WAYS[3]:
        freeze["unfreeze_after"] = choice.epochs // 2
    return Settings(**asdict(choice), batch_size=32, seed=seed, **SGD, **freeze)


def trained(way, choice, seed, source, pool, digits):
    """A model after training on the images that the seed picks."""
    few = np.random.default_rng(seed).permutation(len(pool.x))[:IMAGES]
    data = SimpleNamespace(x_train=pool.x[few], y_train=pool.y[few], x_val=pool.x[few[:1]], y_val=pool.y[few[:1]],
                           mean=digits.mean, std=digits.std)
    model = lenet5(seed)
    if way != "scratch":
        take_weights(model, source)
    for _ in fit(model, data, settings_of(way, choice, seed)):
        pass
    return model


def accuracies(way, choice, seeds, x, y, **known):
    """Accuracy on some images, a figure a seed."""
    normalize = Normalize(known["digits"].mean, known["digits"].std)
    return [evaluate(trained(way, choice, seed, **known), x, y, normalize)[1] for seed in seeds]


def measure(data_dir, source_epochs):
    """Choose, then test; returns plain values."""
    source, digits, digits_accuracy = trained_on_digits(source_epochs)
    mnist = load_dataset("mnist", data_dir=data_dir, validation=0)
    pool = SimpleNamespace(x=mnist.x_train[:-CHOOSING], y=mnist.y_train[:-CHOOSING])
    choosing = mnist.x_train[-CHOOSING:], mnist.y_train[-CHOOSING:]
    known = {"source": source, "pool": pool, "digits": digits}
    untouched = lenet5(0)
    take_weights(untouched, source)
    result = {"source": {"epochs": source_epochs, "digits_accuracy": digits_accuracy,
                         "validation_accuracy": evaluate(untouched, *choosing, Normalize(digits.mean, digits.std))[1]}, "ways": []}
    print(f"source: {100 * digits_accuracy:.2f} % of the digits, {100 * result['source']['validation_accuracy']:.2f} % of "
          "the MNIST images to choose with, before it has seen one", flush=True)
    for way in WAYS:
        tried = {choice: mean(accuracies(way, choice, CHOOSING_SEEDS, *choosing, **known))
                 for choice in (Choice(*values) for values in product(RATES, EPOCHS))}
        best = max(tried, key=tried.get)
        result["ways"].append({"way": way, **asdict(best), "validation": tried[best],
                               "tried": [{**asdict(choice), "validation": part} for choice, part in tried.items()]})
        print(f"{way}: learning rate {best.learning_rate:g}, {best.epochs} epochs, {100 * tried[best]:.2f} % of the images to "
              "choose with", flush=True)
    for row in result["ways"]:
        choice = Choice(row["learning_rate"], row["epochs"])
        row["test"] = accuracies(row["way"], choice, SEEDS, mnist.x_test, mnist.y_test, **known)
    return result


def main():
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", help="folder with the four files of MNIST")
    parser.add_argument("--source-epochs", type=int, default=3, help="epochs on the drawn digits")
    parser.add_argument("--out", help="JSON file to write")
    given = parser.parse_args()
    result = measure(given.data_dir, given.source_epochs)
    print(f"\ntest accuracy on 10,000 images, mean of {len(SEEDS)} seeds (standard deviation)")
    for row in result["ways"]:
        print(f"{row['way']:28} {100 * mean(row['test']):.2f} % ({100 * stdev(row['test']):.2f})")
    if given.out:
        with open(given.out, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
