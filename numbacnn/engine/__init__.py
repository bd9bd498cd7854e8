"""The engine: which kind of number for which call, and the programs that run the textbook loops.

`ops` has a page for each operation: how its loop is sliced, in which numbers, and what it is on plain arrays.  `operands` and
`task` compile a slice for a kind of number.  `plan` says what an operation needs, `queue`
collects the plans until a result is read or they only repeat themselves (`repeats`), `schedule` finds out what may
run at the same time, `program` lays it out, `team` and `runner` run it on all threads; `trace` captures operations once, to do
them again without Python.  `layout`, `batch` and `buffers` hold the memory, `cache` keeps what was compiled.
The `kinds` are `tiles` and `floats`, with the same operations: float32 in lanes and tiles, and anything else as plain floats.
"""
import numpy as np
from numba.core import config

from .batch import Batch, pack, pack_pixels
from .cache import compile_seconds
from .kinds import floats, tiles
from .ops import (activation,  # each adds its operations to `tiles` and `floats` when it is imported
                  adaptive_pooling, batch_norm, conv, dropout, embedding, group_norm, linear, loss, padding, pooling,
                  pooling3d, softmax, transposed, upsampling)
from .ops.update import is_dense
from .queue import GraphBreak, Pending, finish, uses
from .team import get_num_threads, preparing, set_num_threads
from .trace import Replay, TracedPlan, capture, capture_updates, is_tracing

__all__ = ["Batch", "GraphBreak", "Pending", "Replay", "TracedPlan", "capture", "capture_updates", "compile_seconds",
           "finish", "floats", "get_num_threads", "is_dense", "is_tracing", "kind_for", "network_input", "pack",
           "preparing", "set_num_threads", "tiles", "uses"]


def kind_for(storage, packed=True):
    """The kind of number for an array or a batch: tiles for float32, unless there is nothing to pack or no compiler."""
    if isinstance(storage, Batch):
        return tiles
    in_tiles = packed and storage.dtype == np.float32 and 0 not in storage.shape and not config.DISABLE_JIT
    return tiles if in_tiles else floats


def network_input(images, scale, offset):
    """uint8 images (N, C, H, W) as images * scale - offset, float32, in the form that the first layer prefers.

    scale and offset are float32 (C,).
    """
    if len(images) and not config.DISABLE_JIT:
        return pack_pixels(images, scale, offset)
    return images * scale[:, None, None] - offset[:, None, None]
