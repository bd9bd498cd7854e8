"""The layers of a network in a table, every operation a row: worked out on paper, nothing is run."""
from dataclasses import dataclass, replace
from math import prod

from numbacnn import nn
from numbacnn.models.branches import Concatenated, Residual
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
        Shape that comes out for one example, without the batch axis.
    parameters : int
        Trainable numbers in the layer.
    multiply_adds : int
        Multiply-adds for one example, forward.
    receptive_field : tuple of int
        Rows and columns of the image that one output can depend on, at most all: a number for each axis of the input
        but the channels, so of films also frames, of time series steps alone, and of tokens how many.
    dense_parameters : int or None
        For a convolution: what a dense layer from all its inputs to all its outputs would have.
    first, jump : tuple of int or None
        Along the same axes: where the window of the first output begins, negative in the padding, and how many pixels further
        that of the next one does; None where it is not worked out and may be all.
    extent : tuple of int
        The receptive field as it would be on a larger input.
    """

    name: str
    layer: str
    out_shape: tuple
    parameters: int
    multiply_adds: int
    receptive_field: tuple
    dense_parameters: int = None
    first: tuple = None
    jump: tuple = None
    extent: tuple = None

    def window(self, position, sides):
        """The part of the input that an output can depend on.

        Parameters
        ----------
        position : tuple of int
            Of the output, along the axes of the input but the channels.
        sides : tuple of int
            Extents of the input along these axes.

        Returns
        -------
        tuple of slice
        """
        if self.first is None or len(position) != len(sides):
            return tuple(slice(0, side) for side in sides)
        begins = [first + place * jump for first, place, jump in zip(self.first, position, self.jump)]
        return tuple(slice(min(max(begin, 0), side), min(max(begin + extent, 0), side))
                     for begin, extent, side in zip(begins, self.extent, sides))


@dataclass(frozen=True)
class _Place:
    """Where an example stands on its way: its shape, the pixels a number has seen, those between two neighbors, and where the
    window of the first number begins; None if that is not known."""

    shape: tuple
    field: tuple
    jump: tuple
    first: tuple = None


def layer_table(model, *input_shape, blocks=False):
    """List the operations of a chain of layers with shapes, parameters and cost.

    Parameters
    ----------
    model : numbacnn.nn.Sequential
        A chain of layers, chains, residual blocks, and the branches in `numbacnn.models.branches`.
    *input_shape : int
        Shape of one example: in_channels, height and width of an image; of tokens their number.
    blocks : bool
        Whether a residual block is one row instead of one for each operation in it.

    Returns
    -------
    list of LayerRow
        In the order of the computation, activations, pooling and what joins branches too; the parameters add up to
        those of the model.

    Raises
    ------
    TypeError
        If there is no rule for a layer; see `numbacnn.models.layer_rules`.
    """
    axes = input_shape[1:] or input_shape  # tokens have no channels
    table = _Table(axes, blocks)
    table.follow(model, "", _Place(input_shape, (1,) * len(axes), (1,) * len(axes), (0,) * len(axes)))
    return table.rows


class _Table:
    """Follows an example through the layers and writes a row for each."""

    def __init__(self, axes, blocks):
        self.axes, self.blocks, self.rows = axes, blocks, []

    def follow(self, layer, name, place):
        """Write the rows of a layer and of all in it; returns where the example stands then."""
        if isinstance(layer, (Concatenated, Residual)):
            return self.follow_branches(layer, name, place)
        if isinstance(layer, nn.Sequential):
            for child, inner in layer.named_children():
                place = self.follow(inner, _joined(name, child), place)
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
        """Write the rows of a residual block: both branches, their sum, and the ReLU; returns where the example stands then."""
        before, end = len(self.rows), place
        for child in ("conv1", "bn1", "relu", "conv2", "bn2"):
            end = self.follow(getattr(block, child), f"{name}.{child}", end)
        other = place if block.downsample is None else self.follow(block.downsample, f"{name}.downsample", place)
        end = _met([end, other])
        self.write(f"{name}.add", "Addition", end)
        end = self.follow(block.relu, f"{name}.relu", end)
        if self.blocks:
            self.fold(before, name, f"BasicBlock {block.conv1.in_channels}->{block.conv1.out_channels}, stride "
                      f"{block.conv1.stride[0]}", end)
        return end

    def follow_branches(self, branches, name, place):
        """Write the rows of parallel chains, and one where they meet; returns where the example stands then."""
        before = len(self.rows)
        ends = [self.follow(chain, _joined(name, child), place) for child, chain in branches.named_children()]
        end = _met(ends)
        if isinstance(branches, Concatenated):
            end = replace(end, shape=(sum(each.shape[0] for each in ends), *end.shape[1:]))
            self.write(_joined(name, "cat"), "Concatenation", end)
            return end
        self.write(_joined(name, "add"), "Addition", end)
        if self.blocks:
            self.fold(before, name, f"Residual {place.shape[0]}->{end.shape[0]}", end)
        return end

    def fold(self, first, name, words, place):
        """Put one row in the place of all rows from the `first` on."""
        rows, self.rows = self.rows[first:], self.rows[:first]
        self.write(name, words, place, sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows))

    def seen_through(self, effect, place):
        """The place of an example after a layer: windows add up, each as wide as the steps of all before it."""
        if effect.sees_all:
            return _Place(effect.out_shape, self.axes, (1,) * len(self.axes))
        if effect.window is None:
            return replace(place, shape=effect.out_shape)
        field = tuple(seen + (extent - 1) * jump for seen, extent, jump in zip(place.field, effect.window, place.jump))
        first = None
        if place.first is not None and effect.before is not None:
            first = tuple(first - before * jump for first, before, jump in zip(place.first, effect.before, place.jump))
        jump = tuple(jump * step for jump, step in zip(place.jump, effect.stride))
        return _Place(effect.out_shape, field, jump, first)

    def write(self, name, words, place, parameters=0, multiply_adds=0, dense=None):
        """Add a row."""
        field = tuple(map(min, place.field, self.axes))
        self.rows.append(LayerRow(name, words, place.shape, parameters, multiply_adds, field, dense, place.first, place.jump,
                                  place.field))


def _met(ends):
    """The place of an example after branches: its window is the smallest that holds theirs."""
    field = tuple(max(seen) for seen in zip(*(end.field for end in ends)))
    if any(end.first is None for end in ends):
        return replace(ends[0], field=field, first=None)
    first = tuple(map(min, *(end.first for end in ends))) if len(ends) > 1 else ends[0].first
    last = tuple(max(behind) for behind in zip(*(map(sum, zip(end.first, end.field)) for end in ends)))
    return replace(ends[0], field=tuple(end - begin for begin, end in zip(first, last)), first=first)


def _joined(name, child):
    return f"{name}.{child}" if name else child
