"""A batch without images: every convolution gives zeros for gradients, and NaN for a mean of nothing, as PyTorch does."""
import numpy as np
import pytest

import numbacnn

LAYERS = {"conv": ("Conv2d", 2), "conv-relu-pool": ("Conv2d", 2), "conv1d": ("Conv1d", 1), "conv3d": ("Conv3d", 3),
          "transposed": ("ConvTranspose2d", 2)}


def gradients(library, name, dtype):
    kind, dimensions = LAYERS[name]
    layer = getattr(library.nn, kind)(2, 3, 3, dtype=getattr(library, dtype))
    x = library.zeros(0, 2, *[8] * dimensions, dtype=getattr(library, dtype), requires_grad=True)
    out = layer(x)
    if name == "conv-relu-pool":
        out = library.nn.functional.max_pool2d(library.nn.functional.relu(out), 2)
    loss = out.mean()
    loss.backward()
    return [tuple(out.shape), loss.item(), x.grad, layer.weight.grad, layer.bias.grad]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_nothing_are_zero(torch, name, dtype):
    for ours, theirs in zip(gradients(numbacnn, name, dtype), gradients(torch, name, dtype)):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
