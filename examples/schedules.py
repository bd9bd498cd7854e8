"""Learning-rate schedules: large steps to get there, small ones to arrive.

The same network learns the same products in the same order four times, with Adam and the same number of steps. A rate that stays
high keeps jumping across the valley; one that is low from the beginning hardly gets there. Step decay and
the cosine begin high and end low.

Source: Loshchilov & Hutter 2017 (SGDR) for the cosine; a step decay trains ResNets in He, Zhang, Ren & Sun 2016.
Run:    python examples/schedules.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_products
from numbacnn.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, StepLR
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="schedules.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS = (64, 3) if options.quick else (2500, 12)
HIGH, LOW = 0.004, 0.0002
SCHEDULES = {
    "always high": (HIGH, lambda optimizer: ConstantLR(optimizer, factor=1)),
    "always low": (LOW, lambda optimizer: ConstantLR(optimizer, factor=1)),
    "a fifth every third of the way": (HIGH, lambda optimizer: StepLR(optimizer, step_size=EPOCHS // 3, gamma=0.2)),
    "cosine": (HIGH, lambda optimizer: CosineAnnealingLR(optimizer, T_max=EPOCHS)),
}
COLORS = ("#777777", "#2b8a3e", "#1f5fa8", "#d1601f")


def products(stream):
    """Images with pixels from about -2 to 2, and their labels."""
    images, labels = draw_products(IMAGES, seed=0, stream=stream)
    return nc.tensor((images - 128.0) / 64, dtype=nc.float32), nc.tensor(labels)


def network():
    """Three convolutions, each with ReLU and pooling, then one dense layer."""
    return nn.Sequential(nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(8, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(32 * 4 * 4, 8))


def train(model, rate, schedule):
    """Train with Adam, the schedule stepped after every epoch; of each epoch the rate, the loss and the test accuracy."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=rate)
    scheduler = schedule(optimizer)
    history = []
    for epoch in range(EPOCHS):
        rate = optimizer.param_groups[0]["lr"]
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        scheduler.step()
        with nc.no_grad():
            loss = criterion(model(x_train), y_train).item()
            history.append((rate, loss, (model(x_test).argmax(1) == y_test).float().mean().item()))
    return history


x_train, y_train = products("train")
x_test, y_test = products("test")
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.5, 3.8), layout="constrained")
epochs = range(1, EPOCHS + 1)
final = {}
for (name, (rate, schedule)), color in zip(SCHEDULES.items(), COLORS):
    nc.manual_seed(0)
    rates, losses, accuracies = zip(*train(network(), rate, schedule))
    final[name] = losses[-1], accuracies[-1]
    print(f"{name}: loss {losses[-1]:.3f}, test accuracy {accuracies[-1]:.1%}")
    left.plot(epochs, rates, color=color, marker=".", label=name)
    middle.plot(epochs, losses, color=color, marker=".", label=name)
    right.plot(epochs, accuracies, color=color, marker=".", label=name)
left.set(xlabel="epoch", title="learning rate", yscale="log")
middle.set(xlabel="epoch", title="training loss", yscale="log")
right.set(xlabel="epoch", title="test accuracy")
right.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
for ax in (left, middle, right):
    ax.set_xticks(epochs[1::2])
    ax.spines[["top", "right"]].set_visible(False)
handles, labels = left.get_legend_handles_labels()
figure.legend(handles, labels, frameon=False, ncols=4, loc="outside lower center")
figure.savefig(options.figure, dpi=150)

lowest, best = min(final, key=lambda name: final[name][0]), max(final, key=lambda name: final[name][1])
print(f"Look at {options.figure}: where the rate falls, the training loss becomes smooth and falls with it.")
print(f"'{lowest}' has the lowest training loss, '{best}' the best test accuracy; from 'always high' to 'cosine' the test accuracy "
      f"changes by {100 * (final['cosine'][1] - final['always high'][1]):+.1f} points.")
