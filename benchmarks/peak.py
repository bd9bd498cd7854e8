"""The machine's limits: GFLOP/s of one core and of all, GB/s of copies: python benchmarks/peak.py"""
import numba
import numpy as np

from numbacnn import get_num_threads
from numbacnn.ladder.peak import limits

if __name__ == "__main__":
    measured = limits()
    print(f"all {get_num_threads()} threads: {measured['all_threads']:.0f} GFLOP/s")
    print(f"one thread: {measured['one_thread']:.0f} GFLOP/s")
    print(f"copies: {measured['cache_bandwidth']:.0f} GB/s within caches, {measured['memory_bandwidth']:.0f} in memory")
    print(f"numba {numba.__version__}, numpy {np.__version__}")
