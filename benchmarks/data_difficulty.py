"""How hard films, time series and phrases are: a linear model beside a small network, both in PyTorch.

`python benchmarks/data_difficulty.py [NAME ...]`; PyTorch must be installed.  6,000 examples to
train with (5,500 without those to validate with), 12 epochs of Adam, the test accuracy.
"""
import sys

import torch
from torch import nn

from numbacnn.data import load_dataset
from numbacnn.train import Normalize

EPOCHS, BATCH, RATE = 12, 64, 4e-3


class WordVectors(nn.Embedding):
    """Tokens (N, length) to vectors (N, dimensions, length), as a convolution wants them."""

    def forward(self, tokens):
        return super().forward(tokens).transpose(1, 2)


def small_networks(data):
    """A linear model and the smallest network that suits the kind of data."""
    classes, shape = len(data.classes), data.x_train.shape[1:]
    if data.kind == "tokens":
        words = len(data.vocabulary)
        one_hot = WordVectors.from_pretrained(torch.eye(words))
        network = nn.Sequential(WordVectors(words, 16), nn.Conv1d(16, 48, 3, padding=1), nn.ReLU(),
                                nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(48, classes))
        return nn.Sequential(one_hot, nn.Flatten(), nn.Linear(words * shape[0], classes)), network
    linear = nn.Sequential(nn.Flatten(), nn.Linear(data.x_train[0].size, classes))
    if data.kind == "series":
        layers = [layer for channels, dilation in zip((shape[0], 24, 24, 24), (1, 2, 4, 8)) for layer in (
            nn.Conv1d(channels, 24, 5, padding=2 * dilation, dilation=dilation), nn.ReLU())]
        return linear, nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(24, classes))
    return linear, nn.Sequential(
        nn.Conv3d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2), nn.Conv3d(12, 24, 3, padding=1), nn.ReLU(),
        nn.MaxPool3d(2), nn.Flatten(), nn.LazyLinear(64), nn.ReLU(), nn.Linear(64, classes))


def test_accuracy(data, network):
    """Train a network, then measure it."""
    normalize = Normalize(data.mean, data.std)
    x, y = torch.tensor(normalize(data.x_train)), torch.tensor(data.y_train)
    network(x[:1])  # lazy layers take their shape
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * -(-len(x) // BATCH))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        right = network(torch.tensor(normalize(data.x_test))).argmax(1) == torch.tensor(data.y_test)
    return right.float().mean().item()


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or ("blobs-video", "waves", "phrases"):
        torch.manual_seed(0)
        data = load_dataset(name, limit=6000)
        accuracies = (f"{100 * test_accuracy(data, network):.1f} %" for network in small_networks(data))
        print("{}: linear {}, network {}".format(name, *accuracies), flush=True)
