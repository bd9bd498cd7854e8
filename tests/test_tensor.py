"""Tensor and tape: against PyTorch, against central differences, and against what is known."""

import copy
import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import numbacnn as nc
from numbacnn.autograd import Node

SEED = 20240229


@pytest.fixture
def rng():
    return np.random.default_rng(SEED)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


# Each: id, shapes of the inputs, the operation. Inputs are drawn from [0.5, 2), so that every operation is smooth there.
OPERATIONS = [
    ("add", [(2, 3), (3,)], lambda x, y: x + y),
    ("add-number", [(2, 3)], lambda x: 2 + x + 1.5),
    ("sub", [(2, 1), (1, 3)], lambda x, y: x - y),
    ("sub-number", [(2, 3)], lambda x: 2 - x - 1.5),
    ("mul", [(2, 3), ()], lambda x, y: x * y),
    ("mul-itself", [(2, 3)], lambda x: x * x),
    ("div", [(4, 2, 3), (2, 1)], lambda x, y: x / y),
    ("div-number", [(3,)], lambda x: 2 / x / 3),
    ("pow-number", [(2, 3)], lambda x: x ** 3 + x ** 0.5 + x ** 2 + x ** -1 + x ** 0),
    ("pow", [(2, 3), (3,)], lambda x, y: x ** y),
    ("pow-of-number", [(3,)], lambda x: 2 ** x),
    ("neg", [(2, 3)], lambda x: -x),
    ("exp", [(2, 3)], lambda x: x.exp()),
    ("log", [(2, 3)], lambda x: x.log()),
    ("sqrt", [(2, 3)], lambda x: x.sqrt()),
    ("abs", [(2, 3)], lambda x: (x - 1.25).abs()),
    ("clamp", [(2, 3)], lambda x: x.clamp(0.9, 1.4) + x.clamp(min=1.0) + x.clamp(max=1.5)),
    ("matmul-2d", [(2, 3), (3, 4)], lambda x, y: x @ y),
    ("matmul-vectors", [(3,), (3,)], lambda x, y: x @ y),
    ("matmul-vector-matrix", [(3,), (3, 4)], lambda x, y: x @ y),
    ("matmul-matrix-vector", [(2, 3), (3,)], lambda x, y: x @ y),
    ("matmul-batch", [(5, 1, 2, 3), (4, 3, 2)], lambda x, y: x @ y),
    ("sum", [(2, 3)], lambda x: x.sum()),
    ("sum-dim", [(2, 3, 4)], lambda x: x.sum(1)),
    ("sum-dims-keepdim", [(2, 3, 4)], lambda x: x.sum((0, -1), keepdim=True)),
    ("mean", [(2, 3)], lambda x: x.mean()),
    ("mean-dim", [(2, 3, 4)], lambda x: x.mean(-1, keepdim=True)),
    ("var", [(2, 3)], lambda x: x.var()),
    ("var-dim", [(2, 5)], lambda x: x.var(1, correction=0)),
    ("std", [(2, 5)], lambda x: x.std(0)),
    ("max", [(2, 3)], lambda x: x.max()),
    ("max-dim", [(2, 3, 4)], lambda x: x.max(1).values),
    ("max-dim-keepdim", [(2, 3)], lambda x: x.max(dim=1, keepdim=True)[0]),
    ("min", [(2, 3)], lambda x: x.min()),
    ("min-dim", [(2, 3)], lambda x: x.min(0).values),
    ("reshape", [(2, 6)], lambda x: x.reshape(3, -1)),
    ("view", [(2, 6)], lambda x: x.view((4, 3))),
    ("flatten", [(2, 3, 4)], lambda x: x.flatten(1)),
    ("flatten-middle", [(2, 3, 4, 5)], lambda x: x.flatten(1, 2)),
    ("permute", [(2, 3, 4)], lambda x: x.permute(2, 0, 1)),
    ("transpose", [(2, 3, 4)], lambda x: x.transpose(0, -1)),
    ("T", [(2, 3)], lambda x: x.T),
    ("squeeze", [(1, 3, 1)], lambda x: x.squeeze()),
    ("squeeze-dim", [(1, 3, 1)], lambda x: x.squeeze(0)),
    ("unsqueeze", [(2, 3)], lambda x: x.unsqueeze(-1)),
    ("expand", [(2, 1, 3)], lambda x: x.expand(4, -1, 5, 3)),
    ("index-number", [(4, 3)], lambda x: x[1]),
    ("index-slices", [(4, 5)], lambda x: x[1:, ::2]),
    ("index-ellipsis-none", [(4, 5)], lambda x: x[..., None, 2]),
    ("index-repeated", [(4, 3)], lambda x: x[[0, 2, 0]]),
    ("index-pairs", [(4, 3)], lambda x: x[[0, 2, 0], [1, 1, 1]]),
    ("index-mask", [(4, 3)], lambda x: x[x > 1.2]),
    ("clone", [(2, 3)], lambda x: x.clone()),
    ("to-and-back", [(2, 3)], lambda x: x.float().double()),
    ("diamond", [(2, 3)], lambda x: (x.exp() + x.log()) * x.sum() / x.max()),
]
IDS = [name for name, _, _ in OPERATIONS]


