"""Functions that make Tensors: from data, constant, counted or random. Names and defaults are PyTorch's."""

import math

import numpy as np

from numbacnn.tensors.functions import takes_out
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import as_dtype, check_device, default_dtype, float32, int64


def _finish(array, device, requires_grad):
    check_device(device)
    out = Tensor._detached(array)
    return out.requires_grad_() if requires_grad else out


def _shape(name, size, named=None):
    """The shape meant by `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))`."""
    if named is not None:
        if size:
            raise TypeError(f"{name}: the size is given twice, {size} and size={named}")
        size = (named,)
    if len(size) == 1 and not isinstance(size[0], (int, np.integer)):
        size = size[0]
    shape = tuple(int(extent) for extent in size)
    if min(shape, default=0) < 0:
        raise RuntimeError(f"{name}: size {shape} has a negative dimension")
    return shape


def _dtype(dtype, default=None):
    return as_dtype(dtype) if dtype is not None else default_dtype() if default is None else default


def _innermost(data):
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return data


def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A Tensor with a copy of `data`.

    Parameters
    ----------
    data : number, nested sequence, array or Tensor
        Python floats become float32 (see `set_default_dtype`), ints int64; arrays keep their dtype.
    dtype : dtype, optional
        The dtype to have instead.

    Raises
    ------
    ValueError
        If `data` is ragged.
    TypeError
        If `data` holds something other than numbers, or a dtype that is not offered.
    """
    if isinstance(data, Tensor):
        array = np.array(data._array)
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.array(data)
    else:
        try:
            array = np.array(_listed(data))
        except ValueError:
            raise ValueError("tensor: data is ragged: its rows differ in length") from None
        if array.dtype == np.float64 and not isinstance(_innermost(data), (np.generic, np.ndarray, Tensor)):
            array = array.astype(default_dtype())
        if array.size == 0:
            array = array.astype(default_dtype())
    if dtype is None and array.dtype.kind not in "fiub":
        raise TypeError(f"tensor: cannot make numbers of {type(_innermost(data)).__name__}")
    return _finish(array.astype(_dtype(dtype, as_dtype(array.dtype)), copy=False), device, requires_grad)


def _listed(data):
    """`data` with the Tensors inside replaced by arrays."""
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, (list, tuple)) and any(isinstance(part, (list, tuple, Tensor)) for part in data):
        return [_listed(part) for part in data]
    return data


def as_tensor(data, dtype=None, device=None):
    """`data` as a Tensor, sharing memory where possible: Tensors and arrays of the right dtype are not copied."""
    if isinstance(data, Tensor):
        return data.to(data.dtype if dtype is None else dtype, device=device)
    if isinstance(data, np.ndarray):
        return from_numpy(data).to(_dtype(dtype, data.dtype), device=device)
    return tensor(data, dtype=dtype, device=device)


def from_numpy(ndarray):
    """A Tensor that shares the memory of `ndarray`.

    Raises
    ------
    TypeError
        If it is not an array, or of a dtype that is not offered.
    ValueError
        If its bytes are in the order of another machine.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: expected an ndarray, got {type(ndarray).__name__}")
    as_dtype(ndarray.dtype)
    if not ndarray.dtype.isnative:
        raise ValueError(f"from_numpy: the array's bytes are in the order of another machine ({ndarray.dtype.str}); "
                         "tensor(array) copies them into this one's")
    return Tensor._of(ndarray)


@takes_out
def zeros(*shape, size=None, dtype=None, device=None, requires_grad=False):
    """A Tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return _finish(np.zeros(_shape("zeros", shape, size), _dtype(dtype)), device, requires_grad)


@takes_out
def ones(*shape, size=None, dtype=None, device=None, requires_grad=False):
    """A Tensor of ones: `ones(2, 3)` or `ones((2, 3))`."""
    return _finish(np.ones(_shape("ones", shape, size), _dtype(dtype)), device, requires_grad)


@takes_out
def empty(*shape, size=None, dtype=None, device=None, requires_grad=False):
    """A Tensor whose elements are not set: `empty(2, 3)` or `empty((2, 3))`."""
    return _finish(np.empty(_shape("empty", shape, size), _dtype(dtype)), device, requires_grad)


@takes_out
def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A Tensor filled with one number, whose kind gives the dtype."""
    default = tensor(fill_value).dtype
    return _finish(np.full(_shape("full", (size,)), fill_value, _dtype(dtype, default)), device, requires_grad)


def zeros_like(input, *, dtype=None, device=None, requires_grad=False):
    """Zeros in the shape and dtype of `input`."""
    return zeros(input.shape, dtype=_dtype(dtype, input.dtype), device=device, requires_grad=requires_grad)


def ones_like(input, *, dtype=None, device=None, requires_grad=False):
    """Ones in the shape and dtype of `input`."""
    return ones(input.shape, dtype=_dtype(dtype, input.dtype), device=device, requires_grad=requires_grad)


def empty_like(input, *, dtype=None, device=None, requires_grad=False):
    """A Tensor whose elements are not set, in the shape and dtype of `input`."""
    return empty(input.shape, dtype=_dtype(dtype, input.dtype), device=device, requires_grad=requires_grad)


def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False):
    """One number in the shape and dtype of `input`."""
    return full(input.shape, fill_value, dtype=_dtype(dtype, input.dtype), device=device, requires_grad=requires_grad)


