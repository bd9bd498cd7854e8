"""The operations on floats: the textbook loops on plain arrays, any float type, one thread.

The same names on batches in lanes and tiles are in `numbacnn.engine.tiles`.
"""
import numpy as np

from ...kernels import activation, addition, linear, loss, pooling, softmax
from ...kernels.conv import output_extent
from .adaptive_pooling import (adaptive_avg_pool2d_backward, adaptive_avg_pool2d_forward,
                               adaptive_max_pool2d_backward, adaptive_max_pool2d_forward)
from .batch_norm import (batch_norm_backward, batch_norm_forward, batch_norm_running_update,
                         batch_norm_statistics)
from .conv import conv2d_backward, conv2d_forward
from .dropout import dropout2d_forward, dropout_forward
from .embedding import embedding_backward, embedding_forward
from .group_norm import group_norm_backward, group_norm_forward
from .grouped_conv import grouped_conv2d_backward, grouped_conv2d_forward
from .loop import call as _call
from .loop import only
from .three_dimensions import (avg_pool3d_backward, avg_pool3d_forward, conv3d_backward, conv3d_forward,
                               max_pool3d_backward, max_pool3d_forward)
from .upsampling import conv_transpose2d, shift_backward, shift_forward, upsample2d_backward, upsample2d_forward

__all__ = [
    "adaptive_avg_pool2d_backward", "adaptive_avg_pool2d_forward", "adaptive_max_pool2d_backward",
    "adaptive_max_pool2d_forward", "add_forward", "avg_pool2d_backward", "avg_pool2d_forward", "avg_pool3d_backward",
    "avg_pool3d_forward", "batch_norm_backward", "batch_norm_forward", "batch_norm_running_update",
    "batch_norm_statistics", "class_numbers", "conv2d_backward", "conv2d_forward", "conv3d_backward",
    "conv3d_forward", "conv_transpose2d", "cross_entropy_backward", "cross_entropy_forward", "dropout2d_forward",
    "dropout_forward", "embedding_backward", "embedding_forward", "group_norm_backward", "group_norm_forward", "grouped_conv2d_backward", "grouped_conv2d_forward",
    "linear_backward", "linear_forward", "losses_of", "max_pool2d_backward", "max_pool2d_forward",
    "max_pool3d_backward", "max_pool3d_forward", "relu_backward", "relu_forward", "settled", "shift_backward",
    "shift_forward", "tanh_backward", "tanh_forward", "upsample2d_backward", "upsample2d_forward", "weighted_sum",
]


def linear_forward(x, weight, bias):
    """(N, IC) through weight (OC, IC) as (N, OC)."""
    out = np.empty((x.shape[0], weight.shape[0]), x.dtype)
    bias = np.zeros(weight.shape[0], x.dtype) if bias is None else bias
    _call(linear.linear_forward, x, weight, bias, out)
    return out


