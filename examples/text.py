"""Convolution over text: a filter of three words finds "not very good" wherever it stands.

Words become vectors (an embedding), and a 1D convolution slides over them. The same embedding with a mean over the words
instead, a bag of words, knows which words there are but not which stand side by side; "not" reverses a verdict only
where it stands before it. The picture shows the three words that each filter responds to most.

Source: Kim 2014, Convolutional Neural Networks for Sentence Classification.
Run:    python examples/text.py [FIGURE.png] [--quick]
"""
import argparse

import matplotlib.pyplot as plt
import numpy as np

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.data import load_dataset
from numbacnn.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("figure", nargs="?", default="text.png", help="where the picture goes")
parser.add_argument("--quick", action="store_true", help="few phrases: only to see that it runs")
options = parser.parse_args()
PHRASES, EPOCHS, FILTERS = (100, 1, 16) if options.quick else (4000, 8, 16)


class BagOfWords(nn.Module):
    """The mean of the word vectors, in whatever order they came."""

    def __init__(self, words):
        super().__init__()
        self.vectors = nn.Embedding(words, 16)
        self.verdict = nn.Linear(16, 2)

    def forward(self, tokens):
        return self.verdict(self.vectors(tokens).mean(1))


class WordFilters(nn.Module):
    """Filters of three words; of each the strongest answer in the phrase."""

    def __init__(self, words):
        super().__init__()
        self.vectors = nn.Embedding(words, 16)
        self.filters = nn.Conv1d(16, FILTERS, kernel_size=3)
        self.strongest = nn.AdaptiveMaxPool1d(1)
        self.verdict = nn.Linear(FILTERS, 2)

    def answers(self, tokens):
        return self.filters(self.vectors(tokens).transpose(1, 2)).relu()  # (N, FILTERS, places)

    def forward(self, tokens):
        return self.verdict(self.strongest(self.answers(tokens)).flatten(1))


def train(model):
    """Train with Adam and return the test accuracy."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.005)
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    with nc.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


data = load_dataset("phrases", limit=PHRASES, validation=0)
x_train, y_train = nc.tensor(data.x_train), nc.tensor(data.y_train)
x_test, y_test = nc.tensor(data.x_test), nc.tensor(data.y_test)
nc.manual_seed(0)
bag, model = BagOfWords(len(data.vocabulary)), WordFilters(len(data.vocabulary))
of_bag, of_filters = train(bag), train(model)
print(f"test accuracy: bag of words {of_bag:.1%}; filters of three words {of_filters:.1%}")

with nc.no_grad():
    answers = model.answers(x_test).numpy()
weight = model.verdict.weight.detach().numpy()
speaks = (weight[1] - weight[0]) * answers.max((0, 2))  # for good, if positive, where it answers most
order = np.argsort(speaks)
figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
ax.barh(range(FILTERS), speaks[order], color=["#2b8a3e" if value > 0 else "#c92a2a" for value in speaks[order]])
for row, k in enumerate(order):
    phrase, place = np.unravel_index(answers[:, k].argmax(), answers[:, k].shape)
    words = " ".join(data.vocabulary[token] for token in data.x_test[phrase, place:place + 3])
    ax.text(0, row, f"  {words}  ", va="center", ha="right" if speaks[k] > 0 else "left", fontsize=9)
ax.set(yticks=[], xlabel='speaks for "bad"  $\\leftarrow$    $\\rightarrow$  speaks for "good"',
       title="The three words that each filter answers most strongly")
ax.spines[["top", "right", "left"]].set_visible(False)
ax.margins(x=0.05)
figure.savefig(options.figure, dpi=150)

print(f"Look at {options.figure}: find the filters that respond to 'not' or 'never' before a verdict.")
print(f"Seeing three words side by side instead of a bag of words changed the accuracy by {100 * (of_filters - of_bag):+.1f} "
      "points.")
