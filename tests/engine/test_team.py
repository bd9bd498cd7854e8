"""The threads that run a program together."""
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("threads run compiled code only", allow_module_level=True)

import numbacnn as nc
from numbacnn.engine import runner, team
from numbacnn.engine.buffers import FLOAT
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task
from numbacnn.nn import functional as F
from numbacnn.simd import views

several = pytest.mark.skipif(config.NUMBA_NUM_THREADS < 2, reason="one thread has no others to meet")


@Task
def meet():
    """The last two slices say that they are there and wait, if not for ever, for each other; out[k] tells if that went well.

    Word 0 is the address of what lets other threads have the core.
    """
    def task(table, k):
        there, out = views.words(table, 0, 1), views.floats(table, 1, 1)
        runner.count(there, k, 1)
        patience = 3 * 10**8  # looks, a minute at least: the system may take a core away for seconds
        while k >= len(out) - 2 and runner.look(there, k ^ 1) == 0 and patience > 0:
            patience -= 1
            runner.call(views.number(table, 0), 0, 0)
        out[k] = patience > 0
    return task


def meeting(blocks):
    """What `meet` leaves behind, all ones if two threads came."""
    there, out = np.zeros(2 * blocks, np.int64), np.zeros(2 * blocks, np.float32)
    plan = Plan().row(meet.of(), 2 * blocks, [Array("there", (2 * blocks,), (8,))], [Array("out", (2 * blocks,), (FLOAT,))],
                      [runner.STEP_ASIDE], blocks=blocks)
    enqueue(plan.finish(), there=there, out=out)
    finish()
    return out


def asleep():
    """Wait until all helpers sleep."""
    end = time.monotonic() + 100
    while team._team.board[runner.AWAKE:].any():
        assert time.monotonic() < end, "a helper never sleeps"
        time.sleep(0.001)


@several
@pytest.mark.parametrize("blocks", [1, 3])
def test_a_thread_that_finds_no_unit_left_helps_with_those_of_others(blocks, threads):
    threads(2)
    assert meeting(blocks).all()


@several
def test_helpers_sleep_when_there_is_nothing_to_do_and_wake_again(threads):
    threads(2)
    for _ in range(3):
        assert meeting(1).all()
        asleep()
    for pause in np.random.default_rng(0).uniform(0, 0.002, 100):  # most fall asleep after that time
        time.sleep(pause)
        assert meeting(1).all()


@several
def test_a_program_that_was_announced_and_never_came_is_forgotten(threads):
    threads(2)
    assert meeting(1).all()
    team.announce(1)  # and then Ctrl-C
    asleep()
    assert meeting(1).all()


@several
def test_only_as_many_help_as_were_asked(threads):
    """A helper that is awake still leaves a program for one thread alone."""
    threads(2)
    assert meeting(1).all()
    threads(1)
    epoch = team._team.board[runner.EPOCH]
    F.relu(nc.ones(40, 3, 8, 8)).sum().item()
    assert team._team.board[runner.EPOCH] == epoch


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
quiet = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def in_a_fork(work):
    """Whether work() is true in a forked process, which has five minutes for it and never gets to the other tests."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(300)
            code = not work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@several
@forks
@quiet
def test_a_forked_process_has_helpers_of_its_own(threads):
    threads(2)
    assert meeting(1).all()
    assert in_a_fork(lambda: meeting(1).all())


@forks
@quiet
def test_a_process_may_fork_while_another_thread_computes():
    x, over = nc.ones(40, 3, 12, 12), threading.Event()

    def compute():
        while not over.is_set():
            F.max_pool2d(x, 2).sum().item()

    other = threading.Thread(target=compute)
    other.start()
    try:
        assert all(in_a_fork(lambda: F.max_pool2d(x, 2).sum().item() == x.numel() // 4) for _ in range(3))
    finally:
        over.set()
        other.join()


def program(code, **environment):
    """What a program prints that must end by itself and complain of nothing."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", "import numbacnn as nc\nF = nc.nn.functional\n" + code],
                          capture_output=True, text=True, timeout=600, env={**os.environ, **environment})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_a_program_may_end_while_helpers_are_awake():
    for _ in range(3):
        assert program("print(F.max_pool2d(nc.ones(64, 3, 9, 9), 2).sum().item())") == ["3072.0"]


def test_a_program_may_end_while_a_thread_computes():
    program("""
import threading
begun = threading.Event()
def compute():
    while True:
        F.max_pool2d(nc.ones(64, 3, 9, 9), 2).sum().item()
        begun.set()
threading.Thread(target=compute, daemon=True).start()
assert begun.wait(300)
""")


def test_helpers_that_were_sent_home_stay_there_and_who_asks_works_alone():
    assert program("""
from numbacnn.engine import team
x = nc.ones(64, 3, 9, 9)
before = F.max_pool2d(x, 2).sum().item()
team._team.wake(1)
team._team.rest()
print(any(thread.is_alive() for thread in team._team._threads), before == F.max_pool2d(x, 2).sum().item())
""", NUMBA_NUM_THREADS="2") == ["False", "True"]


def test_where_no_thread_can_be_started_who_asks_works_alone(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(team, "_team", team.Team())
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert F.max_pool2d(nc.ones(64, 3, 9, 9), 2).sum().item() == 3072


def test_any_number_of_threads_gives_the_same_bits():
    """More threads than cores, more than blocks, and fewer than are awake."""
    digests = program("""
import hashlib
def train(threads):
    nc.set_num_threads(threads)
    nc.manual_seed(0)
    net = nc.nn.Sequential(nc.nn.Conv2d(1, 6, 3), nc.nn.ReLU(), nc.nn.MaxPool2d(2), nc.nn.Flatten(), nc.nn.Linear(150, 10))
    optimizer, x, y = nc.optim.SGD(net.parameters(), lr=0.1), nc.randn(50, 1, 12, 12), nc.tensor([i % 10 for i in range(50)])
    for _ in range(20):
        optimizer.zero_grad()
        nc.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    return hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in net.parameters())).hexdigest()
print(*(train(threads) for threads in (4, 1, 2, 3, 4, 1)))
""", NUMBA_NUM_THREADS="4")
    assert len(digests) == 6 and len(set(digests)) == 1


def test_what_runs_programs_is_compiled_once():
    team.prepare()
    team.prepare()
    assert [len(function.signatures) for function in (runner.join, runner.help_out, runner.take_over)] == [1, 1, 1]


@pytest.mark.parametrize("wrong, words", [
    (0, "0 is not between 1 and"), (10**6, "NUMBA_NUM_THREADS"), (1.0, "expects an int, got float"), (True, "got bool")])
def test_wrong_numbers_of_threads_are_refused(wrong, words):
    with pytest.raises((TypeError, ValueError), match=words):
        nc.set_num_threads(wrong)
