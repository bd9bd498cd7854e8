"""Depth: twenty-six layers learn nothing when stacked, and learn well with shortcuts around every two.

A plain network of 3 or 13 pairs of convolutions, and the same 13 pairs with residual connections, x + f(x), learn
digits with the same settings. At the right is the gradient that reaches each convolution before the first step: on its way
back through a plain network every layer weakens it, while a shortcut passes it on unchanged. (Batch normalization
would help the plain network too; it is left out to see the effect of the shortcuts alone.)

Source: He, Zhang, Ren & Sun 2016, Deep Residual Learning for Image Recognition.
Run:    python examples/residual.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_digits
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="residual.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS, CHANNELS = (64, 1, 16) if options.quick else (2000, 6, 16)


class Pair(nn.Module):
    """Two convolutions, with a shortcut around them or without."""

    def __init__(self, shortcut):
        super().__init__()
        self.shortcut = shortcut
        self.f = nn.Sequential(nn.Conv2d(CHANNELS, CHANNELS, kernel_size=3, padding=1), nn.ReLU(),
                               nn.Conv2d(CHANNELS, CHANNELS, kernel_size=3, padding=1))

    def forward(self, x):
        return (x + self.f(x) if self.shortcut else self.f(x)).relu()


def network(pairs, shortcut):
    """A first convolution to 7x7 pixels, the pairs, and a dense layer."""
    return nn.Sequential(nn.Conv2d(1, CHANNELS, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(4),
                         *[Pair(shortcut) for _ in range(pairs)], nn.Flatten(), nn.Linear(CHANNELS * 7 * 7, 10))


def digits(stream):
    """Images (N, 1, 28, 28) with pixels from -1 to 1, and their labels."""
    images, labels = draw_digits(IMAGES, seed=0, stream=stream)
    return nc.tensor(images[:, None] / 127.5 - 1, dtype=nc.float32), nc.tensor(labels)


def gradients(model):
    """How large the gradient of each convolution is, one number per layer."""
    criterion(model(x_train[:64]), y_train[:64]).backward()
    return [weight.grad.pow(2).mean().sqrt().item() for weight in model.parameters() if weight.dim() == 4]


def train(model):
    """Train with Adam; the mean loss of every epoch."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    history = []
    for epoch in range(EPOCHS):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        history.append(total / len(x_train))
    return history


criterion = nn.CrossEntropyLoss()
x_train, y_train = digits("train")
x_test, y_test = digits("test")
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
accuracy = {}
for pairs, shortcut, color in ((3, False, "#777777"), (13, False, "#1f5fa8"), (13, True, "#d1601f")):
    nc.manual_seed(0)
    model = network(pairs, shortcut)
    name = f"{2 * pairs} layers, {'residual' if shortcut else 'plain'}"
    right.plot(gradients(model), color=color, marker=".", label=name)
    history = train(model)
    with nc.no_grad():
        accuracy[name] = (model(x_test).argmax(1) == y_test).float().mean().item()
    print(f"{name}: loss {history[-1]:.3f}, test accuracy {accuracy[name]:.1%}")
    left.plot(range(1, EPOCHS + 1), history, color=color, marker=".", label=name)
left.axhline(2.303, color="#333333", lw=0.8, ls=":", label="chance level: ln 10")
left.set(xlabel="epoch", ylabel="training loss", title="What they learn", ylim=(0, None))
left.legend(frameon=False, fontsize=9)
right.set(xlabel="convolution, from the image on", ylabel="gradient (root mean square)", yscale="log",
          title="What reaches each layer before training")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
figure.savefig(options.figure, dpi=150)
print(f"Look at {options.figure}: at the right the gradient fades on its way back from the last layer to the first.")
plain, residual = accuracy["26 layers, plain"], accuracy["26 layers, residual"]
print(f"With shortcuts the 26-layer network classifies {residual:.0%} of the test digits correctly, "
      f"without them {plain:.0%} (chance: 10%).")
