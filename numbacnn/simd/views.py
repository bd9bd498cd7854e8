"""Arrays of any kind of number, made from addresses.

A *table* is a row of int64 words that tells a compiled task what to work on: words 0 to 15 are
plain numbers (counts, strides, padding), then come the arrays, 16 words each: the address, the
extents, the strides in bytes.  The kind of number is not in the table: it is known when the task is compiled.
"""
from collections import namedtuple

from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from .types import Patch

WORDS = 16
I64 = ir.IntType(64)


def _word(builder, table, position):
    """Word `position` of the table (an LLVM value)."""
    words = builder.inttoptr(table, I64.as_pointer())
    return builder.load(builder.gep(words, [position]))


class View:
    """Where in a table a task finds one of its operands: a type, and what code reads it.

    Parameters
    ----------
    kind : numba type
    place : tuple
        What tells the view from others of the type.
    read : callable
        (context, builder, table) -> LLVM value.
    """

    def __init__(self, kind, place, read):
        self.kind, self.place, self.read = kind, place, read


def array_view(kind, size, ndim, slot, order="A"):
    """The View of the array in `slot`: its numbers are of `kind`, `size` bytes each."""
    # a patch begins where the one before ends
    array = types.Array(kind, ndim, order, aligned=not isinstance(kind, Patch))

    def read(context, builder, table):
        if kind not in (types.float32, types.uint8, types.int64):
            # LLVM would unroll loops over numbers that fill the registers already
            builder.function.attributes.add("optsize")
        start = WORDS * (1 + slot)
        words = [_word(builder, table, I64(start + i)) for i in range(1 + 2 * array.ndim)]
        out = context.make_array(array)(context, builder)
        populate_array(
            out, data=builder.inttoptr(words[0], out.data.type),
            shape=cgutils.pack_array(builder, words[1:1 + array.ndim]),
            strides=cgutils.pack_array(builder, words[1 + array.ndim:]),
            itemsize=context.get_constant(types.intp, size), meminfo=None)
        return out._getvalue()

    return View(array, (slot,), read)


def words_view(word, count, constant=None):
    """The View of `count` whole numbers from `word` on, a tuple if more than one; of a constant if there is one."""
    kind = types.int64 if count == 1 else types.UniTuple(types.int64, count)

    def read(context, builder, table):
        words = [_word(builder, table, I64(word + i)) if constant is None else I64(constant) for i in range(count)]
        return words[0] if count == 1 else cgutils.pack_array(builder, words)

    return View(kind, (word, constant), read)


def real_view(word):
    """The View of the float64 whose bits stand in a word, as float32."""
    def read(context, builder, table):
        return builder.fptrunc(builder.bitcast(_word(builder, table, I64(word)), ir.DoubleType()), ir.FloatType())

    return View(types.float32, (word,), read)


def pointed_view(word, kind, count=1):
    """The View of numbers to which a word points: an int64, or so many float64 as a tuple of float32."""
    whole = kind == types.int64

    def read(context, builder, table):
        address = _word(builder, table, I64(word))
        words = [_word(builder, address, I64(i)) for i in range(count)]
        if whole:
            return words[0]
        reals = [builder.fptrunc(builder.bitcast(bits, ir.DoubleType()), ir.FloatType()) for bits in words]
        return cgutils.pack_array(builder, reals)

    return View(kind if whole else types.UniTuple(types.float32, count), (word, "points"), read)


def views(named):
    """A compiled function (table) that returns a named tuple of these views, {name: View}."""
    kind = types.NamedTuple([view.kind for view in named.values()], namedtuple("Operands", named))

    def operands(typingctx, table):
        def codegen(context, builder, sig, args):
            values = [view.read(context, builder, args[0]) for view in named.values()]
            return context.make_tuple(builder, sig.return_type, values)

        return kind(table), codegen

    # what tells compiled tasks apart in the cache
    operands.__qualname__ = repr([(name, view.place, str(view.kind)) for name, view in named.items()])
    return intrinsic(operands)


def _single(kind, size, order="A"):
    """A compiled function (table, slot, ndim) that returns one array."""
    def make(typingctx, table, slot, ndim):
        view = array_view(kind, size, ndim.literal_value, slot.literal_value, order)

        def codegen(context, builder, sig, args):
            return impl_ret_borrowed(context, builder, view.kind, view.read(context, builder, args[0]))

        return view.kind(table, slot, ndim), codegen

    return intrinsic(prefer_literal=True)(make)


#: The array in a slot as int64, and as plain float32: for what is no task of an operation.
words, floats = _single(types.int64, 8, "C"), _single(types.float32, 4)


@intrinsic
def number(typingctx, table, i):
    """Word i of the table: a count, a stride, a padding."""
    def codegen(context, builder, sig, args):
        return _word(builder, args[0], args[1])

    return types.int64(table, types.int64), codegen


@intrinsic(prefer_literal=True)
def only(typingctx, array, axis, index):
    """`array` with nothing but `index` left of `axis`: a task's own slice."""
    def codegen(context, builder, sig, args):
        kind = sig.return_type
        source = context.make_array(kind)(context, builder, args[0])
        out = context.make_array(kind)(context, builder)
        shape = cgutils.unpack_tuple(builder, source.shape)
        strides = cgutils.unpack_tuple(builder, source.strides)
        at = axis.literal_value
        address = builder.ptrtoint(source.data, I64)
        address = builder.add(address, builder.mul(args[2], strides[at]))
        shape[at] = I64(1)
        populate_array(out, data=builder.inttoptr(address, source.data.type),
                       shape=cgutils.pack_array(builder, shape), strides=source.strides,
                       itemsize=source.itemsize, meminfo=None)
        return impl_ret_borrowed(context, builder, kind, out._getvalue())

    return array(array, axis, types.int64), codegen


@njit(inline="always")
def cell(array, i, j):
    """`array` with nothing but i left of its first axis and j of its second."""
    return only(only(array, 0, i), 1, j)


@njit(inline="always")
def group(array, i, g, size):
    """`array` with nothing but i left of its first axis and the g-th `size` of its second."""
    return only(array, 0, i)[:, g * size:(g + 1) * size]
