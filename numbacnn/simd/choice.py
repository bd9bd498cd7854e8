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


def even_tiles(C, tallest):
    """The padded channels in as few tiles as can be, none taller than that, none more than one channel taller than another.

    Returns runs (first channel, T, tiles), at most two: 64 channels are nine tiles of six and two of five.
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
        return max(K for K in range(1, 9) if padded(IC) % K == 0 and T * K <= ROOM)

    heights = range(1, 1 + min(8, ROOM))
    return min(([(*run, widest(run[1])) for run in even_tiles(OC, tallest)] for tallest in heights), key=loads)


def loads(grids):
    """What grids of a weight gradient load for each multiply-add.

    A step loads T + K numbers for T * K multiply-adds. The K come from the second cache, so they count four times, which
    puts grids in the order in which 1x1 convolutions of many channels measured them: 6 x 2 before 6 x 1, 3 x 3 and 2 x 6.
    """
    return sum(tiles * (T + 4 * K) / K for _, T, tiles, K in grids) / sum(tiles * T for _, T, tiles, _ in grids)


def window_of(OC, KW):
    """T for a weight gradient of T output channels x KW neighbouring taps; 0 if there are too many taps."""
    return max((T for T in range(1, 9) if padded(OC) % T == 0 and T * KW <= ROOM), default=0)


@lru_cache(maxsize=None)
def windows_pay(OC, IC, KW):
    """Whether a weight gradient is better off with windows of KW taps than with grids of channels.

    Both of what a step multiplies, T channels and KW taps, of which all but one were there a step before, lie in the first
    cache.
    """
    T = window_of(OC, KW)
    return KW > 1 and T > 0 and (T + KW) / (T * KW) < loads(grids_of(OC, IC))
