"""The engine's own parts: programs, memory and checks."""
import sys
import threading

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("programs and their cache exist only in compiled code", allow_module_level=True)

import numbacnn as nc
import reference
from numbacnn import engine
from numbacnn.engine import buffers, floats, tiles
from numbacnn.engine.batch import Batch, pack, pack_pixels
from numbacnn.engine.layout import FLOAT
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task
from numbacnn.engine.ops.bands import PIECES, bands_for
from numbacnn.nn import functional as F
from numbacnn.simd import views
from numbacnn.simd.choice import L
from tolerances import assert_close


# ---------------------------------------------------------------- programs
@Task
def add_word():
    """out[k] = x[k] + word 0."""
    def task(table, k):
        x, out = views.floats(table, 0, 1), views.floats(table, 1, 1)
        out[k] = x[k] + views.number(table, 0)
    return task


@Task
def mirror(times):
    """out[k] = times * x[last - k]: every slice needs another one's number."""
    def task(table, k):
        x, out = views.floats(table, 0, 1), views.floats(table, 1, 1)
        out[k] = times * x[len(x) - 1 - k]
    return task


def vector(name, count, stride=FLOAT):
    return Array(name, (count,), (stride,))


def run(plan, **places):
    enqueue(plan, **places)
    finish()


def numbers(count, start=0):
    return np.arange(start, start + count, dtype=np.float32)


def test_a_row_waits_for_what_it_reads():
    n = 501
    plan = Plan()
    between = plan.reserve("between", FLOAT * n)
    plan.row(add_word.of(), n, [vector("x", n)], [vector(between, n)], [100])
    plan.row(mirror.of(2), n, [vector(between, n)], [vector("out", n)])
    plan.finish()
    x, out = numbers(n), np.empty(n, np.float32)
    for _ in range(20):
        run(plan, x=x, out=out)
        np.testing.assert_array_equal(out, 2 * (x[::-1] + 100))
        out[:] = 0


def test_rows_of_one_level_may_have_different_slices():
    x, long, short = numbers(40), np.zeros(40, np.float32), np.zeros(40, np.float32)
    plan = Plan().row(add_word.of(), 40, [vector("x", 40)], [vector("long", 40)], [1])
    plan.row(add_word.of(), 3, [vector("x", 40)], [vector("short", 40)], [2])
    run(plan.finish(), x=x, long=long, short=short)
    np.testing.assert_array_equal(long, x + 1)
    np.testing.assert_array_equal(short, np.where(x < 3, x + 2, 0))


def test_views_and_strides_find_their_numbers():
    x, out = numbers(30), np.zeros(30, np.float32)
    plan = Plan().row(add_word.of(), 5, [vector("x", 5, 3 * FLOAT)], [vector("out", 5, -2 * FLOAT)])
    run(plan.finish(), x=x[2:], out=out[20:])
    expected = np.zeros(30)
    expected[20:10:-2] = x[2:17:3]
    np.testing.assert_array_equal(out, expected)


def test_a_plan_is_run_again_with_other_addresses():
    plan = Plan().row(add_word.of(), 4, [vector("x", 4)], [vector("out", 4)], [5]).finish()
    for start in (0, 10):
        x, out = numbers(4, start), np.zeros(4, np.float32)
        run(plan, x=x, out=out)
        np.testing.assert_array_equal(out, x + 5)


def test_a_task_is_compiled_once_for_its_extents(monkeypatch):
    member = mirror.of(2)
    address = member.address()
    monkeypatch.setattr(member._callback, "compile", lambda: pytest.fail("compiled again"))
    assert mirror.of(2).address() == address != mirror.of(3).address()


@pytest.fixture
def switch_often():
    """Let Python change threads after every few instructions."""
    before = sys.getswitchinterval()
    yield lambda: sys.setswitchinterval(1e-6)
    sys.setswitchinterval(before)


def test_programs_may_be_run_from_several_threads(switch_often):
    """One program at a time works in the scratch memory."""
    draw = np.random.default_rng(0)
    x, weight = draw.standard_normal((9, 3, 12, 12)).astype("f4"), draw.standard_normal((4, 3, 3, 3)).astype("f4")
    expected = reference.conv2d_forward(x, weight, None, (1, 1), (0, 0), (1, 1))
    failures, together = [], threading.Barrier(3)

    def work(first):
        batch = pack(x)
        together.wait()
        for scale in range(first, first + 300):  # never twice the same result: recycled memory may hold the last one
            out = tiles.conv2d_forward(batch, weight * np.float32(scale), None, (1, 1), (0, 0), (1, 1)).numpy()
            if np.abs(out - scale * expected).max() > 1e-4 * scale:
                failures.append(scale)

    switch_often()
    workers = [threading.Thread(target=work, args=(first,)) for first in (1, 1001, 2001)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []


# ---------------------------------------------------------------- batches and memory
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 2, 4, 5), (L, 9, 2, 3), (L + 1, 33, 3, 2), (5, 7), (2 * L + 1, 70)])
def test_packing_keeps_every_number(shape):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    np.testing.assert_array_equal(pack(x).numpy(), x)
    for view in (x[::-1].swapaxes(0, 1), x[..., ::-1], np.broadcast_to(x[:1], shape)):  # any strides will do
        np.testing.assert_array_equal(pack(view).numpy(), view)


