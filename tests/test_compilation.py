"""Compilation by several processes: who compiles what, and that nobody is needed."""
import os
import signal
import subprocess
import sys
import time

import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("there is nothing to compile", allow_module_level=True)

PROGRAM = """
import sys
import numpy as np
from numbacnn.engine import compilation, finish
from numbacnn.engine.batch import pack
from numbacnn.engine.tasks.activation import forward
from numbacnn.engine.tiles import activation_forward

{before}
members = [forward.of("leaky_relu", slope / 8) for slope in range(8)]
assert not any(member.is_ready() for member in members)
found = compilation.addresses(members, meanwhile=lambda: print("meanwhile"))
assert len(set(found.values())) == 8 and all(member.is_ready() for member in members)
x = np.arange(-6, 6, dtype=np.float32).reshape(3, 4)
for slope in range(8):
    out = activation_forward("leaky_relu", pack(x), slope / 8).numpy()
    np.testing.assert_array_equal(out, np.where(x > 0, x, slope / 8 * x))
print([getattr(member._callback, "cache_hits", 0) for member in members])
"""


def environment(base, threads=2):
    return {**os.environ, "XDG_CACHE_HOME": str(base), "NUMBA_NUM_THREADS": str(threads)}


def run_program(base, before="", threads=2, **options):
    """The lines that the program above prints, with an empty cache in `base`."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM.format(before=before)], capture_output=True, text=True,
                          env=environment(base, threads), timeout=120, **options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME is Linux's")


@linux_only
def test_two_processes_take_half_each(tmp_path):
    assert run_program(tmp_path) == ["meanwhile", str([0, 1] * 4)]


@linux_only
@pytest.mark.parametrize("executable", ["/bin/false", "/no/such/file", ""])
def test_without_helpers_the_same_code_is_compiled_here(tmp_path, executable):
    assert run_program(tmp_path, f"sys.executable = {executable!r}") == ["meanwhile", str([0] * 8)]


@linux_only
def test_a_helper_that_hangs_is_not_waited_for(tmp_path):
    (tmp_path / "hangs").write_text("#!/bin/sh\nexec sleep 300\n", encoding="utf-8")
    (tmp_path / "hangs").chmod(0o755)
    before = f"sys.executable, compilation.PATIENCE = {str(tmp_path / 'hangs')!r}, 0.1"
    assert run_program(tmp_path, before) == ["meanwhile", str([0] * 8)]


@linux_only
def test_without_a_cache_there_are_no_helpers(tmp_path):
    before = "import numbacnn.engine.cache; numbacnn.engine.cache.directory = lambda: None"
    assert run_program(tmp_path, before) == ["meanwhile", str([0] * 8)]


@linux_only
def test_one_thread_asks_nobody(tmp_path):
    assert run_program(tmp_path, threads=1) == ["meanwhile", str([0] * 8)]
    assert run_program(tmp_path / "again", "import numbacnn; numbacnn.set_num_threads(1)") == ["meanwhile", str([0] * 8)]


@linux_only
def test_a_helper_runs_nothing_from_the_folder_it_is_in(tmp_path):
    """A program in a file has the file's folder on its path, not the one it is called in."""
    program, elsewhere = tmp_path / "program.py", tmp_path / "elsewhere"
    program.write_text(PROGRAM.format(before=""), encoding="utf-8")
    elsewhere.mkdir()
    (elsewhere / "random.py").write_text("open('ran', 'w').close()", encoding="utf-8")
    done = subprocess.run([sys.executable, str(program)], env=environment(tmp_path / "cache"), capture_output=True, text=True,
                          cwd=elsewhere, timeout=120)
    assert done.stdout.splitlines() == ["meanwhile", str([0, 1] * 4)], done.stderr
    assert not (elsewhere / "ran").exists()


@linux_only
def test_an_interrupt_while_compiling_is_a_keyboard_interrupt(tmp_path):
    before = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); print('begin', flush=True)"
    running = subprocess.Popen([sys.executable, "-c", PROGRAM.format(before=before)], env=environment(tmp_path), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout.readline() == "begin\n"
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert errors.splitlines()[-1] == "KeyboardInterrupt" and "ignored" not in errors
