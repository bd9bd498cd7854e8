"""Mini challenge: add a third convolution and watch the loss.

The lecture's network learns eight kinds of product twice, from the same images in the same order: with two
convolutions, and with a third. Every convolution is followed by a pooling that halves the image, so with the third the
dense layer gets 512 numbers instead of 1,024, each of which has seen more of the image.

Source: Simonyan & Zisserman 2015 (VGG) ask the same question for up to 19 layers.
Run:    python examples/challenge_third_convolution.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import draw_products
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="third_convolution.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS = (64, 2) if options.quick else (3000, 12)
COLORS = {2: "#1f5fa8", 3: "#d1601f"}


def products(stream):
    """Images with pixels from about -2 to 2, and their labels."""
    images, labels = draw_products(IMAGES, seed=0, stream=stream)
    return nc.tensor((images - 128.0) / 64, dtype=nc.float32), nc.tensor(labels)


def network(convolutions):
    """Convolutions of 3x3, each with ReLU and pooling, then one dense layer."""
    channels = (3, 8, 16, 32)
    layers = []
    for k in range(convolutions):
        layers += [nn.Conv2d(channels[k], channels[k + 1], kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    side = 32 // 2 ** convolutions
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[convolutions] * side * side, 8))


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
figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
final = {}
for convolutions, color in COLORS.items():
    nc.manual_seed(0)
    model = network(convolutions)
    train_loss, test_loss = zip(*train(model))
    final[convolutions] = train_loss[-1], test_loss[-1]
    with nc.no_grad():
        accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
    weights = sum(parameter.numel() for parameter in model.parameters())
    print(f"{convolutions} convolutions, {weights:,} weights: loss {train_loss[-1]:.3f} on training images, "
          f"{test_loss[-1]:.3f} on test images; test accuracy {accuracy:.1%}")
    ax.plot(range(1, EPOCHS + 1), train_loss, color=color, marker=".", label=f"{convolutions} convolutions, training images")
    ax.plot(range(1, EPOCHS + 1), test_loss, color=color, marker=".", ls="--", label=f"{convolutions} convolutions, test images")
ax.set(xlabel="epoch", ylabel="loss (cross-entropy)", title="A third convolution", ylim=(0, None))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
figure.savefig(options.figure, dpi=150)

learned, others = (final[3][k] / final[2][k] - 1 for k in (0, 1))
print(f"Look at {options.figure}: solid lines are training images, dashed lines test images.")
print(f"The third convolution changed the training loss by {learned:+.0%} and the test loss by {others:+.0%}, so it "
      + ("learned more that generalizes." if others < 0 else "learned nothing that generalizes."))
