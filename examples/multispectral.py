"""Images of many bands: a satellite sees more than red, green and blue.

Land in eight bands, from blue to short-wave infrared. A convolution takes any number of channels: each filter spans them
all, and nothing but `in_channels` changes. The same network learns from the blue alone, from the three colors that an eye
sees, and from all eight bands; leaves are dark in the red and bright in the infrared.

Source: the images are drawn, see docs/data.md.
Run:    python examples/multispectral.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="multispectral.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS = (60, 1) if options.quick else (800, 10)

BANDS = ("blue", "green", "yellow", "red", "red edge", "near infrared", "infrared 1", "infrared 2")
SEEN = {"blue": [0], "blue, green, red": [0, 1, 3], "all eight bands": [*range(8)]}
data = load_dataset("multispectral", limit=IMAGES, validation=0)
mean, std = (255 * value.reshape(1, -1, 1, 1) for value in (data.mean, data.std))  # of each band
x_train, x_test = (nc.tensor((images - mean) / std, dtype=nc.float32) for images in (data.x_train, data.x_test))
y_train, y_test = nc.tensor(data.y_train), nc.tensor(data.y_test)


def train(bands):
    """Train a network that sees some of the bands; part of the test images of each class named rightly."""
    nc.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(len(bands), 8, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Conv2d(8, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Flatten(), nn.Linear(16 * 6 * 6, len(data.classes)))
    loader = DataLoader(TensorDataset(x_train[:, bands], y_train), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.002)
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    with nc.no_grad():
        right = (model(x_test[:, bands]).argmax(1) == y_test).numpy()
    return [right[data.y_test == label].mean() for label in range(len(data.classes))]


figure = plt.figure(figsize=(9, 6), layout="constrained")
above, below = figure.subfigures(2, 1, height_ratios=(3, 2))
sheet = above.subplots(len(data.classes[:4]), 8)
for label, row in enumerate(sheet):
    image = data.x_test[(data.y_test == label).argmax()]
    for band, ax in enumerate(row):
        ax.imshow(image[band], cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
        if label == 0:
            ax.set_title(BANDS[band], fontsize=9)
    row[0].set_ylabel(data.classes[label], rotation=0, ha="right", va="center")
ax = below.subplots()
means = []
for k, ((name, bands), color) in enumerate(zip(SEEN.items(), ("#777777", "#1f5fa8", "#d1601f"))):
    parts = train(bands)
    means.append(sum(parts) / len(parts))
    print(f"{name}: test accuracy {means[k]:.1%}")
    ax.bar([label + 0.27 * k for label in range(len(parts))], parts, width=0.25, color=color, label=f"{name}: {means[k]:.0%}")
ax.set_xticks([label + 0.27 for label in range(len(parts))], data.classes)
ax.set(ylim=(0, 1), ylabel="test accuracy")
ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
figure.savefig(options.figure, dpi=150)

print(f"Look at {options.figure}: in the near infrared leaves are the brightest of all, in the red among the darkest.")
print(f"Green and red changed the accuracy by {100 * (means[1] - means[0]):+.1f} points, the five other bands by "
      f"{100 * (means[2] - means[1]):+.1f}.")