@pytest.mark.parametrize("shape", [(L + 1, 2, 3, 8), (3, 1, 2, 19), (2 * L - 1, 3, 5, 5)])
def test_rows_are_packed_from_crops_and_bytes(shape):
    """Eight pixels at a time where there are eight, the last ones twice if need be."""
    wide = np.arange(np.prod(shape) * 2, dtype=np.float32).reshape(*shape[:3], 2 * shape[3])
    crop = wide[..., 3:3 + shape[3]]
    crop.flags.writeable = False
    np.testing.assert_array_equal(pack(crop).numpy(), crop)
    scale, offset = np.linspace(0.1, 2, shape[1], dtype=np.float32), np.linspace(-1, 1, shape[1], dtype=np.float32)
    pixels = (wide % 251).astype(np.uint8)[..., 3:3 + shape[3]]
    expected = pixels.astype(np.float32) * scale[:, None, None] - offset[:, None, None]
    np.testing.assert_array_equal(pack_pixels(pixels, scale, offset).numpy(), expected)


@pytest.mark.parametrize("shape", [(3, 2, 4, 5), (L + 1, 9, 2, 3)])
def test_flattening_keeps_pytorchs_order(shape):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    flat = pack(x).flattened()
    np.testing.assert_array_equal(flat.numpy(), x.reshape(len(x), -1))
    np.testing.assert_array_equal(flat.unflattened(shape).numpy(), x)


def test_lanes_without_an_image_are_packed_as_zeros():
    used = Batch((3, 2, 2, 2))
    used.buffer.memory[:] = 0xFF
    address = used.buffer.address
    del used
    batch = pack(np.full((3, 2, 2, 2), np.nan, np.float32))
    assert batch.buffer.address == address  # the memory was full of NaN
    finish()
    lanes = batch.buffer.floats((4, 2, L))  # pixels, channels, images
    assert np.isnan(lanes[..., :3]).all() and (lanes[..., 3:] == 0).all()


def test_images_are_cut_into_bands_none_of_them_empty():
    for H in range(1, 41):
        for pieces in range(1, 9):
            bands = bands_for(H, pieces)
            rows = -(-H // bands)
            assert 1 <= bands <= H and (bands - 1) * rows < H <= bands * rows
            assert bands * pieces >= min(PIECES, H * pieces) or -(-H // (bands + 1)) == rows


def test_batches_lie_on_whole_numbers():
    assert all(Batch((n, 3, n, 5)).buffer.address % buffers.ALIGNMENT == 0 for n in range(1, 20))


def step(params, x, target):
    """A training step that uses every operation with memory of its own."""
    h = F.max_pool2d(F.relu(F.conv2d(x, params[0], params[1], padding=1)), 2)
    loss = F.cross_entropy(F.linear(F.tanh(h).flatten(1), params[2]), target)
    loss.backward()
    for param in params:
        param.grad = None
    return loss.item()


def test_memory_is_used_again(monkeypatch):
    """After two steps every batch finds its memory in the free list."""
    draw = np.random.default_rng(0)
    params = [nc.tensor(draw.standard_normal(shape).astype("f4"), requires_grad=True)
              for shape in ((5, 1, 3, 3), (5,), (4, 5 * 16))]
    x, target = nc.tensor(draw.standard_normal((40, 1, 8, 8)).astype("f4")), nc.tensor(draw.integers(0, 4, 40))
    first = step(params, x, target)
    step(params, x, target)
    fresh = []
    monkeypatch.setattr(buffers, "aligned", lambda nbytes, make=buffers.aligned: fresh.append(nbytes) or make(nbytes))
    blocks = sum(map(len, buffers.Buffer.free.values()))
    assert {step(params, x, target) for _ in range(100)} == {first}
    assert fresh == [] and sum(map(len, buffers.Buffer.free.values())) == blocks


# ---------------------------------------------------------------- checks
def test_wrong_types_are_refused():
    with pytest.raises(TypeError, match="float32.*float64"):
        pack(np.zeros((2, 3)))
    x, weight = nc.zeros(2, 3, 4, 4), nc.zeros(5, 3, 2, 2)
    with pytest.raises(TypeError, match="weight is .*float64"):
        F.conv2d(x, weight.double())
    with pytest.raises(TypeError, match="bias is .*float64"):
        F.conv2d(x, weight, nc.zeros(5).double())
    with pytest.raises(TypeError, match="weight is .*float32"):
        F.linear(nc.zeros(2, 3).double(), nc.zeros(4, 3))
    for op, arguments in ((F.conv2d, (weight,)), (F.max_pool2d, (2,)), (F.avg_pool2d, (2,)), (F.relu, ()), (F.tanh, ())):
        with pytest.raises(TypeError, match="floating point"):
            op(x.long(), *arguments)
    with pytest.raises(TypeError, match="integers"):
        F.cross_entropy(nc.zeros(2, 3), nc.zeros(2))


def test_which_kind_of_number():
    x = np.zeros((2, 3, 4, 4), np.float32)
    assert engine.kind_for(x) is engine.kind_for(engine.pack(x), packed=False) is tiles
    assert engine.kind_for(x, packed=False) is engine.kind_for(x.astype(np.float64)) is engine.kind_for(x[:0]) is floats


def test_no_images_at_all():
    assert F.conv2d(nc.zeros(0, 3, 4, 4), nc.zeros(5, 3, 2, 2)).shape == (0, 5, 3, 3)


def test_results_do_not_depend_on_what_ran_before(rng):
    """Plans of the same shape share their tables; another shape in between must not show."""
    x, weight = rng.standard_normal((3, 2, 6, 6)).astype("f4"), rng.standard_normal((3, 2, 3, 3)).astype("f4")
    how = (1, 1), (1, 1), (1, 1)
    first = tiles.conv2d_forward(pack(x), weight, None, *how).numpy()
    tiles.conv2d_forward(pack(np.repeat(x, 30, axis=0)), weight, None, *how)
    np.testing.assert_array_equal(tiles.conv2d_forward(pack(x), weight, None, *how).numpy(), first)
    assert_close(first, reference.conv2d_forward(x, weight, None, *how), weight[0].size)