def drawn(rng, shapes, dtype):
    return [rng.uniform(0.5, 2.0, shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("shapes, operation", [case[1:] for case in OPERATIONS], ids=IDS)
def test_operation_equals_pytorch(shapes, operation, dtype, rng, torch):
    arrays = drawn(rng, shapes, dtype)
    ours = [nc.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = operation(*ours), operation(*theirs)
    tolerance = dict(rtol=1e-5, atol=1e-6) if dtype == np.float32 else dict(rtol=1e-12, atol=1e-12)
    assert str(out.dtype) == str(expected.dtype).removeprefix("torch.")
    assert tuple(out.shape) == tuple(expected.shape)
    np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), **tolerance)
    dout = rng.standard_normal(out.shape).astype(str(out.dtype))
    out.backward(nc.tensor(dout))
    expected.backward(torch.tensor(dout))
    for mine, other in zip(ours, theirs):
        assert mine.grad.dtype == mine.dtype
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), **tolerance)


@pytest.mark.parametrize("shapes, operation", [case[1:] for case in OPERATIONS if case[0] != "to-and-back"],
                         ids=[name for name in IDS if name != "to-and-back"])
def test_gradient_equals_central_differences(shapes, operation, rng):
    arrays = drawn(rng, shapes, np.float64)
    inputs = [nc.tensor(a, requires_grad=True) for a in arrays]
    out = operation(*inputs)
    dout = rng.standard_normal(out.shape)
    out.backward(dout)
    with nc.no_grad():
        for k, array in enumerate(arrays):
            expected = np.zeros_like(array)
            for place in np.ndindex(array.shape):
                ends = []
                for step in (1e-6, -1e-6):
                    moved = [a.copy() for a in arrays]
                    moved[k][place] += step
                    ends.append((operation(*map(nc.tensor, moved)).numpy() * dout).sum())
                expected[place] = (ends[0] - ends[1]) / 2e-6
            np.testing.assert_allclose(inputs[k].grad.numpy(), expected, rtol=1e-6, atol=1e-7)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), st.sampled_from("+-*/"))
