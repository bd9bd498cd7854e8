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
#: How many channels tall or wide a grid of sums may be.
SIDES = range(1, 9)
#: Images a number holds.
L = 2 * VECTOR
#: Images half a number holds: one register.
HALF = VECTOR


@lru_cache(maxsize=None)
def tile_of(C):
    """T where all C channels go as one run of tiles: the one that leaves the fewest channels empty, which is their room.

    A function of C alone, so that the operation that writes an activation and the one that reads it agree.
    """
    if C <= T_MAX:
        return C
    return min((T_MAX, 6, 4), key=lambda T: (-(-C // T) * T, -T))


def padded(C):
    """C rounded up to whole tiles: the channels an activation has room for."""
    return -(-C // tile_of(C)) * tile_of(C)


def even_tiles(C, tallest):
    """The padded channels in as few tiles as can be, none taller than `tallest`, none more than one channel taller than another.

    Returns runs (first channel, T, tiles), at most two: up to six tall, 64 channels are nine tiles of six and two of five.
    """
    tiles = -(-padded(C) // tallest)
    T, taller = divmod(padded(C), tiles)
    runs = (0, T + 1, taller), (taller * (T + 1), T, tiles - taller)
    return tuple(run for run in runs if run[2])


@lru_cache(maxsize=None)
def tiles_of(C):
    """Runs of tiles for what is computed of C channels, as tall as the registers allow."""
    return even_tiles(C, T_MAX)


@lru_cache(maxsize=None)
def grids_of(OC, IC):
    """Runs (first channel, T, tiles, K) for a weight gradient: T output channels x K input channels of sums.

    K divides the padded input channels, and the registers hold T * K sums.
    """
    def widest(T):
        return max(K for K in SIDES if padded(IC) % K == 0 and T * K <= ROOM)

    return min(([(*run, widest(run[1])) for run in even_tiles(OC, tallest)] for tallest in SIDES), key=loads)


def loads(grids):
    """Numbers that grids of a weight gradient load per multiply-add.

    A step loads T + K numbers for T * K multiply-adds. The K come from the second cache, so they count four times, which
    puts grids in the order in which 1x1 convolutions of many channels measured them: 6 x 2 before 3 x 3, 3 x 2 and 2 x 6.
    """
    return sum(tiles * (T + 4 * K) / K for _, T, tiles, K in grids) / sum(tiles * T for _, T, tiles, _ in grids)


def window_of(OC, KW):
    """T for a weight gradient in windows of T output channels x KW neighboring taps; 0 for one tap, or more than fit.

    Where windows fit they are better than grids: all taps but one were there a step before.
    """
    fitting = [T for T in SIDES if padded(OC) % T == 0 and T * KW <= ROOM]
    return max(fitting, default=0) if KW > 1 else 0


def takes_sheets(OC, IC, taps):
    """Whether a weight gradient is best in sheets of L output x K input channels, K the tiles of these; else in grids or windows.

    Turning dout costs as much as some 150 products with each of its numbers save, as convolutions of 4 to 256 input channels
    measured it with AVX-512 and AVX2.  A sheet has two registers for each K, and with fewer than eight its sums wait for each other.
    """
    return padded(OC) % L == 0 and IC * taps >= 150 and min(K for _, K, _ in tiles_of(IC)) >= 4
