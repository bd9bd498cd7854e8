"""Processes that take turns: each rung where no other thread pool is in its way, noise spread over all of them."""
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

#: process -> its rungs; rungs that share a process share its thread pool
PROCESSES = {"python": ["python"], "numpy, one thread": ["numpy"], "numpy": ["numpy"],
             "numba": ["floats", "lanes", "tiles", "cores"], "pytorch": ["pytorch"]}
#: what BLAS libraries are told their number of threads with
BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class LadderError(RuntimeError):
    """A process of the measurement failed; the message ends with what it wrote."""


@dataclass(frozen=True)
class Settings:
    """A measurement to make: names of operations, rounds, seconds for each way in each round, threads of `all cores`."""

    ops: tuple
    rounds: int
    seconds: float
    threads: int
    torch_compile: bool = False


@dataclass(frozen=True)
class Progress:
    """The process that starts now."""

    round: int
    rounds: int
    process: str


@dataclass(frozen=True)
class Skipped:
    """A rung that cannot be measured here, and why."""

    rung: str
    reason: str


def climb(settings):
    """Measure the rungs, each process once a round.

    Parameters
    ----------
    settings : Settings

    Yields
    ------
    Progress, Skipped, and for each process that is done its answer (a dict, see `side.answer`)

    Raises
    ------
    LadderError
        If a process fails, other than PyTorch's.
    """
    processes = [name for name in PROCESSES if settings.threads > 1 or not name.endswith("one thread")]
    if find_spec("torch") is None:
        yield Skipped("pytorch", "PyTorch is not installed (pip install torch)")
        processes.remove("pytorch")
    for turn in range(settings.rounds):
        for process in tuple(processes):
            yield Progress(turn + 1, settings.rounds, process)
            try:
                yield run_process(process, settings)
            except LadderError as error:
                if process != "pytorch":
                    raise
                yield Skipped("pytorch", f"PyTorch failed: {str(error).splitlines()[-1]}")
                processes.remove(process)


def run_process(process, settings):
    """The answer of one process; its environment says how many threads and whether there is a JIT."""
    threads = 1 if process.endswith("one thread") else settings.threads
    request = {"rungs": PROCESSES[process], "ops": settings.ops, "seconds": settings.seconds, "threads": threads,
               "limits": process == "numba", "torch_compile": settings.torch_compile}
    environment = {**os.environ, **dict.fromkeys(BLAS_THREADS, str(threads))}
    environment.pop("NUMBA_DISABLE_JIT", None)
    if process == "python":
        environment["NUMBA_DISABLE_JIT"] = "1"
    return json_of([sys.executable, "-m", "numbacnn.ladder.side", json.dumps(request)], environment)


def json_of(command, environment=None):
    """Run a command that ends its output with a line of JSON; what that says.

    Raises
    ------
    LadderError
        If the command fails.
    """
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LadderError(f"{' '.join(command[1:])} failed:\n{done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])
