"""Operations wait in a queue; whatever happens meanwhile, the results do not show it."""
import copy
import pickle
from functools import partial

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations wait", allow_module_level=True)

import numbacnn as nc
from engine_modes import normal
from numbacnn.engine import queue
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.task import Task
from numbacnn.nn import functional as F
from numbacnn.simd import views


@pytest.fixture
def weight():
    """A weight of which no array was handed out."""
    return normal(4, 6).requires_grad_()


@pytest.fixture
def x():
    return normal(3, 6, seed=6)


def gradient_after(loss, leaf, backward):
    backward(loss)
    return leaf.grad


@pytest.fixture(params=[partial(gradient_after, backward=nc.Tensor.backward), partial(gradient_after, backward=nc.autograd.backward),
                        lambda loss, leaf: nc.autograd.grad(loss, [leaf])[0]], ids=["method", "backward", "grad"])
def backward(request):
    """Each way to the gradient of a leaf."""
    return request.param


def waits():
    """How many operations do."""
    return len(queue._waiting)


def test_operations_wait_until_somebody_looks(weight, x):
    out = F.linear(x, weight)
    assert waits() > 0
    seen = out.detach()
    assert waits() > 0
    seen.numpy()
    assert waits() == 0


# ---------------------------------------------------------------- writing to what a waiting operation reads
@pytest.mark.parametrize("change", [
    lambda w: w.mul_(2), lambda w: w.copy_(nc.zeros(4, 6)), lambda w: w.__setitem__(0, 7), lambda w: w.normal_(),
    lambda w: w[1:3].fill_(3), lambda w: w.T.add_(1), lambda w: w.view(24).zero_(), lambda w: w.data.mul_(2),
    lambda w: w.detach().numpy().fill(9), lambda w: np.asarray(w.detach())[1:].fill(9), lambda w: nc.nn.init.ones_(w),
    lambda w: nc.Tensor(w.detach()).zero_()])
def test_a_change_comes_after_the_operations_asked_for_before(weight, x, change):
    with nc.no_grad():
        before = F.linear(x, weight).numpy().copy()
        out = F.linear(x, weight)
        change(weight)
        changed = F.linear(x, weight)
    np.testing.assert_array_equal(out.numpy(), before)
    np.testing.assert_array_equal(changed.numpy(), F.linear(x, nc.tensor(weight.detach().numpy())).numpy())
    assert not np.array_equal(changed.numpy(), before)


@pytest.mark.parametrize("hand_out", [
    lambda w: w.detach().numpy(), lambda w: np.asarray(w.detach()), lambda w: w.detach().T.numpy().T,
    lambda w: w.detach()[:].numpy(), lambda w: w.data.numpy().view()], ids=["numpy", "asarray", "T", "slice", "view"])
def test_an_array_handed_out_earlier_may_be_written_to(weight, x, hand_out):
    array = hand_out(weight)
    out, before = F.linear(x, weight), x.numpy() @ array.T
    array[:] = 100
    np.testing.assert_allclose(out.detach().numpy(), before, rtol=1e-4, atol=1e-5)


