"""The textbook loops on plain floats, one thread: compiled, or in a process without the JIT the pure Python loop.

It is `numbacnn.engine.floats` either way, so both rungs are the very functions of `numbacnn.kernels`.
"""
from functools import partial

import numpy as np

from numbacnn.engine import floats
from numbacnn.engine.ops.update import sgd_update
from numbacnn.engine.queue import finish
from numbacnn.ladder.ops import LEARNING_RATE, MOMENTUM, whole
from numbacnn.ladder.step import HandStep

ONE, NONE, TWO = (1, 1), (0, 0), (2, 2)


def works(op, arrays, threads):
    """The one way to do an operation here."""
    if op.method == "training_step":
        return [HandStep(Floats, arrays).work()]
    images = len(arrays[op.images[0]])
    return [whole(_OPERATIONS[op.method](op, **arrays), _plain, images)]


def _plain(result):
    return result if isinstance(result, tuple) else (result,)


def _conv2d_backward_input(op, dout, weight):
    x = np.empty((len(dout), *op.made(1)[0][1:]), np.float32)  # only its shape is looked at
    return lambda: floats.conv2d_backward(dout, x, weight, ONE, (op.padding,) * 2, ONE, (True, False, False))[0]


def _conv2d_backward_weight(op, dout, x):
    weight = np.empty(op.made(1)[0], np.float32)
    return lambda: floats.conv2d_backward(dout, x, weight, ONE, (op.padding,) * 2, ONE, (False, True, False))[1]


_OPERATIONS = {
    "conv2d_forward": lambda op, x, weight, bias:
        lambda: floats.conv2d_forward(x, weight, bias, ONE, (op.padding,) * 2, ONE),
    "conv2d_backward_input": _conv2d_backward_input,
    "conv2d_backward_weight": _conv2d_backward_weight,
    "linear_forward": lambda op, x, weight, bias: lambda: floats.linear_forward(x, weight, bias),
    "max_pool2d_forward": lambda op, x: lambda: floats.max_pool2d_forward(x, TWO, TWO, NONE, ONE),
}


class Floats:
    """The operations of a training step by hand: the loops on arrays (N, C, H, W)."""

    relu, relu_backward = partial(floats.activation_forward, "relu"), partial(floats.activation_backward, "relu")
    dense = staticmethod(floats.linear_forward)

    @staticmethod
    def enter(images):
        """Images as these functions take them."""
        return images

    @staticmethod
    def conv(x, weight, bias, padding):
        """(out, what the way back needs)."""
        return floats.conv2d_forward(x, weight, bias, ONE, (padding,) * 2, ONE), x

    @staticmethod
    def conv_backward(dout, x, weight, padding, want_dx):
        """(dx or None, dweight, dbias)."""
        return floats.conv2d_backward(dout, x, weight, ONE, (padding,) * 2, ONE, (want_dx, True, True))

    @staticmethod
    def pool(x):
        """(out, tap) of windows of 2x2."""
        return floats.max_pool2d_forward(x, TWO, TWO, NONE, ONE)

    @staticmethod
    def pool_backward(dout, tap):
        """dx."""
        N, C, OH, OW = dout.shape
        return floats.max_pool2d_backward(dout, tap, (N, C, 2 * OH, 2 * OW), TWO, TWO, NONE, ONE)

    @staticmethod
    def flatten(x):
        """(N, C, H, W) as (N, C*H*W)."""
        return x.reshape(len(x), -1)

    @staticmethod
    def dense_backward(dout, x, weight):
        """(dx, dweight, dbias)."""
        return floats.linear_backward(dout, x, weight, (True, True, True))

    @staticmethod
    def loss(scores, target):
        """The gradient of the mean cross-entropy with respect to the scores."""
        return floats.cross_entropy_backward(scores, target, np.full(len(target), 1 / len(target), np.float32))

    @staticmethod
    def update(params, grads, velocities):
        """SGD with momentum, in place."""
        sgd_update(params, grads, velocities, lr=LEARNING_RATE, momentum=MOMENTUM, fresh=1, weight_decay=0,
                   nesterov=False, sign=1)
        finish()  # an update is only begun when its function returns
