"""What changes after a chain was traced is noticed, and what goes wrong does no harm."""
import copy
import pickle

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations are traced", allow_module_level=True)

import numbacnn as nc
from engine_modes import assert_as_at_once, assert_same, at_once, chain, is_traced, normal, numbers
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.nn import traced_chain


def swap(model):
    model._modules["1"] = model.spare


def give_weight(model):
    model[0]._parameters["weight"] = nn.Parameter(normal(4, 1, 3, 3, seed=9))


@pytest.mark.parametrize("change", [
    lambda m: setattr(m[0], "padding", (1, 1)) or setattr(m[2], "stride", (3, 3)),
    lambda m: setattr(m[0], "weight", nn.Parameter(normal(4, 1, 3, 3, seed=9))), lambda m: setattr(m[0], "bias", None),
    lambda m: m.__setitem__(1, nn.Tanh()), lambda m: m.append(nn.Tanh()), lambda m: m.insert(1, nn.Tanh()),
    lambda m: m.__delitem__(1), lambda m: m[3].append(nn.Linear(5, 5)), lambda m: delattr(m[3], "1"), swap, give_weight,
    lambda m: setattr(m[1], "__class__", nn.Tanh), lambda m: setattr(m[1], "forward", lambda x: x * 2),
    lambda m: m[1].register_forward_hook(lambda module, args, out: out * 2),
    lambda m: m[3].register_forward_pre_hook(lambda module, args: args[0] * 2),
    lambda m: setattr(m[0].weight, "data", normal(4, 1, 3, 3, seed=9)), lambda m: m[0].weight.requires_grad_(False),
    lambda m: m.requires_grad_(False)[3].requires_grad_(), lambda m: m[0].weight.data.mul_(2),
    lambda m: m[0].weight.detach().numpy().fill(0.5), lambda m: m.load_state_dict(chain(8).state_dict()),
    lambda m: m[0].reset_parameters()])
def test_changes_are_noticed(change):
    model, x = chain(), normal(3, 1, 8, 8)
    object.__setattr__(model, "spare", nn.Tanh())
    before = numbers(model, x)
    change(model)
    after = numbers(model, x)
    with at_once():
        assert_same(after, numbers(model, x))
    assert any(one is None or one.shape != other.shape or (one != other).any()
               for one, other in zip(after[:1] + after[2:], before[:1] + before[2:]))


def test_unfreezing():
    model, x = chain(), normal(3, 1, 8, 8)
    model[0].requires_grad_(False)
    assert numbers(model, x)[2] is None
    model[0].requires_grad_()
    assert numbers(model, x)[2] is not None
    assert_as_at_once(model, x)


def test_a_hook_that_went_leaves_a_traced_chain():
    model, x, seen = chain(), normal(3, 1, 8, 8), []
    model(x)
    with model[1].register_forward_hook(lambda *_: seen.append(1)):
        model(x)
        model(x)
    model(x)
    assert seen == [1, 1] and is_traced(model)


def test_layers_of_ones_own_are_called_each_time():
    calls = []

    class Counting(nn.Tanh):
        def __call__(self, x):
            calls.append(1)
            return super().__call__(x)

    class Twice(nn.Sequential):
        def forward(self, x):
            calls.append(2)
            return super().forward(super().forward(x))

    for model in (nn.Sequential(nn.Linear(6, 6), Counting()), nn.Sequential(Twice(nn.Linear(6, 6)), nn.Tanh())):
        calls.clear()
        for _ in range(3):
            model(normal(2, 6))
        assert len(calls) == 3


def test_only_changes_of_its_own_layers_cost_a_trace():
    model, x = chain(), normal(3, 1, 8, 8)
    model(x)
    (before,) = traced_chain._traces[model]._known.values()
    held = nc.ones(3).numpy()
    nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).append(nn.MaxPool2d(2))
    model.eval()
    nn.ReLU()(model.train()(x))
    (after,) = traced_chain._traces[model]._known.values()
    assert before is after and len(held) == 3


def test_arrays_handed_out_elsewhere_do_not_prevent_a_trace():
    held, model = nc.ones(3).numpy(), chain()
    weight = model[0].weight.detach().numpy()
    assert_as_at_once(model, normal(3, 1, 8, 8))
    assert is_traced(model) and len(held) == 3 and weight.size


def test_copies_are_models_of_their_own():
    model, x = chain(), normal(3, 1, 8, 8)
    expected = numbers(model, x)
    F.cross_entropy(model(x), nc.tensor([0, 1, 2])).backward()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        for p, q in zip(model.parameters(), twin.parameters()):
            np.testing.assert_array_equal(q.grad._array, p.grad._array)
        twin.zero_grad()
        assert_same(numbers(twin, x), expected)
        with nc.no_grad():
            twin[0].weight.zero_()
    model.zero_grad()
    assert_same(numbers(model, x), expected)


def test_a_gradient_may_be_the_input():
    model = nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 4))
    model(normal(3, 6)).sum().backward()
    waiting = model(model[0].weight.grad)
    assert_same([waiting.detach().numpy()], [model.layer_by_layer(model[0].weight.grad).detach().numpy()])


def test_a_refused_input_does_no_harm():
    model, x = chain(), normal(3, 1, 8, 8)
    for _ in range(2):
        with pytest.raises(ValueError, match="features"):
            model(normal(3, 1, 9, 11))
        assert_as_at_once(model, x)