def test_gradients_have_the_shape_of_their_operand_whatever_was_broadcast(shapes, sign):
    operation = {"+": lambda x, y: x + y, "-": lambda x, y: x - y,
                 "*": lambda x, y: x * y, "/": lambda x, y: x / y}[sign]
    rng = np.random.default_rng(SEED)
    a, b = drawn(rng, shapes.input_shapes, np.float64)
    x, y = nc.tensor(a, requires_grad=True), nc.tensor(b, requires_grad=True)
    out = operation(x, y)
    assert tuple(out.shape) == shapes.result_shape
    out.sum().backward()
    assert x.grad.shape == x.shape and y.grad.shape == y.shape
    # All four are homogeneous: of degree 1 in x, and of degree 1 or -1 in y (plus, for + and -, what x adds).
    into_x, into_y = (x.grad * x).sum().item(), (y.grad * y).sum().item()
    total = out.sum().item()
    expected = {"+": (into_x + into_y), "-": (into_x + into_y), "*": into_x, "/": into_x}[sign]
    assert math.isclose(total, expected, rel_tol=1e-9, abs_tol=1e-9)
    if sign in "*/":
        assert math.isclose(into_y, total if sign == "*" else -total, rel_tol=1e-9, abs_tol=1e-9)


# ---- the tape

def test_gradients_add_up_in_the_same_array():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    array = x.grad.numpy()
    (3 * x).sum().backward()
    assert x.grad.numpy() is array
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

    def __init__(self, array):
        self.reversed, self.shape, self.dtype, self.conversions = array[::-1].copy(), array.shape, array.dtype, 0

    def numpy(self):
        self.conversions += 1
        return self.reversed[::-1].copy()

    def flatten_from(self, start_dim):
        return Batch(self.reversed[::-1].reshape(*self.shape[:start_dim], -1))

    def unflatten_to(self, shape):
        return Batch(self.reversed[::-1].reshape(shape))


def double(x):
    """An operation of the engine: batches in and out."""
    def backward(dout):
        assert isinstance(dout, Batch)
        return (Batch(2 * dout.numpy()),)

    return nc.Tensor._from_op(Batch(2 * x._array), (x,), backward, "double")


def test_a_batch_is_converted_once_and_stays():
    x = nc.Tensor(Batch(np.arange(3.0)))
    assert x._array.tolist() == [0.0, 1.0, 2.0]
    assert (x + 1).tolist() == [1.0, 2.0, 3.0]
    assert isinstance(x._storage, Batch) and x._storage.conversions == 1


def test_writing_to_a_tensor_leaves_the_batch_behind():
    x = nc.Tensor(Batch(np.arange(3.0)))
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
        out.backward(nc.Tensor(Batch(np.ones((1, 6)))))
        assert x.grad.tolist() == [[[2.0] * 3] * 2]


def test_plain_operations_take_gradients_that_arrive_as_batches():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    out = double(x * 3)
    out.backward(nc.Tensor(Batch(np.ones(2))))
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
    assert isinstance(out.grad_fn, Node) and repr(out.grad_fn) == "<MaxPool2dBackward>"


def test_a_gradient_of_the_wrong_shape_is_named():
    x = nc.ones(3, requires_grad=True)
    out = nc.Tensor._from_op(np.ones(3), (x,), lambda dout: (np.ones(2),), "wrong")
    with pytest.raises(RuntimeError, match=r"shape \(2,\).*shape \(3,\)"):
        out.sum().backward()


# ---- creation and dtypes

