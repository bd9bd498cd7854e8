"""Several threads and their own memory: the copies of the tables, who works where, Ctrl-C while they are made."""
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("programs are compiled code", allow_module_level=True)

from few_blocks import images, network, newest, step
from numbacnn import nn, optim
from numbacnn.engine import buffers, queue, runner
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.task import Task
from numbacnn.simd import views
from numbacnn.simd.choice import L
from numbacnn.train import TrainingSteps

several = pytest.mark.skipif(config.NUMBA_NUM_THREADS < 2, reason="one thread has no others to meet")


@pytest.fixture
def x():
    return images()


def printed(program, threads):
    """What a Python program prints in a process with so many threads at most."""
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[1], capture_output=True, text=True,
                          env={**os.environ, "NUMBA_NUM_THREADS": str(threads)})
    assert done.returncode == 0, done.stderr
    return done.stdout


def lies_well(program):
    """Whether every copy of the rows' tables has memory of its own, and all of it lies in the scratch memory."""
    words, (places, offsets) = program._words, program._in_own
    first, end = buffers._scratch.address, buffers._scratch.address + buffers._scratch.nbytes
    starts = words[:, places] - offsets
    assert (starts == first + program._reserved + program._own * np.arange(len(words))[:, None]).all()
    assert first + program._reserved + program._own * len(words) <= end
    assert (words[:, program._in_scratch[0]] == first + program._in_scratch[1]).all()
    assert (program._arrays[0][:, 1] - words.ctypes.data == 8 * program._starts).all()


@several
def test_every_copy_has_memory_of_its_own(x, threads):
    layers = network()
    for count in (1, 2, 1, 2):
        threads(count)
        step(layers, x)
        lies_well(newest())
    assert len(newest()._words) == 2 and newest()._own > 0


@several
def test_a_single_block_needs_a_single_copy(x, threads):
    threads(2)
    layers = network()
    for _ in range(2):
        expected = step(layers, x[:L])
    program = newest()
    assert program._own > 0 and program._begun == len(program._words) == 1
    threads(1)
    assert step(layers, x[:L]) == expected


@several
def test_a_replay_has_own_memory_in_every_copy(threads):
    """The bits of another test; here, that there is something that could go wrong."""
    threads(2)
    model = nn.Sequential(*network()[:1], nn.ReLU(), nn.Flatten(), nn.Linear(500, 4))
    steps = TrainingSteps(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1))
    data = np.random.default_rng(0).standard_normal((3, 4 * L, 1, 12, 12)).astype(np.float32)
    for _ in range(2):
        steps(data, np.zeros((3, 4 * L), np.int64))
    (_, step), = steps._traces._known.values()
    (replay,) = step._replays.values()
    assert replay._program._own > 0 and len(replay._program._words) == 2
    lies_well(replay._program)


@Task
def write_and_meet():
    """Write the number of the block where its thread works, say that it is there and wait, if not for ever, for the next or last."""
    def task(table, block):
        there, own = views.words(table, 0, 1), views.floats(table, 1, 2)
        for i in range(1):
            own[block, i] = block
        runner.count(there, block, 1)
        patience = 3 * 10**8  # looks, a minute at least
        while runner.look(there, block ^ 1) == 0 and patience > 0:
            patience -= 1
            runner.call(views.number(table, 0), 0, 0)
    return task


@Task
def read_back():
    def task(table, block):
        own, out = views.floats(table, 0, 2), views.floats(table, 1, 2)
        for i in range(1):
            out[block, i] = own[block, i]
    return task


@several
@pytest.mark.parametrize("copies", [1, 2])
def test_two_threads_at_two_blocks_do_not_meet_in_memory(threads, copies):
    """Both blocks are under way at the same time; what one wrote it finds again."""
    there, out = np.zeros(2, np.int64), np.full((2, 1), np.nan, np.float32)
    plan = Plan()
    own = plan.reserve("own", 2 * 128)
    here = [Array("there", (2,), (8,))], [Array(own, (2, 1), (128, 4))]
    plan.row(write_and_meet.of(), 2, *here, [runner.STEP_ASIDE], blocks=2)
    plan.row(read_back.of(), 2, here[1], [Array("out", (2, 1), (4, 4))], blocks=2).finish()
    for count in (copies, 2):
        threads(count)
        there[:] = count < 2  # a thread alone would wait for ever
        queue.enqueue(plan, there=there, out=out)
        queue.finish()
        np.testing.assert_array_equal(out[:, 0], [0, 1])
    assert newest()._own == 128 and len(newest()._words) == 2


