"""A network and a step over several blocks of images, for the tests of what blocks keep to themselves."""
import numpy as np

import numbacnn as nc
from numbacnn import nn
from numbacnn.engine import queue
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L


def network():
    nc.manual_seed(3)
    return nn.Conv2d(1, 5, 3), nn.Conv2d(5, 9, 3, stride=2), nn.Linear(36, 4)


def step(layers, x, keep=None):
    """Loss and gradients of a step over many blocks; `keep` collects what the layers leave."""
    first, second, last = layers
    a = first(x)
    b = F.max_pool2d(F.relu(a), 2)
    c = second(b)
    if keep is not None:
        keep += [a, b, c]
    loss = F.cross_entropy(last(c.flatten(1)), nc.zeros(len(x), dtype=nc.int64))
    for layer in layers:
        layer.zero_grad()
    loss.backward()
    grads = [param.grad for layer in layers for param in layer.parameters()]
    del a, b, c
    return [loss.item(), *(grad.numpy().tobytes() for grad in grads)]


def images(count=5 * L + 3):
    return nc.tensor(np.random.default_rng(0).standard_normal((count, 1, 12, 12)).astype(np.float32))


def newest():
    """The program of the operations asked for last."""
    return next(reversed(queue._programs.values()))[0]
