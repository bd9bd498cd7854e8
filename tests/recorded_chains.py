"""A small chain, and what the tests of recordings ask of one."""
import numpy as np

import numbacnn as nc
from engine_modes import at_once
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.nn import recording


def normal(*shape, seed=5):
    return nc.tensor(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def chain(seed=3):
    nc.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Sequential(nn.Flatten(), nn.Linear(36, 5)))


def is_recorded(model, count=1):
    """Whether all that the model remembers are recordings, so many."""
    known = [*recording._known.get(model, {}).values()]
    return len(known) == count and all(type(entry) is recording.Recorded for entry in known)


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
    """A repeated recording gives what the layers give one by one."""
    numbers(model, x, **how)
    repeated = numbers(model, x, **how)
    with at_once():
        assert_same(repeated, numbers(model, x, **how))
