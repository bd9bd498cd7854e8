"""The cache of compiled code: one directory for each state of the package's sources.

Numba checks whether the file of a cached function has changed, but not the files of what the
function calls.  The directory is therefore named by a hash of all sources that are compiled and the
versions of Numba and NumPy; older directories are removed.  Only the user may read or write it,
since a cache file is a pickle.
"""
import ast
import hashlib
import os
import pickle
import shutil
import sys
import time
import warnings
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile

import numba
import numpy
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.serialize import dumps

KEEP = 3  # directories of other versions, the newest ones
PACKAGE = Path(__file__).parents[1]
#: What is compiled, in the package: rooms and files; and this file, which says how the code is kept.
COMPILED = ("kernels", "simd", "engine/ops", "engine/operands.py", "engine/task.py", "engine/runner.py", "engine/cache.py")
#: In this room only functions with these decorators are compiled: others are plans, and calls on plain arrays.
PAGES, COMPILES = "engine/ops", ("reads", "njit")
BROKEN = (EOFError, pickle.UnpicklingError, OSError, AttributeError, ImportError, IndexError,
          KeyError, TypeError, ValueError)

_seconds, _compiled = 0.0, 0


def user_cache_directory():
    """Where this user's caches lie on this system (XDG on Linux)."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "numbacnn"


def sources():
    """The files that are compiled, in a fixed order."""
    found = [PACKAGE / name for name in COMPILED]
    return [file for path in found for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def source_key():
    """Names the code that compiles: its sources without comments, docstrings and plans, the versions of Numba and NumPy."""
    return _key(lambda path: ast.dump(_without_docstrings(_compiled_part(path))))


def _key(seen):
    """A hash of what is seen of each source, and of the versions."""
    digest = hashlib.sha256(f"{numba.__version__} {numpy.__version__} {sys.version_info[:2]}".encode())
    for path in sources():
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0{seen(path)}\0".encode())
    return digest.hexdigest()[:16]


def _text(path):
    return path.read_text(encoding="utf-8")


def _compiled_part(path):
    """The tree of a file, of a page without what is not compiled."""
    tree = ast.parse(_text(path))
    if PACKAGE / PAGES in path.parents:
        tree.body = [node for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))
                     or any(isinstance(name, ast.Name) and name.id in COMPILES
                            for decorator in node.decorator_list for name in ast.walk(decorator))]
    return tree


def _without_docstrings(tree):
    """The tree of a file, its docstrings taken out."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


@lru_cache(maxsize=None)
def directory():
    """The directory for this state of the sources, made on first use; None if there can be none.

    To take the docstrings out of all files lasts a third of a second, so a directory holds the name of each text that led to it.
    """
    try:
        kernels = user_cache_directory() / "kernels"
        text = f"{_key(_text)}.text"
        path = next((name.parent for name in kernels.glob(f"*/{text}")), None) or kernels / source_key()
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (kernels, path):
            _must_be_private(folder)
        (path / text).touch()
        with TemporaryFile(dir=path):  # is it writable?
            pass
        os.utime(path)
        _sweep(kernels)
        return path
    except (OSError, RuntimeError) as error:  # RuntimeError: no home directory
        warnings.warn(f"numbacnn cannot keep its compiled kernels ({error}); every program will "
                      "compile them again. Set XDG_CACHE_HOME to a writable directory.",
                      stacklevel=2)
        return None


def _must_be_private(folder):
    """Refuse a folder that others may write to: a cache file is a pickle."""
    if hasattr(os, "getuid"):
        status = folder.stat()
        if status.st_uid != os.getuid():
            raise OSError(f"{folder} belongs to another user")
        if status.st_mode & 0o022:
            folder.chmod(0o700)


def _sweep(kernels):
    """Remove all but the newest directories."""
    paths = sorted(kernels.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in paths[KEEP:]:
        shutil.rmtree(path, ignore_errors=True)


class _Locator(UserProvidedCacheLocator):
    def __init__(self, py_func, py_file):
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        self._cache_path = str(directory())

    @classmethod
    def from_function(cls, py_func, py_file):
        return cls(py_func, py_file)


class _Implementation(CompileResultCacheImpl):
    _locator_classes = [_Locator]


class _Files:
    """A file for each compiled function, named by a hash of all that tells it from every other.

    Numba keeps an index for each family, which every process reads, changes and writes back: two that compile at the
    same time could file the code of one function under the name of another.
    """

    def __init__(self, folder, start):
        self._folder, self._start = Path(folder), start

    def path(self, key):
        return self._folder / f"{self._start}-{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"

    def load(self, key):
        try:
            return pickle.loads(self.path(key).read_bytes())
        except FileNotFoundError:
            return None

    def save(self, key, data):
        """Write under another name first, so that half a file is never read."""
        path = self.path(key)
        part = path.with_suffix(f".{os.getpid()}")
        try:
            part.write_bytes(dumps(data))
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            if not path.exists():  # where it does, another process was faster, and Windows may hold its file
                raise


class _KeyedCache(FunctionCache):
    """Numba's cache in our directory; a torn file is compiled again."""

    _impl_class = _Implementation

    def __init__(self, py_func):
        super().__init__(py_func)
        self._cache_file = _Files(self._cache_path, self._impl.filename_base)

    def _index_key(self, sig, codegen):
        """What tells two tasks of one family apart: the values they enclose, a textbook loop by its name.

        Numba would pickle a loop, under a number that is another in every process.  The directory is named by the sources
        of the package; a task may lie elsewhere, and then the stamp of its own file counts as well.
        """
        lies_elsewhere = PACKAGE not in Path(self._py_func.__code__.co_filename).parents
        stamp = self._impl.locator.get_source_stamp() if lies_elsewhere else None
        return sig, codegen.magic_tuple(), tuple(_enclosed(self._py_func)), stamp

    def holds(self, sig, codegen):
        """Whether there is a file."""
        return self._cache_file.path(self._index_key(sig, codegen)).exists()

    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except BROKEN:
            return None

    def save_overload(self, sig, data):
        note_compiled(1)
        try:
            super().save_overload(sig, data)
        except BROKEN as error:
            warnings.warn(f"numbacnn could not keep a compiled kernel: {error}", stacklevel=2)


def _enclosed(function):
    """The values that a function encloses, of functions their names and what they enclose in turn."""
    for cell in function.__closure__ or ():
        value = cell.cell_contents
        yield getattr(value, "__qualname__", value)
        if hasattr(value, "py_func"):
            yield from _enclosed(value.py_func)


def keep(function):
    """Give a dispatcher or a C callback the keyed cache, where there can be one."""
    if directory() is not None:
        function._cache = _KeyedCache(function.__wrapped__)
    return function


def holds(callback):
    """Whether the directory holds the code of a C callback."""
    kept = callback._cache
    return isinstance(kept, _KeyedCache) and kept.holds(callback._sig, callback._targetdescr.target_context.codegen())


def kept():
    """How many compiled functions the directory holds; 0 where there is none."""
    path = directory()
    return 0 if path is None else sum(1 for _ in path.rglob("*.nbc"))


def compiled():
    """How many functions this process, and those that helped it, compiled and kept."""
    return _compiled


def note_compiled(count):
    """Count functions that were compiled for this process."""
    global _compiled
    _compiled += count


def compile_seconds():
    """Seconds this process has spent on compiling tasks or loading them from the cache."""
    return _seconds


@contextmanager
def counted():
    """Count the time of the block as compiling."""
    global _seconds
    start = time.perf_counter()
    try:
        yield
    finally:
        _seconds += time.perf_counter() - start
