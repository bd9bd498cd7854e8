"""What must hold for any shape: properties of the operations, drawn by Hypothesis."""
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("these shapes are too large for loops in plain Python", allow_module_level=True)

import numbacnn as nc
from numbacnn.engine import floats, tiles
from numbacnn.engine.batch import Batch, pack
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close, tolerance

# What a task is compiled for costs, so it is drawn of few: channels (one; an odd number; whole tiles; some with room to spare),
# taps and pixels of a row, columns of padding.  All else may be any number.
CHANNELS, TAPS, ROW, COLUMNS = [1, 3, 8, 9], [1, 3], [5, 8], [0, 1]
draws = settings(max_examples=settings.default.max_examples // 4)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@st.composite
def convolutions(draw, strides=3, N=st.integers(1, L + 3)):
    """x, weight and (stride, padding, dilation), for filters that fit."""
    KH, KW = draw(st.integers(1, 4)), draw(st.sampled_from(TAPS))
    stride, dilation = (tuple(draw(st.integers(1, most)) for _ in range(2)) for most in (strides, 2))
    padding = draw(st.integers(0, 4)), draw(st.sampled_from(COLUMNS))
    H, W = draw(st.integers(max(1, dilation[0] * (KH - 1) + 1 - 2 * padding[0]), 9)), draw(st.sampled_from(ROW))
    IC, OC, seed = draw(st.sampled_from(CHANNELS)), draw(st.sampled_from(CHANNELS)), draw(st.integers(0, 2**16))
    return normal(draw(N), IC, H, W, seed=seed), normal(OC, IC, KH, KW, seed=seed + 1), (stride, padding, dilation)


def conv(x, weight, how, bias=None):
    return tiles.conv2d_forward(pack(x), weight, bias, *how).numpy()


def gradients(x, weight, dout, how):
    dx, dweight, dbias = tiles.conv2d_backward(pack(dout), pack(x), weight, *how, (True, True, True))
    return dx.numpy(), dweight.numpy(), dbias.numpy()


def inner(a, b):
    return np.vdot(a.astype(np.float64), b.astype(np.float64))


# ---------------------------------------------------------------- algebra
@draws
@given(convolutions())
def test_gradients_are_adjoint(drawn):
    """<conv(x), dout> = <x, dx> = <weight, dweight>: the gradient of a linear map is its transpose."""
    x, weight, how = drawn
    out = conv(x, weight, how)
    dout = normal(*out.shape, seed=7)
    dx, dweight, _ = gradients(x, weight, dout, how)
    bound = tolerance(np.float32, out.size) * np.linalg.norm(out) * np.linalg.norm(dout) + 1e-30
    assert abs(inner(out, dout) - inner(x, dx)) < bound
    assert abs(inner(out, dout) - inner(weight, dweight)) < bound


@draws
@given(convolutions(), st.floats(-3, 3, width=32))
def test_linear_in_the_image(drawn, factor):
    x, weight, how = drawn
    other = normal(*x.shape, seed=11)
    whole = conv(x + np.float32(factor) * other, weight, how)
    parts = conv(x, weight, how) + factor * conv(other, weight, how)
    assert_close(whole, parts, weight[0].size, roundings=8, size=1 + abs(factor))


@draws
@given(st.integers(1, L + 3), st.sampled_from(CHANNELS), st.integers(1, 7), st.sampled_from(ROW), st.integers(0, 2),
       st.sampled_from(COLUMNS))
def test_a_delta_filter_is_the_identity(N, C, H, W, top, left):
    x = normal(N, C, H, W)
    KH, KW = 2 * top + 1, 2 * left + 1
    delta = np.zeros((C, C, KH, KW), np.float32)
    delta[range(C), range(C), top, left] = 1
    how = (1, 1), (top, left), (1, 1)
    np.testing.assert_array_equal(conv(x, delta, how), x)
    np.testing.assert_array_equal(gradients(x, delta, x, how)[0], x)


@draws
@given(convolutions(strides=1), st.integers(0, 3), st.integers(0, 3))
def test_a_shifted_image_gives_a_shifted_output(drawn, rows, columns):
    """Moving the image over zeros moves the output by as much, bit for bit."""
    x, weight, (_, _, dilation) = drawn
    how = (1, 1), (12, 12), dilation  # zeros enough that no window of the image is lost
    N, C, H, W = x.shape
    still, moved = (np.zeros((N, C, H + 3, W + 3), np.float32) for _ in range(2))
    still[:, :, :H, :W] = x
    moved[:, :, rows:rows + H, columns:columns + W] = x
    expected, actual = conv(still, weight, how), conv(moved, weight, how)
    OH, OW = expected.shape[2:]
    np.testing.assert_array_equal(actual[:, :, rows:, columns:], expected[:, :, :OH - rows, :OW - columns])


@draws
@given(convolutions())
def test_tiles_and_floats_agree(drawn):
    x, weight, how = drawn
    out = conv(x, weight, how)
    assert_close(out, floats.conv2d_forward(x, weight, None, *how), weight[0].size, roundings=2)
    for mine, other, terms in zip(gradients(x, weight, out, how), floats.conv2d_backward(
            out, x, weight, *how, (True,) * 3), (weight[:, 0].size, *[out[:, 0].size] * 2)):
        assert_close(mine, other, terms, roundings=2)


# ---------------------------------------------------------------- equal bits
def network(x, target):
    """Every operation once; the loss, the scores and all gradients, as plain arrays."""
    draw = np.random.default_rng(3)
    shapes = [(6, x.shape[1], 3, 3), (6,), (9, 6, 2, 2), (9,), (10, 9 * 4), (10,)]
    params = [nc.tensor(draw.standard_normal(shape).astype(np.float32) / 3, requires_grad=True) for shape in shapes]
    image = nc.tensor(x, requires_grad=True)
    h = F.max_pool2d(F.relu(F.conv2d(image, params[0], params[1], padding=1)), 2)
    h = F.avg_pool2d(F.tanh(F.conv2d(h, params[2], params[3])), 2, stride=2, padding=1)
    scores = F.linear(h.flatten(1), params[4], params[5])
    loss = F.cross_entropy(scores, nc.tensor(target), reduction="sum")
    loss.backward()
    return [loss.detach().numpy(), scores.detach().numpy(), image.grad.numpy(), *(p.grad.numpy() for p in params)]


def batch_of(N, seed=5):
    draw = np.random.default_rng(seed)
    return draw.standard_normal((N, 1, 8, 8)).astype(np.float32), draw.integers(0, 10, N)


@pytest.mark.parametrize("N", [1, L - 1, 3 * L + 4])
def test_threads_change_no_bit(N, threads):
    if config.NUMBA_NUM_THREADS < 2:
        pytest.skip("this computer has one thread")
    results = []
    for count in (1, 2):
        threads(count)
        results.append(network(*batch_of(N)))
    for one, two in zip(*results):
        np.testing.assert_array_equal(one, two)


@settings(max_examples=settings.default.max_examples // 7)
@given(st.integers(1, 2 * L + 3), st.integers(0, 2 * L + 2))
def test_company_changes_no_bit(N, place):
    """An image gives the same scores and the same gradient whatever batch it sits in, and where."""
    place %= N
    alone, target = batch_of(1)
    company, targets = batch_of(N, seed=9)
    company[place], targets[place] = alone[0], target[0]
    _, scores, dx, *_ = network(company, targets)
    _, expected_scores, expected_dx, *_ = network(alone, target)
    np.testing.assert_array_equal(scores[place], expected_scores[0])
    np.testing.assert_array_equal(dx[place], expected_dx[0])


# ---------------------------------------------------------------- empty lanes
def poison_memory():
    """Leave NaN in every block of memory that the next operations will be handed."""
    from numbacnn.engine import buffers, finish

    finish()  # a program that runs may be at it
    for blocks in buffers.Buffer.free.values():
        for memory, _ in blocks:
            memory[:] = 0xFF  # a float32 NaN in every lane
    if buffers._scratch is not None:
        buffers._scratch.memory[:] = 0xFF


@pytest.mark.parametrize("N", [1, 3, L + 1])
def test_nothing_leaks_out_of_recycled_memory(N):
    """Empty lanes, padded channels and scratch memory hold anything, and no result shows it."""
    clean = network(*batch_of(N))
    poison_memory()
    for before, after in zip(clean, network(*batch_of(N))):
        np.testing.assert_array_equal(before, after)


@draws
@given(convolutions(N=st.sampled_from([1, 5, L + 2])))
def test_nothing_leaks_into_a_convolution(drawn):
    x, weight, how = drawn
    out = conv(x, weight, how)
    clean = gradients(x, weight, out, how)
    poison_memory()
    np.testing.assert_array_equal(conv(x, weight, how), out)
    poison_memory()
    for before, after in zip(clean, gradients(x, weight, out, how)):
        np.testing.assert_array_equal(before, after)


def test_batches_are_recycled():
    """The test above is worth something: a new batch does get poisoned memory."""
    shape = (3, 5, 4, 4)
    del_me = Batch(shape)
    address = del_me.buffer.address
    del del_me
    poison_memory()
    again = Batch(shape)
    assert again.buffer.address == address and np.isnan(again.buffer.floats(10)).all()


def test_a_gradient_may_come_from_a_forward_pass():
    """The output of a layer has biases in its empty lanes; used as a gradient, they must stay out of every sum."""
    x, weight, bias = nc.tensor(normal(3, 2, 5, 5)), normal(4, 2, 3, 3), np.full(4, 100, np.float32)
    results = []
    for as_batch in (True, False):
        parents = nc.tensor(weight, requires_grad=True), nc.tensor(bias, requires_grad=True)
        out = F.conv2d(x, *parents)
        gradient = out.detach() if as_batch else nc.tensor(out.detach().numpy().copy())
        out.backward(gradient)
        results.append([parent.grad.numpy() for parent in parents])
    for from_batch, from_array in zip(*results):
        np.testing.assert_array_equal(from_batch, from_array)
