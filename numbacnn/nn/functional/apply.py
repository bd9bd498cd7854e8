"""One operation of the engine, from Tensors to a Tensor on the tape.

Every function of `numbacnn.nn.functional` that runs a loop of the engine checks its arguments and then calls `apply`,
which does what all operations have in common: it chooses the kind of number, brings the numbers into the form of that
kind, keeps what the backward pass needs, refuses gradients of numbers that were changed meanwhile, and records the
operation. A new operation is its checks, its docstring and one call:

    def prelu(input, weight):
        check_types("prelu", input, weight=weight)

        def forward(kind, x, slope):
            return kind.prelu_forward(x, slope)

        def backward(kind, dout, wanted, saved):
            return kind.prelu_backward(dout, saved["input"], saved["weight"], wanted)

        return apply("prelu", forward, backward, input=input, weight=weight, saves=("input", "weight"))
"""

from functools import wraps

import numpy as np

from numbacnn.engine import Batch, kind_for, pack, tiles
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.inplace import changed
from numbacnn.tensors.internals import array_of, detached, memory_of, shape_of, storage_of
from numbacnn.tensors.listeners import listeners, tell
from numbacnn.tensors.pending import exposed, settle_if_exposed
from numbacnn.tensors.storage import as_plain
from numbacnn.tensors.tape import edges_of, grad_mode, put_on_tape
from numbacnn.tensors.tensor import Tensor


def apply(op, forward, backward, saves=(), kind=None, plain=False, settings=None, **operands):
    """Run an operation now, or when its numbers are wanted, and record how to differentiate it.

    Parameters
    ----------
    op : str
        The operation in lower case, as error messages and `grad_fn` show it.
    forward : callable
        `forward(kind, x, ...)` gets the operations `numbacnn.engine.tiles` or `numbacnn.engine.floats`, then the numbers of
        each operand (None for None). It returns the result, or a pair (result, kept), where `kept` is whatever else the
        backward pass needs.
    backward : callable
        `backward(kind, dout, wanted, saved)` returns one gradient for each operand, None where there is none. `wanted`
        says for each operand whether its gradient is needed. `saved` is a dict of the numbers named in `saves`, with
        "kept" where `forward` kept something.
    saves : tuple of str, or dict of str to tuple of str
        The operands whose numbers the backward pass needs; "out" is the result. Name no more than are needed: what is
        not named need not stay in memory, and may be changed in place. A dict says for each operand what its gradient is
        computed from: {"input": ("weight",), "weight": ("input",)} keeps the weight only where dx is wanted.
        If such an operand was changed in place when `backward` needs it, RuntimeError is raised, as in PyTorch.
    kind : Kind, optional
        The kind of number; by default `kind_for` chooses it by the first operand.
    plain : bool
        Whether `backward` wants `dout` as a plain array, for example because it is a single number.
    settings : dict, optional
        How the operation was called: stride, padding and the like, for listeners (see `numbacnn.tensors.listeners`).
    **operands : Tensor or None
        What the result is computed from. The first is a batch, in lanes where the kind has them; the others are weights,
        always plain arrays.

    Returns
    -------
    Tensor
    """
    first, *weights = operands
    kind = kind or kind_for(storage_of(operands[first]))
    numbers = {first: numbers_for(kind, operands[first])}
    read = memory_of if kind is tiles else array_of  # what is to run in lanes waits its turn to read
    for name in weights:
        numbers[name] = None if operands[name] is None else read(operands[name])
    result, kept = forward(kind, *numbers.values()), None
    if type(result) is tuple:
        result, kept = result

    out = detached(result)
    if exposed:
        settle_if_exposed([tensor for tensor in operands.values() if tensor is not None])
    if listeners:
        tell(op, out, operands, settings, kept, True)
    if not grad_mode.enabled:
        return out
    edges = edges_of(operands.values())
    if edges is None:
        return out
    if type(saves) is dict:
        saves = {name for operand, edge in zip(operands, edges) if edge is not None for name in saves.get(operand, ())}
    saved, unchanged = {"kept": kept}, []
    for name in saves:
        tensor = out if name == "out" else operands[name]
        if tensor is not None:
            unchanged.append(tensor)
        saved[name] = result if name == "out" else numbers[name]

    def back(dout):
        wanted = tuple([edge is not None for edge in edges])
        return backward(kind, dout if plain else numbers_for(kind, dout), wanted, saved)

    put_on_tape(out, edges, back, op, plain, unchanged)
    return out


def numbers_for(kind, data):
    """The numbers of a Tensor, or of a gradient, as `kind` takes those of a batch."""
    is_tensor = isinstance(data, Tensor)
    storage = storage_of(data) if is_tensor else data
    if kind is tiles and isinstance(storage, Batch):
        return storage
    array = array_of(data) if is_tensor else as_plain(storage)
    return pack(array) if kind is tiles else np.asarray(array, order="C")


def in_place(op, input, compute):
    """Change the input to `compute(input)`, on the tape as well, and return it, as functions do with `inplace=True`.

    Raises
    ------
    RuntimeError
        If the input is a leaf that requires grad.
    TypeError
        If it is not a Tensor of floats.
    """
    check_types(op, input)
    return changed(op, input, compute)


def batched(ndim):
    """Decorator of a function of `input`: one of `ndim` dimensions is a batch of one, without its first dimension."""
    def decorate(function):
        @wraps(function)
        def accepting_one(input, *args, **kwargs):
            if isinstance(input, Tensor) and len(shape_of(input)) == ndim:
                out = function(input.unsqueeze(0), *args, **kwargs)
                return tuple(each.squeeze(0) for each in out) if type(out) is tuple else out.squeeze(0)
            return function(input, *args, **kwargs)

        return accepting_one

    return decorate
