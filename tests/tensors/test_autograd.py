"""The tape: what it records, what it keeps, how gradients add up, and storages of the engine."""

import gc
import weakref

import numpy as np
import pytest

import numbacnn as nc
from numbacnn.tensors.internals import detached
from numbacnn.tensors.tape import Node


def test_gradients_add_up_in_the_same_array():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    array = x.grad.numpy()
    (3 * x).sum().backward()
    assert np.shares_memory(x.grad.numpy(), array)
    assert array.tolist() == [5.0, 7.0]


def test_two_leaves_never_share_the_memory_of_a_gradient():
    x, y = nc.ones(3, requires_grad=True), nc.ones(3, requires_grad=True)
    (x + y).backward(nc.ones(3))
    (x + y).backward(nc.ones(3))
    assert x.grad.tolist() == y.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_gradient_that_was_handed_in_is_not_written_to():
    x, dout = nc.ones(2, 2, requires_grad=True), nc.ones(4)
    x.view(4).backward(dout)
    x.view(4).backward(dout)
    assert dout.tolist() == [1.0] * 4 and x.grad.tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_second_backward_is_refused_and_retain_graph_allows_it():
    x = nc.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12.0
    with pytest.raises(RuntimeError, match="second time.*retain_graph=True"):
        y.backward()


def test_a_failed_backward_leaves_nothing_behind():
    x = nc.tensor(2.0, requires_grad=True)
    y = x * x
    shared = y * 3
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        (shared + x).backward()
    x.grad = None
    (x * x).backward()
    assert x.grad.item() == 4.0


def test_long_chains_need_no_recursion():
    x = nc.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(5000):
        y = y + 0.001
    y.backward()
    assert x.grad.item() == 1.0


def test_no_grad_as_block_and_as_decorator():
    x = nc.ones(2, requires_grad=True)

    @nc.no_grad()
    def with_brackets():
        return x * 2

    @nc.no_grad
    def without():
        return x * 2

    with nc.no_grad():
        assert not nc.is_grad_enabled()
        assert not (x * 2).requires_grad
        with nc.enable_grad():
            assert (x * 2).requires_grad
    assert nc.is_grad_enabled()
    assert not with_brackets().requires_grad and not without().requires_grad
    assert with_brackets.__name__ == "with_brackets"
    with pytest.raises(TypeError, match="generator"):
        @nc.no_grad()
        def generator():
            yield 1


def test_no_grad_ends_when_an_error_leaves_it():
    with pytest.raises(ZeroDivisionError), nc.no_grad():
        1 / 0
    assert nc.is_grad_enabled()


def test_tape_keeps_no_result_that_no_operation_needs():
    x = nc.ones(3, requires_grad=True)
    between = x + 1
    gone = weakref.ref(between._array)
    out = between + 1
    del between
    gc.collect()
    assert gone() is None and out.requires_grad


def test_backward_on_a_leaf_gives_ones_and_a_frozen_leaf_gets_none():
    x = nc.tensor(3.0, requires_grad=True)
    x.backward()
    frozen = nc.tensor(2.0, requires_grad=True)
    frozen.requires_grad = False
    (x * frozen).backward()
    assert x.grad.item() == 3.0 and frozen.grad is None


def test_retain_grad_keeps_the_gradient_of_a_result():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0] and x.grad.tolist() == [8.0, 16.0]


@pytest.mark.parametrize("attempt, words", [
    (lambda x: (x * 2).backward(), "scalar outputs"),
    (lambda x: x.detach().sum().backward(), "does not require grad"),
    (lambda x: (x * 2).backward(nc.ones(3)), r"gradient has shape \(3,\)"),
    (lambda x: x.numpy(), "detach"),
    (lambda x: x.add_(1), "no_grad"),
    (lambda x: x.__iadd__(1), "no_grad"),
    (lambda x: x.__setitem__(0, 1.0), "no_grad"),
    (lambda x: (x * 2).requires_grad_(False), "leaf"),
    (lambda x: nc.tensor([1, 2], requires_grad=True), "floating point"),
])
def test_misuse_of_the_tape_is_refused_with_the_way_out(attempt, words):
    with pytest.raises(RuntimeError, match=words):
        attempt(nc.tensor([1.0, 2.0], requires_grad=True))