@takes_out
def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """The n x m matrix with ones on the diagonal."""
    return _finish(np.eye(n, m, dtype=_dtype(dtype)), device, requires_grad)


@takes_out
def arange(*bounds, start=0, end=None, step=1, dtype=None, device=None, requires_grad=False):
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`: start, start + step, ... before end.

    Raises
    ------
    RuntimeError
        If the step is 0 or leads away from the end.
    """
    if len(bounds) == 1 and end is None:
        end = bounds[0]
    elif bounds:
        start, end, step = (*bounds, *(end, step)[len(bounds) - 1:]) if len(bounds) < 4 else (0, None, 1)
    if end is None:
        raise TypeError(f"arange: expected end, (start, end) or (start, end, step), got {len(bounds)} arguments")
    start, end, step = (each.item() if hasattr(each, "item") else each for each in (start, end, step))
    whole = all(isinstance(bound, int) for bound in (start, end, step))
    dtype = _dtype(dtype, int64 if whole else None)
    exact = start, end, step
    if dtype.kind in "iu":
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: a step of {step} does not lead from {start} to {end}")
    if dtype.kind in "iu" and dtype != int64:  # where int64 counts without the fractions, other whole numbers count with them
        array = start + step * np.arange(max(math.ceil((exact[1] - exact[0]) / exact[2]), 0))
    else:
        array = np.arange(start, end, step, dtype=np.int64 if dtype.kind in "iu" else np.float64)
    return _finish(array.astype(dtype), device, requires_grad)


@takes_out
def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers from `start` to `end`, both included, evenly spaced."""
    start, end = (each.item() if hasattr(each, "item") else each for each in (start, end))
    dtype = _dtype(dtype)
    if steps < 0:
        raise RuntimeError(f"linspace: the number of steps must not be negative, got {steps}")
    if dtype.kind in "iu":  # as PyTorch counts: whole bounds, a step in float32, each half from its end
        start, end = int(start), int(end)
        step, k = float(np.float32(end - start) / np.float32(max(steps - 1, 1))), np.arange(steps)
        array = np.where((k < steps // 2) | (steps == 1), start + step * k, end - step * (steps - 1 - k))
        return _finish(array.astype(float32).astype(dtype), device, requires_grad)
    return _finish(np.linspace(start, end, steps).astype(dtype), device, requires_grad)


@takes_out
def logspace(start, end, steps, base=10.0, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers from base**start to base**end, both included, whose logarithms are evenly spaced."""
    start, end = (each.item() if hasattr(each, "item") else each for each in (start, end))
    if steps < 0:
        raise RuntimeError(f"logspace: the number of steps must not be negative, got {steps}")
    if _dtype(dtype).kind != "f":
        raise NotImplementedError(f"logspace: only floating point dtypes are offered, got {dtype}; round and convert the result")
    with np.errstate(all="ignore"):
        array = np.power(float(base), np.linspace(start, end, steps))
    return _finish(array.astype(_dtype(dtype)), device, requires_grad)


@takes_out
def rand(*shape, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    """Numbers drawn evenly from [0, 1): `rand(2, 3)` or `rand((2, 3))`."""
    source = (generator or default_generator).numpy
    return _finish(source.random(_shape("rand", shape, size), _dtype(dtype)), device, requires_grad)


@takes_out
def randn(*shape, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    """Numbers drawn from the normal distribution with mean 0 and variance 1: `randn(2, 3)` or `randn((2, 3))`."""
    source = (generator or default_generator).numpy
    return _finish(source.standard_normal(_shape("randn", shape, size), _dtype(dtype)), device, requires_grad)


def rand_like(input, *, dtype=None, device=None, requires_grad=False):
    """Numbers drawn evenly from [0, 1), in the shape and dtype of `input`."""
    return rand(input.shape, dtype=_dtype(dtype, input.dtype), device=device, requires_grad=requires_grad)


def randn_like(input, *, dtype=None, device=None, requires_grad=False):
    """Numbers drawn from the normal distribution, in the shape and dtype of `input`."""
    return randn(input.shape, dtype=_dtype(dtype, input.dtype), device=device, requires_grad=requires_grad)


@takes_out
def randint(low, high=None, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Whole numbers drawn from [low, high): `randint(high, size)` or `randint(low, high, size)`.

    Raises
    ------
    RuntimeError
        If the range is empty.
    """
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if size is None or isinstance(size, int):
        raise TypeError("randint: expected (high, size) or (low, high, size), with size a tuple such as (10,)")
    if low >= high:
        raise RuntimeError(f"randint: low must be less than high, got {low} and {high}")
    source = (generator or default_generator).numpy
    array = source.integers(low, high, _shape("randint", (size,)))
    return _finish(array.astype(_dtype(dtype, int64), copy=False), device, requires_grad)


@takes_out
def randperm(n, *, generator=None, dtype=None, device=None):
    """The numbers 0 to n - 1 in random order, int64."""
    array = (generator or default_generator).numpy.permutation(n)
    return _finish(array.astype(_dtype(dtype, int64), copy=False), device, False)


def get_rng_state():
    """State of the default generator, as a uint8 Tensor; see `set_rng_state`."""
    return Tensor._of(default_generator.get_state())


def set_rng_state(new_state):
    """Continue the default generator where `get_rng_state` was called."""
    default_generator.set_state(new_state)
