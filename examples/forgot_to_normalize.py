"""A common mistake: the images are not normalized.

The same network with the same optimizer learns digits from raw pixels, 0 to 255; from pixels divided by 255; and from
pixels normalized to mean 0 and standard deviation 1. Large inputs make large gradients, and a step that is right for
normalized images throws the weights far beyond the valley.

Source: LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp, section 4.3.
Run:    python examples/forgot_to_normalize.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_digits
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="forgot_to_normalize.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS = (100, 2) if options.quick else (3000, 6)
COLORS = ("#777777", "#1f5fa8", "#d1601f")

images, labels = draw_digits(IMAGES, seed=0)
others, other_labels = draw_digits(IMAGES, seed=0, stream="test")
mean, std = images.mean(), images.std()  # of the images learned from: the others must not be looked at
PIXELS = {
    "pixels from 0 to 255": lambda pixels: pixels,
    "pixels from 0 to 1": lambda pixels: pixels / 255,
    "mean 0, deviation 1": lambda pixels: (pixels - mean) / std,
}


def network():
    """Two convolutions, each with ReLU and pooling, then one dense layer."""
    return nn.Sequential(nn.Conv2d(1, 6, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10))


def train(model, x_train):
    """Train by gradient descent with momentum; the mean loss of every epoch."""
    loader = DataLoader(TensorDataset(x_train, nc.tensor(labels)), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    history = []
    for epoch in range(EPOCHS):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        history.append(total / IMAGES)
    return history


figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
accuracy = {}
for (name, prepare), color in zip(PIXELS.items(), COLORS):
    nc.manual_seed(0)
    model = network()
    history = train(model, nc.tensor(prepare(images[:, None]), dtype=nc.float32))
    with nc.no_grad():
        said = model(nc.tensor(prepare(others[:, None]), dtype=nc.float32)).argmax(1)
    accuracy[name] = (said == nc.tensor(other_labels)).float().mean().item()
    print(f"{name}: loss {history[0]:.2f} in the first epoch, {history[-1]:.2f} in the last; test accuracy {accuracy[name]:.1%}")
    ax.plot(range(1, EPOCHS + 1), history, color=color, marker=".", label=f"{name}: accuracy {accuracy[name]:.0%}")
ax.axhline(2.303, color="#333333", lw=0.8, ls=":", label="chance level: ln 10")
ax.set(xlabel="epoch", ylabel="training loss", title="The same network, the same optimizer", yscale="log")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
figure.savefig(options.figure, dpi=150)

raw, divided, normalized = accuracy.values()
print(f"Look at {options.figure}: a loss that stays at ln 10 = 2.30 is at chance level.")
print(f"Test accuracy: raw pixels {raw:.0%}, divided by 255 {divided:.0%}, normalized {normalized:.0%}.")
