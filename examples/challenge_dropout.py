"""Mini challenge: add dropout and see whether it generalizes.

A network with a large dense layer memorizes a few images: the training accuracy rises to 100 %, the test
accuracy stays where it is. Dropout sets half of the dense layer's inputs to zero, different ones in every step, so no unit
can rely on another. In `eval()` nothing is dropped. Both networks start from the same weights.

Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014.
Run:    python examples/challenge_dropout.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_products
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="dropout.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, TESTS, EPOCHS = (64, 64, 2) if options.quick else (600, 2000, 30)
COLORS = {0.0: "#1f5fa8", 0.5: "#d1601f"}


def products(count, stream):
    """Images with pixels from about -2 to 2, and their labels."""
    images, labels = draw_products(count, seed=0, stream=stream)
    return nc.tensor((images - 128.0) / 64, dtype=nc.float32), nc.tensor(labels)


def network(p):
    """Two convolutions; the dense part, where most weights are, with dropout before each layer."""
    return nn.Sequential(nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(8, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Dropout(p), nn.Linear(16 * 8 * 8, 128), nn.ReLU(), nn.Dropout(p), nn.Linear(128, 8))


def accuracy(model, x, y):
    """Part of the images that the whole network, nothing dropped, names rightly."""
    model.eval()
    with nc.no_grad():
        right = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return right


def train(model):
    """Train with Adam; after every epoch the accuracy on the images learned from, and on the others."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.001)
    history = []
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        history.append((accuracy(model, x_train, y_train), accuracy(model, x_test, y_test)))
    return history


x_train, y_train = products(IMAGES, "train")
x_test, y_test = products(TESTS, "test")
figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
final = {}
for p, color in COLORS.items():
    nc.manual_seed(0)
    model = network(p)
    learned, others = zip(*train(model))
    final[p] = learned[-1], others[-1]
    name = f"dropout {p}" if p else "no dropout"
    print(f"{name}: accuracy {learned[-1]:.1%} on training images, {others[-1]:.1%} on test images")
    ax.plot(range(1, EPOCHS + 1), learned, color=color, label=f"{name}, training images")
    ax.plot(range(1, EPOCHS + 1), others, color=color, ls="--", label=f"{name}, test images")
ax.set(xlabel="epoch", ylabel="accuracy", title=f"Dropout in the dense part, {IMAGES} training images", ylim=(0, 1.02))
ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
figure.savefig(options.figure, dpi=150)

gain, error = final[0.5][1] - final[0.0][1], (0.5 / TESTS) ** 0.5  # standard error of a difference, at most
print(f"Look at {options.figure}: the gap between solid and dashed is what was memorized.")
print(f"With dropout the gap is {100 * (final[0.5][0] - final[0.5][1]):.0f} points instead of "
      f"{100 * (final[0.0][0] - final[0.0][1]):.0f}, and the test accuracy changes by {100 * gain:+.1f} points: "
      + ("it generalizes better." if gain > 2 * error else "it generalizes worse." if gain < -2 * error else
         f"no more than chance ({200 * error:.1f} points)."))
