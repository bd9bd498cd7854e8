"""Transfer learning: features learned from six kinds of product help to tell two others apart from forty images.

A network learns hats, shirts, mugs and others from many images. Its convolutions, its feature extractor, then go into a
second network for shoes and handbags, of which there are few images, in three ways: not at all (drawn at random, trained
from scratch); frozen, so that only the new dense layer learns; and frozen first, then everything trained a little
("fine-tuned", with a small learning rate).

With `--mnist FOLDER`, a folder that holds MNIST's four files, it goes from drawn digits to 500 real ones.

Source: Yosinski, Clune, Bengio & Lipson 2014, How transferable are features in deep neural networks?
Run:    python examples/transfer_learning.py [FIGURE.png] [--mnist FOLDER] [--quick]
"""
import argparse
import copy

import matplotlib.pyplot as plt
import numpy as np

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="transfer_learning.png", help="where the picture goes")
parser.add_argument("--mnist", metavar="FOLDER", help="transfer from drawn digits to the MNIST files in this folder")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
MANY, EPOCHS, REPEATS = (200, 1, 1) if options.quick else (4000, 8, 5)
FEW = 500 if options.mnist else 40


def tensors(images, labels, wanted):
    """The images of the wanted classes, pixels from about -2 to 2, labels counted anew from 0."""
    keep = np.isin(labels, wanted)
    return (nc.tensor((images[keep] - 128.0) / 64, dtype=nc.float32),
            nc.tensor(np.searchsorted(wanted, labels[keep])))


def network(features, inputs, classes):
    """A feature extractor and a dense layer of its own."""
    return nn.Sequential(features, nn.Flatten(), nn.Linear(inputs, classes))


def convolutions(channels):
    """The feature extractor: three convolutions, each with ReLU and pooling."""
    return nn.Sequential(nn.Conv2d(channels, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(32, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2))


def train(model, x, y, epochs, rate):
    """Train with Adam what is not frozen."""
    optimizer = optim.Adam([weight for weight in model.parameters() if weight.requires_grad], lr=rate)
    for epoch in range(epochs):
        for batch, labels in DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(batch), labels).backward()
            optimizer.step()


def accuracy(model):
    """Part of the test images that the model names rightly."""
    with nc.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


source = load_dataset("digits" if options.mnist else "products", limit=MANY)
target = load_dataset("mnist", data_dir=options.mnist) if options.mnist else load_dataset("products", limit=2000, seed=1)
kinds = range(len(source.classes))
new = [*kinds] if options.mnist else [source.classes.index(name) for name in ("shoe", "handbag")]
known = [*kinds] if options.mnist else [kind for kind in kinds if kind not in new]
new.sort()
x_known, y_known = tensors(source.x_train, source.y_train, known)
x_new, y_new = tensors(target.x_train, target.y_train, new)
x_test, y_test = tensors(target.x_test, target.y_test, new)

nc.manual_seed(0)
features = convolutions(x_known.shape[1])
inputs = features(x_known[:1]).numel()
train(network(features, inputs, len(known)), x_known, y_known, EPOCHS, rate=0.002)

results = {"from scratch": [], "frozen features": [], "fine-tuned": []}
for k in range(REPEATS):  # other few images each time, for with few images chance is large
    x, y = x_new[k * FEW:(k + 1) * FEW], y_new[k * FEW:(k + 1) * FEW]
    model = network(convolutions(x.shape[1]), inputs, len(new))
    train(model, x, y, 3 * EPOCHS, rate=0.002)
    results["from scratch"].append(accuracy(model))

    model = network(copy.deepcopy(features), inputs, len(new))
    for weight in model[0].parameters():
        weight.requires_grad_(False)
    train(model, x, y, 2 * EPOCHS, rate=0.002)
    results["frozen features"].append(accuracy(model))

    for weight in model[0].parameters():
        weight.requires_grad_(True)
    train(model, x, y, EPOCHS, rate=0.0005)
    results["fine-tuned"].append(accuracy(model))

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
for row, (name, values) in enumerate(results.items()):
    print(f"{name}: accuracy {np.mean(values):.1%}, from {min(values):.1%} to {max(values):.1%}")
    ax.barh(row, np.mean(values), color=("#777777", "#1f5fa8", "#d1601f")[row], height=0.6)
    ax.plot(values, [row] * REPEATS, "o", color="white", markeredgecolor="black", markersize=5)
    ax.text(0.01, row, f"{np.mean(values):.1%}", color="white", va="center", weight="bold")
ax.axvline(1 / len(new), color="#333333", lw=0.8, ls=":")
ax.set(xlim=(0, 1), xlabel="test accuracy (one dot per repetition; dotted line: chance)",
       title=f"{FEW} images of {'real digits' if options.mnist else 'shoes and handbags'} to learn from")
ax.set_yticks(range(3), [*results])
ax.invert_yaxis()
ax.spines[["top", "right"]].set_visible(False)
figure.savefig(options.figure, dpi=150)

scratch, best = np.mean(results["from scratch"]), max(("frozen features", "fine-tuned"), key=lambda name: np.mean(results[name]))
print(f"Look at {options.figure}: every dot is a network trained on a different set of {FEW} images.")
print(f"Starting from learned features changes the accuracy by {100 * (np.mean(results[best]) - scratch):+.1f} points "
      f"({best} against from scratch).")
