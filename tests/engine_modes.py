"""Running the same work as the engine does it, operations waiting and chains traced, and at once, layer by layer."""
from contextlib import contextmanager

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.engine import queue
from numbacnn.nn import container, traced_chain
from numbacnn.nn import functional as F


@contextmanager
def at_once():
    """Every operation runs when it is asked for, every layer is an operation of its own."""
    append = queue.append

    def append_and_finish(plan, places):
        append(plan, places)
        queue.finish()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "append", append_and_finish)
        patch.setattr(container, "traced", lambda chain, input: None)
        yield


def normal(*shape, seed=5):
    return nc.tensor(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def chain(seed=3):
    nc.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Sequential(nn.Flatten(), nn.Linear(36, 5)))


def is_traced(model, count=1):
    """Whether all that the model remembers are traces, so many."""
    known = [found for _, found in traced_chain._traces[model]._known.values()] if model in traced_chain._traces else []
    return len(known) == count and all(type(entry) is traced_chain.TracedChain for entry in known)


def numbers(model, x, **how):
    """The result of a forward and a backward pass, and all gradients; these are gone afterwards."""
    out = model(x)
    F.cross_entropy(out, nc.tensor(np.arange(len(x)) % out.shape[1]), **how).backward()
    tensors = [x, *model.parameters()]
    found = [out.detach().numpy(), *(None if t.grad is None else t.grad.numpy() for t in tensors)]
    for t in tensors:
        t.grad = None
    return found


def assert_same(some, others):
    assert len(some) == len(others)
    for one, other in zip(some, others):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


def assert_as_at_once(model, x, **how):
    """A repeated trace gives what the layers give one by one."""
    numbers(model, x, **how)
    repeated = numbers(model, x, **how)
    with at_once():
        assert_same(repeated, numbers(model, x, **how))