def linear_backward(dout, x, weight, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    dx, dweight = np.empty(x.shape, x.dtype), np.empty(weight.shape, x.dtype)
    dbias = np.empty(weight.shape[0], x.dtype)
    if wanted[0]:
        _call(linear.linear_backward_input, dout, np.ascontiguousarray(weight.T), dx)
    if wanted[1]:
        _call(linear.linear_backward_weight, dout, x, dweight)
    if wanted[2]:
        _call(linear.linear_backward_bias, dout, dbias)
    return only(wanted, dx, dweight, dbias)


def _pooled(x, kernel, stride, padding, dilation=(1, 1), ceil_mode=False):
    OH, OW = (output_extent(*extents, ceil_mode) for extents in zip(
        x.shape[2:], kernel, stride, padding, dilation))
    return np.empty((*x.shape[:2], OH, OW), x.dtype)


def max_pool2d_forward(x, kernel, stride, padding, dilation, ceil_mode=False):
    """(out, tap): the largest pixels of the windows and which tap of its window each was."""
    out = _pooled(x, kernel, stride, padding, dilation, ceil_mode)
    tap = np.empty_like(out)
    _call(pooling.max_pool2d_forward, x, kernel, stride, padding, dilation, out, tap)
    return out, tap


def max_pool2d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    _call(pooling.max_pool2d_backward, dout, tap, kernel, stride, padding, dilation, dx)
    return dx


def avg_pool2d_forward(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    """The averages of the windows."""
    out = _pooled(x, kernel, stride, padding, ceil_mode=ceil_mode)
    _call(pooling.avg_pool2d_forward, x, kernel, stride, padding, count_include_pad, divisor, out)
    return out


def avg_pool2d_backward(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    _call(pooling.avg_pool2d_backward, dout, kernel, stride, padding, count_include_pad, divisor, dx)
    return dx


def _elementwise(kernel, *arrays, settings=()):
    flat = [np.ascontiguousarray(array).reshape(-1) for array in arrays]
    out = np.empty_like(flat[0])
    _call(kernel, *flat, *map(out.dtype.type, settings), out)
    return out.reshape(arrays[0].shape)


def add_forward(x, y):
    """x + y."""
    return _elementwise(addition.add_forward, x, y)


def settled(x):
    """The array itself: here nothing waits to be computed."""
    return x


def relu_forward(x):
    """max(x, 0)."""
    return _elementwise(activation.relu_forward, x)


def relu_backward(dout, out):
    """dx from the output of the forward pass."""
    return _elementwise(activation.relu_backward, dout, out)


def tanh_forward(x):
    """tanh(x)."""
    return _elementwise(activation.tanh_forward, x)


def tanh_backward(dout, out):
    """dx from the output of the forward pass."""
    return _elementwise(activation.tanh_backward, dout, out)


def activation_forward(name, x, *settings):
    """The non-linearity of that name in `kernels.activation`."""
    return _elementwise(getattr(activation, f"{name}_forward"), x, settings=settings)


def activation_backward(name, dout, saved, *settings):
    """dx from what the loop of that name needs: the input or the output of the forward pass."""
    return _elementwise(getattr(activation, f"{name}_backward"), dout, saved, settings=settings)


def softmax_forward(x):
    """exp(x) / sum(exp(x)) of each row of (N, C)."""
    return _rows(softmax.softmax_forward, x)


def softmax_backward(dout, out):
    """dx from the output of the forward pass."""
    return _rows(softmax.softmax_backward, dout, out)


def log_softmax_forward(x):
    """x - log(sum(exp(x))) of each row of (N, C)."""
    return _rows(softmax.log_softmax_forward, x)


def log_softmax_backward(dout, out):
    """dx from the output of the forward pass."""
    return _rows(softmax.log_softmax_backward, dout, out)


def _rows(kernel, *arrays):
    out = np.empty_like(arrays[0])
    if out.size:
        _call(kernel, *arrays, out)
    return out


def class_numbers(target):
    """Classes int64 (N,) as the operations below take them."""
    return target


def cross_entropy_forward(x, target, smoothing=0):
    """The losses of scores (N, C), for `losses_of` or `weighted_sum`."""
    losses = np.empty(x.shape[0], x.dtype)
    _call(loss.cross_entropy_forward, x, target, x.dtype.type(smoothing), losses)
    return losses


def losses_of(losses, N):
    """Each of the N losses."""
    return losses


def weighted_sum(losses, N, share):
    """share * sum of N losses; NaN for a mean of none."""
    if N == 0:
        return losses.dtype.type(0 * share)
    out = np.empty(1, losses.dtype)
    _call(loss.weighted_sum, losses, np.full(N, share, losses.dtype), out)
    return out[0]


def cross_entropy_backward(x, target, share, smoothing=0):
    """The gradient of sum(share * loss) with respect to the scores; share is a number or (N,)."""
    dx, share = np.empty_like(x), np.ascontiguousarray(np.broadcast_to(share, len(x)), x.dtype)
    _call(loss.cross_entropy_backward, x, target, share, x.dtype.type(smoothing), dx)
    return dx
