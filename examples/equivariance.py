"""Why convolution: shift the image and the maps shift with it; a dense layer sees another image.

A digit is moved three pixels to the right. The maps of an untrained convolution are the same maps, moved (equivariance);
pooling over the whole map then gives the same numbers (invariance). A dense layer with as many outputs, each of which
depends on every pixel, gives other outputs, and has twenty thousand times as many weights.

Source: LeCun, Bottou, Bengio & Haffner 1998, section II.
Run:    python examples/equivariance.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn
from numbacnn.data import draw_digits

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="equivariance.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="changes nothing here: there is nothing to train")
options = parser.parse_args()
SHIFT = 3

nc.manual_seed(0)
convolution = nn.Conv2d(1, 4, kernel_size=5, padding=2)
dense = nn.Linear(28 * 28, 4 * 28 * 28)


def weights(layer):
    return sum(parameter.numel() for parameter in layer.parameters())


def difference(one, other):
    """How far two answers are apart, beside how large they are."""
    return ((one - other).pow(2).mean() / one.pow(2).mean()).sqrt().item()


images, labels = draw_digits(1, seed=2)
image = nc.tensor(images[:, None] / 255, dtype=nc.float32)
moved = nc.zeros(1, 1, 28, 28)
moved[:, :, :, SHIFT:] = image[:, :, :, :-SHIFT]
with nc.no_grad():
    maps = [convolution(x).relu() for x in (image, moved)]
    answers = [dense(x.flatten(1)).relu().reshape(1, 4, 28, 28) for x in (image, moved)]
seen = slice(5, -5)  # a map's border sees the padding
apart = {name: difference(first[:, :, seen, 2:-5 - SHIFT], second[:, :, seen, 2 + SHIFT:-5])
         for name, (first, second) in (("convolution", maps), ("dense", answers))}
for name, layer in (("convolution", convolution), ("dense", dense)):
    print(f"{name}: {weights(layer):,} weights; moved back, its outputs differ by {apart[name]:.0%}")
pooled = difference(*(nn.AdaptiveMaxPool2d(1)(m) for m in maps))
print(f"the maximum of each map, wherever it is, differs by {pooled:.0%}")

figure, axes = plt.subplots(2, 5, figsize=(9, 3.9), layout="constrained")
for row, x, m, a in zip(axes, (image, moved), maps, answers):
    row[0].imshow(x[0, 0].numpy(), cmap="gray")
    for ax, picture in zip(row[1:], (m[0, 0], m[0, 1], a[0, 0], a[0, 1])):
        ax.imshow(picture.numpy(), cmap="magma", vmin=0)
for ax, title in zip(axes[0], ("image", "convolution, map 1", "convolution, map 2", "dense, 28x28 outputs", "dense, 28x28 more")):
    ax.set_title(title, fontsize=9)
axes[0, 0].set_ylabel("as it is")
axes[1, 0].set_ylabel(f"{SHIFT} pixels to the right")
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
figure.savefig(options.figure, dpi=150)

print(f"Look at {options.figure}: the maps of the convolution move with the digit, the dense layer's outputs change completely.")
print(f"The convolution needs {weights(convolution):,} weights for its 4 maps, the dense layer "
      f"{weights(dense) / weights(convolution):,.0f} times as many for the same number of outputs.")
