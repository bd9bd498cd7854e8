"""Where the time goes: `profile` measures each operation of a block of lines and adds them up by name.

    with numbacnn.autograd.profiler.profile() as prof:
        model(images)
    print(prof.key_averages().table(sort_by="cpu_time_total"))
"""

from threading import get_ident
from time import perf_counter

from numbacnn.tensors.absent import refusing
from numbacnn.tensors.listeners import Listener
from numbacnn.tensors.pending import settle
from numbacnn.tensors.types import Size

__all__ = ["profile", "record_function"]
__getattr__ = refusing(__name__, __all__)

_MILLION = 1e6  # microseconds, PyTorch's unit
_SORTED_BY = ("self_cpu_time_total", "cpu_time_total", "cpu_time", "count", "key")
_active = []  # profiles that measure, the innermost last


class FunctionEventAvg:
    """What all calls of one operation took.

    Attributes
    ----------
    key : str
        The operation, e.g. "conv2d", or the name that `record_function` gave.
    count : int
        Its calls.
    cpu_time_total, self_cpu_time_total : float
        Microseconds of all calls; without what was measured inside.
    input_shapes : tuple
        Of its operands, where `group_by_input_shape` asked for them.
    """

    def __init__(self, key, input_shapes=()):
        self.key, self.input_shapes = key, input_shapes
        self.count, self.cpu_time_total, self.self_cpu_time_total = 0, 0.0, 0.0

    @property
    def cpu_time(self):
        """Microseconds of one call, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    def _add(self, total, alone):
        self.count += 1
        self.cpu_time_total += total
        self.self_cpu_time_total += alone


class EventList(list):
    """A list of `FunctionEventAvg` that prints as a table."""

    @property
    def self_cpu_time_total(self):
        """Microseconds of all operations."""
        return sum(event.self_cpu_time_total for event in self)

    def table(self, sort_by=None, row_limit=100, header=None, top_level_events_only=False, **widths):
        """The text of a table, a row for each operation.

        Parameters
        ----------
        sort_by : str, optional
            "self_cpu_time_total", "cpu_time_total", "cpu_time" or "count", the largest first; or "key".
        row_limit : int
            How many rows, -1 for all.
        header : str, optional
            A line above.

        Raises
        ------
        ValueError
            If it cannot be sorted that way.
        """
        if sort_by is not None and sort_by not in _SORTED_BY:
            raise ValueError(f"table: sort_by is one of {', '.join(_SORTED_BY)}, got {sort_by!r}")
        events = self if sort_by is None else sorted(self, key=lambda event: getattr(event, sort_by), reverse=sort_by != "key")
        every = self.self_cpu_time_total or 1.0
        rows = [("Name", "Self CPU %", "Self CPU", "CPU total", "CPU time avg", "# of Calls")]
        rows += [(event.key, f"{event.self_cpu_time_total / every:.2%}", _time(event.self_cpu_time_total),
                  _time(event.cpu_time_total), _time(event.cpu_time), str(event.count)) for event in events]
        rows = rows if row_limit < 0 else rows[:row_limit + 1]
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([*([header] if header else []), rule, lines[0], rule, *lines[1:], rule,
                          f"Self CPU time total: {_time(self.self_cpu_time_total)}", ""])

    def __str__(self):
        return self.table()


def _time(microseconds):
    """A time in the unit in which it is easy to read."""
    for least, unit in ((_MILLION, "s"), (1e3, "ms")):
        if microseconds >= least:
            return f"{microseconds / least:.3f}{unit}"
    return f"{microseconds:.3f}us"


class profile(Listener):
    """Measure the operations of a `with` block.

    An operation's time runs from the end of the one before to the moment its numbers are there, so it includes the Python
    in between, and operations do not overlap as they otherwise do. The backward pass has a row for each kind of operation,
    such as "conv2d backward", and an optimizer one, such as "SGD.step". Other threads are not measured.

    Parameters
    ----------
    enabled : bool
        Whether to measure at all.
    record_shapes : bool
        Whether to keep the shapes of the operands for `key_averages(group_by_input_shape=True)`.
    use_cuda, use_device, profile_memory, with_stack, with_flops, with_modules, use_kineto, use_cpu
        Accepted as in PyTorch where they change nothing.

    Raises
    ------
    NotImplementedError
        If a GPU, memory or the stack is to be measured.
    """

    def __init__(self, enabled=True, *, use_cuda=False, use_device=None, record_shapes=False, with_flops=False,
                 profile_memory=False, with_stack=False, with_modules=False, use_kineto=False, use_cpu=True):
        for name, asked in (("use_cuda", use_cuda), ("use_device", use_device), ("with_flops", with_flops),
                            ("profile_memory", profile_memory), ("with_stack", with_stack), ("with_modules", with_modules)):
            if asked:
                raise NotImplementedError(f"profile: {name}={asked!r} is not offered; only the time of operations is measured")
        self.enabled, self.record_shapes = enabled, record_shapes
        self._events = []  # (key, shapes, total, alone) in microseconds
        self._open = []  # for each block of record_function: when it began, and what was measured inside
        self._last = self._thread = None

    def __enter__(self):
        if self.enabled:
            self._thread = get_ident()
            super().__enter__()
            _active.append(self)
            settle()
            self._last = perf_counter()
        return self

    def __exit__(self, *exception):
        if self.enabled:
            _active.remove(self)
            super().__exit__(*exception)

    def hears(self, name, out, operands, settings, kept, engine):
        """Book an operation of the forward pass."""
        parts = operands.values() if isinstance(operands, dict) else operands
        self._book(name, tuple(Size(part.shape) for part in parts if part is not None) if self.record_shapes else ())

    def did(self, what):
        """Book a step of the backward pass, or of an optimizer."""
        self._book(what, ())

    def _book(self, name, shapes):
        """Wait for the numbers; the time since the last event is that of `name`."""
        if get_ident() != self._thread:
            return
        settle()
        took = (perf_counter() - self._last) * _MILLION
        self._events.append((name, shapes, took, took))
        if self._open:
            self._open[-1][1] += took
        self._last = perf_counter()

    def _begin(self):
        settle()
        self._last = perf_counter()
        self._open.append([self._last, 0.0])

    def _end(self, name):
        settle()
        began, inside = self._open.pop()
        total = (perf_counter() - began) * _MILLION
        self._events.append((name, (), total, total - inside))
        if self._open:
            self._open[-1][1] += total
        self._last = perf_counter()

    def key_averages(self, group_by_input_shape=False):
        """The times, added up by operation; and by the shapes of its operands, if asked for and recorded."""
        found = {}
        for key, shapes, total, alone in self._events:
            place = key, shapes if group_by_input_shape else ()
            found.setdefault(place, FunctionEventAvg(*place))._add(total, alone)
        return EventList(found.values())

    def total_average(self):
        """All operations as one row."""
        every = FunctionEventAvg("Total")
        for _, _, total, alone in self._events:
            every._add(total, alone)
        return every

    @property
    def self_cpu_time_total(self):
        """Microseconds of all operations."""
        return self.key_averages().self_cpu_time_total

    def table(self, **how):
        """The table of `key_averages`."""
        return self.key_averages().table(**how)

    def __str__(self):
        return self.table()


class record_function:
    """Give a block of lines a row of its own in the profile around it; it may decorate a function."""

    def __init__(self, name, args=None):
        self.name = name
        self._told = []

    def __enter__(self):
        self._told.append([*_active])
        for measuring in self._told[-1]:
            measuring._begin()
        return self

    def __exit__(self, *exception):
        for measuring in self._told.pop():
            measuring._end(self.name)
