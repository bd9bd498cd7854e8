"""A program that was started runs while Python goes on; reading its numbers waits for it."""
import copy
import gc
import os
import pickle
import threading

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT or config.NUMBA_NUM_THREADS < 2:
    pytest.skip("programs run beside Python where there are helpers", allow_module_level=True)

import numbacnn as nc
from engine_modes import normal
from numbacnn import optim
from numbacnn.engine import queue, runner, team
from numbacnn.engine.buffers import FLOAT
from numbacnn.engine.buffers import Written
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.task import Task
from numbacnn.nn import functional as F
from numbacnn.simd import views
from numbacnn.tensors import pending


@Task
def pass_gate():
    """Wait, if not for ever, until the gate is open, then write a 7, else a -1; word 0 lets other threads have the core."""
    def task(table, k):
        gate, out = views.words(table, 0, 1), views.floats(table, 1, 1)
        patience = 3 * 10**8  # looks, a minute at least: Python may have a great deal to compile meanwhile
        while runner.look(gate, 0) == 0 and patience > 0:
            patience -= 1
            runner.call(views.number(table, 0), 0, 0)
        for i in range(len(out)):
            out[i] = 7 if patience > 0 else -1
    return task


# a slice for each of two threads: one alone would not be left to a helper
PLAN = Plan().row(pass_gate.of(), 2, [Array("gate", (1,), (8,))], [Array("out", (1,), (FLOAT,))], [runner.STEP_ASIDE]).finish()


class Gate:
    """An operation that waits at a gate: its program is not over before `open`."""

    def __init__(self):
        self._gate, self.out = np.zeros(1, np.int64), queue.Pending((1,))
        self.out.memory[:] = 0

    def stand(self):
        queue.enqueue(PLAN, gate=self._gate, out=self.out.memory)

    def open(self):
        self._gate[0] = 1

    def open_soon(self):
        threading.Timer(0.05, self.open).start()


@pytest.fixture
def gate(threads):
    """One that is open when the test is over."""
    threads(2)
    queue.finish()
    gate = Gate()
    yield gate
    gate.open()
    queue.finish()


def test_python_goes_on_while_helpers_work(gate):
    gate.stand()
    queue.start()
    assert gate.out.memory[0] == 0 and queue.uses(lambda array: array is gate._gate)
    gate.open_soon()
    assert gate.out.numpy() == 7 and not queue.uses(lambda array: array is gate._gate)


def test_one_thread_alone_does_it_at_once(gate, threads):
    threads(1)
    gate.stand()
    gate.open()
    queue.start()
    assert gate.out.memory[0] == 7 and not queue._held


def test_what_was_computed_before_is_read_while_helpers_work(gate):
    loss = F.cross_entropy(normal(3, 6), nc.tensor([1, 2, 3]))
    queue.finish()
    assert type(loss._storage) is queue.Pending
    gate.stand()
    queue.start()
    loss.item()
    assert gate.out.memory[0] == 0


def test_a_program_waits_for_the_one_before(gate):
    gate.stand()
    queue.start()
    later = F.linear(normal(3, 6), normal(4, 6))
    gate.open_soon()
    queue.start()
    assert gate.out.memory[0] == 7
    np.testing.assert_allclose(later.numpy(), normal(3, 6).numpy() @ normal(4, 6).numpy().T, rtol=1e-5, atol=1e-6)


def test_what_python_writes_goes_where_no_running_program_looks(gate):
    """Other blocks may have new owners already, who wait their turn."""
    Written.free.pop(256, None)
    block = Written(256)
    address = block.address
    queue.enqueue(PLAN, gate=np.ones(1, np.int64), out=block)
    gate.stand()
    del block
    queue.start()
    assert Written(256).address != address
    gate.open()
    queue.finish()
    assert address in {at for _, at in Written.free[256]}


