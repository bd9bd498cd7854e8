"""The machine's limit: independent fused multiply-adds on every core, nothing else.

Sixteen or so sums that do not wait for each other, all in registers: the textbook line without
its loads.  `python benchmarks/peak.py` prints the GFLOP/s of one core and of all.
"""
import time

import numba
import numpy as np

from numbacnn.engine.buffers import Buffer
from numbacnn.engine.program import Array, Plan
from numbacnn.engine.task import Task
from numbacnn.simd.choice import L, T_MAX
from numbacnn.simd.views import columns, lanes, number, tiles

ROUNDS = 200_000


@Task
def multiply_adds(T):
    def task(table, k):
        weight, x, out = columns(table, 0, 1, T), lanes(table, 1, 1, L), tiles(table, 2, 1, T, L, L)
        w, pixel = weight[0], x[0]
        acc = out[k]
        for _ in range(number(table, 0)):
            acc += w * pixel
        out[k] = acc
    return task


def fma_peak(repeats=7):
    """GFLOP/s of all threads that Numba uses: the best of `repeats` short runs."""
    threads = numba.get_num_threads()
    memory = Buffer(4 * L * T_MAX * (threads + 2))
    memory.floats((L * T_MAX * (threads + 2),))[:] = 0
    plan = Plan().row(multiply_adds.address(T_MAX), threads,
                      [Array("memory", (1,), (4,)), Array("memory", (1,), (4,)),
                       Array("memory", (threads,), (4 * L * T_MAX,))], (ROUNDS,)).finish()
    flops = 2 * L * T_MAX * ROUNDS * threads
    return max(flops / seconds(lambda: plan.run(memory=memory.address))
               for _ in range(repeats + 1)) / 1e9


def seconds(work):
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    threads = numba.get_num_threads()
    print(f"all {threads} threads: {fma_peak():.0f} GFLOP/s")
    numba.set_num_threads(1)
    print(f"one thread: {fma_peak():.0f} GFLOP/s")
    print(f"numba {numba.__version__}, numpy {np.__version__}")
