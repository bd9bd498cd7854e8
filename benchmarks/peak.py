"""The machine's limit: independent fused multiply-adds on every core, nothing else.

A grid of sums that do not wait for each other, their factors in registers too: the textbook line
without its loads.  `python benchmarks/peak.py` prints the GFLOP/s of one core and of all.
"""
import time

import numba
import numpy as np

from numbacnn.engine.buffers import Buffer
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task
from numbacnn.simd.choice import CPU, VECTOR
from numbacnn.simd.generic import total, zero
from numbacnn.simd.views import number, patches, tiles

T = 4
K = 4 if CPU in ("avx512f", "neon") else 2  # sums and factors fit 32 registers, or 16
SUMS, TERMS = 100, 4_000


@Task
def multiply_adds(T, K):
    def task(table, k):
        left, right = tiles(table, 0, 1, T, VECTOR, VECTOR), tiles(table, 1, 1, K, VECTOR, VECTOR)
        out = patches(table, 2, 1, T, K, VECTOR)
        a, b = left[0], right[0]
        for _ in range(number(table, 0)):
            acc = zero(out)
            for _ in range(number(table, 1)):
                acc += a * b
            out[k] = total(acc)
    return task


def fma_peak(repeats=9):
    """GFLOP/s of all threads that Numba uses: the best of `repeats` short runs."""
    threads = numba.get_num_threads()
    memory, sums = Buffer(4 * VECTOR * T), Buffer(4 * T * K * threads)
    memory.floats((VECTOR * T,))[:] = 0
    plan = Plan().row(multiply_adds.address(T, K), threads,
                      [Array("memory", (1,), (4,)), Array("memory", (1,), (4,))],
                      [Array("sums", (threads,), (4 * T * K,))], (SUMS, TERMS)).finish()
    flops = 2 * VECTOR * T * K * SUMS * TERMS * threads

    def work():
        enqueue(plan, memory=memory, sums=sums)
        finish()

    return max(flops / seconds(work) for _ in range(repeats + 1)) / 1e9


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
