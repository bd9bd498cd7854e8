"""A common mistake: a hundred epochs on ten images. The accuracy is 100 %, and nothing was learned.

The images are noise and their labels are random, so there is nothing to learn. A network memorizes them all
the same: its loss falls as it would on photographs. Only images that it has not seen show the difference.

Source: Zhang, Bengio, Hardt, Recht & Vinyals 2017, Understanding deep learning requires rethinking generalization.
Run:    python examples/noise_by_heart.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="noise_by_heart.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few epochs: only to see that it runs")
options = parser.parse_args()
IMAGES, TESTS, EPOCHS = 10, 1000, 3 if options.quick else 100

nc.manual_seed(0)
x_train, y_train = nc.randn(IMAGES, 3, 32, 32), nc.randint(0, 2, (IMAGES,))
x_test, y_test = nc.randn(TESTS, 3, 32, 32), nc.randint(0, 2, (TESTS,))
model = nn.Sequential(nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Conv2d(8, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Flatten(), nn.Linear(16 * 8 * 8, 2))


def accuracy(x, y):
    """Accuracy of the model on the images."""
    with nc.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.001)
losses, learned, others = [], [], []
for epoch in range(EPOCHS):
    optimizer.zero_grad()
    loss = criterion(model(x_train), y_train)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    learned.append(accuracy(x_train, y_train))
    others.append(accuracy(x_test, y_test))

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
epochs = range(1, EPOCHS + 1)
left.plot(epochs, losses, color="#1f5fa8")
left.set(xlabel="epoch", title="training loss: as if it learned", ylim=(0, None))
right.plot(epochs, learned, color="#1f5fa8", label=f"the {IMAGES} images learned from")
right.plot(epochs, others, color="#d1601f", ls="--", label=f"{TESTS:,} others")
right.set(xlabel="epoch", title="accuracy", ylim=(0, 1.03))
right.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
right.legend(frameon=False, loc="lower right")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
figure.savefig(options.figure, dpi=150)

chance = (0.25 / TESTS) ** 0.5
print(f"Look at {options.figure}: the solid line is the training accuracy of the log, the dashed one the accuracy on new images.")
print(f"After {EPOCHS} epochs the accuracy is {learned[-1]:.0%} on the {IMAGES} images and {others[-1]:.1%} on {TESTS:,} others: "
      + (f"chance level is 50% +- {200 * chance:.1f}." if abs(others[-1] - 0.5) < 3 * chance else "not chance level."))
