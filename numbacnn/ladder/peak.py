"""The machine's limits: independent fused multiply-adds on every core, and copies as fast as memory or caches allow.

The multiply-adds are a grid of sums that do not wait for each other, their factors in registers too: the textbook
line without its loads.
"""
import time

from numbacnn.engine.buffers import Buffer, Written
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task
from numbacnn.engine.team import get_num_threads, set_num_threads
from numbacnn.simd.choice import CPU, VECTOR, L
from numbacnn.simd.generic import total, zero
from numbacnn.simd.views import lanes, number, patches, tiles

T, K = (4, 4) if CPU in ("avx512f", "neon") else (6, 2)  # sums and most factors fit 32 registers, or 16
SUMS, TERMS = 100, 4_000
NUMBER = 4 * L  # bytes of a number in lanes
IN_CACHE, IN_MEMORY = 1 << 19, 1 << 26  # bytes to copy: what an operation of LeNet touches, and more than caches hold


@Task
def multiply_adds(T, K):
    """A slice is so many sums of a grid of T x K."""
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


@Task
def copies():
    """A slice copies its row so many times."""
    def task(table, k):
        x, out = lanes(table, 0, 2, L), lanes(table, 1, 2, L)
        for _ in range(number(table, 0)):
            for i in range(x.shape[1]):
                out[k, i] = x[k, i]
    return task


def fma_peak(repeats=9):
    """GFLOP/s of all threads: the best of `repeats` short runs."""
    threads = get_num_threads()
    memory, sums = Written(4 * VECTOR * T), Buffer(4 * T * K * threads)
    memory.floats((VECTOR * T,))[:] = 0
    plan = Plan().row(multiply_adds.of(T, K), threads,
                      [Array("memory", (1,), (4,)), Array("memory", (1,), (4,))],
                      [Array("sums", (threads,), (4 * T * K,))], (SUMS, TERMS)).finish()
    flops = 2 * VECTOR * T * K * SUMS * TERMS * threads
    return max(flops / seconds(lambda: run(plan, memory=memory, sums=sums)) for _ in range(repeats + 1)) / 1e9


def run(plan, **places):
    """Run a plan now."""
    enqueue(plan, **places)
    finish()


def copy_bandwidth(nbytes, repeats=9):
    """GB/s, read and written together, of all threads for `nbytes` in all: the best of `repeats`."""
    threads = get_num_threads()
    numbers = nbytes // (NUMBER * threads)
    source, copy = (Buffer(NUMBER * numbers * threads) for _ in range(2))
    times = max(1, (1 << 24) // nbytes)  # long enough for the start of the threads not to count
    reads, writes = ([Array(name, (threads, numbers), (NUMBER * numbers, NUMBER))] for name in ("source", "copy"))
    plan = Plan().row(copies.of(), threads, reads, writes, (times,)).finish()
    moved = 2 * NUMBER * numbers * threads * times
    return max(moved / seconds(lambda: run(plan, source=source, copy=copy)) for _ in range(repeats + 1)) / 1e9


def limits():
    """The limits of this process: GFLOP/s and GB/s."""
    threads, measured = get_num_threads(), {}
    set_num_threads(1)
    measured["one_thread"] = fma_peak()
    set_num_threads(threads)
    measured["all_threads"] = fma_peak()
    measured["cache_bandwidth"] = copy_bandwidth(IN_CACHE)
    measured["memory_bandwidth"] = copy_bandwidth(IN_MEMORY, repeats=4)
    return measured


def seconds(work):
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
