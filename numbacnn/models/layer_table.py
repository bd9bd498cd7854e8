"""The layers of a network in a table, every operation a row: worked out on paper, nothing is run."""
from dataclasses import dataclass, replace
from math import prod

from numbacnn import nn
from numbacnn.models.layer_rules import effect_of
from numbacnn.models.lenet5_1998 import PartialConv2d
from numbacnn.models.residual import BasicBlock

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, PartialConv2d)


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
    receptive_field : tuple of int
        Rows and columns of the input that one output can depend on, at most the whole image.
    dense_parameters : int or None
        For a convolution: what a dense layer from all its inputs to all its outputs would have.
    """

    name: str
    layer: str
    out_shape: tuple
    parameters: int
    multiply_adds: int
    receptive_field: tuple
    dense_parameters: int = None


@dataclass(frozen=True)
class _Place:
    """Where an image stands on its way: its shape, the pixels a number has seen, the pixels between two neighbours."""

    shape: tuple
    field: tuple
    jump: tuple


def layer_table(model, in_channels, height, width, blocks=False):
    """List the operations of a chain of layers with shapes, parameters and cost.

    Parameters
    ----------
    model : numbacnn.nn.Sequential
        A chain of layers, chains, and residual blocks.
    in_channels, height, width : int
        Shape of one image.
    blocks : bool
        Whether a residual block is one row instead of one for each operation in it.

    Returns
    -------
    list of LayerRow
        In the order of the computation, activations, pooling and additions too; the parameters add up to those of the
        model.

    Raises
    ------
    TypeError
        If there is no rule for a layer; see `numbacnn.models.layer_rules`.
    """
    table = _Table((height, width), blocks)
    table.follow(model, "", _Place((in_channels, height, width), (1, 1), (1, 1)))
    return table.rows


class _Table:
    """Follows an image through the layers and writes a row for each."""

    def __init__(self, image, blocks):
        self.image, self.blocks, self.rows = image, blocks, []

    def follow(self, layer, name, place):
        """Write the rows of a layer and of all in it; returns where the image stands then."""
        if isinstance(layer, nn.Sequential):
            for child, inner in layer.named_children():
                place = self.follow(inner, f"{name}.{child}" if name else child, place)
            return place
        if isinstance(layer, BasicBlock):
            return self.follow_block(layer, name, place)
        effect = effect_of(layer, place.shape)
        parameters = sum(prod(p.shape) for p in layer.parameters())
        dense = None
        if isinstance(layer, CONVOLUTIONS):
            inputs, outputs = prod(place.shape), prod(effect.out_shape)
            dense = inputs * outputs + (outputs if layer.bias is not None else 0)
        place = self.seen_through(effect, place)
        self.write(name, effect.words, place, parameters, effect.multiply_adds, dense)
        return place

    def follow_block(self, block, name, place):
        """The same for a residual block: both ways, their sum, and the ReLU."""
        before = len(self.rows)
        end = place
        for child in ("conv1", "bn1", "relu", "conv2", "bn2"):
            end = self.follow(getattr(block, child), f"{name}.{child}", end)
        other = place if block.downsample is None else self.follow(block.downsample, f"{name}.downsample", place)
        end = replace(end, field=tuple(map(max, end.field, other.field)))
        self.write(f"{name}.add", "Addition", end)
        end = self.follow(block.relu, f"{name}.relu", end)
        if self.blocks:
            rows, self.rows = self.rows[before:], self.rows[:before]
            self.write(name, f"BasicBlock {block.conv1.in_channels}->{block.conv1.out_channels}, stride "
                       f"{block.conv1.stride[0]}", end, sum(row.parameters for row in rows),
                       sum(row.multiply_adds for row in rows))
        return end

    def seen_through(self, effect, place):
        """Where an image stands after a layer: windows add up, each as wide as the steps of all before it."""
        if effect.sees_all:
            return _Place(effect.out_shape, self.image, (1,) * len(self.image))
        if effect.window is None:
            return replace(place, shape=effect.out_shape)
        field = tuple(seen + (extent - 1) * jump for seen, extent, jump in zip(place.field, effect.window, place.jump))
        jump = tuple(jump * step for jump, step in zip(place.jump, effect.stride))
        return _Place(effect.out_shape, field, jump)

    def write(self, name, words, place, parameters=0, multiply_adds=0, dense=None):
        """Add a row."""
        field = tuple(map(min, place.field, self.image))
        self.rows.append(LayerRow(name, words, place.shape, parameters, multiply_adds, field, dense))
