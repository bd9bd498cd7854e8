"""The plain NumPy twin of the kernels: the same names, another way to the same numbers.

It imports nothing of numbacnn and shares no loop with it: windows are views, sums are einsums, and gradients scatter
where the kernels gather.  It works in float64, whatever it is given.
"""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def double(array):
    return np.asarray(array, np.float64)


def framed(x, padding):
    """The images with `padding` rows and columns of zeros around them."""
    return np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))


def windows(x, kernel, stride, dilation=(1, 1)):
    """Every window of every channel: (N, C, OH, OW, KH, KW)."""
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    view = sliding_window_view(x, reach, axis=(2, 3))
    return view[:, :, ::stride[0], ::stride[1], ::dilation[0], ::dilation[1]]


def scatter(parts, x_shape, stride, padding, dilation=(1, 1)):
    """Add parts (N, C, OH, OW, KH, KW), one for each tap of each window, to the pixels they belong to."""
    OH, OW, KH, KW = parts.shape[2:]
    canvas = framed(np.zeros(x_shape), padding)
    for kh in range(KH):
        for kw in range(KW):
            top, left = kh * dilation[0], kw * dilation[1]
            canvas[:, :, top:top + (OH - 1) * stride[0] + 1:stride[0],
                   left:left + (OW - 1) * stride[1] + 1:stride[1]] += parts[..., kh, kw]
    rows, columns = (slice(p, p + extent) for p, extent in zip(padding, x_shape[2:]))
    return canvas[:, :, rows, columns]


# ---------------------------------------------------------------- convolution
def conv2d_forward(x, weight, bias, stride, padding, dilation):
    x, weight = double(x), double(weight)
    taps = windows(framed(x, padding), weight.shape[2:], stride, dilation)
    out = np.einsum("ncijkl,ockl->noij", taps, weight, optimize=True)
    return out if bias is None else out + double(bias)[:, None, None]


def conv2d_backward_input(dout, weight, stride, padding, dilation, x_shape):
    parts = np.einsum("noij,ockl->ncijkl", double(dout), double(weight), optimize=True)
    return scatter(parts, x_shape, stride, padding, dilation)


def conv2d_backward_weight(dout, x, stride, padding, dilation, weight_shape):
    taps = windows(framed(double(x), padding), weight_shape[2:], stride, dilation)
    return np.einsum("noij,ncijkl->ockl", double(dout), taps, optimize=True)


def conv2d_backward_bias(dout):
    return double(dout).sum(axis=(0, 2, 3))


# ---------------------------------------------------------------- pooling
def max_pool2d_forward(x, kernel, stride, padding, dilation):
    """(out, tap), taps counted from 1.  The first pixel in reading order wins a tie; a NaN wins over all, the last NaN over
    the first; of a window without a pixel it is tap 0."""
    x = double(x)
    inside = windows(framed(np.ones(x.shape, bool), padding), kernel, stride, dilation)
    inside = inside.reshape(*inside.shape[:4], -1)
    taps = windows(framed(x, padding), kernel, stride, dilation).reshape(inside.shape)
    taps = np.where(inside, taps, -np.inf)
    largest = taps.max(axis=-1)  # NaN if there is one
    first = (inside & (taps == largest[..., None])).argmax(axis=-1)
    nan = np.isnan(taps)
    last_nan = taps.shape[-1] - 1 - nan[..., ::-1].argmax(axis=-1)
    return largest, np.where(inside.any(axis=-1), 1 + np.where(nan.any(axis=-1), last_nan, first), 0)


def max_pool2d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    won = np.asarray(tap)[..., None] == 1 + np.arange(kernel[0] * kernel[1])
    parts = np.where(won, double(dout)[..., None], 0).reshape(*dout.shape, *kernel)
    return scatter(parts, x_shape, stride, padding, dilation)


def pixels(x_shape, kernel, stride, padding, count_include_pad):
    """What each window's average divides by: (1, 1, OH, OW)."""
    inside = framed(np.ones((1, 1, *x_shape[2:])), padding)
    counts = windows(inside, kernel, stride).sum(axis=(4, 5))
    return np.full(counts.shape, kernel[0] * kernel[1]) if count_include_pad else counts


def avg_pool2d_forward(x, kernel, stride, padding, count_include_pad):
    sums = windows(framed(double(x), padding), kernel, stride).sum(axis=(4, 5))
    return sums / pixels(x.shape, kernel, stride, padding, count_include_pad)


