"""NumPy as well as it allows: im2col into memory that is kept, one matrix product of the BLAS.

Images lie along the last axis, (C, H, W, N), so that every copy runs along memory and a product is (OC, K) x
(K, pixels * N); every function writes into memory of its own shape, which is made once.  Strides and dilations of 1
and windows of 2x2, as LeNet has them.
"""
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from numbacnn.ladder.ops import LEARNING_RATE, MOMENTUM, whole
from numbacnn.ladder.step import HandStep


def works(op, arrays, threads):
    """The one way to do an operation here; how many threads the BLAS has is the environment's to say."""
    variant = f"{threads} thread" + "s" * (threads > 1)
    if op.method == "training_step":
        work = HandStep(Arrays, arrays).work()
        return [type(work)(work.runs, work.results, variant)]
    images = len(arrays[op.images[0]])
    given = {name: Arrays.enter(array) if name in op.images else array for name, array in arrays.items()}
    return [whole(_OPERATIONS[op.method](op, **given), _plain, images, variant)]


def _plain(result):
    """Images first again; a gradient of weights has none."""
    kind, *arrays = result
    return tuple(array if kind == "weight" else np.moveaxis(array, -1, 0) for array in arrays)


_OPERATIONS = {
    "conv2d_forward": lambda op, x, weight, bias:
        lambda: ("images", Arrays.conv(x, weight, bias, op.padding)[0]),
    "conv2d_backward_input": lambda op, dout, weight: lambda: ("images", fold(dout, weight, op.padding)),
    "conv2d_backward_weight": lambda op, dout, x:
        lambda: ("weight", weight_gradient(dout, unfold(x, op.made(1)[0][-1], op.padding), op.made(1)[0])),
    "linear_forward": lambda op, x, weight, bias: lambda: ("images", Arrays.dense(x, weight, bias)),
    "max_pool2d_forward": lambda op, x: lambda: ("images", *Arrays.pool(x)),
}


@lru_cache(maxsize=None)
def room(purpose, shape, dtype=np.float32):
    """Memory that is made once for each purpose and shape; zeros at first."""
    return np.zeros(shape, dtype)


def unfold(x, K, padding):
    """im2col: every pixel that each tap of a KxK window meets, (C*K*K, OH*OW*N)."""
    C, H, W, N = x.shape
    if padding:
        framed = room("framed", (C, H + 2 * padding, W + 2 * padding, N))
        framed[:, padding:-padding, padding:-padding] = x
        x = framed
    taps = sliding_window_view(x, (K, K), axis=(1, 2)).transpose(0, 4, 5, 1, 2, 3)
    columns = room("columns", taps.shape)
    columns[...] = taps
    return columns.reshape(C * K * K, -1)


def fold(dout, weight, padding):
    """col2im: dx from dout; what each tap of each window contributes, added where it came from."""
    OC, IC, K, _ = weight.shape
    _, OH, OW, N = dout.shape
    parts = room("parts", (IC * K * K, OH * OW * N))
    np.matmul(weight.reshape(OC, -1).T, dout.reshape(OC, -1), out=parts)
    parts = parts.reshape(IC, K, K, OH, OW, N)
    dx = room("dx", (IC, OH + K - 1, OW + K - 1, N))
    dx.fill(0)
    for kh in range(K):
        for kw in range(K):
            dx[:, kh:kh + OH, kw:kw + OW] += parts[:, kh, kw]
    return dx[:, padding:dx.shape[1] - padding, padding:dx.shape[2] - padding]


def weight_gradient(dout, columns, shape):
    """dweight: what came out times what the taps met, summed over pixels and images."""
    out = room("dweight", (shape[0], columns.shape[0]))
    return np.matmul(dout.reshape(shape[0], -1), columns.T, out=out).reshape(shape)


