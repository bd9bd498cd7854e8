"""Schedules: the order in which rows run, and what may run at the same time.

Each row gets a *level*.  A row that needs what another makes comes one level later, unless both go by the same blocks of
images: then block n of the one needs only block n of the other, and both may share a level.  All rows of a level that go
by blocks make a *chain*, which as a rule one thread follows for one block while the numbers are still in its caches.  So a
whole training step needs four levels: pack the weights; forward and backward of each block; add up the gradients of the
blocks; move the weights.

A *unit* is what one thread begins: rows first to end on block k, one after the other; threads that find none left help with
the slices of those that others are at.  A *stage* is a run of units in any order; the next stage waits for all of them.
"""


def levels(rows):
    """The level of each row; a row is (blocks, buffers it reads, buffers it writes)."""
    found, writer, readers = [], {}, {}
    for i, (blocks, reads, writes) in enumerate(rows):
        before = {writer[buffer] for buffer in (*reads, *writes) if buffer in writer}
        before.update(*(readers.get(buffer, ()) for buffer in writes))
        found.append(max((found[b] + (not blocks or rows[b][0] != blocks) for b in before), default=0))
        for buffer in writes:
            writer[buffer], readers[buffer] = i, []
        for buffer in reads:
            readers.setdefault(buffer, []).append(i)
    return found


def schedule(rows, level):
    """(order, units, stages) of rows (blocks, reads, writes) with these levels; `order` lists them anew."""
    order, units, stages = [], [], []
    for now in range(max(level, default=-1) + 1):
        chains, start = {}, len(units)
        for i, (blocks, _, _) in enumerate(rows):
            if level[i] == now:
                chains.setdefault((blocks, 0 if blocks else i), []).append(i)
        for (blocks, _), those in chains.items():
            first = len(order)
            order.extend(those)
            units.extend((first, len(order), block) for block in range(blocks or 1))
        stages.append((start, len(units)))
    return order, units, stages
