"""What the rungs compute: the operations of LeNet-5 at batch 64, and a whole training step.

Net B: 28x28 images, padding 2 in conv1, 61,706 parameters.  A multiply-add is two FLOPs, and taps on the padding
count as if they were computed, which is the custom; bytes are those of every array read or written once.
"""
from dataclasses import dataclass
from math import prod
from collections.abc import Callable

import numpy as np

BATCH = 64
NET = "B: LeNet-5 with padding 2 in conv1, 61,706 parameters"
SEED = 0
FLOAT = 4  # bytes
CONV1, CONV2, DENSE = 117_600, 240_000, 58_920  # multiply-adds of one image
STEP_FLOP = 2 * (3 * (CONV1 + CONV2 + DENSE) - CONV1)  # of training: forward, dweight, and dx but in conv1
LEARNING_RATE, MOMENTUM = 0.01, 0.9

#: Parameters in the order of the layers.
PARAMETERS = {
    "conv1.weight": (6, 1, 5, 5), "conv1.bias": (6,), "conv2.weight": (16, 6, 5, 5), "conv2.bias": (16,),
    "fc1.weight": (120, 400), "fc1.bias": (120,), "fc2.weight": (84, 120), "fc2.bias": (84,),
    "fc3.weight": (10, 84), "fc3.bias": (10,)}


@dataclass(frozen=True)
class Op:
    """An operation: which loop, on which arrays.

    `images` names the arrays that have one image per row, `given` all arrays with the shape of the rest of their axes,
    `made` the shape of a result a batch of N makes.
    """

    name: str
    title: str
    method: str
    given: dict
    images: tuple
    made: Callable
    flop: int  # of a batch; comparisons, where there is no arithmetic
    padding: int = 0
    unit: str = "GFLOP/s"

    @property
    def bytes(self):
        """Every array read or written once; None for a whole step, whose arrays lie in between."""
        if self.method == "training_step":
            return None
        results = self.made(BATCH)
        return FLOAT * (sum(prod(self.shape(name, BATCH)) for name in self.given) + sum(map(prod, results)))

    @property
    def work(self):
        """Unit of the rate, in billions: FLOPs, or bytes where nothing is multiplied."""
        return (self.bytes if self.unit == "GB/s" else self.flop) / 1e9

    def shape(self, name, N):
        """The shape of an array for N images."""
        return (N, *self.given[name]) if name in self.images else self.given[name]

    def arrays(self, N=BATCH):
        """The arrays for N images: the same numbers on every rung, and the first N images of the whole batch."""
        rng = np.random.default_rng(SEED)
        values = {}
        for name in self.given:
            full = self.shape(name, BATCH)
            if name == "target":
                values[name] = rng.integers(0, 10, full)
            elif name in PARAMETERS:  # as layers are drawn: the square of the sum over the inputs stays near 1/3
                bound = prod(PARAMETERS[name.replace("bias", "weight")][1:]) ** -0.5
                values[name] = rng.uniform(-bound, bound, full).astype(np.float32)
            else:
                values[name] = rng.standard_normal(full).astype(np.float32)
        return {name: np.ascontiguousarray(array[:N]) if name in self.images else array
                for name, array in values.items()}


_CONV2 = {"dout": (16, 10, 10), "x": (6, 14, 14), "weight": (16, 6, 5, 5), "bias": (16,)}


def _conv2(*names):
    return {name: _CONV2[name] for name in names}


OPS = {op.name: op for op in (
    Op("conv1-forward", "conv1 forward", "conv2d_forward", {"x": (1, 28, 28), "weight": (6, 1, 5, 5), "bias": (6,)},
       ("x",), lambda N: [(N, 6, 28, 28)], 2 * BATCH * CONV1, padding=2),
    Op("conv2-forward", "conv2 forward", "conv2d_forward", _conv2("x", "weight", "bias"), ("x",),
       lambda N: [(N, 16, 10, 10)], 2 * BATCH * CONV2),
    Op("conv2-dx", "conv2 dX", "conv2d_backward_input", _conv2("dout", "weight"), ("dout",),
       lambda N: [(N, 6, 14, 14)], 2 * BATCH * CONV2),
    Op("conv2-dweight", "conv2 dW", "conv2d_backward_weight", _conv2("dout", "x"), ("dout", "x"),
       lambda N: [(16, 6, 5, 5)], 2 * BATCH * CONV2),
    Op("fc1-forward", "dense forward", "linear_forward", {"x": (400,), "weight": (120, 400), "bias": (120,)}, ("x",),
       lambda N: [(N, 120)], 2 * BATCH * 400 * 120),
    Op("pool1-forward", "max-pooling", "max_pool2d_forward", {"x": (6, 28, 28)}, ("x",),
       lambda N: [(N, 6, 14, 14), (N, 6, 14, 14)], BATCH * 6 * 28 * 28, unit="GB/s"),
    Op("lenet-step", "training step", "training_step", {"x": (1, 28, 28), "target": (), **PARAMETERS},
       ("x", "target"), lambda N: [*PARAMETERS.values()], BATCH * STEP_FLOP),
)}


@dataclass(frozen=True)
class Work:
    """One way of doing an operation.

    `runs` are (function, how often a whole batch needs it); `results` are plain arrays, images first, once each
    function was called once.
    """

    runs: list
    results: Callable
    variant: str = ""


def whole(run, plain, images, variant=""):
    """The Work of a single function: `plain` turns what it returns into a tuple of plain arrays."""
    last = []

    def keep():
        last[:] = [run()]

    return Work([(keep, BATCH / images)], lambda: plain(last[0]), variant)
