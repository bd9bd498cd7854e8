"""Programs: plans that were put together, as tables for the team."""
from collections import namedtuple

import numpy as np

from . import buffers, compilation, team
from .few_images import tasks_of
from .own_memory import share_out, stays
from .plan import whole
from .runner import BY_THREAD, DISTANCE, table_of
from .schedule import levels, schedule

#: An array of a row: the memory that it is a part of, the number of its place (None if a plan reserved it) and the offset of the
#: memory there; then where the words of all rows hold its address, and its distance from block to block (None if it has none).
View = namedtuple("View", "memory number offset word by_block")


class Program:
    """Several plans as one program.

    Parameters
    ----------
    plans : tuple of Plan
        In the order in which they were asked for.
    wiring : Wiring
        Of the buffers that the names of the plans stand for, one plan after the other.
    are_unseen : callable
        Says of some places, a list of their numbers, whether nobody looks at each once the program is over: a list of bool.

    Attributes
    ----------
    wiring : Wiring
    passing : list of int
        The places with numbers that are needed only while a block has its turn, if nobody looks at them later.
    unseen : list of bool
        What was said of these.
    """

    def __init__(self, plans, wiring, are_unseen):
        self.wiring = wiring
        rows, known, views, reserved = _put_together(plans, wiring)
        self._words = np.concatenate([row.table for row in rows])[None]
        level, every = levels(known), [view for those in views for view in those]
        passing = stays(known, level, [[(view.memory, self._distance(view)) for view in those] for those in views])
        number = {view.memory: view.number for view in every}
        self.passing = sorted({number[memory] for memory in passing} - {None})
        self.unseen = are_unseen(self.passing)
        seen = {place for place, is_unseen in zip(self.passing, self.unseen) if not is_unseen}
        own = {memory: stay for memory, stay in passing.items() if number[memory] not in seen}
        self._find_places(every, reserved, own)
        tasks = tasks_of([(row, writes) for row, (_, _, writes) in zip(rows, known)], level, own)
        self._lay_out(rows, tasks, known, level, {stay.chain for stay in own.values()})

    def _distance(self, view):
        """Bytes from block to block, 0 if an array does not go by blocks."""
        return int(self._words[0, view.by_block]) if view.by_block else 0

    def _find_places(self, views, reserved, own):
        """Which words are addresses in which place, in the scratch memory or in that of a thread."""
        in_thread, self._own = share_out(own)
        self._reserved, places, in_scratch, in_own, offsets = 0, [], [], [], {}
        for memory, nbytes in reserved.items():
            if memory not in own:
                offsets[memory] = self._reserved
                self._reserved += nbytes
        for memory, number, offset, word, by_block in views:
            inside = self._words[0, word]
            if memory in own:
                in_own.append((word, in_thread[memory] + inside))
                self._words[0, by_block] = 0
            elif memory in offsets:
                in_scratch.append((word, offsets[memory] + inside))
            else:
                places.append((word, number, offset + inside))
        self._places = np.array(places, np.int64).reshape(-1, 3).T.copy()
        self._in_scratch, self._in_own = (np.array(those, np.int64).reshape(-1, 2).T.copy() for those in (in_scratch, in_own))

    def _lay_out(self, rows, tasks, known, level, chains):
        """Rows, units and stages in the order of the schedule; units of `chains` need own memory."""
        starts = np.cumsum([0] + [len(row.table) for row in rows])
        order, units, stages = schedule(known, level)
        address = compilation.addresses(dict.fromkeys(tasks), meanwhile=team.prepare)
        self._starts = starts[order]
        needs = np.array([(known[order[first]][0], level[order[first]]) in chains for first, _, _ in units], bool)
        rows = np.array([(address[tasks[i]], 0, rows[i].slices // (rows[i].blocks or 1)) for i in order],
                        np.int64).reshape(-1, 3)
        units, stages = np.array(units, np.int64).reshape(-1, 3), np.array(stages, np.int64).reshape(-1, 2)
        ends = len(stages) + np.cumsum([0, *1 + 2 * (units[:, 1] - units[:, 0])])
        width = [rows[first:end, 2].max(initial=0) for first, end, _ in units]
        self._width = int(max((sum(width[first:end]) for first, end in stages), default=1))
        self._begun = int(max((needs[first:end].sum() for first, end in stages), default=0))
        rank = np.concatenate([np.cumsum(needs[first:end]) - 1 for first, end in stages] or [ends[:0]])
        units = np.column_stack([units, ends[:-1], np.maximum(rank, 0)])
        self._arrays = [*map(np.ascontiguousarray, (rows, units, stages, np.empty(ends[-1], np.int64)))]
        self._table = table_of(*self._arrays)
        self._address = self._table.ctypes.data
        self._threads, self._scratch = 0, None
        self._copy_for(1)

    def _copy_for(self, threads):
        """Make so many copies of the rows' tables, one after the other in `_words`."""
        words = np.repeat(self._words[:1], threads, axis=0)
        tables, distance = words.ctypes.data + 8 * self._starts, words.strides[0]
        # from here on there is no call, and only when one has returned may a signal handler raise
        self._arrays[0][:, 1] = tables
        self._table[0, DISTANCE] = distance
        self._words = words

    def call(self, addresses, wait):
        """The arguments of `team.take_over` that open this with buffers, by number, at these addresses.

        `wait()` is called first where more than addresses has to be changed: it may be this program that runs, and whatever runs
        uses the scratch memory.
        """
        threads = min(team.get_num_threads(), self._width)  # asked once: another Python thread may set it meanwhile
        moved = (self._reserved or self._own) and self._scratch != buffers.scratch_address()
        if moved or threads != self._threads:
            wait()
            self._lay_out_for(threads)
        return (*team.call_up(self._address, threads), self._words, self._places, np.array(addresses, np.int64), team.STEP_ASIDE)

    def _lay_out_for(self, threads):
        """Whatever the tables hold beside the addresses of buffers."""
        self._threads = 0  # until all of it is true: Ctrl-C may come between any two lines
        if len(self._words) < min(threads, self._begun):
            self._copy_for(min(threads, self._begun))
        self._table[0, BY_THREAD] = threads <= len(self._words)
        if self._reserved or self._own:
            base = buffers.scratch(self._reserved + self._own * len(self._words))
            self._words[:, self._in_scratch[0]] = base + self._in_scratch[1]
            own = base + self._reserved + self._own * np.arange(len(self._words))[:, None]
            self._words[:, self._in_own[0]] = own + self._in_own[1]
            self._scratch = base
        self._threads = threads

    def calls(self, addresses, strides, times, wait):
        """The arguments of `team.repeat` that run this so many times, each time with addresses that many bytes further."""
        board, table, helpers, copies, (words, numbers, offsets), addresses, step_aside = self.call(addresses, wait)
        copies[:, words] = addresses[numbers] + offsets
        moving = strides[numbers] != 0
        first = np.arange(len(copies))[:, None] * copies.shape[1]
        return (board, table, helpers, times, copies.ravel(), (first + words[moving]).ravel(),
                np.tile(strides[numbers[moving]], len(copies)), step_aside)


def _put_together(plans, wiring):
    """(rows of all plans; for each what `schedule` asks; for each its views; bytes that the plans reserve, by memory)."""
    rows, known, views, reserved, start = [], [], [], {}, 0
    numbers = iter(wiring.numbers)
    for which, plan in enumerate(plans):
        number_of = dict(zip(plan.names, numbers))
        reserved.update(((which, name), nbytes) for name, nbytes in plan.scratch.items())

        def memory(buffer):
            """What tells a memory from every other: its owner and the part of it."""
            name, offset = whole(buffer)
            if name in plan.scratch:
                return which, name
            owner, lies_alone = wiring.owners[number_of[name]]
            return owner, offset if lies_alone else None

        for row in plan.rows:
            rows.append(row)
            known.append((row.blocks, set(map(memory, row.reads)), set(map(memory, row.writes))))
            views.append([])
            for word, buffer in row.places:
                name, offset = whole(buffer)
                by_block = start + row.by_block[word] if word in row.by_block else None
                views[-1].append(View(memory(buffer), number_of.get(name), offset, start + word, by_block))
            start += len(row.table)
    return rows, known, views, reserved
