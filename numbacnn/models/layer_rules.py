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
    """What a layer does to one example.

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
    sees_all : bool
        Whether every output sees every input.
    """

    words: str
    out_shape: tuple
    multiply_adds: int = 0
    window: tuple = None
    stride: tuple = None
    sees_all: bool = False


@singledispatch
def effect_of(layer, shape):
    """The `Effect` of a layer on an example of `shape`; TypeError if there is no rule for its kind."""
    raise TypeError(f"layer_table: no rule for the layer {type(layer).__name__}")


def _unchanged(layer, shape):
    return Effect(type(layer).__name__, shape)


for _kind in (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.Softplus, nn.Tanh, nn.Sigmoid, nn.Softmax, nn.LogSoftmax,
              nn.LogSigmoid, nn.Identity, ScaledTanh):
    effect_of.register(_kind, _unchanged)


@effect_of.register(nn.Dropout)
def _(layer, shape):
    return Effect(f"{type(layer).__name__} {layer.p:g}", shape)


@effect_of.register(nn.BatchNorm1d)
@effect_of.register(nn.BatchNorm2d)
@effect_of.register(nn.BatchNorm3d)
def _(layer, shape):
    return Effect(f"{type(layer).__name__} {layer.num_features}", shape)


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
    return Effect(words, (layer.out_channels, *out), layer.weight.numel() * prod(out), window, layer.stride)


@effect_of.register(PartialConv2d)
def _(layer, shape):
    k = layer.kernel_size
    out = tuple(side - k + 1 for side in shape[1:])
    words = f"PartialConv2d {layer.in_channels}->{layer.out_channels} {k}x{k}, {layer.filters} filters"
    return Effect(words, (layer.out_channels, *out), layer.weight.numel() * prod(out), (k, k), (1, 1))


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
    return Effect(words, (shape[0], *out), 0, window, _several(layer.stride, count))


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
    return Effect(f"{type(layer).__name__} {_by(out)}", (shape[0], *out), 0, window, stride)


@effect_of.register(nn.ZeroPad1d)
@effect_of.register(nn.ZeroPad2d)
@effect_of.register(nn.ZeroPad3d)
def _(layer, shape):
    pairs = [layer.padding[k:k + 2] for k in range(len(layer.padding) - 2, -1, -2)]
    out = tuple(side + before + behind for side, (before, behind) in zip(shape[1:], pairs))
    return Effect(f"{type(layer).__name__} {', '.join(map(str, layer.padding))}", (shape[0], *out))


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
    return Effect(words, (layer.out_channels, *out), 0, (1, 1), stride)


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
                                             _several(layer.padding if layer.padding != "valid" else 0, count)):
        room = side + 2 * padding - extent
        places = room // stride + 1
        if getattr(layer, "ceil_mode", False) and room % stride and places * stride < side + padding:
            places += 1
        sizes.append(places)
    return tuple(sizes)


def _extras(layer):
    words = f", stride {layer.stride[0]}" if max(layer.stride) > 1 else ""
    if isinstance(layer.padding, str):
        return words + (", padding same" if layer.padding == "same" else "")
    return words + (f", padding {layer.padding[0]}" if max(layer.padding) else "")


def _several(value, count):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * count


def _by(sizes):
    return "x".join(map(str, sizes))
