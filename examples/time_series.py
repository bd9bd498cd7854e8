"""Time series: dilated causal convolutions see far back with few weights, and never ahead.

Two networks of five causal convolutions of three taps, each with a residual connection, name the shape of a wave. In one
the taps are neighbors; in the other they are 1, 2, 4, 8 and 16 points apart, so that it sees 63 points back instead of
11, with as many weights. Both are trained on their verdict at the last point; as the weights are shared over time, they
give one at every point on the way.

Source: Bai, Kolter & Koltun 2018 (temporal convolutional networks, TCN).
Run:    python examples/time_series.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="time_series.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few series: only to see that it runs")
options = parser.parse_args()
SERIES, EPOCHS, CHANNELS = (60, 1, 16) if options.quick else (3000, 8, 16)
NETWORKS = {"neighboring taps": (1, 1, 1, 1, 1), "dilated taps": (1, 2, 4, 8, 16)}
COLORS = ("#1f5fa8", "#d1601f")


class CausalBlock(nn.Module):
    """x + relu(convolution of x), padded on the left alone: no output sees a later point."""

    def __init__(self, dilation):
        super().__init__()
        self.past = nn.ZeroPad1d((2 * dilation, 0))
        self.conv = nn.Conv1d(CHANNELS, CHANNELS, kernel_size=3, dilation=dilation)

    def forward(self, x):
        return x + self.conv(self.past(x)).relu()


def network(dilations):
    """Series (N, 1, length) to scores (N, 6, length): a verdict at every point."""
    return nn.Sequential(nn.Conv1d(1, CHANNELS, kernel_size=1), *[CausalBlock(d) for d in dilations],
                         nn.Conv1d(CHANNELS, len(data.classes), kernel_size=1))


def train(model):
    """Train with Adam on the verdict at the last point; part of the test series named rightly, at each point."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.005)
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x)[:, :, -1], y).backward()
            optimizer.step()
    with nc.no_grad():
        return (model(x_test).argmax(1) == y_test[:, None]).float().mean(0).numpy()


data = load_dataset("waves", limit=SERIES, validation=0)
x_train, y_train = nc.tensor(data.x_train), nc.tensor(data.y_train)
x_test, y_test = nc.tensor(data.x_test), nc.tensor(data.y_test)
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 5.4), layout="constrained", sharex=True, height_ratios=(1, 2))
last = []
for (name, dilations), color in zip(NETWORKS.items(), COLORS):
    nc.manual_seed(0)
    model = network(dilations)
    right = train(model)
    last.append(right[-1])
    seen = 1 + 2 * sum(dilations)
    print(f"{name}: {sum(p.numel() for p in model.parameters()):,} weights see {seen} points; "
          f"test accuracy {right[-1]:.1%} at the last point")
    bottom.plot(right, color=color, label=f"{name}: each verdict sees {seen} points")
    bottom.axvline(seen - 1, color=color, lw=0.8, ls=":")

changed = x_test[:8].clone()
changed[:, :, 64:] = 0  # another future
with nc.no_grad():
    before, after = model(x_test[:8])[:, :, :64], model(changed)[:, :, :64]
print(f"with another future the verdicts on the past change by {(before - after).abs().max().item():g}: "
      f"{'causal' if (before == after).all() else 'not causal'}")

top.plot(data.x_test[0, 0], color="#333333", lw=1)
top.set_title(f"one of the series: {data.classes[data.y_test[0]]}", fontsize=11)
bottom.axhline(1 / len(data.classes), color="#777777", lw=0.8, ls="--", label="chance level")
bottom.set(xlabel="point in time", ylabel="test series named rightly", ylim=(0, 1.02))
bottom.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
bottom.legend(frameon=False, fontsize=9)
for ax in (top, bottom):
    ax.spines[["top", "right"]].set_visible(False)
figure.savefig(options.figure, dpi=150)
print(f"Look at {options.figure}: left of its dotted line a network still looks beyond the beginning. Rising and falling "
      "waves differ most at the end, so both curves go on rising.")
print(f"Dilation changed the accuracy at the last point by {100 * (last[1] - last[0]):+.1f} points, with the same number of weights.")
