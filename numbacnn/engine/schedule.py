"""Schedules: the order in which rows run, and what may run at the same time.

Each row gets a *level*.  A row that needs what another makes comes one level later, unless both go by the same blocks of
images: then block n of the one needs only block n of the other, and both may share a level.  All rows of a level that go
by blocks make a *chain*, which one thread follows for one block while the numbers are still in its caches.  So a
whole training step needs four levels: pack the weights; forward and backward of each block; add up the gradients of the
blocks; move the weights.

A *unit* is what one thread does without asking anybody: rows first to end on block k.  A *stage* is a run of units in any
order; the next stage waits for all of them.
"""

FAIR = 0.8  # share of the time that threads must be busy for whole chains to pay


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


def schedule(rows, slices, threads):
    """(order, share, units, stages) of rows (blocks, reads, writes) with so many slices each.

    `order` lists the rows anew; `share[i]` is how many slices of row order[i] belong to one block of a unit.
    """
    level = levels(rows)
    order, share, units, stages = [], [], [], []

    def add(those, by_blocks):
        """Units of some rows: one for each block for all of them, or one for each slice of each."""
        first = len(order)
        order.extend(those)
        share.extend(slices[i] // by_blocks if by_blocks else 1 for i in those)
        if by_blocks:
            units.extend((first, len(order), block) for block in range(by_blocks))
        else:
            units.extend((first + j, first + j + 1, k) for j, i in enumerate(those) for k in range(slices[i]))

    def close():
        """The units since the last stage make one."""
        start = stages[-1][1] if stages else 0
        if len(units) > start:
            stages.append((start, len(units)))

    for now in range(max(level, default=-1) + 1):
        here = [i for i in range(len(rows)) if level[i] == now]
        chains = {}
        for i in here:
            chains.setdefault(rows[i][0], []).append(i)
        anywhere = chains.pop(0, [])
        for blocks, those in chains.items():
            if blocks >= FAIR * threads * -(-blocks // threads):
                add(those, blocks)
            else:  # too few blocks for so many threads: row by row, each in as many slices as it has
                for i in those:
                    add([i], 0)
                    close()
        add(anywhere, 0)
        close()
    return order, share, units, stages
