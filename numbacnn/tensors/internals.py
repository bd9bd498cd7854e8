"""The inside of a Tensor, for the rooms that build on it: nn, optim, autograd and others.

PyTorch's API says what a Tensor shows to everybody. Layers and optimizers need more: the numbers in the form in which they
lie (see `storage`), without a copy and without waiting for them, and a way to put a result on the tape. They take it
from here, so that this page says what the room `tensors` promises to the others; what else begins with an underscore is its own.

What only reads an attribute is an `attrgetter`: it costs no Python call, where `tensor.shape` and `tensor.requires_grad` cost one.
"""

from operator import attrgetter

from numbacnn.tensors.tensor import Tensor

#: `storage_of(tensor)`: the numbers in the form in which they lie, an array or a `Storage`
storage_of = attrgetter("_storage")
#: `shape_of(tensor)`: the shape as a plain tuple
shape_of = attrgetter("_storage.shape")
#: `dtype_of(tensor)`: the dtype
dtype_of = attrgetter("_storage.dtype")
#: `plain_of(tensor)`: the array that the numbers lie in, or None if they do not lie in one yet
plain_of = attrgetter("_plain")
#: `node_of(tensor)`: its place on the tape, None of a leaf; `tensor.grad_fn` of the API
node_of = attrgetter("_node")
#: `needs_grad(tensor)`: whether it requires grad
needs_grad = attrgetter("_requires_grad")
#: `version_of(tensor)`: the `Version` that counts its changes in place
version_of = attrgetter("_version")

array_of = Tensor._array.fget
memory_of = Tensor._memory.fget
shared_array = Tensor._shared
writable = Tensor._writable
overwritten = Tensor._overwritten
hold = Tensor._hold
detached = Tensor._detached
record = Tensor._from_op
