"""Which extents the kinds of number have on this CPU: L images a number, T channels a tile.

A number of L images is two vector registers wide, so that each weight, once spread over a
register, is used twice.  A tile of T such numbers, the number it is multiplied with and the
spread weight must fit the register file together; with fewer than eight sums under way the
multiply-add units, four cycles deep and two of them, would wait for each other.
"""
from functools import lru_cache

import llvmlite.binding as llvm
from numba.core import config
from numba.core.codegen import get_host_cpu_features

#: (feature of the CPU, floats a register, largest tile, registers for the sums of a gradient);
#: the first that the CPU has is taken.
CPUS = (
    ("avx512f", 16, 8, 24),  # 32 registers
    ("avx2", 8, 6, 12),      # 16 registers
    ("neon", 4, 8, 24),      # 32 registers
    ("", 4, 6, 12),          # the plain fallback: what every 64-bit CPU has
)


@lru_cache(maxsize=None)
def cpu_features():
    """Names of the features that Numba compiles for: the host's, unless its settings say others."""
    features = config.CPU_FEATURES
    if features is None:
        features = get_host_cpu_features()
    return frozenset(f[1:] for f in features.split(",") if f.startswith("+"))


def _first_match():
    features = cpu_features()
    if "aarch64" in llvm.get_process_triple() or "arm64" in llvm.get_process_triple():
        features = features | {"neon", "fma"}
    return next(row for row in CPUS if not row[0] or row[0] in features), features


(_name, VECTOR, T_MAX, ROOM), _features = _first_match()
CPU = _name or "plain"
HAS_FMA = CPU == "avx512f" or CPU != "plain" and "fma" in _features
#: Images a number holds.
L = 2 * VECTOR


@lru_cache(maxsize=None)
def tile_of(C):
    """T for an activation of C channels: the tile that leaves the fewest channels empty.

    A function of C alone, so that whoever writes an activation and whoever reads it agree.
    """
    if C <= T_MAX:
        return C
    return min((T_MAX, 6, 4), key=lambda T: (-(-C // T) * T, -T))


def padded(C):
    """C rounded up to whole tiles: the channels an activation has room for."""
    return -(-C // tile_of(C)) * tile_of(C)


@lru_cache(maxsize=None)
def tiles_of(C):
    """The padded channels in as few tiles as the registers allow, as even as these can be: runs (first channel, T, tiles).

    So 64 channels are nine tiles of six and two of five with AVX2, where tiles of four would be too short.
    """
    tiles = -(-padded(C) // T_MAX)
    T, taller = divmod(padded(C), tiles)
    runs = (0, T + 1, taller), (taller * (T + 1), T, tiles - taller)
    return tuple(run for run in runs if run[2])


@lru_cache(maxsize=None)
def grid_of(OC, IC):
    """(T, K) for a weight gradient: T output channels x K input channels of sums.

    T divides the padded output channels and K the padded input channels.  A step loads T + K
    numbers for T * K multiply-adds, so the squarest grid that the registers hold is the best.
    """
    divisors = [(T, K) for T in range(1, 9) if padded(OC) % T == 0
                for K in range(1, 9) if padded(IC) % K == 0 and T * K <= ROOM]
    return min(divisors, key=lambda tk: ((tk[0] + tk[1]) / (tk[0] * tk[1]), -tk[0]))


def window_of(OC, KW):
    """T for a weight gradient of T output channels x KW neighbouring taps; 0 if there are too many taps."""
    return max((T for T in range(1, 9) if padded(OC) % T == 0 and T * KW <= ROOM), default=0)


@lru_cache(maxsize=None)
def windows_pay(OC, IC, KW):
    """Whether a weight gradient is better off with windows of KW taps than with grids of channels.

    Both load T + K numbers for T * K multiply-adds.  But all taps of a window except one were there a step before, so
    they come from the fastest cache, and only T + 1 numbers from the next one.
    """
    (T, K), tall = grid_of(OC, IC), window_of(OC, KW)
    return KW > 1 and tall > 0 and (tall + KW + tall + 1) / (tall * KW) < 2 * (T + K) / (T * K)
