"""Any sequence of things that users do gives the same numbers, whether operations wait and chains repeat or not."""
import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations wait", allow_module_level=True)

import numbacnn as nc
from engine_modes import at_once
from numbacnn import nn, optim
from numbacnn.engine import buffers, finish
from numbacnn.nn import functional as F


def model(kind):
    nc.manual_seed(3)
    if kind == "flat":
        return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3, padding=1), nn.Tanh(),
                             nn.AvgPool2d(3), nn.Flatten(), nn.Linear(8, 5))
    return nn.Sequential(nn.Sequential(nn.Conv2d(1, 4, 3, bias=False), nn.ReLU(), nn.MaxPool2d(2)), nn.Flatten(),
                         nn.Sequential(nn.LazyLinear(7), nn.ReLU(), nn.Linear(7, 5)))


class User:
    """A user training a network; each method is one thing to do, `a` says in which of its forms."""

    def __init__(self, kind):
        self.draw, self.kind, self.net = np.random.default_rng(7), kind, model(kind)
        self.net(nc.zeros(1, 1, 8, 8))
        self.losses, self.handed_out, self.seen, self.inputs = [], [], [], []
        self.make_optimizer()

    def make_optimizer(self):
        params = [*self.net.parameters()]
        self.optimizer = (optim.SGD([{"params": params[:2], "lr": 0.1}, {"params": params[2:]}], lr=0.05, momentum=0.9)
                          if self.kind == "flat" else optim.Adam(params, lr=0.01))

    def images(self, a):
        return self.draw.standard_normal(((1, 5, 33)[a % 3], 1, 8, 8)).astype(np.float32)

    def param(self, a):
        params = [*self.net.parameters()]
        return params[a % len(params)]

    def forward(self, a):
        x = nc.tensor(self.images(a), requires_grad=bool(a & 4))
        self.inputs.append(x)
        out = self.net(x)
        classes = nc.tensor(np.arange(len(x)) % 5)
        self.losses.append(F.cross_entropy(out, classes, reduction=("mean", "sum")[a & 1]) if a & 8 else (out * out).sum())

    def forward_of_an_array_that_changes(self, a):
        array = self.images(a)
        out = self.net(nc.from_numpy(array))
        array[:] = 100
        self.losses.append((out * out).mean())

    def evaluate(self, a):
        with nc.no_grad():
            self.handed_out.append(self.net(nc.tensor(self.images(a))).numpy())

    def backward(self, a):
        if self.losses:
            self.losses[a % len(self.losses)].backward(retain_graph=bool(a & 16))

    def step(self, a):
        self.optimizer.step()

    def zero_grad(self, a):
        self.optimizer.zero_grad(set_to_none=bool(a & 1))

    def change_a_weight(self, a):
        with nc.no_grad():
            self.param(a)[0:1].add_(0.5) if a & 1 else self.param(a).mul_(1.25)

    def hand_out(self, a):
        param = self.param(a)
        tensor = param.grad if a & 8 and param.grad is not None else param.detach()
        self.handed_out.append(tensor.numpy())

    def write_to_what_was_handed_out(self, a):
        if self.handed_out:
            self.handed_out[a % len(self.handed_out)][...] += 0.125

    def replace_the_numbers(self, a):
        self.param(a).data = self.param(a).data * 1.5

    def freeze_or_not(self, a):
        self.param(a).requires_grad_(not self.param(a).requires_grad)

    def look(self, a):
        if self.losses:
            self.seen.append(self.losses[a % len(self.losses)].item())

    def own_gradient(self, a):
        self.param(a).grad = nc.ones(*self.param(a).shape)

    def copy_the_model(self, a):
        self.net = copy.deepcopy(self.net)
        self.make_optimizer()

    def load(self, a):
        self.net.load_state_dict({name: value * 0.75 for name, value in self.net.state_dict().items()})

    def wrong_input(self, a):
        with pytest.raises(ValueError, match="channels"):
            self.net(nc.zeros(2, 3, 8, 8))

    def watch_a_layer(self, a):
        layers = [*self.net.modules()]
        handle = layers[a % len(layers)].register_forward_hook(lambda layer, args, out: out * 1.5 if out.ndim == 2 else None)
        if a & 16:
            self.net(nc.ones(2, 1, 8, 8))
            handle.remove()

    def other_non_linearity(self, a):
        layer = next(layer for layer in self.net.modules() if type(layer) in (nn.ReLU, nn.Tanh))
        layer.__class__ = nn.Tanh if type(layer) is nn.ReLU else nn.ReLU

    def poison_free_memory(self, a):
        finish()  # a program that runs may be at it
        for blocks in buffers.Buffer.free.values():
            for memory, _ in blocks:
                memory[:] = 0xFF

    def do(self, action, a):
        """One thing; what is refused leaves no gradients, since how far it came is not defined."""
        try:
            getattr(self, action)(a)
        except RuntimeError:
            self.seen.append("RuntimeError")
            self.losses.clear()
            for tensor in (*self.net.parameters(), *self.inputs):
                tensor.grad = None

    def everything(self):
        """All that can be seen."""
        tensors = [*self.net.parameters(), *self.inputs]
        grads = [tensor.grad for tensor in tensors if tensor.grad is not None]
        return [len(grads), *self.seen, *self.handed_out,
                *(tensor.detach().numpy() for tensor in (*self.losses, *tensors, *grads))]


OFTEN = ["forward", "backward"] * 4 + ["step", "zero_grad", "look"] * 2
SELDOM = [name for name, value in vars(User).items() if callable(value) and name not in (
    "__init__", "make_optimizer", "images", "param", "do", "everything")]


def everything_after(kind, script):
    user = User(kind)
    for action, a in script:
        user.do(action, a)
    return user.everything()


@settings(max_examples=settings.default.max_examples // 3)
@given(st.sampled_from(["flat", "nested"]),
       st.lists(st.tuples(st.sampled_from(OFTEN + SELDOM), st.integers(0, 31)), min_size=5, max_size=30))
def test_nobody_can_tell_that_operations_wait(kind, script):
    waiting = everything_after(kind, script)
    with at_once():
        expected = everything_after(kind, script)
    assert len(waiting) == len(expected)
    for one, other in zip(waiting, expected):
        np.testing.assert_array_equal(one, other)
