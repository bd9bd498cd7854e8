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
    found, writers, readers = [], {}, {}
    for blocks, reads, writes in rows:
        level = 0
        for buffer in (*reads, *writes):
            if buffer in writers:
                level = max(level, _after(*writers[buffer], blocks))
        for buffer in writes:
            for theirs, highest in readers.pop(buffer, {}).items():
                level = max(level, _after(theirs, highest, blocks))
        for buffer in writes:
            writers[buffer] = blocks, level
        for buffer in reads:  # of all that read it and go by the same blocks, the highest counts
            before = readers.setdefault(buffer, {})
            before[blocks] = max(level, before.get(blocks, 0))
        found.append(level)
    return found


def _after(theirs, level, blocks):
    """The lowest level for a row that needs what one on a level, by `theirs` blocks, leaves."""
    return level if blocks and theirs == blocks else level + 1


def schedule(rows, level):
    """(order, units, stages) of rows (blocks, reads, writes) with these levels; `order` lists them anew."""
    order, units, stages = [], [], []
    chains = [{} for _ in range(max(level, default=-1) + 1)]
    for i, (blocks, _, _) in enumerate(rows):
        chains[level[i]].setdefault((blocks, 0 if blocks else i), []).append(i)
    for those in chains:
        start = len(units)
        for (blocks, _), chain in those.items():
            first = len(order)
            order.extend(chain)
            units.extend([(first, len(order), block) for block in range(blocks or 1)])
        stages.append((start, len(units)))
    return order, units, stages
