"""Changes in place, recorded: values, gradients and refusals are PyTorch's."""
import operator
import re

import numpy as np
import pytest

import numbacnn as nc
from both_libraries import agree

RNG = np.random.default_rng(7)
A, B = (RNG.standard_normal((3, 4)).astype(np.float32) for _ in range(2))
IMAGES = RNG.standard_normal((2, 3, 6, 6)).astype(np.float32)
FILTERS = RNG.standard_normal((3, 3, 3, 3)).astype(np.float32)
PROGRAMS = []


def program(function):
    """A program that both libraries run."""
    PROGRAMS.append(function)
    return function


@program
def operators(library):
    x = library.leaf(A)
    y = x * 2
    y += 1
    y *= 3
    y -= x
    y /= 2
    y.sum().backward()
    return y, x.grad


@program
def relu_inplace(library):
    x = library.leaf(A)
    y = x * 2
    library.F.relu(y, inplace=True)
    (y * y).sum().backward()
    return y, x.grad


@program
def exp_then_changed(library):
    x = library.leaf(A)
    y = x.exp()
    y += 1
    y.sum().backward()
    return x.grad,


@program
def conv_relu__add(library):
    x = library.leaf(IMAGES)
    w = library.leaf(FILTERS)
    y = library.F.conv2d(x, w, padding=1)
    v = y.view(2, -1)
    library.F.relu(y, inplace=True)
    y += x
    z = library.F.max_pool2d(y, 2)
    (z**2).sum().backward()
    return y, v, z, x.grad, w.grad


@program
def mul__by_w(library):
    x = library.leaf(A)
    w = library.leaf(B)
    y = x * 1
    y.mul_(w)
    y.sum().backward()
    return y, x.grad, w.grad


@program
def zero(library):
    x = library.leaf(A)
    y = x * 1
    y.zero_()
    (y + x).sum().backward()
    return y, x.grad


@program
def no_grad(library):
    x = library.constant(A)
    x += library.constant(B[:1])
    x.pow_(2)
    x.clamp_(0, 1)
    x.sqrt_()
    x.exp_()

    x.abs_()
    return x,


@program
def shape(library):
    x = library.constant(A[0])
    x += library.constant(B)
    return x,


@program
def int_float(library):
    x = library.lib.tensor([1, 2, 3])
    x += 1.5
    return x,


@program
def int(library):
    x = library.lib.tensor([1, 2, 3])
    x /= 2
    return x,


@program
def no_grad_inplace(library):
    x = library.leaf(A)
    y = x * 1
    with library.lib.no_grad():
        y.add_(1)
    (y * y).sum().backward()
    return y, x.grad


@program
def no_grad_inplace_saved(library):
    x = library.leaf(A)
    y = x * 1
    z = y * y
    with library.lib.no_grad():
        y.add_(1)
    z.sum().backward()
    return y, x.grad


@program
def sequential(library):
    library.lib.manual_seed(0)
    m = library.nn.Sequential(library.nn.Conv2d(3, 3, 3, padding=1), library.nn.ReLU(True), library.nn.Flatten(), library.nn.LeakyReLU(inplace=True), library.nn.ELU(inplace=True))
    with library.lib.no_grad():
        m[0].weight.copy_(library.constant(FILTERS))
        m[0].bias.zero_()
    x = library.leaf(IMAGES)
    o = m(x)
    o = m(x)
    (o**2).sum().backward()
    return o, x.grad, m[0].weight.grad


@program
def sequential_first(library):
    m = library.nn.Sequential(library.nn.ReLU(True), library.nn.Conv2d(3, 3, 3, padding=1))
    with library.lib.no_grad():
        m[1].weight.copy_(library.constant(FILTERS))
        m[1].bias.zero_()
    x = library.leaf(IMAGES)
    h = x * 2
    o = m(h)
    o = m(h)
    (o * h[:, :3]).sum().backward()
    return o, h, x.grad, m[1].weight.grad