class Arrays:
    """The operations of a training step by hand, in NumPy."""

    @staticmethod
    def enter(images):
        """(N, C, H, W) as (C, H, W, N)."""
        return np.ascontiguousarray(np.moveaxis(images, 0, -1))

    @staticmethod
    def conv(x, weight, bias, padding):
        """(out, the columns, which the way back needs)."""
        OC, _, K, _ = weight.shape
        _, H, W, N = x.shape
        columns = unfold(x, K, padding)
        out = room("convolved", (OC, columns.shape[1]))
        np.matmul(weight.reshape(OC, -1), columns, out=out)
        out += bias[:, None]
        return out.reshape(OC, H + 2 * padding - K + 1, W + 2 * padding - K + 1, N), columns

    @staticmethod
    def conv_backward(dout, columns, weight, padding, want_dx):
        """(dx or None, dweight, dbias)."""
        dx = fold(dout, weight, padding) if want_dx else None
        return dx, weight_gradient(dout, columns, weight.shape), dout.sum(axis=(1, 2, 3))

    @staticmethod
    def pool(x):
        """(out, tap): the largest of each 2x2 window, and which one it was, counted from 1."""
        a, b, c, d = x[:, ::2, ::2], x[:, ::2, 1::2], x[:, 1::2, ::2], x[:, 1::2, 1::2]
        above, below, out = (room(name, a.shape) for name in ("above", "below", "pooled"))
        np.maximum(a, b, out=above)
        np.maximum(c, d, out=below)
        np.maximum(above, below, out=out)
        right, right_below, lower, tap = (room(name, a.shape, np.uint8) for name in ("b", "d", "lower", "tap"))
        np.greater(b, a, out=right.view(bool))
        np.greater(d, c, out=right_below.view(bool))
        np.greater(below, above, out=lower.view(bool))
        right_below += 3
        np.add(right, 1, out=tap)
        np.copyto(tap, right_below, where=lower.view(bool))
        return out, tap

    @staticmethod
    def pool_backward(dout, tap):
        """dx."""
        C, OH, OW, N = dout.shape
        dx, won = room("unpooled", (C, 2 * OH, 2 * OW, N)), room("won", dout.shape, bool)
        for place in range(4):
            np.equal(tap, 1 + place, out=won)
            np.multiply(dout, won, out=dx[:, place // 2::2, place % 2::2])
        return dx

    @staticmethod
    def relu(x):
        """max(x, 0), in place."""
        return np.maximum(x, 0, out=x)

    @staticmethod
    def relu_backward(dout, out):
        """dx, in the place of dout."""
        return np.multiply(dout, np.greater(out, 0, out=room("passed", out.shape, bool)), out=dout)

    @staticmethod
    def flatten(x):
        """(C, H, W, N) as (C*H*W, N)."""
        return x.reshape(-1, x.shape[-1])

    @staticmethod
    def dense(x, weight, bias):
        """(IC, N) through weight (OC, IC) as (OC, N)."""
        out = np.matmul(weight, x, out=room("dense", (len(weight), x.shape[1])))
        out += bias[:, None]
        return out

    @staticmethod
    def dense_backward(dout, x, weight):
        """(dx, dweight, dbias)."""
        return (np.matmul(weight.T, dout, out=room("dense dx", x.shape)),
                np.matmul(dout, x.T, out=room("dense dweight", weight.shape)), dout.sum(axis=1))

    @staticmethod
    def loss(scores, target):
        """The gradient of the mean cross-entropy with respect to the scores."""
        power = np.exp(scores - scores.max(axis=0))
        power /= power.sum(axis=0)
        power[target, np.arange(len(target))] -= 1
        power /= len(target)
        return power

    @staticmethod
    def update(params, grads, velocities):
        """SGD with momentum, in place."""
        for param, grad, velocity in zip(params, grads, velocities):
            velocity *= MOMENTUM
            velocity += grad
            param -= np.multiply(velocity, LEARNING_RATE, out=room("step", param.shape))
