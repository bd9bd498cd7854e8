"""What each layer of a chain does to the shape, and what it costs: worked out on paper, nothing is run."""
from dataclasses import dataclass
from math import prod

from numbacnn import nn
from numbacnn.models.branches import Concatenated, Residual
from numbacnn.models.text_cnn import WordVectors


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
        Shape that comes out for one example, without the batch axis.
    parameters : int
        Trainable numbers in the layer.
    multiply_adds : int
        Multiply-adds for one example, forward.
    """

    name: str
    layer: str
    out_shape: tuple
    parameters: int
    multiply_adds: int


def layer_table(model, *input_shape):
    """List the layers of a chain with shapes, parameters and cost.

    Parameters
    ----------
    model : numbacnn.nn.Sequential
        A chain of layers, of further chains, and of the branches in `numbacnn.models.branches`.
    *input_shape : int
        Shape of one example: in_channels, height and width of an image; of tokens their number.

    Returns
    -------
    list of LayerRow
        A row a layer, activations and pooling too, and one where branches meet; the parameters add up to those of the
        model.

    Raises
    ------
    TypeError
        If there is no rule for a layer.
    """
    return [*_rows(model, tuple(input_shape), "")]


def _rows(chain, shape, prefix):
    """The rows of a chain or of branches fed with one example of `shape`; names begin with `prefix`."""
    ends, first = [], shape
    for name, layer in chain.named_children():
        name = prefix + name
        if isinstance(layer, nn.Sequential):
            inner = [*_rows(layer, shape, f"{name}.")]
            yield from inner
            shape = inner[-1].out_shape if inner else shape
        else:
            words, shape, cost = _describe(layer, shape)
            yield LayerRow(name, words, shape, sum(prod(p.shape) for p in layer.parameters()), cost)
        if isinstance(chain, (Concatenated, Residual)):
            ends.append(shape)
            shape = first
    if isinstance(chain, Concatenated):
        yield LayerRow(prefix + "cat", "Cat", (sum(end[0] for end in ends), *ends[0][1:]), 0, 0)
    elif isinstance(chain, Residual):
        yield LayerRow(prefix + "add", "Add", ends[0], 0, 0)


def _describe(layer, shape):
    """Words, output shape and multiply-adds of one layer fed with one example of `shape`."""
    kind = type(layer).__name__
    if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        words = f"{kind} {layer.in_channels}->{layer.out_channels} {_sides(layer.kernel_size)}" + _extras(layer)
        out_shape = (layer.out_channels, *_window_positions(layer, shape))
        return words, out_shape, prod(out_shape) * layer.in_channels // layer.groups * prod(layer.kernel_size)
    if isinstance(layer, (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)):
        return (f"{kind} {_sides(_each(layer.kernel_size, shape))}", (shape[0], *_window_positions(layer, shape)), 0)
    if isinstance(layer, nn.Linear):
        words = f"Linear {layer.in_features}->{layer.out_features}"
        return words, (layer.out_features,), layer.in_features * layer.out_features
    if isinstance(layer, nn.Embedding):
        words = f"{kind} {layer.num_embeddings}->{layer.embedding_dim}"
        vectors = (*shape, layer.embedding_dim)
        return words, vectors[::-1] if isinstance(layer, WordVectors) else vectors, 0
    if isinstance(layer, nn.ZeroPad1d):
        before, behind = layer.padding
        return f"ZeroPad1d {before}, {behind}", (shape[0], shape[1] + before + behind), 0
    if isinstance(layer, nn.Dropout):
        return f"{kind} {layer.p:g}", shape, 0
    if isinstance(layer, nn.Flatten):
        return "Flatten", (prod(shape),), 0
    if isinstance(layer, (nn.ReLU, nn.Identity)):
        return kind, shape, 0
    raise TypeError(f"layer_table: no rule for the layer {kind}")


def _window_positions(layer, shape):
    """The size law of Dumoulin & Visin 2016, for each axis that the window moves along."""
    sizes = zip(shape[1:], *(_each(value, shape) for value in (layer.kernel_size, layer.stride, layer.padding,
                                                               layer.dilation)))
    return tuple((side + 2 * padding - spread * (kernel - 1) - 1) // stride + 1
                 for side, kernel, stride, padding, spread in sizes)


def _extras(layer):
    words = "".join(f", {name} {getattr(layer, name)[0]}" for name in ("stride", "dilation")
                    if set(getattr(layer, name)) != {1})
    return words if set(layer.padding) == {0} else f"{words}, padding {layer.padding[0]}"


def _each(value, shape):
    """A number for every axis of `shape` but the channels."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * (len(shape) - 1)


def _sides(sizes):
    return "x".join(map(str, sizes))