def test_updates_in_place_under_no_grad_reach_the_tensor_itself():
    w = nc.tensor([1.0, 2.0], requires_grad=True)
    array = w.detach().numpy()
    (w * w).sum().backward()
    with nc.no_grad():
        w -= 0.5 * w.grad
    assert array.tolist() == [0.0, 0.0] and w.requires_grad


def test_adding_to_a_result_in_place_keeps_the_tape():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y += x
    total = nc.zeros(())
    total += y.sum()
    total.backward()
    assert x.grad.tolist() == [3.0, 3.0]


# ---- a storage of the engine's

class Batch:
    """A stand-in for the engine's private layout: it keeps the numbers reversed, and counts conversions."""

    fixed, memory = True, None

    def __init__(self, array):
        self.reversed, self.shape, self.dtype, self.conversions = array[::-1].copy(), array.shape, array.dtype, 0

    def numpy(self):
        self.conversions += 1
        return self.reversed[::-1].copy()

    def unpacked(self):
        return self

    def copy(self):
        return self

    def reshaped(self, shape):
        return Batch(self.reversed[::-1].reshape(shape))

    def plus(self, other):
        return Batch(self.numpy() + other.numpy()) if isinstance(other, Batch) else None


def double(x):
    """An operation of the engine: batches in and out."""
    def backward(dout):
        assert isinstance(dout, Batch)
        return (Batch(2 * dout.numpy()),)

    return nc.Tensor._from_op(Batch(2 * x._array), (x,), backward, "double")


def last_layer(x):
    """An operation that sends its gradient down as a batch, as the loss does."""
    return nc.Tensor._from_op(x._storage, (x,), lambda dout: (Batch(dout),), "last_layer")


def test_a_batch_is_converted_once_and_stays():
    x = detached(Batch(np.arange(3.0)))
    assert x._array.tolist() == [0.0, 1.0, 2.0]
    assert (x + 1).tolist() == [1.0, 2.0, 3.0]
    assert isinstance(x._storage, Batch) and x._storage.conversions == 1


def test_writing_to_a_tensor_leaves_the_batch_behind():
    x = detached(Batch(np.arange(3.0)))
    y = x.clone()
    x.add_(1)
    assert isinstance(x._storage, np.ndarray)
    assert x.tolist() == [1.0, 2.0, 3.0] and y.tolist() == [0.0, 1.0, 2.0]
    assert np.shares_memory(x.numpy(), x._array)


def test_flatten_asks_the_batch_and_its_gradient_returns_as_a_batch():
    x = nc.tensor(np.arange(6.0).reshape(1, 2, 3), requires_grad=True)
    for flat in (lambda t: t.flatten(1), lambda t: t.view(-1, 6), lambda t: t.reshape(t.size(0), -1)):
        x.grad = None
        out = flat(double(x))
        assert isinstance(out._storage, Batch) and tuple(out.shape) == (1, 6)
        last_layer(out).backward(nc.ones(1, 6))
        assert x.grad.tolist() == [[[2.0] * 3] * 2]


def test_plain_operations_take_gradients_that_arrive_as_batches():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    out = double(x * 3)
    last_layer(out).backward(nc.ones(2))
    assert x.grad.tolist() == [6.0, 6.0]


def test_gradients_of_both_kinds_add_up():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1

    def merge(a, b):
        return nc.Tensor._from_op(a._array + b._array, (a, b), lambda dout: (Batch(dout), dout), "merge")

    merge(y, y).backward(nc.ones(2))
    merge(x, x).backward(nc.ones(2))
    assert x.grad.tolist() == [4.0, 4.0]


def test_nothing_is_recorded_where_no_gradient_is_needed():
    assert nc.Tensor._from_op(np.ones(2), (nc.ones(2),), None, "name").grad_fn is None
    with nc.no_grad():
        assert nc.Tensor._from_op(np.ones(2), (nc.ones(2, requires_grad=True),), None, "name").grad_fn is None
    out = nc.Tensor._from_op(np.ones(2), (nc.ones(2, requires_grad=True),), None, "max_pool2d")
    assert isinstance(out.grad_fn, Node) and repr(out.grad_fn) == "<MaxPool2dBackward0>"


def test_a_gradient_of_the_wrong_shape_is_named():
    x = nc.ones(3, requires_grad=True)
    out = nc.Tensor._from_op(np.ones(3), (x,), lambda dout: (np.ones(2),), "wrong")
    with pytest.raises(RuntimeError, match=r"shape \(2,\).*shape \(3,\)"):
        out.sum().backward()
