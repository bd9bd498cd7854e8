"""Tensor operations: against PyTorch, against central differences, and what they refuse."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import numbacnn as nc

SEED = 20240229


@pytest.fixture
def rng():
    return np.random.default_rng(SEED)


# Each: id, shapes of the inputs, the operation. Inputs are drawn from [0.5, 2), where every operation is smooth.
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
    ("softmax", [(2, 3)], lambda x: x.softmax(1)),
    ("log-softmax", [(2, 3)], lambda x: x.log_softmax(0)),
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


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_comparisons_have_names_as_in_pytorch(name, torch):
    x, y = [1.0, 2.0, 3.0], [3.0, 2.0, 1.0]
    assert getattr(nc.tensor(x), name)(nc.tensor(y)).tolist() == getattr(torch.tensor(x), name)(torch.tensor(y)).tolist()
    assert getattr(nc.tensor(x), name)(2).tolist() == getattr(torch.tensor(x), name)(2).tolist()


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
    (lambda: [1, 2][nc.tensor(1.0)], TypeError, "integers"),
    (lambda: [*nc.tensor(1)], TypeError, "0-d"),
    (lambda: nc.ones(2, 2, 2).t(), RuntimeError, "3 dimensions"),
    (lambda: nc.ones(2, 2).flatten(1, 0), RuntimeError, "comes after"),
    (lambda: nc.ones(2) @ nc.tensor(1.0), RuntimeError, "at least one dimension"),
    (lambda: nc.ones(2) @ 2, RuntimeError, "at least one dimension"),
    (lambda: nc.ones(2) == nc.ones(3), RuntimeError, "equal.*2 and 3"),
    (lambda: nc.ones(2).add_(nc.ones(3)), RuntimeError, "add_.*2 and 3"),
    (lambda: nc.ones(2).add_("a"), TypeError, "got str"),
    (lambda: nc.arange(3) ** -1, RuntimeError, "negative integer powers"),
    (lambda: nc.cat([]), RuntimeError, "at least one"),
    (lambda: nc.cat([nc.ones(2), np.ones(2)]), TypeError, "cat: expected Tensors, but number 1 is a numpy.ndarray; "),
    (lambda: nc.stack([1.0, nc.ones(2)]), TypeError, "stack: expected Tensors, but number 0 is a float; "),
    (lambda: nc.nn.functional.relu(np.ones(2)), TypeError, "expected a numbacnn Tensor, got numpy.ndarray; numbacnn.tensor"),
    (lambda: nc.zeros(0).argmax(), RuntimeError, "no elements"),
    (lambda: nc.from_numpy([1]), TypeError, "ndarray"),
    (lambda: nc.arange(), TypeError, "arange"),
    (lambda: nc.zeros(2, dtype="nonsense"), TypeError, "nonsense"),
    (lambda: setattr(nc.zeros(2), "data", 1), TypeError, "data"),
    (lambda: nc.ones(2, requires_grad=True).sum().backward(create_graph=True), NotImplementedError, "create_graph"),
    (lambda: nc.ones(2).retain_grad(), RuntimeError, "requires_grad=False"),
    (lambda: len(nc.tensor(1)), TypeError, "0-d"),
    (lambda: nc.zeros(0).max(), RuntimeError, "no elements"),
    (lambda: nc.tensor([1]).add_(1.5), RuntimeError, "int64"),
    (lambda: nc.zeros(2).copy_(nc.zeros(3)), RuntimeError, r"\(3,\)"),
    (lambda: nc.cat([nc.ones(1, 2), nc.ones(1, 3)]), RuntimeError,
     r"cat: .* except along dim 0, got \(1, 2\), \(1, 3\); dim 1 has extents 2, 3: bring .*pad.*, or take dim=1$"),
    (lambda: nc.cat([nc.ones(1, 2, 4, 4), nc.ones(1, 2, 5, 4)], -3), RuntimeError, r"; dim 2 has extents 4, 5: "),
    (lambda: nc.cat([nc.ones(1, 2, 4, 4), nc.ones(1, 2, 5, 3)], 1), RuntimeError,
     r"dim 2 has .*4, 5 and dim 3 has .*4, 3: bring .*pad$"),
    (lambda: nc.cat([nc.ones(2), nc.ones(1, 2)]), RuntimeError, r"got \(2,\), \(1, 2\); give all .* with unsqueeze"),
    (lambda: nc.stack([]), RuntimeError, "none"),
    (lambda: nc.ones(2).expand(3), RuntimeError, "expand"),
    (lambda: nc.ones(2).qr, AttributeError, "numbacnn.*qr"),
    (lambda: nc.qr, AttributeError, "numbacnn.*qr"),
    (lambda: nc.ones(2) + "a", TypeError, "unsupported"),
    (lambda: nc.ones(2).eq("a"), TypeError, "compared with a Tensor or a number, got str"),
    (lambda: nc.exp(2), TypeError, "Tensor"),
])
def test_what_cannot_be_done_is_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