@pytest.mark.parametrize("make", [
    lambda m: m.tensor([1.0, 2.0]), lambda m: m.tensor([1, 2]), lambda m: m.tensor(True), lambda m: m.tensor([]),
    lambda m: m.tensor([[1, 2.5]]), lambda m: m.tensor(np.array([1.0])), lambda m: m.tensor(np.float64(2)),
    lambda m: m.tensor([m.tensor(1.0), m.tensor(2.0)]), lambda m: m.tensor([1, 2], dtype=m.float64),
    lambda m: m.from_numpy(np.arange(3)), lambda m: m.as_tensor([1.0]), lambda m: m.zeros(2, 3),
    lambda m: m.ones((2, 3), dtype=m.int64), lambda m: m.zeros(()), lambda m: m.full((2,), 3),
    lambda m: m.full((2,), 3.0), lambda m: m.zeros_like(m.ones(2, dtype=m.float64)), lambda m: m.eye(2, 3),
    lambda m: m.arange(3), lambda m: m.arange(0, 1, 0.25), lambda m: m.arange(5, 1, -2), lambda m: m.linspace(0, 1, 5),
    lambda m: m.arange(3) + 1.5, lambda m: m.arange(3) / 2, lambda m: m.arange(3) + m.ones(3),
    lambda m: m.ones(2) + m.ones((), dtype=m.float64), lambda m: m.ones(2) + m.ones(2, dtype=m.float64),
    lambda m: m.arange(2) * m.tensor(2.0, dtype=m.float64), lambda m: m.tensor([True, False]) + 1,
    lambda m: m.ones(2) * 2 ** 0.5, lambda m: m.ones(2) > 0.5, lambda m: m.tensor([True, False]).sum(),
    lambda m: m.tensor([3, 1]) == m.tensor([3, 2]), lambda m: (m.ones(2) > 0) & (m.ones(2) < 0),
    lambda m: ~m.tensor([True, False]), lambda m: m.tensor([1.5, -1.5]).long(), lambda m: m.tensor([1, 0]).bool(),
    lambda m: m.ones(2, 3).argmax(), lambda m: m.tensor([[1, 3, 2]]).argmax(1), lambda m: m.ones(2, 3).argmin(0, True),
    lambda m: m.tensor([1.0, 0.0]).all(), lambda m: m.tensor([1.0, 0.0]).any(), lambda m: m.tensor([0.0]).log(),
    lambda m: m.tensor([1.0]) / 0, lambda m: m.cat([m.ones(1, 2), m.zeros(2, 2)]),
    lambda m: m.stack([m.ones(2), m.zeros(2)], 1), lambda m: m.exp(m.zeros(2)), lambda m: m.flatten(m.ones(2, 2)),
    lambda m: m.tensor([1.0, float("nan"), 2.0]).max(), lambda m: m.empty(0, 3).sum(), lambda m: m.tensor([1]).type(m.float),
    lambda m: m.tensor([2, 3]).float().mean(), lambda m: m.tensor([1, 2]).pow(2), lambda m: m.ones(2).to("cpu").cpu(),
])
def test_value_and_dtype_equal_pytorch(make, torch):
    out, expected = make(nc), make(torch)
    assert str(out.dtype) == str(expected.dtype).removeprefix("torch.")
    assert tuple(out.shape) == tuple(expected.shape)
    np.testing.assert_array_equal(out.numpy(), expected.numpy())


def test_memory_is_shared_exactly_where_pytorch_shares_it():
    array = np.zeros(3, np.float32)
    shared, copied = nc.from_numpy(array), nc.tensor(array)
    array[0] = 1
    assert shared[0].item() == 1 and copied[0].item() == 0
    shared.view(3, 1).mul_(5)
    shared.detach().add_(1)
    assert array.tolist() == [6.0, 1.0, 1.0]
    assert nc.as_tensor(array).numpy() is array


def test_the_same_seed_gives_the_same_numbers():
    def numbers():
        return [nc.rand(3), nc.randn((2, 2)), nc.randint(0, 10, (5,)), nc.randint(3, size=(2,)), nc.randperm(6),
                nc.zeros(3).uniform_(-1, 1), nc.zeros(3).normal_(2, 3)]

    nc.manual_seed(3)
    first = [t.tolist() for t in numbers()]
    state = nc.get_rng_state()
    later = nc.rand(4).tolist()
    nc.manual_seed(3)
    assert [t.tolist() for t in numbers()] == first
    nc.set_rng_state(state)
    assert nc.rand(4).tolist() == later
    own = nc.Generator().manual_seed(3)
    assert nc.rand(3, generator=own).tolist() == first[0]
    nc.manual_seed(4)
    assert nc.rand(3).tolist() != first[0]
    assert nc.initial_seed() == 4
    assert nc.Generator().manual_seed(-1).initial_seed() == -1