def avg_pool2d_backward(dout, x_shape, kernel, stride, padding, count_include_pad):
    part = double(dout) / pixels(x_shape, kernel, stride, padding, count_include_pad)
    parts = np.broadcast_to(part[..., None, None], (*dout.shape, *kernel))
    return scatter(parts, x_shape, stride, padding)


# ---------------------------------------------------------------- dense layers
def linear_forward(x, weight, bias):
    out = double(x) @ double(weight).T
    return out if bias is None else out + double(bias)


def linear_backward_input(dout, weight):
    return double(dout) @ double(weight)


def linear_backward_weight(dout, x):
    return double(dout).T @ double(x)


def linear_backward_bias(dout):
    return double(dout).sum(axis=0)


# ---------------------------------------------------------------- elementwise
def relu_forward(x):
    return np.maximum(double(x), 0)


def relu_backward(dout, out):
    """0 where nothing came out; a NaN lets the gradient pass, as in PyTorch."""
    return double(dout) * ~(double(out) <= 0)


def add_forward(x, y):
    return double(x) + double(y)


def tanh_forward(x):
    return np.tanh(double(x))


def tanh_backward(dout, out):
    return double(dout) * (1 - double(out) ** 2)


def sigmoid_forward(x):
    return 0.5 + 0.5 * np.tanh(0.5 * double(x))


def sigmoid_backward(dout, out):
    return double(dout) * (0.25 - (double(out) - 0.5) ** 2)


def leaky_relu_forward(x, slope):
    return np.maximum(double(x), 0) + slope * np.minimum(double(x), 0)


def leaky_relu_backward(dout, x, slope):
    return double(dout) * np.where(double(x) > 0, 1, slope)


def elu_forward(x, alpha):
    return np.maximum(double(x), 0) + alpha * np.expm1(np.minimum(double(x), 0))


def elu_backward(dout, x, alpha):
    return double(dout) * np.where(double(x) > 0, 1, alpha * np.exp(np.minimum(double(x), 0)))


def normal_share(x):
    """The share of a standard normal distribution below x, by its series (Abramowitz & Stegun 1964, 26.2.11)."""
    x = double(x)
    term, series = x, x
    for k in range(3, 200, 2):
        term = term * x * x / k
        series = series + term
    return 0.5 + series * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def gelu_forward(x):
    return double(x) * normal_share(x)


def gelu_backward(dout, x):
    x = double(x)
    return double(dout) * (normal_share(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))


def gelu_tanh_forward(x):
    x = double(x)
    return x * sigmoid_forward(2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3))


def gelu_tanh_backward(dout, x):
    x = double(x)
    part = sigmoid_forward(2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3))
    return double(dout) * (part + x * part * (1 - part) * 2 * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x ** 2))


def logsigmoid_forward(x):
    return -np.logaddexp(0, -double(x))


def logsigmoid_backward(dout, x):
    return double(dout) * sigmoid_forward(-double(x))


def softmax_forward(x):
    return np.exp(log_softmax_forward(x))


def softmax_backward(dout, out):
    jacobian = np.einsum("nc,cd->ncd", double(out), np.eye(out.shape[1])) - np.einsum("nc,nd->ncd", out, out, dtype=float)
    return np.einsum("nd,ncd->nc", double(dout), jacobian)


def log_softmax_forward(x):
    x = double(x)
    return x - np.logaddexp.reduce(x, axis=1, keepdims=True)


def log_softmax_backward(dout, out):
    jacobian = np.eye(out.shape[1]) - np.exp(double(out))[:, :, None]
    return np.einsum("nd,ncd->nc", double(dout), jacobian)


# ---------------------------------------------------------------- loss
def smoothed(target, C, smoothing):
    return (1 - smoothing) * np.eye(C)[np.asarray(target)] + smoothing / C


def cross_entropy_forward(x, target, smoothing=0):
    x = double(x)
    return np.logaddexp.reduce(x, axis=1) - (smoothed(target, x.shape[1], smoothing) * x).sum(1)


def cross_entropy_backward(x, target, weight, smoothing=0):
    x = double(x)
    softmax = np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))
    return (softmax - smoothed(target, x.shape[1], smoothing)) * double(weight)[:, None]


# ---------------------------------------------------------------- differences
def central_differences(function, array, step):
    """d function / d array, entry by entry, for a function of one float64 array that returns a number."""
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        moved = [array.copy(), array.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        gradient[place] = (function(moved[0]) - function(moved[1])) / (2 * step)
    return gradient
