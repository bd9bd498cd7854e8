"""What each kind of layer does to the shape of one example, and what it costs: a rule a kind, worked out on paper."""
from dataclasses import dataclass
from functools import singledispatch
from math import prod

from numbacnn import nn
from numbacnn.models.lenet5_1998 import PartialConv2d, ScaledTanh
from numbacnn.models.residual import PaddedShortcut
from numbacnn.models.text_cnn import WordVectors


@dataclass(frozen=True)
class Effect:
    """Effect of a layer on one example.

    Attributes
    ----------
    words : str
        Kind and arguments, such as `Conv2d 6->16 5x5`.
    out_shape : tuple of int
        Shape that comes out, without the batch axis.
    multiply_adds : int
        Multiply-adds, forward; biases, normalization, activations and pooling are not counted.
    window, stride : tuple of int, optional
        Along each axis but the channels: how much one output sees, and how far apart the windows are; None where it sees
        one pixel, step or token.
    before : tuple of int, optional
        Along the same axes: how far the first window begins before the first pixel, in the padding; None
        where the windows begin at uneven distances.
    sees_all : bool
        Whether every output may see every input; also where it is not worked out what it sees.
    """

    words: str
    out_shape: tuple
    multiply_adds: int = 0
    window: tuple = None
    stride: tuple = None
    before: tuple = None
    sees_all: bool = False


@singledispatch
def effect_of(layer, shape):
    """The `Effect` of a layer on an example of `shape`; TypeError if there is no rule for its kind."""
    raise TypeError(f"layer_table: no rule for the layer {type(layer).__name__}")


def _unchanged(layer, shape):
    return Effect(type(layer).__name__, shape)


for _kind in (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.Softplus, nn.Tanh, nn.Sigmoid, nn.Softmax, nn.LogSoftmax,
              nn.LogSigmoid, nn.Identity, nn.SiLU, nn.Mish, nn.SELU, nn.CELU, nn.Softsign, nn.Tanhshrink, nn.Softmin,
              nn.Softmax2d, nn.Hardtanh, nn.ReLU6, nn.Hardswish, nn.Hardsigmoid, nn.Threshold, nn.Hardshrink, nn.Softshrink,
              nn.PReLU, ScaledTanh):
    effect_of.register(_kind, _unchanged)


@effect_of.register(nn.AlphaDropout)
@effect_of.register(nn.Dropout)
def _(layer, shape):
    return Effect(f"{type(layer).__name__} {layer.p:g}", shape)


@effect_of.register(nn.BatchNorm1d)
@effect_of.register(nn.BatchNorm2d)
@effect_of.register(nn.BatchNorm3d)
def _(layer, shape):
    return Effect(f"{type(layer).__name__} {layer.num_features}", shape)


@effect_of.register(nn.InstanceNorm1d)
@effect_of.register(nn.InstanceNorm2d)
@effect_of.register(nn.InstanceNorm3d)
def _(layer, shape):
    return Effect(f"{type(layer).__name__} {layer.num_features}", shape, sees_all=True)


@effect_of.register(nn.GroupNorm)
def _(layer, shape):
    return Effect(f"GroupNorm {layer.num_channels}, {layer.num_groups} groups", shape, sees_all=True)


@effect_of.register(nn.LayerNorm)
def _(layer, shape):
    return Effect(f"LayerNorm {_by(layer.normalized_shape)}", shape, sees_all=True)


@effect_of.register(nn.LocalResponseNorm)
def _(layer, shape):
    return Effect(f"LocalResponseNorm {layer.size}", shape)


