"""Augmentation: images that change in every epoch cannot be memorized.

A network learns products from few images twice: as they are, and mirrored and shifted at random in every epoch. A
change must not change the class: a mirrored shoe is a shoe, but a mirrored 2 is not a 2. Test images stay as they are.

Source: Krizhevsky, Sutskever & Hinton 2012 (AlexNet), section 4.1.
Run:    python examples/augmentation.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset, parse_augmentation

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="augmentation.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, TESTS, EPOCHS = (64, 64, 2) if options.quick else (800, 2000, 30)
AUGMENTATIONS = {"as they are": "", "mirrored and shifted": "flip,shift=3"}
COLORS = ("#1f5fa8", "#d1601f")


def tensor(images):
    """Pixels from about -2 to 2."""
    return nc.tensor((images - 128.0) / 64, dtype=nc.float32)


def network():
    """Three convolutions, each with ReLU and pooling, then one dense layer."""
    return nn.Sequential(nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(8, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(32 * 4 * 4, 8))


def accuracy(model, x, y):
    """Part of the images that the model names rightly."""
    with nc.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def train(model, augment):
    """Train with Adam; after every epoch the accuracy on the images as they are, learned from and others."""
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.003)
    x_train, y_train = tensor(data.x_train), nc.tensor(data.y_train)
    history = []
    for epoch in range(EPOCHS):
        order = nc.randperm(IMAGES).numpy()
        for start in range(0, IMAGES, 32):
            batch = order[start:start + 32]
            optimizer.zero_grad()
            x = tensor(augment(data.x_train[batch], batch, epoch, seed=0))
            criterion(model(x), y_train[batch]).backward()
            optimizer.step()
        history.append((accuracy(model, x_train, y_train), accuracy(model, x_test, y_test)))
    return history


data = load_dataset("products", limit=IMAGES, validation=0)
x_test, y_test = tensor(data.x_test[:TESTS]), nc.tensor(data.y_test[:TESTS])
figure = plt.figure(figsize=(9.5, 4.2), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(3, 2))
curves, samples = left.subplots(), right.subplots(3, 4)
final = {}
for (name, steps), color in zip(AUGMENTATIONS.items(), COLORS):
    nc.manual_seed(0)
    augment = parse_augmentation(steps)
    learned, others = zip(*train(network(), augment))
    final[name] = learned[-1], others[-1]
    print(f"{name}: accuracy {learned[-1]:.1%} on training images, {others[-1]:.1%} on test images")
    curves.plot(range(1, EPOCHS + 1), learned, color=color, label=f"{name}, training images")
    curves.plot(range(1, EPOCHS + 1), others, color=color, ls="--", label=f"{name}, test images")
curves.set(xlabel="epoch", ylabel="accuracy", title=f"{IMAGES} training images", ylim=(0, 1.02))
curves.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
curves.spines[["top", "right"]].set_visible(False)
curves.legend(frameon=False, fontsize=9)
for k, row in enumerate(samples):
    for epoch, ax in enumerate(row):
        image = data.x_train[k:k + 1]
        ax.imshow((image if epoch == 0 else augment(image, [k], epoch, seed=0))[0].transpose(1, 2, 0))
        ax.set_axis_off()
        if k == 0:
            ax.set_title("image" if epoch == 0 else f"epoch {epoch}", fontsize=9)
figure.savefig(options.figure, dpi=150)

(plain, augmented), error = (final[name][1] for name in AUGMENTATIONS), (0.5 / TESTS) ** 0.5
print(f"Look at {options.figure}: the dashed lines are test images; at the right are the images of several epochs.")
print(f"Augmentation changed the test accuracy by {100 * (augmented - plain):+.1f} points, from the same {IMAGES} images: "
      + ("more than chance." if augmented - plain > 2 * error else "no gain beyond chance."))
