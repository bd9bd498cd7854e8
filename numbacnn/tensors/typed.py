"""PyTorch's old names for a Tensor and its dtype in one: `FloatTensor(2, 3)`, `LongTensor([1, 2])`, `x.type()`."""

import numpy as np

from numbacnn.tensors import types
from numbacnn.tensors.tensor import Tensor


class _Typed(type):
    """The classes below make Tensors, and know their own: `isinstance(x, FloatTensor)`."""

    def __call__(cls, *data, device=None):
        types.check_device(device)
        if len(data) == 1 and not isinstance(data[0], (int, np.integer)):
            numbers = data[0]._array if isinstance(data[0], Tensor) else data[0]
            if isinstance(numbers, types.Size):
                return Tensor._detached(np.zeros(numbers, cls.dtype))
            return Tensor._detached(np.array(numbers).astype(cls.dtype))
        shape = tuple(int(extent) for extent in data) or (0,)
        return Tensor._detached(np.zeros(shape, cls.dtype))

    def __instancecheck__(cls, instance):
        return isinstance(instance, Tensor) and instance.dtype == cls.dtype


class FloatTensor(metaclass=_Typed):
    """A float32 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.float32


class DoubleTensor(metaclass=_Typed):
    """A float64 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.float64


class LongTensor(metaclass=_Typed):
    """An int64 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.int64


class IntTensor(metaclass=_Typed):
    """An int32 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.int32


class ShortTensor(metaclass=_Typed):
    """An int16 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.int16


class CharTensor(metaclass=_Typed):
    """An int8 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.int8


class ByteTensor(metaclass=_Typed):
    """A uint8 Tensor of a list of numbers, or zeros of the given sizes."""

    dtype = types.uint8


class BoolTensor(metaclass=_Typed):
    """A bool Tensor of a list of numbers, or zeros (False) of the given sizes."""

    dtype = types.bool_
