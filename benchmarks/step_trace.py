"""Count how far a reader has to go to follow one training step.

The fifth step of LeNet-5, with a network class of its own, SGD and a plain loop, from `zero_grad` to `step`; no number is read
inside it. It counts the calls of Python functions in numbacnn's files, the distinct functions, the files, and the moves between
rooms: two calls in a row in different top folders.

    python benchmarks/step_trace.py [--files]
"""
import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

import numbacnn
from numbacnn import nn, optim
from numbacnn.nn import functional as F

PACKAGE = Path(numbacnn.__file__).parent


class Net(nn.Module):
    """LeNet-5 as a beginner writes it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        """Scores (N, 10) of images (N, 1, 28, 28)."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


def calls_of(function):
    """The code objects of numbacnn's own Python functions, in the order in which `function` calls them."""
    calls = []

    def note(frame, event, _):
        if event == "call" and Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
            calls.append(frame.f_code)

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


def fifth_step():
    """The calls of the fifth training step."""
    numbacnn.manual_seed(0)
    rng = np.random.default_rng(0)
    net, loss = Net(), nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.01)
    for turn in range(5):
        x = numbacnn.tensor(rng.standard_normal((64, 1, 28, 28), dtype=np.float32))
        y = numbacnn.tensor(rng.integers(0, 10, 64))

        def step(x=x, y=y):
            optimizer.zero_grad()
            loss(net(x), y).backward()
            optimizer.step()

        if turn < 4:  # kernels are compiled, programs are made
            step()
    return calls_of(step)


def counted(calls):
    """What the command prints, from the calls in their order."""
    files = [Path(code.co_filename).relative_to(PACKAGE).as_posix() for code in calls]
    rooms = [file.split("/")[0] for file in files]
    return {"calls": len(calls), "functions": len(set(calls)), "files": len(set(files)),
            "moves between rooms": sum(a != b for a, b in zip(rooms, rooms[1:])), "calls by file": dict(Counter(files).most_common())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", action="store_true", help="the calls of each file, too")
    args = parser.parse_args()
    result = counted(fifth_step())
    if not args.files:
        del result["calls by file"]
    print(json.dumps(result, indent=1))
