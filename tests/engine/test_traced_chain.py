"""Chains that are traced and repeated: the same numbers, bit by bit, as layer by layer and at once."""
import gc
import sys
import threading
import weakref
from functools import reduce
from operator import add

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations are traced", allow_module_level=True)

import numbacnn as nc
from engine_modes import assert_as_at_once, assert_same, at_once, chain, is_traced, normal, numbers
from numbacnn import nn, optim
from numbacnn.engine import Batch, buffers, tiles
from numbacnn.nn import functional as F
from numbacnn.nn.guards import KEPT


# ---------------------------------------------------------------- the same numbers
@pytest.mark.parametrize("N", [1, 3, 33])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_the_same_bits_as_layer_by_layer(N, reduction, requires_grad):
    model = chain()
    assert_as_at_once(model, normal(N, 1, 8, 8).requires_grad_(requires_grad), reduction=reduction)
    assert is_traced(model)


@pytest.mark.parametrize("layers", [
    lambda: [nn.Conv2d(1, 3, 3, padding="same"), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(48, 5)],
    lambda: [nn.Conv2d(1, 3, 3, stride=2, bias=False), nn.MaxPool2d(3), nn.ReLU(), nn.ReLU(), nn.Flatten(), nn.Linear(3, 5)],
    lambda: [nn.Conv2d(1, 3, 2, dilation=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 5), nn.ReLU()],
    lambda: [nn.Conv2d(1, 3, 8), nn.Identity(), nn.Flatten(), nn.Identity()]])
def test_layers_of_every_kind(layers):
    model = nn.Sequential(*layers())
    assert_as_at_once(model, normal(5, 1, 8, 8))
    assert is_traced(model)


@pytest.mark.parametrize("layers", [
    lambda: [nn.ReLU(), nn.Flatten(), nn.Linear(64, 5)], lambda: [nn.Flatten(), nn.Linear(64, 5), nn.Tanh()],
    lambda: [nn.Conv2d(1, 3, 2, padding="same"), nn.Flatten(), nn.Linear(192, 5)],
    lambda: [nn.Flatten(), nn.LazyLinear(7), nn.ReLU(), nn.LazyLinear(5)]])
def test_what_cannot_be_traced_as_a_whole(layers):
    assert_as_at_once(nn.Sequential(*layers()), normal(5, 1, 8, 8))


class Beside(nn.Sequential):
    """Its layers side by side: the input is used as often as there are layers."""

    def layer_by_layer(self, input):
        return reduce(add, (layer(input) for layer in self))


@pytest.mark.parametrize("N", [1, 33])
@pytest.mark.parametrize("beside", [
    lambda: Beside(nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 1)),
    lambda: Beside(nn.Conv2d(4, 4, 3, padding=1), nn.Identity(), nn.Conv2d(4, 4, 1))], ids=["two", "three"])
def test_gradients_meet_in_an_input_that_is_used_more_than_once(beside, N):
    model = nn.Sequential(beside(), nn.Flatten())
    assert_as_at_once(model, normal(N, 4, 5, 5).requires_grad_())
    assert is_traced(model)


def test_a_gradient_of_another_shape_is_an_error_in_a_chain_too(monkeypatch):
    right = tiles.linear_backward

    def wrong(*args):
        return Batch((3, 5)), *right(*args)[1:]

    monkeypatch.setattr(tiles, "linear_backward", wrong)
    model = nn.Sequential(nn.Linear(6, 4), nn.ReLU())
    with pytest.raises(RuntimeError, match=r"the gradient has shape \(3, 5\) but its tensor has shape \(3, 6\)"):
        model(normal(3, 6).requires_grad_()).sum().backward()


@pytest.mark.parametrize("requires_grad", [False, True])
def test_gradients_meet_in_a_layer_that_is_used_more_than_once(requires_grad):
    conv = nn.Conv2d(4, 4, 3, padding=1)
    assert_as_at_once(nn.Sequential(conv, nn.Tanh(), conv, nn.Flatten()), normal(5, 4, 5, 5).requires_grad_(requires_grad))


def test_close_to_pytorch(torch):
    own = chain()
    theirs = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                                 torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 5)))
    theirs.load_state_dict({name: torch.tensor(value.numpy().copy()) for name, value in own.state_dict().items()})
    x = normal(9, 1, 8, 8)
    for model, image, target, loss, sgd in (
            (own, x, nc.tensor(np.arange(9) % 5), F.cross_entropy, optim.SGD),
            (theirs, torch.tensor(x.numpy()), torch.arange(9) % 5, torch.nn.functional.cross_entropy, torch.optim.SGD)):
        optimizer = sgd(model.parameters(), lr=0.1, momentum=0.9)
        for step in range(10):
            if step % 3 == 0:  # gradients of two passes add up
                optimizer.zero_grad(set_to_none=step % 2 == 0)
            loss(model(image), target).backward()
            optimizer.step()
    for p, q in zip(own.parameters(), theirs.parameters()):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-3, atol=1e-4)


def test_threads_change_no_bit(threads):
    if config.NUMBA_NUM_THREADS < 2:
        pytest.skip("this computer has one thread")
    results = []
    for number in (1, 2):
        threads(number)
        model = chain()
        numbers(model, normal(40, 1, 8, 8))
        results.append(numbers(model, normal(40, 1, 8, 8)))
    assert_same(*results)


