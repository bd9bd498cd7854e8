"""The inside of a Tensor, for the rooms that build on it: nn, optim, autograd and others.

PyTorch's API says which attributes of a Tensor are public. Layers and optimizers need more: the numbers in the form in
which they lie (see `storage`), without a copy and without waiting for them, and a way to put a result on the tape. They take it from here, so
this page says what the room `tensors` promises to the others; whatever else begins with an underscore is its own. Views are taken
with `views.take_view`, and `tape.put_on_tape` gives an operation of the engine its place on the tape.

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

#: `array_of(tensor)`: the numbers as a plain array, once they are computed; to be read
array_of = Tensor._array.fget
#: `memory_of(tensor)`: the same array for an operation that waits its turn to read; what waits now may still write to it
memory_of = Tensor._memory.fget
#: `shared_array(tensor)`: the plain array, from now on the only place of the numbers, so that others may keep it
shared_array = Tensor._shared
#: `writable(tensor)`: the plain array, to be written to at once; counts as a change in place
writable = Tensor._writable
#: `overwritten(tensor)`: the plain array for an operation that waits its turn to write; counts as a change in place
overwritten = Tensor._overwritten
#: `hold(tensor, data, requires_grad)`: begin with these numbers; for the `__init__` of a class derived from Tensor
hold = Tensor._hold
#: `detached(storage)`: a Tensor of these numbers, an array or a `Storage`, off the tape; nothing is copied
detached = Tensor._detached
#: `record(storage, parents, backward, name, ...)`: the result of an operation as a Tensor, on the tape; see its docstring
record = Tensor._from_op
