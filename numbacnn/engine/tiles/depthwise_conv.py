"""Depthwise convolution on tiles: each channel sees itself alone, T of them a step."""
from ...simd.choice import even_tiles
from ..tasks import depthwise_conv as tasks
from .columns import add_bias_column, add_columns
from .conv import BAND, add_weight_sums, bands_for, slot_extents
from .slots import Slots

TALLEST = 4  # channels of a sum of gradients: eight sums are under way, and a row of dout and one of x share the first-level cache


def add_forward(plan, x, out, weight_shape, strides, no_bias, words):
    """Rows of the plan for the convolution of the layout x; `words` are stride, padding and dilation."""
    bands = bands_for(out.H, out.tiles_of_channels)
    for run in out.runs:
        _, T, tiles = run
        weight, bias = _columns(plan, run, weight_shape, strides), add_bias_column(plan, run, out.C, no_bias)
        plan.row(tasks.conv2d_forward.of(T, words[:2] != (1, 1)), out.blocks * bands * tiles, [x.tiles("x", run), weight, bias],
                 [out.tiles("out", run)], (*words, 0, 0, bands), blocks=out.blocks)


def add_input_gradient(plan, x, dout, weight_shape, strides, words):
    """The same for the gradient of the input."""
    bands = bands_for(x.H, x.tiles_of_channels)
    for run in x.runs:
        _, T, tiles = run
        weight = _columns(plan, run, weight_shape, strides)
        plan.row(tasks.conv2d_backward_input.of(T, words[:2] != (1, 1)), x.blocks * bands * tiles,
                 [dout.tiles("dout", run), weight], [x.tiles("dx", run)], (*words, 0, 0, bands), blocks=x.blocks)


def add_weight_gradient(plan, x, dout, weight_shape, words):
    """The same for the gradient of the weight."""
    for run in even_tiles(x.C, TALLEST):
        first, T, tiles = run
        slots = Slots(plan, slot_extents(dout, T, tiles, (1, *weight_shape[2:]), T, BAND), T, 1, first)
        add_weight_sums(plan, tasks.conv2d_backward_weight.of(T), dout.tiles("dout", run), x.tiles("x", run), slots, words)
        slots.fold(plan, weight_shape)


def _columns(plan, run, weight_shape, strides):
    return add_columns(plan, run, (1, *weight_shape), (0, *strides))