def test_more_threads_than_cores_and_back_again():
    """A process of its own, as the most threads are set when it starts: the same bits with one, two, four and three."""
    program = (
        "import few_blocks as t\n"
        "from numbacnn.engine import set_num_threads\n"
        "import sys; sys.path.append('engine')\n"
        "from test_own_memory_threads import lies_well\n"
        "x, layers, found = t.images(6 * t.L), t.network(), []\n"
        "for count in (1, 2, 4, 1, 3, 4):\n"
        "    set_num_threads(count)\n"
        "    found += [t.step(layers, batch) for batch in (x, x[:3 * t.L]) for _ in range(5)]\n"
        "    lies_well(t.newest())\n"
        "assert all(one == other for k in range(0, len(found), 10) for one, other in zip(found[k:k + 10], found[:10]))\n"
        "print(len(t.newest()._words))\n")
    assert printed(program, threads=4) == "3\n"  # three blocks


@several
def test_scratch_memory_that_has_grown(x, threads):
    """Another program needed more of it meanwhile."""
    layers = network()
    threads(2)
    expected = step(layers, x)
    buffers.scratch(4 * buffers._scratch.nbytes)
    assert step(layers, x) == expected
    lies_well(newest())


@several
@pytest.mark.parametrize("count, before, then, moved", [(5 * L + 3, 1, 2, True), (L, 2, 1, False)])
def test_ctrl_c_while_a_program_is_prepared(threads, count, before, then, moved, monkeypatch):
    """Wherever it was left, the next steps are right, with another number of threads and, if moved, the scratch memory elsewhere."""
    layers, x = network(), images(count)
    threads(before)
    expected = step(layers, x)
    program = newest()
    codes = [method.__func__.__code__ for method in (program.call, program._lay_out_for, program._copy_for)]

    def left_at(line):
        """Whether it came to so many lines."""
        lines = []

        def interrupt(frame, event, _):
            if frame.f_code in codes:
                if event == "line":
                    lines.append(frame.f_lineno)
                    if len(lines) > line:
                        raise KeyboardInterrupt
                return interrupt
            return None

        sys.settrace(interrupt)
        try:
            step(layers, x)
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(None)

    def interrupted(line):
        if moved:
            monkeypatch.setattr(buffers, "_scratch", buffers.Buffer(size))
        threads(then)
        return left_at(line)

    line, size = 0, 4 * buffers._scratch.nbytes
    while interrupted(line):
        threads(before)
        queue.finish()  # what waits is the very sequence that was left
        assert program._table[0, runner.BY_THREAD] == (before <= len(program._words))
        for number in (before, then, before):
            threads(number)
            assert step(layers, x) == expected
            lies_well(newest())
        line += 1
    assert line > 10


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm here")
def test_handlers_that_raise_at_any_moment():
    """New programs, other numbers of threads, and an exception every now and then: what comes after is right."""
    program = (
        "import random, signal\n"
        "import few_blocks as t\n"
        "from numbacnn.engine import queue, set_num_threads\n"
        "def handler(*_):\n"
        "    raise KeyboardInterrupt\n"
        "signal.signal(signal.SIGALRM, handler)\n"
        "x, layers, chance, raised, steps = t.images(), t.network(), random.Random(0), 0, 0\n"
        "expected = t.step(layers, x)\n"  # compiles
        "while raised < 500 and steps < 100_000:\n"
        "    queue._programs.clear()\n"
        "    set_num_threads(chance.choice([1, 2]))\n"
        "    try:\n"
        "        signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-4, 4e-3))\n"
        "        t.step(layers, x)\n"
        "        signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "    except KeyboardInterrupt:\n"
        "        raised += 1\n"
        "    assert t.step(layers, x) == expected\n"
        "    steps += 1\n"
        "print(raised)\n")
    assert printed(program, threads=2) == "500\n"


def test_what_runs_is_held_until_it_is_done():
    """A step is opened while helpers may be at the last one, whose memory must not be given away meanwhile."""
    program = (
        "import numbacnn as nc, numbacnn.nn.functional as F\n"
        "from numbacnn import nn, optim\n"
        "from numbacnn.engine import queue, team\n"
        "x, labels = nc.ones(200, 6), nc.zeros(200, dtype=nc.int64)\n"
        "weight = nn.Parameter(nc.ones(4, 6))\n"
        "sgd = optim.SGD([weight], lr=0.1)\n"
        "def step():\n"
        "    sgd.zero_grad()\n"
        "    F.cross_entropy(F.linear(x, weight), labels).backward()\n"
        "    running = queue._held\n"
        "    sgd.step()\n"
        "    return running\n"
        "def watched(*arguments):\n"
        "    held.append(queue._held)\n"
        "    take_over(*arguments)\n"
        "step()\n"
        "held, take_over, team.take_over = [], team.take_over, watched\n"
        "lasts = [step() for _ in range(3)]\n"
        "ids = [set(map(id, both)) for both in held]\n"
        "print(all(last and {id(one) for one in last} < both for last, both in zip(lasts, ids, strict=True)))\n")
    assert printed(program, threads=2) == "True\n"