def test_recycled_memory_does_not_show():
    model, x = chain(), normal(3, 1, 8, 8).requires_grad_()
    clean = numbers(model, x)
    for _ in range(3):
        for blocks in buffers.Buffer.free.values():
            for memory, _ in blocks:
                memory[:] = 0xFF
        assert_same(numbers(model, x), clean)


@pytest.mark.parametrize("make", [
    lambda: normal(4, 1, 10, 8).numpy()[:, :, ::2][:, :, :, :5], lambda: normal(1, 5, 5).numpy(),
    lambda: normal(0, 1, 5, 5).numpy(), lambda: normal(2, 1, 5, 5).numpy().transpose(0, 1, 3, 2),
    lambda: np.broadcast_to(normal(1, 1, 5, 5).numpy(), (3, 1, 5, 5)).copy()],
    ids=["strided", "unbatched", "empty", "transposed", "dense"])
def test_inputs_of_every_form(make):
    layer, x = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Tanh()), nc.from_numpy(make())
    layer(x)
    repeated = layer(x).detach().numpy()
    with at_once():
        np.testing.assert_array_equal(repeated, layer(x).detach().numpy())


def test_one_model_for_every_dtype():
    model, x = chain(), normal(3, 1, 8, 8)
    single = numbers(model, x)
    double = numbers(model.double(), x.double())
    assert double[0].dtype == np.float64
    np.testing.assert_allclose(double[2], single[2], rtol=1e-3, atol=1e-5)
    with pytest.raises(TypeError, match="float32 but weight is float64"):
        model(x)
    assert_same(numbers(model.float(), x), single)


# ---------------------------------------------------------------- several passes at a time
def test_passes_that_overlap():
    """Two forward passes before a backward, one graph twice, siamese twins."""
    def play():
        model, a, b = chain(), normal(3, 1, 8, 8), normal(3, 1, 8, 8, seed=6)
        first, second = model(a), model(b)
        first.retain_grad()
        (first * second).sum().backward(retain_graph=True)
        second.sum().backward()
        model(b).sum().backward()
        return [first.grad.numpy(), *(p.grad.numpy() for p in model.parameters())]

    play()
    waiting = play()
    with at_once():
        assert_same(waiting, play())


def test_a_graph_serves_once():
    model, x = chain(), normal(3, 1, 8, 8)
    for _ in range(2):
        out = model(x).sum()
        out.backward()
        with pytest.raises(RuntimeError, match="second time"):
            out.backward()


def test_a_weight_changed_since_the_forward_pass_is_noticed():
    model, x = chain(), normal(3, 1, 8, 8).requires_grad_()
    for _ in range(2):
        out = model(x).sum()
        with nc.no_grad():
            model[0].weight.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            out.backward()


def test_layers_that_share_weights():
    layer = nn.Linear(6, 6)
    assert_as_at_once(nn.Sequential(layer, nn.Tanh(), layer), normal(4, 6))
    twin = nn.Linear(6, 6)
    twin.weight = layer.weight
    assert_as_at_once(nn.Sequential(layer, nn.Tanh(), twin), normal(4, 6))
    third = nn.Linear(6, 6)
    third.weight.data = layer.weight.detach().T  # another Parameter on the same memory
    model = nn.Sequential(layer, nn.Tanh(), third)
    assert_as_at_once(model, normal(4, 6))
    optim.SGD([layer.weight], lr=1.0).step()
    assert_as_at_once(model, normal(4, 6))


# ---------------------------------------------------------------- threads
@pytest.mark.parametrize("shared", [True, False])
def test_several_threads(shared):
    """One model for all, or one for each; shapes differ, so they record while others run."""
    model, failures = chain(), []
    models = [model if shared else chain() for _ in range(3)]
    inputs = [[normal(N, 1, 8, 8, seed=10 * k + N) for N in (1, 2, 3)] for k in range(3)]
    with at_once():
        expected = [[numbers(model, x) for x in those] for those in inputs]

    def work(k):
        for _ in range(30):
            for x, want in zip(inputs[k], expected[k]):
                # threads that share a model share its gradients
                found = [models[k](x).detach().numpy()] if shared else numbers(models[k], x)
                if not all(map(np.array_equal, found, want)):
                    failures.append(k)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        workers = [threading.Thread(target=work, args=(k,)) for k in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(before)
    assert failures == []


# ---------------------------------------------------------------- memory
def test_nothing_keeps_a_dead_model():
    model = chain()
    numbers(model, normal(3, 1, 8, 8))
    left = [weakref.ref(model), weakref.ref(model[0]), weakref.ref(model[0].weight._array)]
    del model
    gc.collect()
    assert [ref() for ref in left] == [None] * 3


def test_nothing_keeps_a_layer_that_was_replaced():
    model = chain()
    for N in (1, 2, 3):
        model(normal(N, 1, 8, 8))
    left = weakref.ref(model[0].weight._array)
    model[0] = nn.Conv2d(1, 4, 3)
    model(normal(1, 1, 8, 8))
    gc.collect()
    assert left() is None and is_traced(model)


def test_many_shapes():
    """Few traces are kept, and blocks of nearly one size are shared."""
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Conv2d(4, 4, 3))
    with nc.no_grad():
        for side in range(8, 12):
            model(normal(2, 1, side, side)).sum().item()
        sizes = len(buffers.Buffer.free)
        for side in range(12, 48):
            model(normal(2, 1, side, side)).sum().item()
    assert is_traced(model, KEPT)
    assert len(buffers.Buffer.free) - sizes < 36
