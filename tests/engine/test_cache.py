"""The cache of compiled code: when it is read, mended, given up and swept."""
import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from numba.core import config

from numbacnn.engine import cache

if config.DISABLE_JIT:
    pytest.skip("there is no compiled code to keep", allow_module_level=True)

PROGRAM = """
import sys, numpy as np
from numbacnn.engine import cache, tiles, compile_seconds
from numbacnn.engine.batch import pack
x = np.arange(-6, 6, dtype=np.float32).reshape(3, 4)
for slope in (0.5, 0.25):  # two of one family, which enclose a loop and a number
    assert (tiles.activation_forward("leaky_relu", pack(x), slope).numpy() == np.where(x > 0, x, slope * x)).all()
print("done", compile_seconds(), cache.compiled())
"""


def run_program(base, *options):
    """Run the program above with the cache in `base`.

    Returns (seconds of compiling, what it wrote to stderr), after its count of compiled functions was compared with the files.
    """
    before = written(base)
    done = subprocess.run([sys.executable, *options, "-c", PROGRAM], env={**os.environ, "XDG_CACHE_HOME": str(base)},
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and done.stdout.startswith("done"), done.stderr
    seconds, count = done.stdout.split()[1:]
    assert int(count) == len(written(base) - before)
    return float(seconds), done.stderr


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME is Linux's")


@pytest.fixture(scope="module")
def filled_cache(tmp_path_factory):
    """A cache that holds what the program needs, and how long that took to compile."""
    base = tmp_path_factory.mktemp("cache")
    return base, run_program(base, "-W", "error")[0]


def written(base):
    """Each file of compiled code with the time at which it was written."""
    return {(name, path.stat().st_mtime_ns) for name, path in compiled_files(base).items()}


def compiled_files(base):
    return {path.name: path for path in Path(base).rglob("*.nbc")}


@linux_only
def test_the_second_process_compiles_nothing(filled_cache):
    base, _ = filled_cache
    before = {name: path.stat().st_mtime_ns for name, path in compiled_files(base).items()}
    _, errors = run_program(base, "-W", "error")
    after = {name: path.stat().st_mtime_ns for name, path in compiled_files(base).items()}
    assert before and before == after and errors == ""


@linux_only
def test_a_torn_file_is_compiled_again(filled_cache, tmp_path):
    """Each in one of three ways: empty, half, or something else."""
    shutil.copytree(filled_cache[0], tmp_path / "torn")
    for k, path in enumerate(sorted(compiled_files(tmp_path / "torn").values())):
        whole = path.read_bytes()
        path.write_bytes([b"", whole[:len(whole) // 2], b"\x00no pickle"][k % 3])
    torn = {name: path.stat().st_size for name, path in compiled_files(tmp_path / "torn").items()}
    assert run_program(tmp_path / "torn", "-W", "error")[1] == ""
    mended = compiled_files(tmp_path / "torn")
    assert len(mended) > 5 and all(path.stat().st_size > torn.get(name, 0) for name, path in mended.items())


@linux_only
def test_no_cache_one_warning(tmp_path):
    """Where nothing can be written the program compiles for itself, and says so once."""
    (tmp_path / "file").touch()
    seconds, errors = run_program(tmp_path / "file", "-W", "always")
    assert seconds > 0 and errors.count("cannot keep its compiled kernels") == 1
    assert errors.count("Warning") == 1 and "Set XDG_CACHE_HOME" in errors


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the sources that are compiled, and the key of all."""
    here, sources = cache.source_key(), cache.sources()
    for path in sources:
        copied = tmp_path / "numbacnn" / path.relative_to(cache.PACKAGE)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copied)
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "numbacnn")
    return tmp_path / "numbacnn", here


def test_the_key_changes_with_every_source(package):
    folder, before = package
    assert cache.source_key() == before
    for source in ("kernels/conv.py", "simd/arithmetic.py", "engine/ops/linear.py", "engine/runner.py"):
        with open(folder / source, "a") as file:
            file.write("\n_one_more = 1\n")
        after = cache.source_key()
        assert after != before
        before = after
    (folder / "kernels" / "another.py").touch()
    assert cache.source_key() != before


def test_of_a_page_only_the_slices_count(package):
    folder, before = package
    page = folder / "engine" / "ops" / "linear.py"
    text = page.read_text()
    plan, calls = "plan = Plan()", "n, oc = divmod("
    assert plan in text and calls in text
    page.write_text(text.replace(plan, "plan = Plan() or Plan()"))
    assert cache.source_key() == before
    page.write_text(text.replace(calls, "n, oc = 0 + divmod("))
    assert cache.source_key() != before


def test_the_key_does_not_change_with_comments_and_docstrings(package):
    folder, before = package
    for path in cache.sources():
        path.write_text("# a comment\n" + path.read_text().replace('"""', '"""Or: ', 1))
    assert "Or:" in (folder / "kernels" / "conv.py").read_text() and cache.source_key() == before


@linux_only
def test_sources_are_parsed_once(tmp_path, monkeypatch):
    """Another text that says the same leads to the same directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found, parse = [], cache.source_key
    monkeypatch.setattr(cache, "source_key", lambda: found.append(parse()) or found[-1])
    directories = [cache.directory.__wrapped__() for _ in range(2)]
    assert len(found) == 1
    monkeypatch.setattr(numpy, "__version__", "0.0")
    directories.append(cache.directory.__wrapped__())
    assert len(found) == 2 and directories[0] == directories[1] != directories[2]


def compiles(path):
    """Whether a file of the engine makes compiled code: it imports what does so from Numba."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and
             node.module.startswith("numba") for alias in node.names}
    return bool(names & {"njit", "jit", "intrinsic", "overload", "cfunc", "vectorize"})


def test_every_file_that_is_compiled_counts():
    package = cache.PACKAGE
    compiled = [path for room in ("kernels", "simd", "engine") for path in (package / room).rglob("*.py") if compiles(path)]
    assert len(compiled) > 10 and set(compiled) <= set(cache.sources())


def test_the_key_changes_with_the_compiler(monkeypatch):
    here = cache.source_key()
    monkeypatch.setattr(cache.numba, "__version__", "0.0")
    assert cache.source_key() != here


def test_old_directories_are_swept(tmp_path):
    for age in range(5):
        (tmp_path / f"{age}").mkdir()
        os.utime(tmp_path / f"{age}", (1e9 - age, 1e9 - age))
    cache._sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2"]


def test_only_the_user_may_read_the_cache():
    if cache.directory() is None or os.name != "posix":
        pytest.skip("no cache directory with POSIX permissions")
    assert cache.directory().stat().st_mode & 0o077 == 0
