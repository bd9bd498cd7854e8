"""Random programs of operations, views and changes in place: numbers, gradients and refusals are PyTorch's.

`python tests/tensors/test_in_place_random.py COUNT FIRST` tries more of them than the tests do.
"""
import random
import sys

import numpy as np
import pytest

from both_libraries import agree

SHAPE = 2, 3, 4, 4
COUNT = 60

#: name -> function(library, x, other, rng) that makes a Tensor
NEW = {
    "relu": lambda library, x, other, rng: library.F.relu(x),
    "tanh": lambda library, x, other, rng: x.tanh(),
    "sigmoid": lambda library, x, other, rng: library.F.sigmoid(x),
    "half": lambda library, x, other, rng: x * 0.5 + 0.1,
    "product": lambda library, x, other, rng: x * other,
    "sum": lambda library, x, other, rng: x + other,
    "clone": lambda library, x, other, rng: x.clone(),
    "mean": lambda library, x, other, rng: x.mean(0, keepdim=True) + 0 * x,
    "conv": lambda library, x, other, rng: library.F.conv2d(x, library.weight, padding=1) if x.ndim == 4 and x.shape[1] == 3 else x * 2,
    "pool": lambda library, x, other, rng: library.F.max_pool2d(x, 2) if x.ndim == 4 and min(x.shape[2:]) > 1 else x * 2,
    "softmax": lambda library, x, other, rng: library.F.softmax(x, -1),
}
VIEWS = {
    "flatten": lambda library, x, other, rng: x.flatten(1) if x.ndim > 2 else x[None],
    "row": lambda library, x, other, rng: x[rng.randrange(x.shape[0])] if x.ndim > 1 else x[:1],
    "columns": lambda library, x, other, rng: x[..., :max(1, x.shape[-1] // 2)],
    "every second": lambda library, x, other, rng: x[..., ::2],
    "transpose": lambda library, x, other, rng: x.transpose(0, -1),
    "reshape": lambda library, x, other, rng: x.reshape(-1, x.shape[-1]),
    "unsqueeze": lambda library, x, other, rng: x.unsqueeze(0),
    "squeeze": lambda library, x, other, rng: x.squeeze(0),
    "detach": lambda library, x, other, rng: x.detach(),
}


def _part(library, x, other, rng):
    x[rng.randrange(x.shape[0])] = 0.5 if rng.random() < 0.5 else other[0]


def _mask(library, x, other, rng):
    x[x > 0.5] = 0.25


def _unseen(library, x, other, rng):
    with library.lib.no_grad():
        x.mul_(0.5)


CHANGES = {
    "relu_": lambda library, x, other, rng: library.F.relu(x, inplace=True),
    "add_": lambda library, x, other, rng: x.add_(other),
    "mul_": lambda library, x, other, rng: x.mul_(0.5),
    "mul_ by": lambda library, x, other, rng: x.mul_(other),
    "sub_": lambda library, x, other, rng: x.sub_(0.3),
    "tanh_": lambda library, x, other, rng: x.tanh_(),
    "zero_": lambda library, x, other, rng: x.zero_(),
    "copy_": lambda library, x, other, rng: x.copy_(other),
    "part": _part, "mask": _mask, "unseen": _unseen,
}


def program(seed):
    """A program as a function of a library; it makes the same choices for both."""
    def run(library):
        rng, numbers = random.Random(seed), np.random.default_rng(seed)
        x = library.leaf(numbers.standard_normal(SHAPE).astype(np.float32))
        library.weight = library.leaf((0.3 * numbers.standard_normal((3, 3, 3, 3))).astype(np.float32))
        known = [x * 1]
        for _ in range(rng.randrange(4, 14)):
            one = rng.choice(known)
            other = rng.choice([each for each in known if each.shape == one.shape])
            kind = rng.choice((NEW, NEW, VIEWS, VIEWS, CHANGES))
            if kind is CHANGES:  # what overlaps partly with what is written to is undefined in PyTorch
                kind[rng.choice([*kind])](library, one, other.clone(), rng)
            else:
                known.append(kind[rng.choice([*kind])](library, one, other, rng))
        loss = sum((each * each).sum() for each in known)
        loss.backward()
        return *known, x.grad, library.weight.grad

    return run


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_programs(seed, torch):
    agree(program(seed), torch, rtol=1e-3, atol=1e-3)


if __name__ == "__main__":
    import torch

    count, first = map(int, sys.argv[1:])
    for seed in range(first, first + count):
        try:
            agree(program(seed), torch, rtol=1e-3, atol=1e-3)
        except Exception as error:
            print(seed, type(error).__name__, str(error)[:400])
