"""Compilation by several processes: who compiles what, and that nobody is needed."""
import os
import subprocess
import sys

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
print([member._callback.cache_hits for member in members])
"""


def run_program(base, before="", threads=2):
    """The lines that the program above prints, with an empty cache in `base`."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(base), "NUMBA_NUM_THREADS": str(threads)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM.format(before=before)], env=environment, capture_output=True, text=True,
                          timeout=120)
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
def test_one_thread_asks_nobody(tmp_path):
    assert run_program(tmp_path, threads=1) == ["meanwhile", str([0] * 8)]
