"""The machine's limits: independent fused multiply-adds on every core, and copies as fast as memory or caches allow.

The multiply-adds are a grid of sums that do not wait for each other, their factors in registers too: the textbook
line without its loads.
"""
import time

from numbacnn.engine.buffers import Buffer, Written
from numbacnn.engine.operands import Lanes, Number, Patches, Tiles
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import reads
from numbacnn.engine.team import get_num_threads, set_num_threads
from numbacnn.simd.choice import CPU, VECTOR, L
from numbacnn.simd.generic import total, zero

T, K = (4, 4) if CPU in ("avx512f", "neon") else (6, 2)  # sums and most factors fit 32 registers, or 16
SUMS, TERMS = 100, 4_000
NUMBER = 4 * L  # bytes of a number in lanes
IN_CACHE, IN_MEMORY = 1 << 19, 1 << 26  # bytes to copy: what an operation of LeNet touches, and more than caches hold


@reads(left=Tiles(1, lanes=VECTOR, pitch=VECTOR), right=Tiles(1, T="K", lanes=VECTOR, pitch=VECTOR), sums=Number(),
       terms=Number()).writes(out=Patches(1, lanes=VECTOR))
def multiply_adds(op, k):
    """A slice is so many sums of a grid of T x K."""
    out, a, b = op.out, op.left[0], op.right[0]
    for _ in range(op.sums):
        acc = zero(out)
        for _ in range(op.terms):
            acc += a * b
        out[k] = total(acc)


@reads(x=Lanes(2), times=Number()).writes(out=Lanes(2))
def copies(op, k):
    """A slice copies its row so many times."""
    x, out = op.x, op.out
    for _ in range(op.times):
        for i in range(x.shape[1]):
            out[k, i] = x[k, i]


def fma_peak(repeats=9):
    """GFLOP/s of all threads: the best of `repeats` short runs."""
    threads = get_num_threads()
    memory, sums = Written(4 * VECTOR * T), Buffer(4 * T * K * threads)
    memory.floats((VECTOR * T,))[:] = 0
    plan = Plan().add(multiply_adds.of(T=T, K=K), threads, left=Array("memory", (1,), (4,)), right=Array("memory", (1,), (4,)),
                      sums=SUMS, terms=TERMS, out=Array("sums", (threads,), (4 * T * K,))).finish()
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
    x, out = (Array(name, (threads, numbers), (NUMBER * numbers, NUMBER)) for name in ("source", "copy"))
    plan = Plan().add(copies.of(), threads, x=x, times=times, out=out).finish()
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
