"""The engine: the textbook loops on tiles, and a training step through the public API, in the plain loop and replayed."""
import numpy as np

import numbacnn
from numbacnn import nn, optim
from numbacnn.engine import tiles
from numbacnn.engine.batch import Batch, pack
from numbacnn.ladder.lanes import as_plain, finished
from numbacnn.ladder.ops import LEARNING_RATE, MOMENTUM, whole
from numbacnn.ladder.step import lenet, load, program_step
from numbacnn.train import TrainingSteps

ONE, NONE, TWO = (1, 1), (0, 0), (2, 2)
TOGETHER = 10  # replayed steps


def works(op, arrays, threads):
    """The ways to do an operation here: a training step has two, each other operation one."""
    if op.method == "training_step":
        model = load(lenet(nn), arrays, numbacnn.tensor)
        return [program_step(model, model, nn, optim, *(numbacnn.tensor(arrays[name]) for name in op.images)),
                _replayed(*(arrays[name] for name in op.images), load(lenet(nn), arrays, numbacnn.tensor))]
    images = len(arrays[op.images[0]])
    given = {name: pack(array) if name in op.images else array for name, array in arrays.items()}
    variant = "on lanes" if op.method == "max_pool2d_forward" else ""
    return [whole(finished(_OPERATIONS[op.method](op, **given)), as_plain, images, variant)]


def _replayed(x, target, model):
    """Several steps on the same batch in one call."""
    optimizer = optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
    steps = TrainingSteps(model, nn.CrossEntropyLoss(), optimizer)
    batches = [np.broadcast_to(array, (TOGETHER, *array.shape)) for array in (x, target)]
    return whole(lambda: steps(*batches), lambda _: tuple(param.detach().numpy().copy() for param in model.parameters()),
                 TOGETHER * len(x), f"replayed, {TOGETHER} steps together")


def _conv2d_backward_input(op, dout, weight):
    x = Batch((dout.shape[0], *op.made(1)[0][1:]))  # only its shape is looked at
    return lambda: tiles.conv2d_backward(dout, x, weight, ONE, (op.padding,) * 2, ONE, (True, False, False))[0]


def _conv2d_backward_weight(op, dout, x):
    weight = np.empty(op.made(1)[0], np.float32)
    return lambda: tiles.conv2d_backward(dout, x, weight, ONE, (op.padding,) * 2, ONE, (False, True, False))[1]


_OPERATIONS = {
    "conv2d_forward": lambda op, x, weight, bias:
        lambda: tiles.conv2d_forward(x, weight, bias, ONE, (op.padding,) * 2, ONE),
    "conv2d_backward_input": _conv2d_backward_input,
    "conv2d_backward_weight": _conv2d_backward_weight,
    "linear_forward": lambda op, x, weight, bias: lambda: tiles.linear_forward(x, weight, bias),
    "max_pool2d_forward": lambda op, x: lambda: tiles.max_pool2d_forward(x, TWO, TWO, NONE, ONE),
}
