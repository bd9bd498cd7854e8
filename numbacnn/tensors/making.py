"""Tensor methods that make a Tensor of the same dtype, and say how this one lies in memory."""

import numpy as np

from numbacnn.tensors import types
from numbacnn.tensors.memory import Memory
from numbacnn.tensors.shape import _as_shape


class Making:
    """Mixin of Tensor: new Tensors after its pattern, and how its numbers are kept."""

    __slots__ = ()

    def _made(self, array, device, requires_grad):
        types.check_device(device)
        out = self._detached(array)
        return out.requires_grad_() if requires_grad else out

    def _new_dtype(self, dtype):
        return self.dtype if dtype is None else types.as_dtype(dtype)

    def new_zeros(self, *args, size=None, dtype=None, device=None, requires_grad=False):
        """Zeros in this dtype: `x.new_zeros(2, 3)` or `x.new_zeros((2, 3))`."""
        return self._made(np.zeros(_as_shape(args if size is None else (size,)), self._new_dtype(dtype)), device, requires_grad)

    def new_ones(self, *args, size=None, dtype=None, device=None, requires_grad=False):
        """Ones in this dtype: `x.new_ones(2, 3)` or `x.new_ones((2, 3))`."""
        return self._made(np.ones(_as_shape(args if size is None else (size,)), self._new_dtype(dtype)), device, requires_grad)

    def new_empty(self, *args, size=None, dtype=None, device=None, requires_grad=False):
        """A Tensor in this dtype whose elements are not set."""
        return self._made(np.empty(_as_shape(args if size is None else (size,)), self._new_dtype(dtype)), device, requires_grad)

    def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False):
        """One number in this dtype, in the shape `size`."""
        fill_value = fill_value.item() if hasattr(fill_value, "item") else fill_value
        return self._made(np.full(_as_shape((size,)), fill_value, self._new_dtype(dtype)), device, requires_grad)

    def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
        """A copy of `data`, numbers, nested lists or an array, in this dtype."""
        array = np.array(data._array if isinstance(data, Memory) else data).astype(self._new_dtype(dtype))
        return self._made(array, device, requires_grad)

    def new(self, *args, device=None):
        """PyTorch's old name for three things: `x.new(2, 3)` or `x.new(y.size())` is a Tensor in this dtype whose elements are not
        set, `x.new([1, 2])` holds these numbers, `x.new(y)` shares the numbers of a Tensor of the same dtype.

        Raises
        ------
        TypeError
            If the only argument is a Tensor of another dtype, or a number that is not whole.
        """
        given = args[0] if len(args) == 1 else None
        if given is None or isinstance(given, (int, np.integer, types.Size)):
            return self.new_empty(*args or (0,), device=device)
        if isinstance(given, Memory):
            if given.dtype != self.dtype:
                raise TypeError(f"new: expected a Tensor of {self.dtype}, got one of {given.dtype}; say new_tensor to convert it")
            return given.detach()
        if np.ndim(given) == 0:
            raise TypeError(f"new: expected sizes, numbers in a list, or a Tensor, got {given!r}")
        return self.new_tensor(given, device=device)

    # ---- memory

    def ndimension(self):
        """The number of dimensions, as `dim` gives it."""
        return self.ndim

    def element_size(self):
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def itemsize(self):
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self):
        """The bytes of all elements."""
        return self.numel() * self.dtype.itemsize

    def stride(self, dim=None):
        """Number of elements in memory from one index to the next, for each dimension or one."""
        array = self._shared()
        steps = tuple(step // array.itemsize for step in array.strides)
        return steps if dim is None else steps[dim]

    def storage_offset(self):
        """Number of elements of its memory before the first of this Tensor."""
        array = self._shared()
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        return (array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]) // array.itemsize

    def data_ptr(self):
        """The address of the first element."""
        return self._shared().__array_interface__["data"][0]

    def is_contiguous(self):
        """Whether the elements lie in memory row by row, without gaps."""
        return not isinstance(self._storage, np.ndarray) or self._storage.flags.c_contiguous

    def pin_memory(self):
        """This Tensor: without a GPU, no memory has to be pinned."""
        return self

    def is_pinned(self):
        """False: without a GPU, no memory is pinned."""
        return False

    def share_memory_(self):
        """This Tensor: threads share its memory already."""
        return self

    def get_device(self):
        """-1, as for every Tensor on the CPU."""
        return -1

    @property
    def is_cuda(self):
        """False: numbacnn computes on the CPU."""
        return False

    @property
    def is_xpu(self):
        """False, as `is_cuda`."""
        return False

    @property
    def is_mps(self):
        """False, as `is_cuda`."""
        return False

    @property
    def is_cpu(self):
        """True: numbacnn computes on the CPU."""
        return True

    @property
    def is_sparse(self):
        """False: all elements are kept."""
        return False

    def is_complex(self):
        """False: there are no complex dtypes."""
        return False

    def is_signed(self):
        """Whether the dtype has negative numbers."""
        return self.dtype.kind in "if"

    def is_nonzero(self):
        """Whether the only element differs from 0."""
        return bool(self)

    def equal(self, other):
        """Whether the other Tensor has the same shape and elements."""
        return bool(np.array_equal(self._array, other._array))

    def allclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        """Whether `|self - other| <= atol + rtol * |other|` everywhere."""
        return bool(np.allclose(self._array, other._array, rtol, atol, equal_nan))
