"""Views: Tensors that show the memory of another one, and what in-place changes do to their places on the tape.

`x.view(2, 3)`, `x[0]`, `x.T` and the like show the numbers of x, their base. A change in place of one of them changes all,
the numbers as well as the place on the tape: behind a change of a view, the base was computed from the base before and
from the new part, and every other view was taken from the base after the change.

Source: the rules are PyTorch's (https://docs.pytorch.org/docs/stable/tensor_view.html and notes/autograd.html, "In-place
operations with autograd").
"""

from typing import NamedTuple

import numpy as np

from numbacnn.tensors.listeners import listeners, tell
from numbacnn.tensors.tape import Node, grad_mode


class Step(NamedTuple):
    """How a view is taken: `forward` of an array gives a view of it, `backward` the gradient of the base from that of the
    view, an ndarray if it is `plain`."""

    name: str
    forward: object
    backward: object
    plain: bool = True


class Family:
    """The views of one base.

    Attributes
    ----------
    node : Node or None
        The operation that made the base.
    leaf : bool
        Whether the base is a leaf that requires grad.
    shape : tuple of int
        That of the base.
    """

    __slots__ = ("node", "leaf", "shape")

    def __init__(self, base):
        self.node = base._node
        self.leaf = base._node is None and base._requires_grad
        self.shape = tuple(base._storage.shape)


class View(NamedTuple):
    """What a Tensor knows of its base: the family, the steps that lead to it from there, and whether it was taken while
    nothing was recorded. The base itself has no steps."""

    family: Family
    steps: tuple
    unrecorded: bool


def take_view(base, storage, step):
    """`storage`, which shows numbers of the Tensor `base`, as a Tensor that knows where it comes from."""
    if base._requires_grad:
        view = base._from_op(storage, (base,), step.backward, step.name, step.plain, (), settings={"view": step.forward})
    else:
        view = base._detached(storage)
        if listeners:
            tell(step.name, view, (base,), {"view": step.forward})
    if base._view is None:
        base._view = View(Family(base), (), False)
    family, steps, unrecorded = base._view
    view._view = View(family, (*steps, step) if steps else (step,), unrecorded or not grad_mode.enabled)
    base._version.share(base, view)
    return view


def relatives(tensor):
    """The Tensors whose place on the tape changes together with that of `tensor`."""
    family = tensor._view.family if tensor._view is not None else None
    return [each for each in tensor._version.others(tensor)
            if family is not None and each._view is not None and each._view.family is family]


def adopt(tensor, out):
    """Give a Tensor that was changed in place, and its relatives, their new places on the tape.

    Parameters
    ----------
    tensor : Tensor
    out : Tensor
        What it is now, the result of an operation.
    """
    node, version = out._node, tensor._version
    if node is None:  # the operation has no gradient: it is 0
        node = Node((tensor._node,), lambda dout: (np.zeros_like(dout),), "zeros", True)
    node.saved = [(version, version.count, shape) if of is out._version else (of, count, shape)
                  for of, count, shape in node.saved]
    kin = relatives(tensor)
    if not kin:
        tensor._view = None
        _move(tensor, node)
        return
    family, steps, _ = tensor._view
    if steps:
        base = next((each for each in kin if not each._view.steps), None)
        node = _with_part(family.node if base is None else base._node, node, steps, family.shape)
    family.node, family.leaf = node, False
    for each in (tensor, *kin):
        if not each._view.unrecorded:
            _move(each, _behind(node, each._view.steps))


def _move(tensor, node):
    before = tensor._node
    if before is not None and before.keeper is tensor:
        before.keeper, node.keeper = None, tensor
    tensor._node, tensor._requires_grad = node, True


def _behind(node, steps):
    """The operation that takes a view of what `node` computed."""
    for step in steps:
        behind = Node((), step.backward, step.name, step.plain)
        behind.edges, node = (node,), behind
    return node


def _with_part(base, part, steps, shape):
    """The operation that puts the result of `part` into the result of `base`, there where the steps lead."""
    def backward(dout):
        rest = np.array(dout, order="C")
        seen = rest
        for step in steps:
            seen = step.forward(seen)
        if np.may_share_memory(seen, rest):
            dpart = seen.copy()
            seen[...] = 0
        else:  # the memory of the base has another order, so a view there is a copy here
            places = np.arange(rest.size).reshape(shape)
            for step in steps:
                places = step.forward(places)
            dpart = rest.reshape(-1)[places]
            rest.reshape(-1)[places] = 0
        return rest, dpart

    node = Node((), backward, "copy_slices", True)
    node.edges = (base, part)
    return node
