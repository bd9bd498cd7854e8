"""Convolutions whose channels are parted into groups, down to depthwise ones."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

# x, OC, groups, kernel, stride, padding, dilation
SHAPES = [((2, 4, 5, 5), 6, 2, (3, 3), (1, 1), (1, 1), (1, 1)), ((2, 3, 6, 4), 3, 3, (3, 2), (2, 1), (1, 0), (1, 1)),
          ((1, 3, 5, 6), 6, 3, (2, 3), (1, 2), (0, 1), (2, 1)), ((3, 6, 4, 4), 2, 2, (1, 1), (1, 1), (0, 0), (1, 1))]
if not config.DISABLE_JIT:
    SHAPES += [((2, 10, 7, 9), 10, 10, (3, 2), (1, 2), (2, 1), (2, 1)), ((3, 13, 33, 40), 13, 13, (5, 3), (1, 1), (2, 1), (1, 1)),
               ((L + 1, 18, 5, 4), 18, 18, (3, 3), (1, 1), (1, 1), (1, 1)),
               ((2, 32, 3, 3), 48, 2, (3, 3), (1, 1), (1, 1), (1, 1)), ((2, 21, 3, 4), 14, 7, (2, 2), (1, 1), (1, 0), (1, 1))]


def twin(x, weight, bias, dout, settings, groups):
    """(out, dx, dweight, dbias): the twin of the convolution on each group."""
    parts = []
    for part, w, b, d in zip(np.split(x, groups, 1), np.split(weight, groups), np.split(bias, groups), np.split(dout, groups, 1)):
        parts.append((reference.conv2d_forward(part, w, b, *settings),
                      reference.conv2d_backward_input(d, w, *settings, part.shape),
                      reference.conv2d_backward_weight(d, part, *settings, w.shape), reference.conv2d_backward_bias(d)))
    return [np.concatenate(part, axis) for part, axis in zip(zip(*parts), (1, 1, 0, 0))]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_equals_the_twin_and_pytorch(kind, shape, rng, torch):
    x_shape, OC, groups, kernel, *settings = shape
    x, weight = kind.normal(rng, *x_shape), kind.normal(rng, OC, x_shape[1] // groups, *kernel)
    bias = kind.normal(rng, OC)
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    out = torch.nn.functional.conv2d(*leaves, *settings, groups)
    dout = kind.normal(rng, *out.shape)
    out.backward(torch.tensor(dout))
    theirs = [out.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]
    batch = kind.enter(x)
    mine = [kind.ops.conv2d_forward(batch, weight, bias, *settings, groups), *kind.ops.conv2d_backward(
        kind.enter(dout), batch, weight, *settings, (True,) * 3, groups)]
    terms = (weight[0].size, weight[:, 0].size // groups, dout[:, 0].size, dout[:, 0].size)
    for actual, expected, other, count in zip(mine, twin(x, weight, bias, dout, settings, groups), theirs, terms):
        actual = kind.leave(actual)
        assert actual.dtype == kind.dtype
        assert_close(actual, expected, count)
        assert_close(actual, other, count, roundings=2)


def test_layers_equal_pytorch(rng, torch):
    x = rng.standard_normal((3, 4, 6, 7)).astype(np.float32)
    for options in (dict(groups=4), dict(groups=2, padding="same", bias=False)):
        mine, theirs = nn.Conv2d(4, 8, 3, **options), torch.nn.Conv2d(4, 8, 3, **options)
        assert repr(mine) == repr(theirs)
        mine.load_state_dict({name: nc.tensor(value.numpy()) for name, value in theirs.state_dict().items()})
        assert_close(mine(nc.tensor(x)).detach().numpy(), theirs(torch.tensor(x)).detach().numpy(), terms=18, roundings=2)


def test_a_depthwise_separable_block_is_traced(rng):
    """Traced as one operation it does what its layers do one by one, also with a gradient that is not wanted."""
    x = nc.tensor(rng.standard_normal((3, 4, 6, 6)).astype(np.float32))
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.ReLU(), nn.Conv2d(4, 5, 1))
    gradients = []
    for forward in (model, model.layer_by_layer):
        model.zero_grad()
        (forward(x) * 3).sum().backward()
        gradients.append([param.grad.numpy() for param in model.parameters()])
    for one, other in zip(*gradients):
        np.testing.assert_array_equal(one, other)


def test_refusals():
    x = nc.ones(1, 4, 5, 5)
    with pytest.raises(ValueError, match="2 input channels in each of 4 groups but input has 4"):
        F.conv2d(x, nc.ones(4, 2, 3, 3), groups=4)
    with pytest.raises(ValueError, match="3 filters cannot be parted into 4 groups"):
        F.conv2d(x, nc.ones(3, 1, 3, 3), groups=4)
    with pytest.raises(ValueError, match="groups must be at least 1"):
        nn.Conv2d(4, 4, 3, groups=0)
