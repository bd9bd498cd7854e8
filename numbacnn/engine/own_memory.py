"""Own memory: what only the chain of a block sees lies where the thread that follows the chain works.

A batch that one operation leaves for the next, and that nobody looks at later, needs no room for all blocks of images at once.
A thread has room for one block and uses it again for the next one, while it is in its caches still.  There
arrays that are never needed at the same time share bytes: the gradient of a layer may lie where its result lay.

What is there before a block's turn is lost, so the plan of an operation writes all that anybody reads of its result: a result that
two plans write, each a part, might be lost between two programs.
"""
from collections import namedtuple

from .buffers import aligned_size

#: What of a memory one block needs: the chain that sees it, in bytes how much, and the first and last row that do.
Stay = namedtuple("Stay", "chain nbytes first last")


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
    """(dict of memory to the offset of its bytes, how many bytes there are): the largest first, each as low as it goes."""
    placed, offsets = [], {}
    for memory, stay in sorted(found.items(), key=lambda item: (-item[1].nbytes, item[1].first)):
        offset, nbytes = 0, aligned_size(stay.nbytes)
        for first, end, other in sorted(placed, key=lambda place: place[:2]):
            if other.chain == stay.chain and other.first <= stay.last and stay.first <= other.last:
                if offset + nbytes <= first:
                    break
                offset = max(offset, end)
        offsets[memory] = offset
        placed.append((offset, offset + nbytes, stay))
    return offsets, max((end for _, end, _ in placed), default=0)
