"""Changes of views and through views, recorded: base and other views see them, and the gradients are PyTorch's."""
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
def a_leaf_is_refused(library):
    x = library.leaf(A)
    library.F.relu(x, inplace=True)
    return x,


@program
def part_of_a_leaf_is_refused(library):
    x = library.leaf(A)
    x[0] = 1
    return x,


@program
def a_view_of_a_leaf_is_refused(library):
    x = library.leaf(A)
    x.view(-1).add_(1)
    return x,


@program
def views(library):
    x = library.leaf(A)
    y = x * 2
    v = y.view(-1)
    v2 = y[1]
    v.mul_(3)
    v2.add_(x[0])
    w = (y * y).sum() + (v**2).sum() * .5 + v2.sum()
    w.backward()
    return y, v, v2, x.grad


@program
def corr2d(library):
    X = library.leaf(IMAGES[0, 0])
    K = library.leaf(FILTERS[0, 0])
    h, w = K.shape
    Y = library.lib.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    (Y * Y).sum().backward()
    return Y, X.grad, K.grad


@program
def conv_view_mul(library):
    x = library.leaf(IMAGES)
    w = library.leaf(FILTERS)
    y = library.F.conv2d(x, w, padding=1)
    v = y.view(2, -1)
    v *= 2
    library.F.leaky_relu(v, 0.1, inplace=True)
    (y**2).sum().backward()
    return y, v, x.grad, w.grad


@program
def mask(library):
    x = library.leaf(A)
    y = x * 1
    m = y > 0
    y[m] = 0
    y.masked_fill_(y < -1, 5.) if hasattr(y, 'masked_fill_') else 0
    y.sum().backward()
    return y, x.grad


@program
def setitem(library):
    x = library.leaf(A)
    w = library.leaf(B)
    y = x * 1
    y[[0, 2]] = w[:2] * 2
    y[1, 1:3] = w[0, 0]
    y.T[0] = 3
    (y**2).sum().backward()
    return y, x.grad, w.grad


@program
def detach_changes_counted(library):
    x = library.leaf(A)
    y = x * 1
    d = y.detach()
    z = y * y
    d.add_(1)
    z.sum().backward()
    return x.grad,


@program
def data_changes_not_counted(library):
    x = library.leaf(A)
    y = x * 1
    d = y.data
    z = y * y
    d.add_(1)
    z.sum().backward()
    return x.grad, y


@program
def expand(library):
    x = library.leaf(A)
    e = x.sum(0).expand(3, 4)
    e.add_(1)
    return e,


@program
def no_grad_view(library):
    x = library.leaf(A)
    y = x * 1
    with library.lib.no_grad():
        v = y[0]
    v.add_(1)
    y.sum().backward()
    return y, x.grad


@program
def sequential_first_data(library):
    m = library.nn.Sequential(library.nn.ReLU(True), library.nn.Conv2d(3, 3, 3, padding=1))
    x = library.constant(IMAGES)
    m(x)
    return x,


@program
def sequential_first_leaf(library):
    m = library.nn.Sequential(library.nn.ReLU(True), library.nn.Conv2d(3, 3, 3, padding=1))
    x = library.leaf(IMAGES)
    m(x)
    return x,


@program
def transposed(library):
    x = library.leaf(A)
    y = (x * 1).T
    y += 1
    v = y.reshape(-1)
    v.add_(5)
    y.sum().backward()
    return y, x.grad


@program
def transposed_view(library):
    x = library.leaf(A)
    y = (x * 1).T
    v = y.view(-1)
    return v,


@program
def rows(library):
    x = library.leaf(A)
    y = x * 1
    a, b = y[0], y[1]
    a.add_(b)
    b.mul_(a)
    y.sum().backward()
    return y, x.grad


@program
def views_of_constant_base(library):
    w = library.leaf(B)
    y = library.lib.zeros(3, 4)
    r = y[0]
    y[0, 1] = w[0, 0] * 2
    y[1] = w[1]
    (r.sum() * 2 + y.sum()).backward()
    return y, r, w.grad


@program
def detach(library):
    x = library.leaf(A)
    y = x * 2
    y.detach_()
    y += 1
    return y,


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_programs(program, torch):
    agree(program, torch)


def test_values_with_more_dimensions(torch):
    """Extents of 1 in front are left out, as in PyTorch."""
    def program(library):
        x, w = library.leaf(A), library.leaf(B)
        y = x * 1
        y[0] = w[:1]
        y[[1, 2]] = w[None, 1:]
        y[y > 1] = w[:1, 0]
        (y * y).sum().backward()
        return y, x.grad, w.grad

    agree(program, torch)


@pytest.mark.parametrize("name, args", [("unsqueeze_", (1,)), ("squeeze_", ()), ("t_", ()), ("transpose_", (0, 1))])
def test_another_shape_in_place(name, args, torch):
    def program(library):
        x = library.leaf(A)
        y, part = (x * 1)[:, :1] * 2, (x * 1)[:1]
        getattr(y, name)(*args)
        getattr(part, name)(*args)
        part += 1
        constant = library.constant(A)
        getattr(constant, name)(*args)
        ((y * y).sum() + (part * part).sum()).backward()
        return y, part, constant, x.grad

    agree(program, torch)


def test_another_shape_in_place_while_nothing_is_recorded():
    """A leaf still asks for its gradient then; a computed Tensor would leave the tape, so it is refused."""
    x = nc.ones(3, requires_grad=True)
    y = x * 1
    with nc.no_grad():
        x.unsqueeze_(0)
        with pytest.raises(RuntimeError, match="unsqueeze_: this Tensor was computed on the tape"):
            y.unsqueeze_(0)
    assert x.requires_grad and x.is_leaf and tuple(x.shape) == (1, 3)


@pytest.mark.parametrize("times", [(1, 1), (2, 1), (1, 2), (2, 1, 1)])
def test_what_is_repeated_has_numbers_of_its_own(times):
    x = nc.tensor([[1.0, 2.0], [3.0, 4.0]])
    twice = x.repeat(*times)
    assert twice.add_(1).tolist() == np.tile(x.numpy() + 1, times).tolist() and x.tolist() == [[1, 2], [3, 4]]
    tiled = x.tile(*times)
    tiled.zero_()
    assert x.tolist() == [[1, 2], [3, 4]]