def test_random_numbers_follow_their_distribution():
    nc.manual_seed(SEED)
    even, normal, whole = nc.rand(20000), nc.randn(20000), nc.randint(2, 5, (20000,))
    assert even.min() >= 0 and even.max() < 1 and abs(even.mean() - 0.5) < 0.01
    assert abs(normal.mean()) < 0.03 and abs(normal.std() - 1) < 0.03
    assert sorted(set(whole.tolist())) == [2, 3, 4] and whole.dtype == nc.int64
    assert sorted(nc.randperm(50).tolist()) == list(range(50))


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: nc.tensor([[1], [1, 2]]), ValueError, "ragged"),
    (lambda: nc.tensor(["a"]), TypeError, "str"),
    (lambda: nc.zeros(2, dtype="complex64"), TypeError, "complex64.*not offered"),
    (lambda: nc.zeros(-1), RuntimeError, "negative"),
    (lambda: nc.randint(3, 3, (2,)), RuntimeError, "low must be less"),
    (lambda: nc.randint(0, 3), TypeError, "size"),
    (lambda: nc.zeros(2, device="cuda"), RuntimeError, "cuda.*CPU"),
    (lambda: nc.zeros(2).to("cuda"), RuntimeError, "cuda.*CPU"),
    (lambda: nc.zeros(2).cuda(), RuntimeError, "cuda.*CPU"),
    (lambda: nc.manual_seed("x"), TypeError, "int"),
    (lambda: nc.ones(2, 3) + nc.ones(2), RuntimeError, r"add: shapes \(2, 3\) and \(2,\).*3 and 2"),
    (lambda: nc.ones(2, 3) @ nc.ones(2, 3), RuntimeError, "3 columns.*2 rows"),
    (lambda: nc.ones(2, 3).view(4), RuntimeError, r"view.*\(4,\).*\(2, 3\)"),
    (lambda: nc.ones(2, 3).view(-1, -1), RuntimeError, "only one dimension"),
    (lambda: nc.ones(2, 3).sum(2), IndexError, "sum: dim is 2.*2 dimensions"),
    (lambda: nc.ones(2, 3).permute(0, 0), RuntimeError, "twice"),
    (lambda: nc.ones(2, 3).permute(0), RuntimeError, "permute"),
    (lambda: nc.ones(2, 3)[2], IndexError, r"\(2, 3\)"),
    (lambda: nc.arange(3).mean(), RuntimeError, "float"),
    (lambda: nc.ones(2, 3).item(), RuntimeError, "6 elements"),
    (lambda: bool(nc.ones(2)), RuntimeError, "ambiguous"),
    (lambda: len(nc.tensor(1)), TypeError, "0-d"),
    (lambda: nc.zeros(0).max(), RuntimeError, "no elements"),
    (lambda: nc.tensor([1]).add_(1.5), RuntimeError, "int64"),
    (lambda: nc.zeros(2).copy_(nc.zeros(3)), RuntimeError, r"\(3,\)"),
    (lambda: nc.cat([nc.ones(1, 2), nc.ones(1, 3)]), RuntimeError, "cat"),
    (lambda: nc.stack([]), RuntimeError, "none"),
    (lambda: nc.ones(2).expand(3), RuntimeError, "expand"),
    (lambda: nc.ones(2).svd, AttributeError, "numbacnn.*svd"),
    (lambda: nc.svd, AttributeError, "numbacnn.*svd"),
    (lambda: nc.ones(2) + "a", TypeError, "unsupported"),
    (lambda: nc.exp(2), TypeError, "Tensor"),
])
def test_what_cannot_be_done_is_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()


# ---- what Python sees

