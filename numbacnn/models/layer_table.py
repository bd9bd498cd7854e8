"""What each layer of a chain does to the shape, and what it costs: worked out on paper, nothing is run."""
from dataclasses import dataclass
from math import prod

from numbacnn import nn


@dataclass(frozen=True)
class LayerRow:
    """One row of the layer table.

    Attributes
    ----------
    name : str
        Name of the layer in the model, as in its `state_dict`.
    layer : str
        Kind and arguments, such as `Conv2d 6->16 5x5`.
    out_shape : tuple of int
        Shape that comes out for one image, without the batch axis.
    parameters : int
        Trainable numbers in the layer.
    multiply_adds : int
        Multiply-adds for one image, forward.
    """

    name: str
    layer: str
    out_shape: tuple
    parameters: int
    multiply_adds: int


def layer_table(model, in_channels, height, width):
    """List the layers of a chain with shapes, parameters and cost.

    Parameters
    ----------
    model : numbacnn.nn.Sequential
        A chain of Conv2d, MaxPool2d, Linear, Flatten and ReLU layers.
    in_channels, height, width : int
        Shape of one image.

    Returns
    -------
    list of LayerRow
        A row a layer, activations and pooling too; the parameters add up to those of the model.
    """
    shape, rows = (in_channels, height, width), []
    for name, layer in model.named_children():
        words, shape, cost = _describe(layer, shape)
        parameters = sum(prod(p.shape) for p in layer.parameters())
        rows.append(LayerRow(name, words, shape, parameters, cost))
    return rows


def _describe(layer, shape):
    """Words, output shape and multiply-adds of one layer fed with one image of `shape`."""
    if isinstance(layer, nn.Conv2d):
        KH, KW = _pair(layer.kernel_size)
        OH, OW = _window_positions(layer, shape, _pair(layer.dilation))
        words = f"Conv2d {layer.in_channels}->{layer.out_channels} {KH}x{KW}" + _extras(layer)
        out_shape = (layer.out_channels, OH, OW)
        return words, out_shape, prod(out_shape) * layer.in_channels * KH * KW
    if isinstance(layer, nn.MaxPool2d):
        KH, KW = _pair(layer.kernel_size)
        return f"MaxPool2d {KH}x{KW}", (shape[0], *_window_positions(layer, shape, (1, 1))), 0
    if isinstance(layer, nn.Linear):
        words = f"Linear {layer.in_features}->{layer.out_features}"
        return words, (layer.out_features,), layer.in_features * layer.out_features
    if isinstance(layer, nn.Flatten):
        return "Flatten", (prod(shape),), 0
    if isinstance(layer, nn.ReLU):
        return "ReLU", shape, 0
    raise TypeError(f"layer_table: no rule for the layer {type(layer).__name__}")


def _window_positions(layer, shape, dilation):
    """The size law of Dumoulin & Visin 2016, for rows and columns."""
    sizes = zip(shape[1:], _pair(layer.kernel_size), _pair(layer.stride), _pair(layer.padding), dilation)
    return tuple((side + 2 * padding - spread * (kernel - 1) - 1) // stride + 1
                 for side, kernel, stride, padding, spread in sizes)


def _extras(layer):
    words = "" if _pair(layer.stride) == (1, 1) else f", stride {_pair(layer.stride)[0]}"
    return words if _pair(layer.padding) == (0, 0) else f"{words}, padding {_pair(layer.padding)[0]}"


def _pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)