@program
def retain(library):
    x = library.leaf(A)
    y = x * 1
    y.retain_grad()
    y.mul_(3)
    z = (y * y).sum()
    z.backward()
    return y.grad, x.grad


@program
def a_number(library):
    x = library.leaf(A)
    y = x.sum()
    y += 1
    z = y.reshape(1)
    z *= 2
    y.backward()
    return y, z, x.grad


@program
def copy(library):
    x = library.leaf(A)
    y = x * 2
    y.copy_(library.constant(B))
    y.fill_(2.)
    y.copy_(3)
    y.sum().backward()
    return y, x.grad


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_programs(program, torch):
    agree(program, torch)


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "exp", "sqrt", "log", "abs", "neg", "square", "sin", "cos",
                                  "reciprocal", "clamp"])
@pytest.mark.parametrize("later", [False, True])
def test_functions(name, later, torch):
    """The in-place form of a function of one Tensor, also where its result changes before backward needs it."""
    def program(library):
        x = library.leaf(np.abs(A) + 0.5)
        y = x * 2
        row = y[0]
        out = getattr(y, f"{name}_")(*((0.7, 1.5) if name == "clamp" else ()))
        assert out is y
        if later:
            y += 1
        (y * y).sum().backward() if not later else y.sum().backward()
        return y, row, x.grad

    agree(program, torch)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,), (2, 3)], ids=str)
@pytest.mark.parametrize("change", [
    lambda library, x: x.squeeze(), lambda library, x: x.reshape(-1), lambda library, x: x.unsqueeze(0), lambda library, x: x[...],
    lambda library, x: library.F.relu(x), lambda library, x: library.F.elu(x), lambda library, x: library.F.softmax(x, -1),
    lambda library, x: library.F.dropout(x, 1.0), lambda library, x: library.F.logsigmoid(x), lambda library, x: (x * 1).add_(1),
    lambda library, x: library.F.relu(x * 1, inplace=True), lambda library, x: (x * 1).fill_(2),
    lambda library, x: library.F.mse_loss(x, x.detach() + 1, reduction="none"), lambda library, x: x.sum(), lambda library, x: x.clone()])
def test_shapes_without_dimensions_or_elements(change, shape, torch):
    """A result has the dimensions that PyTorch gives it, and so has the gradient."""
    def program(library):
        x = library.leaf(np.full(shape, 0.3, np.float32))
        out = change(library, x)
        (out * out).sum().backward()
        return out, x.grad

    with np.errstate(all="ignore"):
        agree(program, torch)


@pytest.mark.parametrize("sign, change", [("+", operator.iadd), ("-", operator.isub), ("*", operator.imul), ("/", operator.itruediv),
                                          ("**", operator.ipow)])
def test_a_wrong_shape_is_told_with_the_operator_that_was_written(sign, change):
    with pytest.raises(RuntimeError, match="x " + re.escape(sign) + "= y: "):
        change(nc.ones(3), nc.ones(4))


@pytest.mark.parametrize("name", ["relu_", "sigmoid_", "exp_", "clamp_", "zero_", "fill_", "neg_", "sqrt_"])
def test_functions_that_change_in_place_stand_at_the_top_level(name):
    values, more = np.array([0.25, 0.5, 4.0], np.float32), {"clamp_": (0.3, 1.0), "fill_": (2.0,)}.get(name, ())
    x = nc.tensor(values.copy())
    assert getattr(nc, name)(x, *more) is x
    expected = {"relu_": values, "sigmoid_": 1 / (1 + np.exp(-values)), "exp_": np.exp(values), "clamp_": values.clip(0.3, 1),
                "zero_": 0 * values, "fill_": 0 * values + 2, "neg_": -values, "sqrt_": np.sqrt(values)}[name]
    np.testing.assert_allclose(x.numpy(), expected, rtol=1e-6)
