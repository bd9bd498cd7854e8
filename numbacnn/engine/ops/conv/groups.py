"""Groups of channels: tiles and grids that end where a group ends, so they are as tall as a divisor of it."""
from ....simd.choice import ROOM, SIDES, T_MAX, loads


def group_run(groups, C):
    """The tiles of so many groups of C channels, the tallest that fill a group: a run (first channel, T, tiles)."""
    T = max(T for T in range(1, T_MAX + 1) if C % T == 0)
    return 0, T, groups * C // T


def group_grid(groups, OC, IC):
    """The run (0, T, tiles, K) for the weight gradient of groups of OC x IC channels, as of `choice.grids_of`."""
    fitting = [(0, T, groups * OC // T, K) for T in SIDES if OC % T == 0 for K in SIDES if IC % K == 0 and T * K <= ROOM]
    return min(fitting, key=lambda grid: loads([grid]))
