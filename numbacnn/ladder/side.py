"""One process of a measurement: `python -m numbacnn.ladder.side REQUEST` prints what it measured as JSON.

A request is JSON too: the rungs and operations to measure, seconds for each, and the number of threads.
"""
import importlib
import json
import sys
import time
from statistics import median

from numbacnn.ladder.ops import BATCH, OPS

FEWEST = 3  # calls a median is taken of; a pure Python loop is called once
#: rung -> (module, whether all threads)
MODULES = {"python": ("textbook", False), "numpy": ("arrays", True), "floats": ("textbook", False),
           "lanes": ("lanes", False), "tiles": ("tiles", False), "cores": ("tiles", True), "pytorch": ("pytorch", True)}
#: what the engine leaves on the rung below
SAME_AS_BELOW = {("tiles", "max_pool2d_forward")}


def answer(request):
    """Measure what a request asks for.

    Parameters
    ----------
    request : dict
        `rungs` and `ops` (names), `seconds` to spend on each way of doing an operation, `threads`, and if wanted
        `limits` and `torch_compile` (bools).

    Returns
    -------
    dict
        `rungs`: rung -> operation -> seconds a batch, variant, seconds of the first call; `versions`; `limits`.
    """
    result = {"rungs": {}, "versions": {}}
    for rung in request["rungs"]:
        name, together = MODULES[rung]
        module = importlib.import_module(f"numbacnn.ladder.{name}")
        threads = request["threads"] if together else 1
        _use_threads(threads)
        more = {"compiled": True} if request.get("torch_compile") and rung == "pytorch" else {}
        images = 1 if rung == "python" else BATCH
        measured = {}
        for op in (OPS[name] for name in request["ops"] if (rung, OPS[name].method) not in SAME_AS_BELOW):
            ways = [time_work(work, request["seconds"], 1 if rung == "python" else FEWEST)
                    for work in module.works(op, op.arrays(images), threads, **more)]
            if ways:
                measured[op.name] = {**min(ways, key=lambda way: way["seconds"]), "images": images}
        result["rungs"][rung] = measured
    if request.get("limits"):
        from numbacnn.ladder.peak import limits

        _use_threads(request["threads"])
        result["limits"] = limits()
    for name in ("numpy", "numba", "torch"):
        if name in sys.modules:
            result["versions"][name] = sys.modules[name].__version__
    return result


def time_work(work, budget, fewest=FEWEST):
    """Seconds that a whole batch takes: for each function of a Work the median of its calls, after a first one.

    Parameters
    ----------
    work : numbacnn.ladder.ops.Work
    budget : float
        Seconds to spend on it.
    fewest : int
        Calls there have to be even so; with 1 the first call counts.
    """
    seconds = first_call = 0.0
    for run, times in work.runs:
        first = _seconds(run)
        calls = [first] if fewest == 1 else []
        while sum(calls) < budget / len(work.runs) or len(calls) < fewest:
            calls.append(_seconds(run))
        seconds += median(calls) * times
        first_call += first
    return {"seconds": seconds, "first_call_seconds": first_call, "variant": work.variant}


def _seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _use_threads(count):
    """Set the threads of the engine, where it is loaded; the BLAS is told by the environment, PyTorch by its rung."""
    team = sys.modules.get("numbacnn.engine.team")
    if team is not None:
        team.set_num_threads(count)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(json.loads(sys.argv[1]))) + "\n")
