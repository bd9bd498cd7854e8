"""Compilation: what a program needs is compiled by several processes at once.

Numba compiles one function at a time in a process.  So where much is missing other processes take their shares and leave
the code in the cache, from which this one loads it.  They only ever save time: what they did not do is done here.
"""
import json
import subprocess
import sys
from contextlib import contextmanager
from importlib import import_module

from . import cache
from .team import get_num_threads

SHARE = 4  # tasks; a process takes a second to start, so with fewer to do it does not pay
MOST = 4  # processes, of 200 MB each
PATIENCE = 60  # seconds; a helper that takes so much longer than this process is not waited for
# a helper finds the modules that this process finds, not those of the folder it happens to be in
HELPER = f"import sys; sys.path[:] = sys.argv[2:]; from {__name__} import compile_named; compile_named(sys.argv[1])"


def addresses(members, meanwhile):
    """{member: the address of its code} of some tasks, compiled where they were not.

    `meanwhile` compiles something else, in this process.
    """
    with cache.counted():
        missing = [member for member in members if not member.is_ready()]
        processes = max(1, min(get_num_threads(), MOST, len(missing) // SHARE)) if _can_help() else 1
        shares = [missing[share::processes] for share in range(1, processes)]
        with _helpers(shares):
            for member in missing[::processes]:
                member.address()
            meanwhile()
        cache.note_compiled(sum(member.is_ready() for share in shares for member in share))
        return {member: member.address() for member in members}


def _can_help():
    """Whether another process can run this file and hand over what it compiled."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and cache.directory() is not None


@contextmanager
def _helpers(shares):
    """Processes that compile a share of the tasks each; all have ended when the block is left."""
    helpers = []
    try:
        for share in shares:
            names = json.dumps([member.name for member in share])
            helpers.append(subprocess.Popen([sys.executable, "-c", HELPER, names, *sys.path], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    except OSError:
        pass  # they cannot be started here
    try:
        yield
        for helper in helpers:
            helper.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        for helper in helpers:  # has ended, unless it took too long or the block was left by an error
            helper.kill()
            helper.wait()


def compile_named(names):
    """Compile the tasks named in JSON, as a helper does."""
    for module, family, given, extents in json.loads(names):
        getattr(import_module(module), family).of(*given, **extents).address()
