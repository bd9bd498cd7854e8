"""Tasks that bring numbers into another order."""
from ...simd import packing
from ...simd.choice import HALF, L
from ...simd.views import cell, dense_floats, floats, lanes, number, only, pixels, tiles
from ..task import Task


@Task
def pack_images():
    def task(table, block):
        x, out = floats(table, 0, 4), lanes(table, 1, 4, L)
        packing.pack_images(x, block, only(out, 0, block), L)
    return task


@Task
def pack_pixels():
    def task(table, block):
        x, scale, offset = pixels(table, 0, 4), floats(table, 1, 1), floats(table, 2, 1)
        out = lanes(table, 3, 4, L)
        packing.pack_pixels(x, block, scale, offset, only(out, 0, block), L)
    return task


@Task
def unpack_images():
    def task(table, block):
        x, out = lanes(table, 0, 4, L), floats(table, 1, 4)
        packing.unpack_images(only(x, 0, block), block, out, L)
    return task


@Task
def pack_columns():
    """The weight is seen as (groups, channels of the tiles in a group, other channels, KH, KW)."""
    def task(table, tile):
        weight, out = floats(table, 0, 5), floats(table, 1, 5)
        group, own = divmod(tile, out.shape[0] // weight.shape[0])
        packing.pack_columns(weight[group, own * out.shape[4]:], only(out, 0, tile))
    return task


@Task
def turn():
    """A slice is L channels of a block."""
    def task(table, k):
        x, out = tiles(table, 0, 5, HALF, HALF, L), tiles(table, 1, 5, HALF, HALF, L)
        n, c = divmod(k, x.shape[1])
        packing.turn(cell(x, n, c), cell(out, n, c))
    return task


@Task
def copy_numbers(used=L):
    def task(table, block):
        x, out = lanes(table, 0, 4, used), lanes(table, 1, 4, used)
        packing.copy_numbers(only(x, 0, block), only(out, 0, block))
    return task


@Task
def copy_channels(used=L):
    """Words 0, 1 and 2: the first channel to read, the first to write, and how many."""
    def task(table, block):
        x, out = lanes(table, 0, 4, used), lanes(table, 1, 4, used)
        first, to, C = number(table, 0), number(table, 1), number(table, 2)
        packing.copy_numbers(x[block:block + 1, first:first + C], out[block:block + 1, to:to + C])
    return task


@Task
def pad_numbers(used=L):
    def task(table, block):
        x, out = lanes(table, 0, 4, used), lanes(table, 1, 4, used)
        margin = (number(table, 0), number(table, 1))
        packing.pad_numbers(only(x, 0, block), margin, only(out, 0, block))
    return task


@Task
def fold_slots():
    """Adds up the slots of a tile in the first of them, and brings its patches into the order of the weights."""
    def task(table, tile):
        patches, slots, out = floats(table, 0, 6), dense_floats(table, 1, 3), floats(table, 2, 4)
        packing.add_slots(slots, tile)
        packing.unpack_patches(only(patches, 0, tile), out[tile * patches.shape[1]:])
    return task
