"""Programs: plans that were put together, as tables for the team."""
import numpy as np

from . import compilation, team
from .buffers import scratch
from .plan import whole
from .runner import table_of
from .schedule import schedule


class Program:
    """Several plans as one program.

    Parameters
    ----------
    plans : tuple of Plan
        In the order in which they were asked for.
    wiring : Wiring
        Of the buffers that the names of the plans stand for, one plan after the other.
    """

    def __init__(self, plans, wiring):
        self.wiring, owners = wiring, wiring.owners
        rows, places, known, tables = [], [], [], []
        scratch_places, self._reserved, start = [], 0, 0
        numbers = iter(wiring.numbers)
        for which, plan in enumerate(plans):
            number_of = dict(zip(plan.names, numbers))
            offset_of = {}
            for name, nbytes in plan.scratch.items():
                offset_of[name] = self._reserved
                self._reserved += nbytes

            def memory(buffer):
                """What tells a memory from every other: its owner and the part of it."""
                name, offset = whole(buffer)
                if name in offset_of:
                    return which, name
                owner, lies_alone = owners[number_of[name]]
                return owner, offset if lies_alone else None

            for row in plan.rows:
                rows.append(row)
                known.append((row.blocks, set(map(memory, row.reads)), set(map(memory, row.writes))))
                tables.append(row.table)
                for word, buffer in row.places:
                    name, offset = whole(buffer)
                    offset += row.table[word]
                    if name in offset_of:
                        scratch_places.append((start + word, offset_of[name] + offset))
                    else:
                        places.append((start + word, number_of[name], offset))
                start += len(row.table)
        self._words = np.concatenate(tables)
        self._places, self._numbers, self._within = np.array(places, np.int64).reshape(-1, 3).T.copy()
        self._scratch_places, self._offsets = np.array(scratch_places, np.int64).reshape(-1, 2).T.copy()
        self._scratch = None
        self._lay_out(rows, known)

    def _lay_out(self, rows, known):
        """Rows, units and stages in the order of the schedule."""
        starts = np.cumsum([0] + [len(row.table) for row in rows])
        base = self._words.ctypes.data
        order, units, stages = schedule(known)
        address = compilation.addresses(dict.fromkeys(row.task for row in rows), meanwhile=team.prepare)
        rows = np.array([(address[rows[i].task], base + 8 * starts[i], rows[i].slices // (rows[i].blocks or 1))
                         for i in order], np.int64).reshape(-1, 3)
        units, stages = np.array(units, np.int64).reshape(-1, 3), np.array(stages, np.int64).reshape(-1, 2)
        ends = len(stages) + 2 * np.cumsum([0, *units[:, 1] - units[:, 0]])
        width = [rows[first:end, 2].max(initial=0) for first, end, _ in units]
        self._width = int(max((sum(width[first:end]) for first, end in stages), default=1))
        units = np.column_stack([units, ends[:-1]])
        self._arrays = [*map(np.ascontiguousarray, (rows, units, stages, np.empty(ends[-1], np.int64)))]
        self._table = table_of(*self._arrays)
        self._address = self._table.ctypes.data

    def call(self, addresses):
        """The arguments of `team.begin` that open this with these addresses of the buffers, by number.

        The program before must be done: they share the scratch memory, and it may have been the same.
        """
        self._words[self._places] = np.array(addresses, np.int64)[self._numbers] + self._within
        if self._reserved:
            base = scratch(self._reserved)
            if base != self._scratch:
                self._words[self._scratch_places] = base + self._offsets
                self._scratch = base
        return team.call_up(self._address, self._width)

    def calls(self, addresses, strides, times):
        """The arguments of `team.repeat` that run this so many times, each time with addresses that many bytes further."""
        strides = strides[self._numbers]
        moving = strides != 0
        return (*self.call(addresses), times, self._words, self._places[moving], strides[moving], team.STEP_ASIDE)
