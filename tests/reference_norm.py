"""The twin of the group normalization, and of the gated non-linearities, in plain NumPy and float64."""
import numpy as np

from reference import double


def in_groups(x, G):
    """(N, C, ...) as (N, G, all numbers of a group)."""
    return double(x).reshape(len(x), G, -1)


def by_channel(values, x):
    """Numbers (C,) so that they broadcast to x."""
    return double(values).reshape(1, -1, *(1,) * (x.ndim - 2))


def units(x, G, eps):
    """x with mean 0 and variance 1 in each group."""
    groups = in_groups(x, G)
    mean, var = groups.mean(axis=2, keepdims=True), groups.var(axis=2, keepdims=True)
    return ((groups - mean) / np.sqrt(var + eps)).reshape(x.shape)


def group_norm_forward(x, weight, bias, G, eps):
    """(out, mean, var)."""
    groups = in_groups(x, G)
    return units(x, G, eps) * by_channel(weight, x) + by_channel(bias, x), groups.mean(axis=2), groups.var(axis=2)


def group_norm_backward_weight(dout, x, G, eps):
    """(dweight, dbias)."""
    axes = (0, *range(2, x.ndim))
    return (double(dout) * units(x, G, eps)).sum(axis=axes), double(dout).sum(axis=axes)


def group_norm_backward_input(dout, x, weight, G, eps):
    """The gradient on its way back through the variance and the mean, step by step."""
    groups, M = in_groups(x, G), x[0].size // G
    away = groups - groups.mean(axis=2, keepdims=True)
    var = groups.var(axis=2, keepdims=True)
    dunit = in_groups(double(dout) * by_channel(weight, x), G)
    dvar = -(dunit * away).sum(axis=2, keepdims=True) / 2 * (var + eps) ** -1.5
    dmean = -dunit.sum(axis=2, keepdims=True) / np.sqrt(var + eps)
    return (dunit / np.sqrt(var + eps) + dvar * 2 * away / M + dmean / M).reshape(x.shape)


def silu_forward(x):
    return double(x) / (1 + np.exp(-double(x)))


def silu_backward(dout, x):
    gate = 1 / (1 + np.exp(-double(x)))
    return dout * (gate + x * gate * (1 - gate))


def relu6_forward(x):
    return np.clip(double(x), 0, 6)


def relu6_backward(dout, x):
    return dout * ((x > 0) & (x < 6))


def hardswish_forward(x):
    return double(x) * np.clip(double(x) + 3, 0, 6) / 6


def hardswish_backward(dout, x):
    inside = (x > -3) & (x < 3)
    return dout * np.where(inside, double(x) / 3 + 0.5, x >= 3)
