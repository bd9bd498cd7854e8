"""An operand, or a result, that was changed in place before backward needs it is refused where PyTorch refuses it."""
from itertools import product

import numpy as np
import pytest

import numbacnn as nc
from numbacnn.nn import functional as F

RNG = np.random.default_rng(3)


def uniform(*shape):
    return RNG.uniform(0.1, 0.9, shape).astype(np.float32)


SQUARES = uniform(3, 4), uniform(3, 4)
IMAGES, FILTERS, BIAS = uniform(2, 3, 6, 6), uniform(2, 3, 3, 3), uniform(2)
#: name -> function(library, functional, *operands), operands
OPERATIONS = {
    "add": (lambda lib, F, x, y: x + y, SQUARES), "mul": (lambda lib, F, x, y: x * y, SQUARES),
    "div": (lambda lib, F, x, y: x / y, SQUARES), "square": (lambda lib, F, x: x**2, SQUARES[:1]),
    "matmul": (lambda lib, F, x, y: x @ y, (uniform(3, 4), uniform(4, 2))),
    "linear": (lambda lib, F, x, w, b: F.linear(x, w, b), (uniform(3, 4), uniform(2, 4), BIAS)),
    "conv1d": (lambda lib, F, x, w, b: F.conv1d(x, w, b), (uniform(2, 3, 6), uniform(2, 3, 3), BIAS)),
    "conv2d": (lambda lib, F, x, w, b: F.conv2d(x, w, b), (IMAGES, FILTERS, BIAS)),
    "grouped": (lambda lib, F, x, w: F.conv2d(x, w, padding=1, groups=3), (IMAGES, uniform(3, 1, 3, 3))),
    "conv3d": (lambda lib, F, x, w: F.conv3d(x, w), (uniform(1, 2, 4, 4, 4), uniform(2, 2, 3, 3, 3))),
    "conv_transpose2d": (lambda lib, F, x, w: F.conv_transpose2d(x, w), (uniform(2, 3, 4, 4), uniform(3, 2, 3, 3))),
    "max_pool2d": (lambda lib, F, x: F.max_pool2d(x, 2), (IMAGES,)), "max_pool1d": (lambda lib, F, x: F.max_pool1d(x, 2), (IMAGES[0],)),
    "relu": (lambda lib, F, x: F.relu(x), SQUARES[:1]), "tanh": (lambda lib, F, x: x.tanh(), SQUARES[:1]),
    "sigmoid": (lambda lib, F, x: x.sigmoid(), SQUARES[:1]), "leaky_relu": (lambda lib, F, x: F.leaky_relu(x), SQUARES[:1]),
    "elu": (lambda lib, F, x: F.elu(x), SQUARES[:1]), "gelu": (lambda lib, F, x: F.gelu(x), SQUARES[:1]),
    "softmax": (lambda lib, F, x: F.softmax(x, 1), SQUARES[:1]), "log_softmax": (lambda lib, F, x: F.log_softmax(x, 1), SQUARES[:1]),
    "batch_norm": (lambda lib, F, x, w, b: F.batch_norm(x, None, None, w, b, True), (uniform(4, 3), uniform(3), uniform(3))),
    "cross_entropy": (lambda lib, F, x: F.cross_entropy(x, lib.tensor([0, 1, 2])), SQUARES[:1]),
    "l1_loss": (lambda lib, F, x, y: F.l1_loss(x, y), SQUARES), "bce": (lambda lib, F, x, y: F.binary_cross_entropy(x, y), SQUARES),
    "embedding": (lambda lib, F, w: F.embedding(lib.tensor([0, 1, 1]), w), SQUARES[:1]),
    "exp": (lambda lib, F, x: x.exp(), SQUARES[:1]), "log": (lambda lib, F, x: x.log(), SQUARES[:1]),
    "sqrt": (lambda lib, F, x: x.sqrt(), SQUARES[:1]), "abs": (lambda lib, F, x: x.abs(), SQUARES[:1]),
    "clamp": (lambda lib, F, x: x.clamp(0.2, 0.5), SQUARES[:1]), "sum": (lambda lib, F, x: x.sum(1), SQUARES[:1]),
    "max": (lambda lib, F, x: x.max(), SQUARES[:1]), "cat": (lambda lib, F, x, y: lib.cat([x, y]), SQUARES),
    "index": (lambda lib, F, x: x[[0, 1]], SQUARES[:1]), "pad": (lambda lib, F, x: F.pad(x, (1, 1)), SQUARES[:1]),
}


def attempt(lib, functional, operation, arrays, wanted, changed):
    """The gradients, or None if they are refused; `changed` is the number of an operand, or "out"."""
    leaves = [lib.tensor(array.copy(), requires_grad=want) for array, want in zip(arrays, wanted)]
    operands = [leaf * 1 if want else leaf for leaf, want in zip(leaves, wanted)]
    out = operation(lib, functional, *operands)
    with lib.no_grad():
        (out if changed == "out" else operands[changed]).mul_(1)
    try:
        out.sum().backward()
    except RuntimeError as error:
        assert "modified by an inplace operation" in str(error)
        return None
    return [leaf.grad.numpy() for leaf, want in zip(leaves, wanted) if want]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_was_changed_is_refused(name, torch):
    operation, arrays = OPERATIONS[name]
    for wanted in product((True, False), repeat=len(arrays)):
        for changed in [*range(len(arrays)), "out"] if any(wanted) else []:
            case = operation, arrays, wanted, changed
            ours, theirs = attempt(nc, F, *case), attempt(torch, torch.nn.functional, *case)
            assert (ours is None) == (theirs is None), (wanted, changed)
            for one, other in zip(ours or [], theirs or []):
                np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("layer", ["conv1d", "conv2d", "conv3d", "conv_transpose2d", "linear"])
def test_a_frozen_input_and_a_changed_weight(layer):
    """One rule for all: convolutions keep their weight in any case, a dense layer only where the input's gradient needs it."""
    operation, arrays = OPERATIONS[layer]
    gradients = attempt(nc, F, operation, arrays, (False, True, True)[:len(arrays)], 1)
    assert (gradients is None) == (layer != "linear")