@pytest.mark.parametrize("make", [
    lambda m: m.tensor([1.0, 2.0]), lambda m: m.tensor(3), lambda m: m.tensor(3.25), lambda m: m.tensor([1.5, float("nan")]),
    lambda m: m.tensor([True]), lambda m: m.zeros(0, 3), lambda m: m.zeros(0), lambda m: m.tensor([1.0], dtype=m.float64),
    lambda m: m.tensor([1e-8, 1.0]), lambda m: m.zeros(2000), lambda m: m.tensor([1, 2], dtype=m.int32),
    lambda m: m.ones(2, 3, 4, 5), lambda m: m.arange(40), lambda m: m.arange(30) / 7, lambda m: m.arange(3000).view(50, 60),
    lambda m: m.tensor([1.0, 2000.0]), lambda m: m.tensor([1.0, 1e9]), lambda m: m.tensor([-1.5, 22.25]),
    lambda m: m.tensor([0.0, float("inf")]), lambda m: m.tensor([1.0, 2.0], requires_grad=True),
    lambda m: m.tensor([[1.5, 2.0]] * 2).sum(0, keepdim=True), lambda m: m.arange(1500).view(3, 500) / 3,
])
def test_repr_equals_pytorch(make, torch):
    assert repr(make(nc)) == repr(make(torch)).replace("torch.", "numbacnn.")


def test_repr_names_the_operation():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x + 1) == "tensor([2., 3.], grad_fn=<AddBackward>)"
    assert repr(nc.ones(2, 3).shape) == "numbacnn.Size([2, 3])"
    assert repr(nc.device("cpu")) == "device(type='cpu')"


def test_numbers_lists_and_formats():
    x = nc.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]] and len(x) == 2 and [row.tolist() for row in x][1] == [3.0, 4.0]
    assert f"{nc.tensor(1.5):.3f}" == "1.500" and float(nc.tensor(2)) == 2.0 and int(nc.tensor(2.7)) == 2
    assert [10, 20, 30][nc.tensor(1)] == 20
    assert x.size() == (2, 2) and x.size(-1) == 2 and x.dim() == 2 and x.numel() == 4 and x.shape[:1].numel() == 2
    assert bool(nc.tensor([True])) and not bool(nc.tensor(0.0))
    assert (x == None) is False and x in {x: 1} and (x != 2).tolist() == [[True, False], [True, True]]  # noqa: E711
    np.testing.assert_array_equal(np.asarray(x), x.numpy())
    assert isinstance(np.ones(2) * x, nc.Tensor) and x.device.type == "cpu" and x.is_leaf
    assert nc.equal(x, x.clone()) and nc.allclose(x, x + 1e-9) and nc.is_tensor(x)


def test_writing_by_index_and_copying():
    x = nc.zeros(3)
    x[1:] = nc.ones(2)
    x[nc.tensor([True, False, False])] = 7
    assert x.tolist() == [7.0, 1.0, 1.0]
    y = copy.deepcopy(x)
    x.fill_(2).mul_(3).sub_(1).div_(5)
    assert x.tolist() == [1.0] * 3 and y.tolist() == [7.0, 1.0, 1.0]
    assert x.copy_(nc.tensor([1, 2, 3])).add_(nc.ones(3), alpha=2).tolist() == [3.0, 4.0, 5.0]
    x /= 2
    x *= 4
    assert x.tolist() == [6.0, 8.0, 10.0]


def test_equal_extremes_share_the_gradient_of_max_and_the_first_takes_it_along_a_dim():
    x = nc.tensor([[1.0, 3.0, 3.0]], requires_grad=True)
    x.max().backward()
    assert x.grad.tolist() == [[0.0, 0.5, 0.5]]
    x.grad = None
    values, indices = x.max(1)
    values.sum().backward()
    assert x.grad.tolist() == [[0.0, 1.0, 0.0]] and indices.tolist() == [1]


def test_everything_offered_can_be_had():
    numbacnn_free = ("data", "models", "nn", "optim", "plot", "train", "utils")
    for name in dir(nc):
        if name not in numbacnn_free:
            assert getattr(nc, name) is not None
    assert nc.__version__[0].isdigit() and not nc.cuda.is_available()


def test_import_is_light():
    import subprocess
    import sys

    code = "import sys, numbacnn; print([m for m in ('numpy', 'numba', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
