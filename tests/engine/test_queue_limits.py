"""The queue when something goes wrong, and how much it keeps."""
import gc
import signal
import tracemalloc
import weakref

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations wait", allow_module_level=True)

import numbacnn as nc
from engine_modes import normal
from numbacnn import optim
from numbacnn.engine import buffers, queue, team
from numbacnn.engine.program import Program
from numbacnn.nn import functional as F
from numbacnn.tensors import pending


@pytest.fixture
def weight():
    """A weight of which no array was handed out."""
    return normal(4, 6).requires_grad_()


@pytest.fixture
def x():
    return normal(3, 6, seed=6)


def waits():
    """How many operations do."""
    return len(queue._waiting)


# ---------------------------------------------------------------- when something goes wrong
def test_an_interrupt_loses_no_operation_and_repeats_none(weight, x, monkeypatch):
    optimizer, start = optim.SGD([weight], lr=1.0), weight.detach().numpy().copy()
    queue.finish()
    F.linear(x, weight).sum().backward()
    with monkeypatch.context() as patch:
        patch.setattr(Program, "call", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            optimizer.step()
    expected = start - np.broadcast_to(x.numpy().sum(0), (4, 6))
    np.testing.assert_allclose(weight.detach().numpy(), expected, rtol=1e-4, atol=1e-5)
    assert waits() == 0
    np.testing.assert_allclose(weight.detach().numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("function", ["take_over", "join"])
def test_an_interrupt_at_the_end_repeats_nothing(weight, x, monkeypatch, function):
    """Ctrl-C during a compiled function shows when it returns."""
    team.prepare()
    optimizer, start, compiled = optim.SGD([weight], lr=1.0), weight.detach().numpy().copy(), getattr(team, function)
    F.linear(x, weight).sum().backward()

    def interrupted(*arguments):
        compiled(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(team, function, interrupted)
        with pytest.raises(KeyboardInterrupt):
            optimizer.step()
            queue.finish()
    expected = start - np.broadcast_to(x.numpy().sum(0), (4, 6))
    np.testing.assert_allclose(weight.detach().numpy(), expected, rtol=1e-4, atol=1e-5)


def test_a_program_that_a_handler_began_is_over_before_a_replay_begins(monkeypatch):
    """The handler trains a network of its own, just as the wait for all that was asked before is over."""
    from numbacnn import nn
    from numbacnn.train import TrainingSteps

    images, classes, many = normal(4, 40, 1, 12, 12), np.zeros((4, 40), np.int64), normal(400, 1, 12, 12)

    def networks():
        nc.manual_seed(1)
        models = [nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(512, 4)) for _ in range(2)]
        return models, [optim.SGD(model.parameters(), lr=0.1) for model in models]

    def train(model, optimizer):
        optimizer.zero_grad()
        F.cross_entropy(model(many), nc.zeros(400, dtype=nc.int64)).backward()
        optimizer.step()

    def weights(models):
        return [param.detach().numpy().tobytes() for model in models for param in model.parameters()]

    found = []
    for meanwhile in (False, True):
        (one, other), (first, second) = networks()
        train(other, second)
        steps, finish, left = TrainingSteps(one, nn.CrossEntropyLoss(), first), queue.finish, [3]
        steps(images, classes)
        run = queue.run

        def replay(call, meanwhile=meanwhile, other=other, second=second, left=left):
            def after(*arguments):
                finish(*arguments)
                if left[0]:
                    left[0] -= 1
                    train(other, second)
            with monkeypatch.context() as patch:
                patch.setattr(queue, "finish", after if meanwhile else finish)
                run(call)

        with monkeypatch.context() as patch:
            patch.setattr(queue, "run", replay)
            for _ in range(4):
                steps(images, classes)
        for _ in range(left[0]):
            train(other, second)
        found.append(weights([one, other]))
    assert found[0] == found[1]


def test_who_asks_for_a_rectified_batch_while_it_is_made_does_not_wait_for_ever(monkeypatch):
    """As a signal handler may."""
    from numbacnn.engine import pack
    from numbacnn.engine.ops import activation

    made, asked = activation._forward, []
    batch = activation.Rectified(pack(normal(3, 6).detach().numpy()))

    def ask(*arguments):
        if not asked:
            asked.append(None)
            asked[0] = batch.settled()
        return made(*arguments)

    monkeypatch.setattr(activation, "_forward", ask)
    assert batch.settled() is asked[0]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
def test_a_signal_handler_may_look_at_numbers():
    """Whichever of the two runs what waits, it runs once."""
    weight, looks, steps = nc.zeros(50, 50).requires_grad_(), [], 0
    optimizer, gradient = optim.SGD([weight], lr=1.0), nc.ones(50, 50)

    def look(*_):
        looks.append(weight.detach().numpy()[0, 0])
        signal.setitimer(signal.ITIMER_REAL, 2e-4)

    before = signal.signal(signal.SIGALRM, look)
    try:
        look()
        while steps < 2000 or len(looks) < 10 and steps < 10**6:
            weight.grad = gradient
            optimizer.step()
            steps += 1
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)  # first, since a handler that is still to come sets the timer again
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert weight[0, 0].item() == -steps and len(looks) >= 10


def test_a_refused_operation_leaves_the_others(weight, x):
    out = F.linear(x, weight)
    with pytest.raises(ValueError, match="features"):
        F.linear(out, weight)
    np.testing.assert_allclose(out.detach().numpy(), x.numpy() @ weight.detach().numpy().T, rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------- memory
def test_a_loop_that_never_looks_does_not_grow(weight, x, monkeypatch):
    monkeypatch.setattr(queue, "LONGEST", 50)
    longest = 0
    with nc.no_grad():
        for _ in range(200):
            F.linear(x, weight)
            longest = max(longest, waits())
    assert longest <= 50
    monkeypatch.setattr(queue, "LARGEST", 1 << 20)
    big = nc.zeros(16, 64, 16, 16)
    made = buffers.made()
    for _ in range(8):
        F.relu(F.conv2d(big, nc.zeros(1, 64, 1, 1)))
    assert buffers.made() - made > 1 << 20 and waits() < 8


def test_numbers_of_places_are_never_mixed_up(weight):
    """Places are told apart by id, and temporary arrays are of one size: none may die while it waits."""
    with nc.no_grad():
        outs = [F.linear(nc.full((3, 6), float(k)), weight) for k in range(50)]
    row = weight.detach().numpy().sum(1)
    for k, out in enumerate(outs):
        np.testing.assert_allclose(out.numpy(), np.broadcast_to(k * row, (3, 4)), rtol=1e-4, atol=1e-4)


def programs_kept():
    """How many programs are."""
    return sum(map(len, queue._programs.values()))


def test_programs_are_forgotten(weight):
    with nc.no_grad():
        for count in range(1, queue.KEPT + 40):
            for _ in range(count % 7):
                out = F.linear(nc.zeros(1 + count, 6), weight)
            out.numpy() if count > 6 else None
    assert len(queue._programs) <= queue.KEPT


def test_steps_keep_no_memory(x):
    layer = nc.nn.Linear(6, 4)
    optimizer = optim.Adam(layer.parameters())

    def steps(count):
        for _ in range(count):
            optimizer.zero_grad()
            F.cross_entropy(layer(x), nc.tensor([0, 1, 2])).backward()
            optimizer.step()

    steps(100)
    gc.collect()
    made, programs = sum(map(len, buffers.Buffer.free.values())), programs_kept()
    tracemalloc.start()
    try:
        steps(20)
        before = tracemalloc.get_traced_memory()[0]
        steps(500)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000  # 40 bytes a step
    assert sum(map(len, buffers.Buffer.free.values())) <= made + 5 and programs_kept() <= programs + 2


def test_arrays_handed_out_are_forgotten_when_they_die():
    gc.collect()
    before = len(pending.exposed)
    arrays = [nc.zeros(3).numpy() for _ in range(20)]
    assert len(pending.exposed) == before + 20
    del arrays
    assert len(pending.exposed) == before


def test_an_array_that_came_in_often_is_noted_once():
    gc.collect()  # what other tests have left
    array, live = np.zeros((3, 6), np.float32), len(weakref.finalize._registry)
    for _ in range(50):
        nc.from_numpy(array)
    assert len(weakref.finalize._registry) <= live + 1
    before = len(pending.exposed)
    del array
    gc.collect()
    assert len(pending.exposed) == before - 1
