"""Compilation: what a program needs is compiled by several processes at once.

Numba compiles one function at a time in a process.  So where much is missing other processes take their shares and leave
the code in the cache, from which this one loads it.  They only ever save time: what they did not do is done here.
"""
import json
import subprocess
import sys
from contextlib import ExitStack, nullcontext
from importlib import import_module

from numba.core import config

from . import cache

SHARE = 4  # tasks; a process takes a second to start, so with fewer to do it does not pay
MOST = 4  # processes, of 200 MB each
HELPER = f"from {__name__} import compile_named; compile_named()"


def addresses(members, meanwhile):
    """{member: the address of its code} of some tasks, compiled where they were not.

    `meanwhile` compiles something else, in this process.
    """
    with cache.counted():
        missing = [member for member in members if not member.is_ready()]
        processes = max(1, min(config.NUMBA_NUM_THREADS, MOST, len(missing) // SHARE)) if _can_help() else 1
        with ExitStack() as helpers:
            for own in range(1, processes):
                helpers.enter_context(_helper(missing[own::processes]))
            for member in missing[::processes]:
                member.address()
            meanwhile()
        return {member: member.address() for member in members}


def _can_help():
    """Whether another process can run this file and hand over what it compiled."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and cache.directory() is not None


def _helper(members):
    """A process that compiles some tasks; whoever leaves its context waits for it."""
    try:
        helper = subprocess.Popen([sys.executable, "-c", HELPER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, text=True)
        json.dump([member.name for member in members], helper.stdin)
        helper.stdin.close()
    except BrokenPipeError:
        pass  # it has ended already
    except OSError:
        return nullcontext()  # it could not start
    return helper


def compile_named():
    """Compile the tasks named on standard input, as a helper does."""
    for module, family, extents in json.load(sys.stdin):
        getattr(import_module(module), family).of(*extents).address()
