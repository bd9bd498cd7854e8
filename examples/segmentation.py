"""Segmentation: not whether there is a scratch, but which pixels are scratched.

An encoder makes the image small and its channels many, to see what there is; a decoder makes it large again, to say
where. On the way up each size is joined by the map of that size from the way down (`cat`), which still knows the edges.
The last convolution gives a score for every pixel, and every pixel has its loss; the few scratched ones count three times.

Source: Ronneberger, Fischer & Brox 2015 (U-Net).
Run:    python examples/segmentation.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="segmentation.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few images: only to see that it runs")
options = parser.parse_args()
IMAGES, EPOCHS = (40, 1) if options.quick else (2000, 8)


def convolution(in_channels, out_channels):
    """3x3 with normalization and ReLU; the size stays."""
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
                         nn.BatchNorm2d(out_channels), nn.ReLU())


class UNet(nn.Module):
    """Images (N, 1, 32, 32) to scores (N, 1, 32, 32): above zero where the scratch is."""

    def __init__(self):
        super().__init__()
        self.smaller = nn.MaxPool2d(2)
        self.larger = nn.Upsample(scale_factor=2)
        self.down1, self.down2, self.bottom = convolution(1, 8), convolution(8, 16), convolution(16, 32)
        self.up2, self.up1 = convolution(32 + 16, 16), convolution(16 + 8, 8)
        self.score = nn.Conv2d(8, 1, kernel_size=1)

    def forward(self, x):
        whole = self.down1(x)  # 32x32
        half = self.down2(self.smaller(whole))  # 16x16
        quarter = self.bottom(self.smaller(half))  # 8x8
        half = self.up2(nc.cat([self.larger(quarter), half], dim=1))
        whole = self.up1(nc.cat([self.larger(half), whole], dim=1))
        return self.score(whole)


def overlap(masks, found):
    """Intersection over union of all scratched pixels: 1 if found exactly, 0 if missed."""
    return (masks & found).sum() / max((masks | found).sum(), 1)


def prepared(images, masks):
    """Images with pixels about 0, and what each pixel should be: 1 scratched, 0 good."""
    return nc.tensor((images - 128.0) / 64, dtype=nc.float32), nc.tensor(masks[:, None], dtype=nc.float32)


data = load_dataset("defects", limit=IMAGES, validation=0)
x_train, y_train = prepared(data.x_train, data.masks_train)
x_test, y_test = prepared(data.x_test[:IMAGES // 2], data.masks_test[:IMAGES // 2])

nc.manual_seed(0)
model = UNet()
criterion, optimizer = nn.BCEWithLogitsLoss(pos_weight=nc.tensor([3.0])), optim.Adam(model.parameters(), lr=0.01)
for epoch in range(EPOCHS):
    total = 0.0
    for x, y in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    print(f"epoch {epoch + 1}: loss {total / len(x_train):.4f}")

model.eval()
with nc.no_grad():
    scores = model(x_test).numpy()[:, 0]
masks, found = data.masks_test[:len(scores)] == 1, scores > 0
iou = overlap(masks, found)
scratched = masks.any((1, 2))
alarms = found[~scratched].any((1, 2)).mean()

shown = scratched.nonzero()[0][:6].tolist() + (~scratched).nonzero()[0][:2].tolist()
figure, axes = plt.subplots(3, len(shown), figsize=(9, 3.7), layout="constrained")
for column, k in zip(axes.T, shown):
    column[0].imshow(data.x_test[k, 0], cmap="gray", vmin=0, vmax=255)
    column[1].imshow(masks[k], cmap="gray", vmin=0, vmax=1)
    column[2].imshow(found[k], cmap="gray", vmin=0, vmax=1)
    column[2].set_title(f"IoU {overlap(masks[k], found[k]):.2f}" if masks[k].any() else "no scratch", fontsize=9)
for ax, name in zip(axes[:, 0], ("image", "scratch", "found")):
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
figure.suptitle(f"Which pixels are scratched: IoU {iou:.2f} on {len(masks)} images never seen", fontsize=11)
figure.savefig(options.figure, dpi=150)

print(f"Look at {options.figure}: the predicted mask is compared with the true one, pixel by pixel.")
print(f"Predicted and true scratches overlap with an IoU of {iou:.0%}, and {alarms:.0%} of the surfaces without a scratch "
      f"raise a false alarm; calling every pixel good would be right for {1 - masks.mean():.0%} of the pixels, with an IoU of 0.")