# ---------------------------------------------------------------- an optimizer's step
LOOKS = {
    "numpy": lambda w: w.detach().numpy(), "tolist": lambda w: w.tolist(), "times": lambda w: (w * 1).detach().numpy(),
    "row": lambda w: nc.stack([w[i] for i in range(4)]).detach().numpy(), "double": lambda w: w.double().detach().numpy(),
    "clone": lambda w: w.clone().detach().numpy(), "deepcopy": lambda w: copy.deepcopy(w).detach().numpy(),
    "pickle": lambda w: pickle.loads(pickle.dumps(w)).detach().numpy(), "array": lambda w: np.asarray(w.detach()),
    "linear": lambda w: F.linear(nc.eye(6), w).T.detach().numpy(), "data": lambda w: w.data.numpy(),
    "transposed": lambda w: F.linear(nc.eye(4), w.T).detach().numpy(),
    "rows of features": lambda w: F.embedding(nc.arange(4), w).detach().numpy(),
    "written to": lambda w: (w.data.mul_(2) / 2).numpy(), "copied": lambda w: nc.zeros(4, 6).copy_(w.detach()).numpy(),
    "double linear": lambda w: F.linear(nc.eye(6).double(), w.double()).T.detach().numpy(),
    "rows side by side": lambda w: nc.cat([w[:2], w[2:]]).detach().numpy(),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_whoever_looks_at_a_parameter_waits_for_the_step(gate, look):
    weight, x = normal(4, 6).requires_grad_(), normal(3, 6, seed=6)
    expected = normal(4, 6).numpy() - np.broadcast_to(x.numpy().sum(0), (4, 6))
    look(normal(4, 6))  # what it needs is compiled now, so that it has no time to spare later
    stepped(weight, x, optim.SGD([weight], lr=1.0), gate)
    np.testing.assert_allclose(np.asarray(look(weight)), expected, rtol=1e-4, atol=1e-5)


def test_a_view_of_a_parameter_that_is_copied_for_an_operation_waits_too(gate):
    weight, x = normal(4, 6).requires_grad_(), normal(3, 6, seed=6)
    expected = normal(4, 6).numpy() - np.broadcast_to(x.numpy().sum(0), (4, 6))
    column, optimizer = weight.detach()[:, 1], optim.SGD([weight], lr=1.0)
    stepped(weight, x, optimizer, gate)
    out = F.linear(nc.zeros(1, 3), nc.zeros(4, 3), column)
    np.testing.assert_allclose(out.numpy()[0], expected[:, 1], rtol=1e-4, atol=1e-5)


STATES = {
    "state": lambda o, p: o.state[p]["exp_avg"],
    "kept state_dict": lambda o, p: o.kept["state"][0]["exp_avg"].numpy(),
    "state_dict": lambda o, p: o.state_dict()["state"][0]["exp_avg"].numpy(),
    "deepcopy": lambda o, p: next(iter(copy.deepcopy(o).state.values()))["exp_avg"],
    "pickle": lambda o, p: next(iter(pickle.loads(pickle.dumps(o)).state.values()))["exp_avg"],
}


@pytest.mark.parametrize("look", STATES.values(), ids=STATES)
def test_whoever_looks_at_what_an_optimizer_remembers_waits_for_the_step(gate, look):
    weight, x = normal(4, 6).requires_grad_(), normal(3, 6, seed=6)
    optimizer = optim.Adam([weight], betas=(0.5, 0.9))
    weight.grad = nc.zeros(4, 6)
    optimizer.step()
    optimizer.kept = optimizer.state_dict()
    optimizer.zero_grad()
    stepped(weight, x, optimizer, gate)
    np.testing.assert_allclose(look(optimizer, weight), np.broadcast_to(x.numpy().sum(0), (4, 6)) / 2, rtol=1e-4, atol=1e-5)


HOLDS = {"state": lambda o, p: o.state[p]["momentum_buffer"],
         "state_dict": lambda o, p: o.state_dict()["state"][0]["momentum_buffer"].numpy()}


@pytest.mark.parametrize("hold", HOLDS.values(), ids=HOLDS)
def test_arrays_of_the_state_that_somebody_holds_are_up_to_date_after_each_step(gate, hold):
    weight = nc.zeros(4, 6).requires_grad_()
    optimizer = optim.SGD([weight], momentum=0.5)
    weight.grad = nc.ones(4, 6)
    optimizer.step()
    velocity = hold(optimizer, weight)
    gate.stand()
    gate.open_soon()
    optimizer.step()
    np.testing.assert_array_equal(velocity, np.full((4, 6), 1.5))


def test_a_state_dict_leaves_the_next_steps_as_fast_as_they_were():
    gc.collect()  # what other tests have left
    weight = nc.zeros(4, 6).requires_grad_()
    optimizer, before = optim.Adam([weight]), dict(pending.exposed)
    weight.grad = nc.ones(4, 6)
    optimizer.step()
    saved = optimizer.state_dict()
    assert pending.exposed == before and len(saved["state"]) == 1


def stepped(weight, x, optimizer, gate):
    """A step of an optimizer that is over soon."""
    F.linear(x, weight).backward(nc.ones(3, 4))
    gate.stand()
    optimizer.step()
    assert gate.out.memory[0] == 0
    gate.open_soon()


def test_an_array_of_a_parameter_that_was_handed_out_is_up_to_date_after_each_step():
    weight, x = normal(4, 6).requires_grad_(), normal(3, 6, seed=6)
    array, optimizer = weight.detach().numpy(), optim.SGD([weight], lr=1.0)
    expected = array - np.broadcast_to(x.numpy().sum(0), (4, 6))
    F.linear(x, weight).backward(nc.ones(3, 4))
    optimizer.step()
    np.testing.assert_allclose(array, expected, rtol=1e-4, atol=1e-5)


def test_a_first_look_waits_for_a_step_on_another_shape(gate):
    weight = F.linear(normal(20, 6), normal(50, 6)).detach()
    flat, before, weight.grad = weight.reshape(1000), weight * 1, nc.ones(20, 50)
    gate.stand()
    optim.SGD([weight], lr=1.0).step()
    gate.open_soon()
    np.testing.assert_allclose((flat * 1)._array, before._array.reshape(1000) - 1)
    assert not queue._held  # and not because `numpy()` waits for all that runs


@pytest.mark.parametrize("twin", [False, True])
def test_a_gradient_that_was_handed_out_may_be_written_to_after_the_step(gate, twin):
    weight, x = normal(4, 6).requires_grad_(), normal(3, 6, seed=6)
    optimizer, expected = optim.SGD([weight], lr=1.0), normal(4, 6).numpy() - np.broadcast_to(x.numpy().sum(0), (4, 6))
    F.linear(x, weight).backward(nc.ones(3, 4))
    array = (nc.Tensor(weight.grad) if twin else weight.grad).numpy()
    gate.stand()
    gate.open_soon()
    optimizer.step()
    array[:] = 0
    np.testing.assert_allclose(weight.detach().numpy(), expected, rtol=1e-4, atol=1e-5)


def test_each_of_two_threads_waits_for_its_own_step(gate, monkeypatch):
    """One waits for the program that runs while the other asks for a step."""
    weight, x = normal(4, 6).requires_grad_(), normal(3, 6, seed=6)
    expected = normal(4, 6).numpy() - np.broadcast_to(x.numpy().sum(0), (4, 6))
    optimizer, second = optim.SGD([weight], lr=1.0), Gate()
    F.linear(x, weight).backward(nc.ones(3, 4))
    queue.finish()
    gate.stand()
    queue.start()
    waits, wait = threading.Event(), team.wait
    monkeypatch.setattr(team, "wait", lambda: waits.set() or wait())
    other = threading.Thread(target=pending.settle)
    other.start()
    assert waits.wait(100)
    second.stand()
    gate.open_soon()
    optimizer.step()
    assert second.out.memory[0] == 0
    second.open_soon()
    np.testing.assert_allclose((weight * 1).detach().numpy(), expected, rtol=1e-4, atol=1e-5)
    other.join()


def test_looking_changes_no_bit():
    """A loop that reads each loss and weight comes to the same end as one that reads nothing before."""
    assert trained(looks=True) == trained(looks=False)


def trained(looks):
    """The weights of a small network after some steps, as bytes."""
    nc.manual_seed(4)
    model = nc.nn.Sequential(nc.nn.Conv2d(1, 4, 3), nc.nn.ReLU(), nc.nn.MaxPool2d(2), nc.nn.Flatten(), nc.nn.Linear(36, 5))
    optimizer, draw = optim.AdamW(model.parameters(), lr=0.01), np.random.default_rng(0)
    for _ in range(30):
        x = nc.tensor(draw.standard_normal((40, 1, 8, 8)).astype(np.float32))
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), nc.tensor(draw.integers(0, 5, 40)), label_smoothing=0.1)
        loss.backward()
        optimizer.step()
        if looks:
            loss.item(), [param.sum().item() for param in model.parameters()]
    return b"".join(param.detach().numpy().tobytes() for param in model.parameters())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_comes_after_the_program_that_runs(gate):
    gate.stand()
    queue.start()
    gate.open_soon()
    child = os.fork()
    if child == 0:
        os._exit(0 if gate.out.memory[0] == 7 and not queue._held else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
