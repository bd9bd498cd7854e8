"""What Tensors are made of and how things print: as in PyTorch, with numbacnn's name for PyTorch's."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn

ROWS = [[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]


def gradient(lib, function, data):
    x = lib.tensor(data, requires_grad=True)
    function(x).sum().backward()
    return x.grad


@pytest.mark.parametrize("show", [
    lambda lib, nn: lib.Tensor(2, 3).shape, lambda lib, nn: lib.Tensor(3).requires_grad, lambda lib, nn: lib.Tensor().shape,
    lambda lib, nn: lib.Tensor([2, 3]), lambda lib, nn: lib.Tensor((2, 3)), lambda lib, nn: lib.Tensor(lib.zeros(2, 3).shape).shape,
    lambda lib, nn: lib.Tensor(np.ones((2, 2), np.int64)), lambda lib, nn: lib.Tensor(np.ones(2)),
    lambda lib, nn: lib.Tensor(lib.ones(2)), lambda lib, nn: lib.tensor(ROWS).var(0, False), lambda lib, nn: lib.tensor(ROWS).std(False),
    lambda lib, nn: lib.tensor(ROWS).var(1, True, True), lambda lib, nn: lib.var(lib.tensor(ROWS), 0, False),
    lambda lib, nn: lib.tensor(ROWS).std(1, keepdim=True), lambda lib, nn: lib.tensor(ROWS).std(0, correction=0),
    lambda lib, nn: gradient(lib, lambda x: x.std(1), ROWS),
    lambda lib, nn: gradient(lib, lambda x: x.std(False), [4.0]), lambda lib, nn: gradient(lib, lambda x: x.sqrt(), [0.0, 4.0]),
    lambda lib, nn: f"{lib.tensor(10.546875)} {lib.tensor(3):05d} {lib.tensor(2.5):.3f} {lib.tensor(True)} {lib.tensor([2.5])}",
    lambda lib, nn: f"{lib.tensor(2.5, requires_grad=True) * 2}", lambda lib, nn: lib.max(lib.tensor(ROWS), 1),
    lambda lib, nn: repr(lib.tensor(ROWS).min(0)), lambda lib, nn: (lib.zeros(2, 3).shape, lib.zeros(()).size()),
    lambda lib, nn: nn.Linear(2, 2).load_state_dict(nn.Linear(2, 2).state_dict()),
    lambda lib, nn: nn.Linear(2, 2).load_state_dict({}, strict=False), lambda lib, nn: nn.Parameter(lib.tensor([1.0, 2.0])),
    lambda lib, nn: lib.tensor(2.0, requires_grad=True) * 2])
def test_forms(show, torch):
    assert str(show(nc, nn)).replace("numbacnn", "torch") == str(show(torch, torch.nn))


def test_a_format_is_for_single_numbers():
    with pytest.raises(TypeError, match=r"'\.3f' for a Tensor of shape \(1,\)"):
        f"{nc.tensor([2.5]):.3f}"


@pytest.mark.parametrize("attempt, words", [
    (lambda: nc.Tensor(2.5), "must be a sequence, got float"), (lambda: nc.Tensor(nc.tensor([1])), r"take x\.float\(\)"),
    (lambda: nc.Tensor([1], [2]), "expected the extents of a shape")])
def test_mistakes_are_named(attempt, words):
    with pytest.raises(TypeError, match=words):
        attempt()
