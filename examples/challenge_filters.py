"""Mini challenge: visualize the filters.

A network learns the drawn digits. Its first convolution has six filters of 5x5 weights: noise before training, edges and
strokes after it. Beside each filter is its response to one digit: its feature map after ReLU. A filter is a
flashlight of 5x5 pixels that moves over the whole image and shines where the image looks like the filter.

Source: LeNet-5's first layer, LeCun, Bottou, Bengio & Haffner 1998.
Run:    python examples/challenge_filters.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt
import numpy as np

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_digits
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="filters.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS, FILTERS = (100, 1, 6) if options.quick else (6000, 4, 6)


def digits(stream):
    """Images (N, 1, 28, 28) with pixels from 0, as the padding has, to 1, and their labels."""
    images, labels = draw_digits(IMAGES, seed=0, stream=stream)
    return nc.tensor(images[:, None] / 255, dtype=nc.float32), nc.tensor(labels)


def smoothness(filters):
    """How alike neighboring weights are: near 0 for noise, towards 1 for edges and strokes."""
    neighbors = [(filters[:, :, :-1], filters[:, :, 1:]), (filters[:, :-1], filters[:, 1:])]
    return np.mean([np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in neighbors])


nc.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, FILTERS, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Conv2d(FILTERS, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Flatten(), nn.Linear(16 * 5 * 5, 10))
before = model[0].weight.detach().numpy()[:, 0].copy()

x_train, y_train = digits("train")
x_test, y_test = digits("test")
criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.003, weight_decay=1e-3)
for epoch in range(EPOCHS):
    for x, y in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()

after = model[0].weight.detach().numpy()[:, 0]
with nc.no_grad():
    maps = model[:2](x_test[:1])[0].numpy()
    accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()

figure, axes = plt.subplots(3, FILTERS + 1, figsize=(9, 4.4), layout="constrained")
limit = max(np.abs(before).max(), np.abs(after).max())
for row, (title, pictures, look) in enumerate((
        ("before", before, {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}),
        ("after", after, {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}),
        ("answers", maps, {"cmap": "magma", "vmin": 0, "vmax": maps.max()}))):
    for ax, picture in zip(axes[row, 1:], pictures):
        shown = ax.imshow(picture, **look)
        if not picture.any():
            ax.text(0.5, 0.5, "dead", color="white", ha="center", va="center", transform=ax.transAxes)
    figure.colorbar(shown, ax=axes[row], shrink=0.9, label="weight" if row < 2 else "after ReLU")
    axes[row, 0].text(1, 0.5, title, ha="right", va="center", fontsize=11, transform=axes[row, 0].transAxes)
axes[2, 0].imshow(x_test[0, 0].numpy(), cmap="gray")
axes[2, 0].set_title(f"a test image: {y_test[0].item()}", fontsize=9)
axes[2, 0].texts[0].remove()
for k, ax in enumerate(axes[0, 1:], 1):
    ax.set_title(f"filter {k}", fontsize=9)
for ax in axes.flat:
    ax.set_axis_off()
figure.suptitle("The first convolution before training, after it, and what it answers", fontsize=11)
figure.savefig(options.figure, dpi=150)

print(f"test accuracy {accuracy:.1%} after {EPOCHS} epochs")
print(f"Look at {options.figure}: red weights respond to white ink, blue ones to its absence; "
      "a map is bright where image and filter agree.")
print(f"Neighboring weights correlate by {smoothness(before):.2f} before training and {smoothness(after):.2f} after it: "
      + ("noise became strokes and edges." if smoothness(after) > smoothness(before) + 0.2 else "little has changed yet."))
