"""Per-thread arena: intermediate results that only one chain reads are allocated per thread, not per batch.

A batch that one operation writes and only later operations of the same program read needs no memory for all blocks of images at
once.  Each thread has memory for one block and reuses it for the next block, while it is still in its caches.  Arrays that
are never needed at the same time share bytes: the gradient of a layer may lie where its result lay.

What was there before a block's turn is lost, so the plan of an operation writes all of its result that is ever read: a result of
which two plans write a part each might be lost between two programs.
"""
from bisect import insort
from collections import namedtuple

from .buffers import aligned_size

#: The part of a memory that one block needs.
#: chain: the chain that sees it
#: nbytes: how large it is
#: first, last: the rows between which it is in use
Stay = namedtuple("Stay", "chain nbytes first last")
MANY = 256  # memories that look for places between each other; more would take time that grows with their square


def stays(rows, level, views):
    """The memories that only one chain sees, and that it writes before it reads them: dict of memory to Stay.

    Parameters
    ----------
    rows : list of (blocks, memories it reads, memories it writes)
    level : list of int
        Of each row, see `schedule`.
    views : list of list of (memory, bytes)
        For each row its arrays: how far it is from block to block, 0 if their first axis does not go by blocks.
    """
    found = {}
    for i, (blocks, reads, _) in enumerate(rows):
        chain = blocks, level[i]
        for memory, by_block in views[i]:
            if memory not in found:
                found[memory] = Stay(chain, by_block, i, i) if by_block and memory not in reads else None
            elif found[memory] is not None:
                same = found[memory][:2] == (chain, by_block)
                found[memory] = found[memory]._replace(last=i) if same else None
    return {memory: stay for memory, stay in found.items() if stay is not None}


def share_out(found):
    """(dict of memory to the offset of its bytes, how many bytes there are): the largest first, each as low as it goes.

    Only memories that are needed at the same time are in each other's way, so what is over before the next begins is placed by
    itself; if it is of more than MANY memories, the largest of them lie below the others.
    """
    offsets, most = {}, 0
    for span in _spans(found):
        span.sort(key=lambda item: (-item[1].nbytes, item[1].first))
        base = 0
        for start in range(0, len(span), MANY):
            base = _place(span[start:start + MANY], base, offsets)
        most = max(most, base)
    return offsets, most


def _spans(found):
    """The memories of each chain, parted where none is needed both before and after: lists of (memory, Stay)."""
    chains, spans = {}, []
    for item in sorted(found.items(), key=lambda item: item[1].first):
        chains.setdefault(item[1].chain, []).append(item)
    for chain in chains.values():
        last = -1
        for item in chain:
            if item[1].first > last:
                spans.append([])
            spans[-1].append(item)
            last = max(last, item[1].last)
    return spans


def _place(span, base, offsets):
    """Note the offset of each memory of a span, from `base` on; returns where the last of them ends."""
    placed, most = [], base
    for memory, stay in span:
        offset, nbytes = base, aligned_size(stay.nbytes)
        for first, end, other in placed:
            if other.first <= stay.last and stay.first <= other.last:
                if offset + nbytes <= first:
                    break
                offset = max(offset, end)
        offsets[memory] = offset
        insort(placed, (offset, offset + nbytes, stay))
        most = max(most, offset + nbytes)
    return most
