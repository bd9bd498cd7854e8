"""Tensor methods that change the number format, or hand the numbers over to Python."""

import numpy as np

from numbacnn.tensors import types

_CPU = types.device("cpu")
_TYPES = {"float32": "FloatTensor", "float64": "DoubleTensor", "int8": "CharTensor", "int16": "ShortTensor", "int32": "IntTensor",
          "int64": "LongTensor", "uint8": "ByteTensor", "bool": "BoolTensor"}


class Conversion:
    """Mixin of Tensor: dtypes, devices, Python numbers and lists."""

    __slots__ = ()

    @property
    def device(self):
        return _CPU

    def is_floating_point(self):
        """Whether the elements are floating-point numbers."""
        return self.dtype.kind == "f"

    def to(self, *args, dtype=None, device=None, other=None, non_blocking=False, copy=False, memory_format=None):
        """This Tensor in another dtype: `x.to(float64)`, `x.to(other)`, `x.to("cpu")`; itself if nothing changes.

        `non_blocking` and `memory_format` are accepted: nothing is sent anywhere, and how numbers lie is the engine's affair.

        Raises
        ------
        RuntimeError
            For a device other than the CPU.
        """
        flags = [arg for arg in args if isinstance(arg, bool)]  # non_blocking and copy, by their place
        copy = copy or len(flags) > 1 and flags[1]
        for arg in (*args, other):
            if isinstance(arg, Conversion):
                dtype = arg.dtype
            elif isinstance(arg, (types.device, str)) or type(arg) is int:
                device = arg
            elif arg is not None and not isinstance(arg, bool):
                dtype = arg
        types.check_device(device)
        own = self.dtype
        dtype = own if dtype is None else types.as_dtype(dtype)
        if dtype == own:
            return self.clone() if copy else self
        with np.errstate(all="ignore"):
            array = self._array.astype(dtype)
        if dtype.kind != "f":
            return self._detached(array)
        return self._from_op(array, (self,), lambda dout: (dout.astype(own),), "to_copy", True, ())

    def type(self, dtype=None, non_blocking=False):
        """This Tensor in another dtype: `x.type(float64)` or `x.type(DoubleTensor)`; without one, PyTorch's name of its type.

        Raises
        ------
        RuntimeError
            For a type on a GPU.
        """
        if dtype is None:
            return f"torch.{_TYPES[self.dtype.name]}"
        name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", "")
        if name.endswith("Tensor"):
            if ".cuda." in name:
                types.check_device("cuda")
            kinds = {kind: dtype for dtype, kind in _TYPES.items()} | {"Tensor": types.default_dtype()}
            kind = name.rpartition(".")[2]
            if kind not in kinds:
                raise TypeError(f"type: {name} is not offered; numbacnn has {', '.join(kinds)}")
            dtype = kinds[kind]
        return self.to(dtype=dtype)

    def type_as(self, other):
        """This Tensor in the dtype of `other`."""
        return self.to(other.dtype)

    def float(self, memory_format=None):
        """This Tensor as float32."""
        return self.to(types.float32)

    def double(self, memory_format=None):
        """This Tensor as float64."""
        return self.to(types.float64)

    def long(self, memory_format=None):
        """This Tensor as int64; fractions are cut off."""
        return self.to(types.int64)

    def int(self, memory_format=None):
        """This Tensor as int32; fractions are cut off."""
        return self.to(types.int32)

    def short(self, memory_format=None):
        """This Tensor as int16; fractions are cut off."""
        return self.to(types.int16)

    def char(self, memory_format=None):
        """This Tensor as int8; fractions are cut off."""
        return self.to(types.int8)

    def bool(self, memory_format=None):
        """This Tensor as bool: whether each element differs from 0."""
        return self.to(types.bool_)

    def byte(self, memory_format=None):
        """This Tensor as uint8; fractions are cut off."""
        return self.to(types.uint8)

    def cpu(self):
        """This Tensor: it is on the CPU already."""
        return self

    def cuda(self, *args, **kwargs):
        """Not offered: raises RuntimeError."""
        return self.to(device="cuda")

    def item(self):
        """The only element, as a Python number.

        Raises
        ------
        RuntimeError
            If there is not exactly one element.
        """
        if self.numel() != 1:
            raise RuntimeError(f"item: a Tensor with {self.numel()} elements (shape {tuple(self.shape)}) is not one "
                               "number; reduce it first, for example with .mean() or .sum()")
        return self._array.item()

    def tolist(self):
        """The elements as nested Python lists."""
        return self._array.tolist()

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        if self.dtype.kind not in "iub":
            raise TypeError(f"only Tensors of integers can be an index, not {self.dtype}")
        return int(self.item())

    def __bool__(self):
        if self.numel() != 1:
            raise RuntimeError(f"the truth of a Tensor with {self.numel()} elements is ambiguous; "
                               "use .any() or .all()")
        return bool(self._array.item())

    def __format__(self, spec):
        if self.ndim == 0:
            return format(self.item(), spec)
        if spec:
            raise TypeError(f"unsupported format string passed to Tensor.__format__: {spec!r} for a Tensor of shape "
                            f"{tuple(self.shape)}; only a Tensor without dimensions is formatted like a number")
        return repr(self)