def test_a_weight_handed_out_may_be_written_to_right_after_backward(weight, x, backward):
    array = weight.detach().numpy()
    x.requires_grad_()
    dx = backward(F.linear(x, weight).sum(), x)
    expected = np.broadcast_to(array.sum(0), (3, 6)).copy()
    array[:] = 0
    np.testing.assert_allclose(dx.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_an_array_of_something_else_that_was_handed_out_leaves_backward_waiting(weight, x, backward):
    elsewhere = nc.zeros(3).numpy()
    dweight = backward(F.linear(x, weight).sum(), weight)
    assert waits() > 0
    np.testing.assert_allclose(dweight.numpy(), np.broadcast_to(x.numpy().sum(0), (4, 6)), rtol=1e-5, atol=1e-6)
    assert elsewhere.any() == 0


def test_an_array_that_came_in_may_be_written_to(weight):
    array = normal(3, 6).numpy().copy()
    image = nc.from_numpy(array)[1:]
    expected = array[1:] @ weight.detach().numpy().T
    out = F.linear(image, weight)
    array[:] = 100
    np.testing.assert_allclose(out.detach().numpy(), expected, rtol=1e-4, atol=1e-5)


def test_a_memory_mapped_file_may_be_written_to(weight, tmp_path):
    """Its views are of a class of their own."""
    mapped = np.memmap(tmp_path / "images", np.float32, "w+", shape=(4, 6))
    mapped[:] = 1
    out = F.linear(nc.from_numpy(mapped)[1:3], weight)
    expected = np.broadcast_to(weight.detach().numpy().sum(1), (2, 4))
    mapped[:] = 100
    np.testing.assert_allclose(out.detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_the_gradient_handed_in_may_be_used_again(weight, x):
    gradient = normal(3, 4).numpy().copy()
    out, expected = F.linear(x, weight), gradient.T @ x.numpy()
    out.backward(gradient)
    gradient[:] = 100
    np.testing.assert_allclose(weight.grad.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_two_tensors_of_one_waiting_gradient(weight, x):
    F.linear(x, weight).sum().backward()
    twin = nc.Tensor(weight.grad)
    array = weight.grad.numpy()
    expected = x.numpy() @ array.T
    out = F.linear(x, twin)
    array[:] = 100
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-4, atol=1e-5)


@Task
def add_word():
    """out[k] = x[k] + word 0."""
    def task(table, k):
        x, out = views.floats(table, 0, 1), views.floats(table, 1, 1)
        out[k] = x[k] + views.number(table, 0)
    return task


def adding(word, *names):
    """A plan that adds the word to each name to make the next, of four numbers."""
    plan = Plan()
    for one, other in zip(names, names[1:]):
        plan.row(add_word.of(), 4, [Array(one, (4,), (4,))], [Array(other, (4,), (4,))], [word])
    return plan.finish()


def test_views_of_one_memory_are_told_from_others():
    memory, x, between, out = (np.zeros(count, np.float32) for count in (8, 4, 4, 4))
    queue.enqueue(adding(10, "x", "between", "view"), x=x, between=between, view=memory[2:6])
    queue.enqueue(adding(100, "view", "out"), view=memory[:4], out=out)
    queue.finish()
    np.testing.assert_array_equal(memory, [0, 0, 20, 20, 20, 20, 0, 0])
    np.testing.assert_array_equal(out, [100, 100, 120, 120])


# ---------------------------------------------------------------- gradients that are still to come
def test_copies_wait_for_the_numbers(weight, x):
    out = F.linear(x, weight)
    out.sum().backward()
    for twin in (copy.deepcopy(weight), pickle.loads(pickle.dumps(weight))):
        np.testing.assert_array_equal(twin.grad.numpy(), weight.grad.numpy())
        np.testing.assert_array_equal(twin.detach().numpy(), weight.detach().numpy())
        assert twin.requires_grad and twin.is_leaf and not np.shares_memory(twin.grad.numpy(), weight.grad.numpy())


def test_a_copy_of_a_batch_has_memory_of_its_own(weight, x):
    with nc.no_grad():
        out = F.linear(x, weight)
    twin, expected = copy.deepcopy(out), out.numpy().copy()
    del out
    others = [F.linear(x, normal(4, 6, seed=k)) for k in range(4)]
    np.testing.assert_array_equal(F.relu(twin).numpy(), np.maximum(expected, 0))
    assert len(others) == 4


@pytest.mark.parametrize("use", [lambda g, x: F.linear(x, g), lambda g, x: F.linear(g, x), lambda g, x: F.relu(g),
                                 lambda g, x: F.tanh(F.linear(g, x)), lambda g, x: g.reshape(24) * 2,
                                 lambda g, x: nc.nn.Sequential(nc.nn.Tanh(), nc.nn.Identity())(g)])
def test_a_gradient_may_be_an_input(weight, x, use):
    F.linear(x, weight).sum().backward()
    waiting = use(weight.grad, x)
    expected = use(nc.tensor(weight.grad.numpy()), x)
    np.testing.assert_array_equal(waiting.numpy(), expected.numpy())


def test_weights_may_come_from_a_layer(torch):
    """The gradient of the weight arrives at another layer of the engine."""
    w, k, x = (normal(*shape).numpy() for shape in ((2, 1, 3, 3), (3, 1, 1, 1), (2, 3, 5, 5)))
    results = []
    for of, conv2d in ((nc.tensor, F.conv2d), (torch.tensor, torch.nn.functional.conv2d)):
        leaf, inner = of(w, requires_grad=True), of(k, requires_grad=True)
        conv2d(of(x), conv2d(leaf, inner)).sum().backward()
        results.append((leaf.grad.numpy(), inner.grad.numpy()))
    for own, theirs in zip(*results):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-4)


def test_a_leaf_frozen_since_the_forward_pass_takes_no_gradient(weight, x):
    bias = nc.zeros(4, requires_grad=True)
    loss = (F.linear(x, weight, bias) * weight.sum()).sum()
    weight.requires_grad_(False)
    loss.backward()
    assert weight.grad is None and bias.grad is not None


def test_nothing_may_be_left_to_do(weight, x):
    """Everything was frozen since the forward pass."""
    bias = nc.zeros(4, requires_grad=True)
    out = F.linear(x, weight, bias)
    weight.requires_grad_(False)
    bias.requires_grad_(False)
    out.backward(nc.ones(3, 4))
    assert weight.grad is None and bias.grad is None and float(F.linear(x, weight).sum()) != 0


def test_relu_of_relu():
    """Both are computed when the second is read."""
    image = normal(2, 1, 5, 5)
    with nc.no_grad():
        out = F.conv2d(image, normal(2, 1, 3, 3))
        twice = F.relu(F.relu(out))
    np.testing.assert_array_equal(twice.flatten(1).numpy(), np.maximum(out.numpy(), 0).reshape(2, -1))


def test_numbers_that_were_detached_before_they_were_there(weight, x):
    """They are those of the Tensor itself, whichever of the two is read or written first."""
    expected = x.numpy() @ weight.detach().numpy().T
    for first, second in ((0, 1), (1, 0)):
        out = F.linear(x, weight)
        pair = out, out.detach()
        assert not pair[1].requires_grad
        with nc.no_grad():
            pair[first].mul_(2)
        np.testing.assert_allclose(pair[second].detach().numpy(), 2 * expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(F.relu(pair[second]).detach().numpy(), np.maximum(2 * expected, 0), rtol=1e-5, atol=1e-6)
