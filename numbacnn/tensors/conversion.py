"""Tensor methods that change the number format, or hand the numbers over to Python."""

from numbacnn.tensors import types

_CPU = types.device("cpu")


class Conversion:
    """Mixin of Tensor: dtypes, devices, Python numbers and lists."""

    __slots__ = ()

    @property
    def device(self):
        return _CPU

    def is_floating_point(self):
        """Whether the elements are floating-point numbers."""
        return self.dtype.kind == "f"

    def to(self, *args, dtype=None, device=None, non_blocking=False, copy=False):
        """This Tensor in another dtype: `x.to(float64)`, `x.to(other)`, `x.to("cpu")`; itself if nothing changes.

        Raises
        ------
        RuntimeError
            For a device other than the CPU.
        """
        for arg in args:
            if isinstance(arg, Conversion):
                dtype = arg.dtype
            elif isinstance(arg, (types.device, str)):
                device = arg
            else:
                dtype = arg
        types.check_device(device)
        own = self.dtype
        dtype = own if dtype is None else types.as_dtype(dtype)
        if dtype == own:
            return self.clone() if copy else self
        array = self._array.astype(dtype)
        if dtype.kind != "f":
            return self._detached(array)
        return self._from_op(array, (self,), lambda dout: (dout.astype(own),), "to_copy", True)

    def type(self, dtype):
        """This Tensor in another dtype."""
        return self.to(dtype)

    def type_as(self, other):
        """This Tensor in the dtype of `other`."""
        return self.to(other.dtype)

    def float(self):
        """This Tensor as float32."""
        return self.to(types.float32)

    def double(self):
        """This Tensor as float64."""
        return self.to(types.float64)

    def long(self):
        """This Tensor as int64; fractions are cut off."""
        return self.to(types.int64)

    def int(self):
        """This Tensor as int32; fractions are cut off."""
        return self.to(types.int32)

    def bool(self):
        """This Tensor as bool: whether each element differs from 0."""
        return self.to(types.bool_)

    def cpu(self):
        """This Tensor: it is on the CPU already."""
        return self

    def cuda(self, *args, **kwargs):
        """Not offered: raises RuntimeError."""
        return self.to("cuda")

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
        return format(self.item(), spec) if self.ndim == 0 and spec else repr(self)
