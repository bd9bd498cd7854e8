"""Films: a filter that spans three frames sees motion, one that spans a single frame does not.

Shapes move, grow or turn, and the label is the motion. Two networks learn it; they differ in one number: their filters are 1x3x3
(time, height, width), so that each frame is looked at alone, or 3x3x3. Both take the mean over all frames and places at
the end, which does not know their order: whatever knows what comes first must be in the filters. Then the test films are
played backwards.

Source: Tran et al. 2015 (C3D) found 3x3x3 the best filters for films.
Run:    python examples/video.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt
import numpy as np

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="video.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few films: only to see that it runs")
options = parser.parse_args()
FILMS, EPOCHS = (40, 1) if options.quick else (1600, 8)


def tensor(films):
    """Films (N, 1, 8 frames, 24, 24) with pixels from -1 to 1."""
    return nc.tensor(films / 127.5 - 1, dtype=nc.float32)


def network(frames):
    """Three convolutions with filters that span this many frames."""
    filters, padding = (frames, 3, 3), (frames // 2, 1, 1)
    return nn.Sequential(nn.Conv3d(1, 8, filters, padding=padding), nn.ReLU(), nn.MaxPool3d((1, 2, 2)),
                         nn.Conv3d(8, 16, filters, padding=padding), nn.ReLU(), nn.MaxPool3d((1, 2, 2)),
                         nn.Conv3d(16, 32, filters, padding=padding), nn.ReLU(),
                         nn.AvgPool3d((8, 6, 6)), nn.Flatten(), nn.Linear(32, len(data.classes)))


def train(model):
    """Train with Adam."""
    loader = DataLoader(TensorDataset(tensor(data.x_train), nc.tensor(data.y_train)), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.004)
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()


def answers(model, films):
    """The motion that the model sees in each film."""
    with nc.no_grad():
        return model(tensor(films)).argmax(1).numpy()


data = load_dataset("blobs-video", limit=FILMS, validation=0)
films, motions = data.x_test[:FILMS], data.y_test[:FILMS]
figure = plt.figure(figsize=(9, 6.4), layout="constrained")
above, below = figure.subfigures(2, 1, height_ratios=(1, 3.4))
for k, ax in enumerate(above.subplots(1, 8)):
    ax.imshow(films[0, 0, k], cmap="gray", vmin=0, vmax=255)
    ax.set_title(f"frame {k + 1}", fontsize=9)
    ax.set_axis_off()
above.suptitle(f"one of the films: {data.classes[motions[0]]}", fontsize=11)
tables, right = below.subplots(1, 2, sharey=True), {}
for frames, ax in zip((1, 3), tables):
    nc.manual_seed(0)
    model = network(frames)
    train(model)
    said = answers(model, films)
    right[frames] = np.mean(said == motions)
    print(f"filters {frames}x3x3: test accuracy {right[frames]:.1%}")
    table = np.zeros((len(data.classes),) * 2)
    np.add.at(table, (motions, said), 1)
    table /= table.sum(1, keepdims=True)
    ax.imshow(table, cmap="Blues", vmin=0, vmax=1)
    for (row, column), part in np.ndenumerate(table):
        if part >= 0.05:
            ax.text(column, row, f"{part:.0%}", ha="center", va="center", fontsize=8, color="white" if part > 0.5 else "black")
    ax.set_xticks(range(len(data.classes)), data.classes, rotation=45, ha="right", rotation_mode="anchor")
    ax.set(title=f"what filters {frames}x3x3 say: {right[frames]:.0%} right")
    ax.set_yticks(range(len(data.classes)), data.classes)
tables[0].set_ylabel("true")
figure.savefig(options.figure, dpi=150)

opposite = motions ^ 1  # classes stand in pairs: left and right, up and down, grow and shrink, the two turns
backwards = np.mean(answers(model, films[:, :, ::-1]) == opposite)
print(f"played backwards, {backwards:.1%} of the films are classified as moving the opposite way")
print(f"Look at {options.figure}: rows are the true motions, so correct predictions are on the diagonal; "
      "left and right, like all pairs, have the same frames.")
print(f"Filters that span three frames reach {right[3]:.0%}, filters that span one {right[1]:.0%} "
      f"(chance: {1 / len(data.classes):.0%}).")
