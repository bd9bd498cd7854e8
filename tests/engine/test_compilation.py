"""Compilation by several processes: which of them compiles what, and that none of them is indispensable."""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("there is nothing to compile", allow_module_level=True)

PROGRAM = """
import json, sys
import numpy as np
import numbacnn
from numbacnn.engine import cache, compilation, queue
from numbacnn.engine.plan import Array, Plan
from small_tasks import write

def compile_eight(first):
    '''Tasks that were never compiled; whether each came from the cache, where another process left it.'''
    members = [write.of(first + k) for k in range(8)]
    assert not any(member.is_ready() for member in members)
    said = []
    found = compilation.addresses(members, meanwhile=lambda: said.append("meanwhile"))
    assert said == ["meanwhile"] and len(set(found.values())) == 8 and all(member.is_ready() for member in members)
    out, plan = np.full((8, 3), np.nan, np.float32), Plan()
    for k, member in enumerate(members):
        plan.row(member, 3, [], [Array("out", (3,), (4,), 12 * k)])
    queue.enqueue(plan.finish(), out=out)
    queue.finish()
    np.testing.assert_array_equal(out, np.repeat(first + np.arange(8), 3).reshape(8, 3))
    return [getattr(member._callback, "cache_hits", 0) for member in members]
"""
#: name: what is done before eight tasks are compiled, one after the other in one process
BEFORE = {
    "nothing": "python = sys.executable",
    "a helper that fails": "sys.executable = '/bin/false'",
    "a helper that is not there": "sys.executable = '/no/such/file'",
    "no name of Python": "sys.executable = ''",
    "a helper that hangs": "sys.executable, patience, compilation.PATIENCE = {hangs!r}, compilation.PATIENCE, 0.1",
    "one thread": "sys.executable, compilation.PATIENCE = python, patience; numbacnn.set_num_threads(1)",
    "no cache": "numbacnn.set_num_threads(2); cache.directory = lambda: None",
}

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME is Linux's")


def environment(base, threads=2):
    tests = str(Path(__file__).parents[1])
    return {**os.environ, "XDG_CACHE_HOME": str(base), "NUMBA_NUM_THREADS": str(threads), "PYTHONPATH": tests}


def printed(command, base, threads=2, **options):
    """What a command prints, decoded, with a cache in `base`."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment(base, threads), timeout=600, **options)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder for the cache."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def from_cache(base):
    """{name: which of eight tasks were loaded from the cache}, under each of the conditions above."""
    hangs = base / "hangs"
    hangs.write_text("#!/bin/sh\nexec sleep 300\n", encoding="utf-8")
    hangs.chmod(0o755)
    lines = [PROGRAM, "found = {}"]
    for k, (name, before) in enumerate(BEFORE.items()):
        lines += [before.format(hangs=str(hangs)), f"found[{name!r}] = compile_eight({8 * k})"]
    return printed([sys.executable, "-W", "error", "-c", "\n".join([*lines, "print(json.dumps(found))"])], base)


@linux_only
def test_two_processes_take_half_each(from_cache):
    assert from_cache["nothing"] == [0, 1] * 4


@linux_only
@pytest.mark.parametrize("name", [*BEFORE][1:])
def test_without_helpers_the_same_code_is_compiled_here(from_cache, name):
    assert from_cache[name] == [0] * 8


@linux_only
def test_where_there_is_one_thread_it_asks_nobody(from_cache, base):
    program = f"{PROGRAM}\nprint(json.dumps(compile_eight(100)))"
    assert printed([sys.executable, "-W", "error", "-c", program], base, threads=1) == [0] * 8


@linux_only
def test_a_helper_runs_nothing_from_the_folder_it_is_in(from_cache, base, tmp_path):
    """A program in a file has the file's folder on its path, not the one it is called in."""
    program, elsewhere = tmp_path / "programs" / "program.py", tmp_path / "elsewhere"
    program.parent.mkdir()
    program.write_text(f"{PROGRAM}\nprint(json.dumps(compile_eight(200)))", encoding="utf-8")
    elsewhere.mkdir()
    (elsewhere / "random.py").write_text("open('ran', 'w').close()", encoding="utf-8")
    assert printed([sys.executable, str(program)], base, cwd=elsewhere) == [0, 1] * 4
    assert not (elsewhere / "ran").exists()


@linux_only
def test_an_interrupt_while_compiling_is_a_keyboard_interrupt(from_cache, base):
    """It compiles until it is interrupted, however long that takes to arrive."""
    program = (f"{PROGRAM}\n"
               "import itertools, signal\n"
               "sys.executable = ''\n"  # it has no helpers to wait for
               "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
               "for first in itertools.count(300, 8):\n"
               "    compile_eight(first)\n"
               "    print('begun', flush=True)\n")
    running = subprocess.Popen([sys.executable, "-c", program], env=environment(base), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout.readline() == "begun\n"
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=600)
    assert errors.splitlines()[-1] == "KeyboardInterrupt" and "ignored" not in errors