@effect_of.register(nn.ConvTranspose1d)
@effect_of.register(nn.ConvTranspose2d)
@effect_of.register(nn.ConvTranspose3d)
def _(layer, shape):
    out = tuple((side - 1) * s - 2 * p + d * (k - 1) + extra + 1 for side, s, p, d, k, extra in zip(
        shape[1:], layer.stride, layer.padding, layer.dilation, layer.kernel_size, layer.output_padding))
    words = f"{type(layer).__name__} {layer.in_channels}->{layer.out_channels} {_by(layer.kernel_size)}" + _extras(layer)
    words += f", {layer.groups} groups" if layer.groups > 1 else ""
    return Effect(words, (layer.out_channels, *out), layer.weight.numel() * prod(shape[1:]), sees_all=True)


@effect_of.register(nn.Upsample)
def _(layer, shape):
    count = len(shape) - 1
    if layer.size is None:
        out = tuple(int(side * factor) for side, factor in zip(shape[1:], _several(layer.scale_factor, count)))
    else:
        out = _several(layer.size, count)
    return Effect(f"{type(layer).__name__} {_by(out)}", (shape[0], *out), sees_all=True)


@effect_of.register(nn.PixelShuffle)
def _(layer, shape):
    C, r = shape[0], layer.upscale_factor
    return Effect(f"PixelShuffle {r}", (C // r ** 2, *(side * r for side in shape[1:])), sees_all=True)


@effect_of.register(nn.PixelUnshuffle)
def _(layer, shape):
    C, r = shape[0], layer.downscale_factor
    return Effect(f"PixelUnshuffle {r}", (C * r ** 2, *(side // r for side in shape[1:])), 0, (r, r), (r, r), (0, 0))


@effect_of.register(nn.ChannelShuffle)
def _(layer, shape):
    return Effect(f"ChannelShuffle {layer.groups}", shape)


@effect_of.register(nn.Conv1d)
@effect_of.register(nn.Conv2d)
@effect_of.register(nn.Conv3d)
def _(layer, shape):
    dilation = layer.dilation
    window = tuple(d * (k - 1) + 1 for d, k in zip(dilation, layer.kernel_size))
    if layer.padding == "same":
        out = shape[1:]
    else:
        out = _positions(layer, shape, window)
    words = f"{type(layer).__name__} {layer.in_channels}->{layer.out_channels} {_by(layer.kernel_size)}" + _extras(layer)
    words += f", dilation {dilation[0]}" if dilation[0] > 1 else ""
    words += f", {layer.groups} groups" if layer.groups > 1 else ""
    before = tuple((extent - 1) // 2 for extent in window) if layer.padding == "same" else _padding(layer, len(window))
    return Effect(words, (layer.out_channels, *out), layer.weight.numel() * prod(out), window, layer.stride, before)


@effect_of.register(PartialConv2d)
def _(layer, shape):
    k = layer.kernel_size
    out = tuple(side - k + 1 for side in shape[1:])
    words = f"PartialConv2d {layer.in_channels}->{layer.out_channels} {k}x{k}, {layer.filters} filters"
    return Effect(words, (layer.out_channels, *out), layer.weight.numel() * prod(out), (k, k), (1, 1), (0, 0))


@effect_of.register(nn.MaxPool1d)
@effect_of.register(nn.MaxPool2d)
@effect_of.register(nn.MaxPool3d)
@effect_of.register(nn.AvgPool1d)
@effect_of.register(nn.AvgPool2d)
@effect_of.register(nn.AvgPool3d)
def _(layer, shape):
    count = layer.dimensions
    dilation = _several(getattr(layer, "dilation", 1), count)
    window = tuple(d * (k - 1) + 1 for d, k in zip(dilation, _several(layer.kernel_size, count)))
    out = _positions(layer, shape, window)
    words = f"{type(layer).__name__} {_by(_several(layer.kernel_size, count))}"
    if _several(layer.stride, count) != _several(layer.kernel_size, count):
        words += f", stride {_several(layer.stride, count)[0]}"
    if getattr(layer, "divisor_override", None):
        words += f", divisor {layer.divisor_override}"
    if any(_several(layer.padding, count)):
        words += f", padding {_several(layer.padding, count)[0]}"
    return Effect(words, (shape[0], *out), 0, window, _several(layer.stride, count), _padding(layer, count))


@effect_of.register(nn.AdaptiveAvgPool1d)
@effect_of.register(nn.AdaptiveAvgPool2d)
@effect_of.register(nn.AdaptiveMaxPool1d)
@effect_of.register(nn.AdaptiveMaxPool2d)
def _(layer, shape):
    out = tuple(side if wanted is None else wanted
                for side, wanted in zip(shape[1:], _several(layer.output_size, len(shape) - 1)))
    window = tuple(max(-(-(k + 1) * side // count) - k * side // count for k in range(count))
                   for side, count in zip(shape[1:], out))
    stride = tuple(max(1, side // count) for side, count in zip(shape[1:], out))
    even = not any(side % count for side, count in zip(shape[1:], out))
    before = (0,) * len(out) if even else None  # else the windows begin at uneven distances
    return Effect(f"{type(layer).__name__} {_by(out)}", (shape[0], *out), 0, window, stride, before)


def _padded(layer, shape):
    pairs = [layer.padding[k:k + 2] for k in range(len(layer.padding) - 2, -1, -2)]
    out = tuple(side + before + behind for side, (before, behind) in zip(shape[1:], pairs))
    constants = (nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d, nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d)
    return Effect(f"{type(layer).__name__} {', '.join(map(str, layer.padding))}", (shape[0], *out), 0, (1,) * len(pairs),
                  (1,) * len(pairs), tuple(before for before, _ in pairs), sees_all=not isinstance(layer, constants))


for _kind in ("Zero", "Constant", "Reflection", "Replication", "Circular"):
    for _count in (1, 2, 3):
        effect_of.register(getattr(nn, f"{_kind}Pad{_count}d"), _padded)


@effect_of.register(nn.Embedding)
def _(layer, shape):
    words = f"{type(layer).__name__} {layer.num_embeddings}->{layer.embedding_dim}"
    vectors = (*shape, layer.embedding_dim)
    return Effect(words, vectors[::-1] if isinstance(layer, WordVectors) else vectors)


@effect_of.register(PaddedShortcut)
def _(layer, shape):
    stride = (layer.stride,) * 2
    out = tuple((side - 1) // layer.stride + 1 for side in shape[1:])
    words = f"PaddedShortcut {layer.in_channels}->{layer.out_channels}, stride {layer.stride}"
    return Effect(words, (layer.out_channels, *out), 0, (1, 1), stride, (0, 0))


@effect_of.register(nn.Flatten)
def _(layer, shape):
    return Effect("Flatten", (prod(shape),))


@effect_of.register(nn.Linear)
def _(layer, shape):
    return Effect(f"Linear {layer.in_features}->{layer.out_features}", (layer.out_features,),
                  layer.in_features * layer.out_features, sees_all=True)


def _positions(layer, shape, window):
    """The size law of Dumoulin & Visin 2016 for each axis; with `ceil_mode` a last window may begin before the end."""
    count, sizes = len(window), []
    for side, extent, stride, padding in zip(shape[1:], window, _several(layer.stride, count),
                                             _padding(layer, count)):
        room = side + 2 * padding - extent
        places = room // stride + 1
        if getattr(layer, "ceil_mode", False) and room % stride and places * stride < side + padding:
            places += 1
        sizes.append(places)
    return tuple(sizes)


def _padding(layer, count):
    return _several(0 if layer.padding == "valid" else layer.padding, count)


def _extras(layer):
    words = f", stride {layer.stride[0]}" if max(layer.stride) > 1 else ""
    if isinstance(layer.padding, str):
        return words + (", padding same" if layer.padding == "same" else "")
    return words + (f", padding {layer.padding[0]}" if max(layer.padding) else "")


def _several(value, count):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * count


def _by(sizes):
    return "x".join(map(str, sizes))
