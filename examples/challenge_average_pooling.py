"""Mini challenge: replace max-pooling by average pooling.

The same network from the same weights learns products twice, once with each pooling. Max-pooling keeps the strongest
response of a filter among four pixels, wherever it is; average pooling mixes it with its neighbors. The picture shows the
difference on one feature map of each trained network, and in the losses.

Source: LeCun et al. 1998 pool by (trained) averages; Scherer, Mueller & Behnke 2010 compare both.
Run:    python examples/challenge_average_pooling.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_products
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="average_pooling.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS = (64, 2) if options.quick else (3000, 10)
POOLINGS = {"max": (nn.MaxPool2d, "#1f5fa8"), "average": (nn.AvgPool2d, "#d1601f")}


def products(stream):
    """Images with pixels from about -2 to 2, and their labels."""
    images, labels = draw_products(IMAGES, seed=0, stream=stream)
    return nc.tensor((images - 128.0) / 64, dtype=nc.float32), nc.tensor(labels)


def network(pooling):
    """Two convolutions, each with ReLU and pooling, then one dense layer."""
    return nn.Sequential(nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.ReLU(), pooling(2),
                         nn.Conv2d(8, 16, kernel_size=3, padding=1), nn.ReLU(), pooling(2),
                         nn.Flatten(), nn.Linear(16 * 8 * 8, 8))


def train(model):
    """Train with Adam; after every epoch the loss on the images learned from, and on the others."""
    nc.manual_seed(1)  # the same order of images for both networks
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    history = []
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        with nc.no_grad():
            history.append((criterion(model(x_train), y_train).item(), criterion(model(x_test), y_test).item()))
    return history


criterion = nn.CrossEntropyLoss()
x_train, y_train = products("train")
x_test, y_test = products("test")
figure = plt.figure(figsize=(9.5, 4.4), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(3, 2))
curves, maps = left.subplots(), right.subplots(2, 2)
accuracy = {}
for row, (name, (pooling, color)) in enumerate(POOLINGS.items()):
    nc.manual_seed(0)
    model = network(pooling)
    train_loss, test_loss = zip(*train(model))
    with nc.no_grad():
        accuracy[name] = (model(x_test).argmax(1) == y_test).float().mean().item()
        answers = model[:2](x_test[:1])[0].numpy()  # the first convolution and its ReLU
        pooled = model[:3](x_test[:1])[0].numpy()
    print(f"{name} pooling: loss {train_loss[-1]:.3f} on training images, {test_loss[-1]:.3f} on test images; "
          f"test accuracy {accuracy[name]:.1%}")
    curves.plot(range(1, EPOCHS + 1), train_loss, color=color, marker=".", label=f"{name}, training images")
    curves.plot(range(1, EPOCHS + 1), test_loss, color=color, marker=".", ls="--", label=f"{name}, test images")
    line = (answers.std((1, 2)) / (answers.mean((1, 2)) + 0.01)).argmax()  # the filter that answers to the fewest pixels
    for ax, picture, title in zip(maps[row], (answers[line], pooled[line]), ("the map", f"{name} of 2x2 pixels")):
        ax.imshow(picture, cmap="magma", vmin=0, vmax=answers[line].max())  # one scale, so that averages look weaker
        ax.set_title(title, fontsize=10)
        ax.set_axis_off()
curves.set(xlabel="epoch", ylabel="loss (cross-entropy)", title="Max or average pooling", ylim=(0, None))
curves.spines[["top", "right"]].set_visible(False)
curves.legend(frameon=False)
right.suptitle("a map of the first convolution", fontsize=11)
figure.savefig(options.figure, dpi=150)

better = max(accuracy, key=accuracy.get)
print(f"Look at {options.figure}: what is bright in a map stays bright in its maximum, and fades in its average.")
print(f"Here the accuracy of {better} pooling is {100 * abs(accuracy['max'] - accuracy['average']):.1f} points higher; "
      f"the standard error of each accuracy is about {100 * (0.2 / len(x_test)) ** 0.5:.1f} points.")
