"""Programs: plans that were put together, as tables for the team."""
from collections import namedtuple
from itertools import accumulate

import numpy as np

from . import buffers, compilation, team
from .few_images import tasks_of
from .own_memory import share_out, stays
from .runner import BY_THREAD, DISTANCE, table_of
from .schedule import levels, schedule

#: The parts of all plans, one entry per part:
#: memories: the number of the memory in which it lies
#: numbers: the number of its place, -1 if a plan reserved it
#: offsets: where it begins in that memory, in bytes
#: and of all together: reserved, the bytes that plans reserve, by memory; count, how many memories there are.
Parts = namedtuple("Parts", "memories numbers offsets reserved count")


class Program:
    """Several plans as one program.

    Parameters
    ----------
    plans : tuple of Plan
        In the order in which they were asked for.
    wiring : Wiring
        Of the buffers that the names of the plans stand for, one plan after the other.
    are_unseen : callable
        `are_unseen(numbers)` says of each of these places whether it is dead once the program is over: a list of bool.

    Attributes
    ----------
    wiring : Wiring
    passing : list of int
        The places that are needed only while a block has its turn, unless they are read later.
    unseen : list of bool
        For each of these, whether it is dead after the program.
    """

    def __init__(self, plans, wiring, are_unseen):
        self.wiring = wiring
        outlines = [plan.outline for plan in plans]
        self._words = np.concatenate([outline.words for outline in outlines])[None]
        parts = _parts(plans, wiring)
        rows, known, views = _put_together(plans, parts.memories)
        level = levels(known)
        passing = stays(known, level, views)
        place_of = dict(zip(parts.memories, parts.numbers))
        self.passing = sorted({place_of[memory] for memory in passing} - {-1})
        self.unseen = are_unseen(self.passing)
        seen = {place for place, is_unseen in zip(self.passing, self.unseen) if not is_unseen}
        own = {memory: stay for memory, stay in passing.items() if place_of[memory] not in seen}
        self._find_places(outlines, parts, own)
        tasks = tasks_of([(row, writes) for row, (_, _, writes) in zip(rows, known)], level, own)
        self._lay_out(rows, tasks, known, level, {stay.chain for stay in own.values()})

    @property
    def nbytes(self):
        """Bytes of its tables, which are most of what it keeps."""
        return sum(array.nbytes for array in (self._words, self._places, self._in_scratch, self._in_own, *self._arrays))

    def _find_places(self, outlines, parts, own):
        """Which words are addresses in which place, in the scratch memory or in that of a thread."""
        offsets, self._own = share_out(own)
        in_thread = _by_number(offsets, parts.count)
        reserved = {memory: nbytes for memory, nbytes in parts.reserved.items() if memory not in own}
        ends = [*accumulate(reserved.values(), initial=0)]
        in_scratch, self._reserved = _by_number(dict(zip(reserved, ends)), parts.count), ends[-1]
        word, part, by_block = _addresses(outlines)
        memory, inside = np.array(parts.memories, np.int64)[part], self._words[0, word]
        is_own, is_scratch = in_thread[memory] >= 0, in_scratch[memory] >= 0
        self._words[0, by_block[is_own]] = 0
        number, offset = np.array(parts.numbers, np.int64)[part], np.array(parts.offsets, np.int64)[part]
        self._in_own = _columns(is_own, word, in_thread[memory] + inside)
        self._in_scratch = _columns(is_scratch, word, in_scratch[memory] + inside)
        self._places = _columns(~(is_own | is_scratch), word, number, offset + inside)

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
        width = np.maximum.reduceat(np.append(rows[:, 2], 0), units[:, :2].ravel())[::2]
        self._width = int(max((width[first:end].sum() for first, end in stages), default=1))
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


def _parts(plans, wiring):
    """The `Parts` of all plans."""
    memories, places, offsets, reserved, known = [], [], [], {}, {}
    numbers = iter(wiring.numbers)
    for which, plan in enumerate(plans):
        number_of = dict(zip(plan.names, numbers))
        for name, offset in plan.outline.parts:
            number = number_of.get(name, -1)
            if number < 0:
                key = "reserved", which, name
            else:
                owner, lies_alone = wiring.owners[number]
                key = owner, offset if lies_alone else None
            memory = known.setdefault(key, len(known))
            if number < 0:
                reserved[memory] = plan.scratch[name]
            memories.append(memory)
            places.append(number)
            offsets.append(offset)
    return Parts(memories, places, offsets, reserved, len(known))


def _put_together(plans, memories):
    """(rows of all plans; for each what `schedule` asks; for each its arrays as `stays` asks), the memory of each part given."""
    rows, known, views, start = [], [], [], 0
    for plan in plans:
        outline = plan.outline
        mine = memories[start:start + len(outline.parts)]
        start += len(mine)
        rows += plan.rows
        for blocks, reads, writes, arrays in outline.rows:
            known.append((blocks, {mine[part] for part in reads}, {mine[part] for part in writes}))
            views.append([(mine[part], distance) for part, distance in arrays])
    return rows, known, views


def _addresses(outlines):
    """The words of all plans that are addresses, the part of each, and the words with their distances from block to block."""
    sizes = [(len(outline.addresses), len(outline.words), len(outline.parts)) for outline in outlines]
    count, words, parts = np.array(sizes, np.int64).reshape(-1, 3).T
    start, first = (np.repeat(np.cumsum(size) - size, count) for size in (words, parts))
    word, part, by_block = np.concatenate([outline.addresses for outline in outlines]).T
    return word + start, part + first, by_block + start


def _columns(chosen, *rows):
    """A table of these rows, of which some columns are chosen."""
    return np.ascontiguousarray(np.array(rows)[:, chosen])


def _by_number(offsets, count):
    """Offsets of some of so many memories, as an array; -1 for the others."""
    found = np.full(count, -1)
    found[[*offsets]] = [*offsets.values()]
    return found
