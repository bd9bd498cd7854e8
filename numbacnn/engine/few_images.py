"""Half-width execution: a program for at most L/2 images computes on half vectors.

A single image would fill one of L lanes, and what is computed in the others is thrown away. So a chain on a single block that
takes at most HALF images from arrays to arrays, and whose other results all stay in the chain, works on the first half of each
vector: half the arithmetic, and the same bits.
"""
from ..simd.choice import HALF


def tasks_of(rows, level, own):
    """The task of each row, of those in such a chain the one for half the lanes.

    Parameters
    ----------
    rows : list of (Row, memories it writes)
    level : list of int
        Of each row, see `schedule`.
    own : dict
        Its keys are the memories that only the chain that writes them reads.
    """
    chains = {}
    for i, (row, _) in enumerate(rows):
        if row.blocks == 1:
            chains.setdefault(level[i], []).append(i)
    tasks = [row.task for row, _ in rows]
    for chain in chains.values():
        if all(_leaves_half(*rows[i], own) for i in chain):
            for i in chain:
                tasks[i] = tasks[i].halved() if tasks[i].family.goes_by_lanes else tasks[i]
    return tasks


def _leaves_half(row, writes, own):
    """Whether no result depends on the second half of the lanes of this row."""
    return 0 < row.images <= HALF or row.task.family.goes_by_lanes and own.keys() >= writes
