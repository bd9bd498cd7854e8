"""The threads that run a program together."""
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("threads run compiled code only", allow_module_level=True)

import numbacnn as nc
from numbacnn.engine import team
from numbacnn.engine.batch import FLOAT
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task
from numbacnn.simd import views

several = pytest.mark.skipif(config.NUMBA_NUM_THREADS < 2, reason="one thread meets nobody")


@pytest.fixture
def threads():
    """set_num_threads, put back afterwards."""
    before = nc.get_num_threads()
    yield nc.set_num_threads
    nc.set_num_threads(before)


@Task
def meet():
    """The last two slices say that they are there and wait, if not for ever, for each other; out[k] tells if that went well.

    Word 0 is the address of what lets other threads have the core.
    """
    def task(table, k):
        there, out = views.words(table, 0, 1), views.floats(table, 1, 1)
        team.count(there, k, 1)
        patience = 3 * 10**7  # many seconds: the system may take a core away for one
        while k >= len(out) - 2 and team.look(there, k ^ 1) == 0 and patience > 0:
            patience -= 1
            team.call(views.number(table, 0), 0, 0)
        out[k] = patience > 0
    return task


def meeting(blocks):
    """What `meet` leaves behind, all ones if two threads came."""
    there, out = np.zeros(2 * blocks, np.int64), np.zeros(2 * blocks, np.float32)
    plan = Plan().row(meet.of(), 2 * blocks, [Array("there", (2 * blocks,), (8,))], [Array("out", (2 * blocks,), (FLOAT,))],
                      [team.STEP_ASIDE], blocks=blocks)
    enqueue(plan.finish(), there=there, out=out)
    finish()
    return out


def asleep():
    """Wait until all helpers sleep."""
    end = time.monotonic() + 20
    while team._team.board[team.AWAKE:].any():
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
    team.gather(0)  # and then Ctrl-C
    asleep()
    assert meeting(1).all()


@several
def test_only_as_many_help_as_were_asked(threads):
    """A helper that is awake still leaves a program for one thread alone."""
    threads(2)
    assert meeting(1).all()
    threads(1)
    epoch = team._team.board[team.EPOCH]
    nc.ones(40, 3, 8, 8).relu().sum().item()
    assert team._team.board[team.EPOCH] == epoch


@several
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_helpers_of_its_own(threads):
    threads(2)
    assert meeting(1).all()
    child = os.fork()
    if child == 0:
        os._exit(0 if meeting(1).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_program_may_end_while_helpers_are_awake():
    code = "import numbacnn as nc; x = nc.ones(64, 3, 9, 9); print(nc.nn.functional.max_pool2d(x, 2).sum().item())"
    for _ in range(3):
        done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "3072.0", "")


def test_what_runs_programs_is_compiled_once():
    team.leader()
    misses = team.leader.cache_info().misses
    team.leader()
    assert len(team.lead.signatures) == len(team.help_out.signatures) == team.leader.cache_info().misses == misses == 1


@pytest.mark.parametrize("wrong, words", [
    (0, "0 is not between 1 and"), (10**6, "NUMBA_NUM_THREADS"), (1.0, "expects an int, got float"), (True, "got bool")])
def test_wrong_numbers_of_threads_are_refused(wrong, words):
    with pytest.raises((TypeError, ValueError), match=words):
        nc.set_num_threads(wrong)
