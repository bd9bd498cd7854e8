"""Lazy evaluation: an engine may compute later than it is asked, as long as the program cannot tell.

Call `settle` before writing to the numbers of a Tensor: operations asked for earlier must still read the old ones.
Arrays that were handed out, by `Tensor.numpy()` or to `from_numpy`, may be written to at any time without a word. They
are noted here, and operations on them do not wait. Only while an engine captures the operations of a thread, to
replay them later, is nothing computed yet that could be waited for.
"""

import weakref

import numpy as np

#: {finish: (is_tracing, uses)}: `finish(then)` computes all that waits and calls `then` before anything else can be asked for,
#: `is_tracing()` says whether this thread's operations are only captured, and `uses(test)` whether an operation that waits or
#: runs uses an array that passes the test. nn and optim enter it, so that tensors need not import the engine.
engines = {}
exposed = {}  # id of an array that owns memory: how many arrays outside look at it
_taken = set()  # ids of arrays that came from outside, and live
changing = set()  # ids of arrays that own memory which an operation that waits, or runs, writes to


def settle():
    """Compute all that waits."""
    for finish in engines:
        finish(changing.clear)


def will_change(tensors, others=()):
    """Note that an operation that was asked for writes to these Tensors, and to other arrays: reading them waits for it."""
    arrays = [tensor._plain for tensor in tensors]
    changing.update([id(array if array.base is None else owner(array)) for array in arrays])
    changing.update(map(id, others))
    if exposed:
        settle_if_exposed(tensors)
        if any(id(array) in exposed for array in others):
            settle()


def settle_if_changing(array):
    """Compute all that waits if some of it, or of what runs, writes to the memory of `array`."""
    if id(owner(array)) in changing:
        settle()


def hand_out(array):
    """Return `array`'s memory as an array for code outside, which may write to it as long as that array or a view of it lives."""
    settle()
    outside = np.asarray(memoryview(array))  # NumPy lets views of this one keep this one alive, not the owner behind it
    _note(owner(array), outside)
    return outside


def take_in(array):
    """Note that `array` comes from code we do not see, which may write to it as long as it lives."""
    settle()
    source = owner(array)
    if id(source) not in _taken:
        _taken.add(id(source))
        _note(source, source)


def _note(source, outside):
    key = id(source)
    exposed[key] = exposed.get(key, 0) + 1
    weakref.finalize(outside, _forget, key, outside is source).atexit = False


def _forget(key, taken):
    if taken:
        _taken.discard(key)
    exposed[key] -= 1
    if not exposed[key]:
        del exposed[key]


def settle_if_exposed(tensors):
    """Compute all that waits if one of these Tensors lies in memory that was handed out."""
    for tensor in tensors if exposed else ():
        array = tensor._plain if tensor._plain is not None else tensor._storage.memory
        if array is not None and is_exposed(array):
            for finish, (is_tracing, _) in engines.items():
                if not is_tracing():
                    finish()
            return


def settle_if_seen():
    """Compute all that waits if some of it, or of what runs, uses memory that was handed out.

    For when a function returns that asked for a great deal: from then on such memory may be written to.
    """
    for finish, (_, uses) in engines.items() if exposed else ():
        if uses(is_exposed):
            finish()


def is_exposed(array):
    """Whether the memory of an array was handed out."""
    return id(owner(array)) in exposed


def owner(array):
    """The array that owns the memory, as far as NumPy knows."""
    while isinstance(array.base, np.ndarray):  # memory-mapped files are of a class of their own
        array = array.base
    return array
