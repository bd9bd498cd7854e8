"""The tape: reverse-mode automatic differentiation.

Each differentiable operation leaves a `Node`: which nodes made its inputs, and a function that turns the gradient of
its output into the gradients of its inputs. `run_backward` walks from the loss to the leaves, the latest operation
first. Every operation is later than the ones whose results it used, so when a node's turn comes, all gradients that
flow into it have arrived, and they arrive in the same order on every run.

Source: Griewank & Walther, Evaluating Derivatives, 2nd ed. 2008, chapter 3 (the reverse mode).
"""

import functools
import inspect
import threading
from heapq import heappop, heappush
from itertools import count

import numpy as np

from numbacnn.tensors.listeners import listeners, tell_did
from numbacnn.tensors.storage import ARRAYS, added, as_plain
from numbacnn.tensors.version import as_saved, check

_next_order = count().__next__
leaf_hooks = {}  # id of a leaf -> its hooks, see `hooks`; they get the whole gradient, not what each operation adds to it


class _GradMode(threading.local):
    """Whether operations are recorded; each thread has its own answer, as in PyTorch."""

    enabled = True


grad_mode = _GradMode()


def is_grad_enabled():
    """True if operations are being recorded for `backward`."""
    return grad_mode.enabled


class _SetGrad:
    """Context manager and decorator that switches recording and restores what was before."""

    wanted = None

    def __new__(cls, func=None):
        self = super().__new__(cls)
        return self if func is None else self(func)

    def __init__(self, func=None):
        self._before = []

    def __enter__(self):
        self._before.append(grad_mode.enabled)
        grad_mode.enabled = self.wanted

    def __exit__(self, *exception):
        grad_mode.enabled = self._before.pop()

    def __call__(self, func):
        if inspect.isgeneratorfunction(func):
            raise TypeError(f"{type(self).__name__}: {func.__name__} is a generator; a decorator would end before its "
                            f"body runs. Write `with {type(self).__name__}():` inside it, around no `yield`")

        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            with type(self)():
                return func(*args, **kwargs)

        return wrapper


class no_grad(_SetGrad):
    """Do not record: `with no_grad():` or `@no_grad()`. Saves the memory the tape would hold."""

    wanted = False


class enable_grad(_SetGrad):
    """Record again inside a `no_grad` block."""

    wanted = True


class Node:
    """One operation on the tape.

    Attributes
    ----------
    edges : tuple of (Node, Tensor or None)
        One for each input: the node that made it; the Tensor itself if it is a leaf; None if it needs no gradient.
        Results in between are not kept alive by the tape, only by the operations that saved them.
    backward : callable or None
        `backward(dout)` gives one gradient (or None) for each edge. None once the graph was freed.
    name : str
        The operation, e.g. "max_pool2d".
    plain : bool
        Whether `backward` wants its gradient as a NumPy array, whatever form it arrives in.
    order : int
        Counts operations; a later one has a larger number.
    keeper : Tensor or None
        The Tensor that asked, with `retain_grad`, to keep the gradient that passes here.
    hooks : dict or None
        Functions that see, and may replace, the gradient that passes here, see `hooks`.
    saved : sequence of (Version, int, shape)
        The numbers that `backward` needs as they were, see `as_saved`.
    """

    __slots__ = ("edges", "backward", "name", "plain", "order", "keeper", "hooks", "saved")

    def __init__(self, edges, backward, name, plain, saved=()):
        self.edges = edges
        self.backward = backward
        self.name = name
        self.plain = plain
        self.order = _next_order()
        self.keeper = self.hooks = None
        self.saved = saved

    @property
    def next_functions(self):
        """The operations that computed the inputs, ((Node, 0), ...): an AccumulateGrad for a leaf, None where no gradient goes."""
        return tuple((edge if edge is None or type(edge) is Node else AccumulateGrad(edge), 0) for edge in self.edges)

    def __repr__(self):
        return f"<{''.join(part.capitalize() for part in self.name.split('_'))}Backward0>"


class AccumulateGrad:
    """The end of the tape at a leaf, where gradients are added to its `.grad`.

    Attributes
    ----------
    variable : Tensor
        The leaf.
    next_functions : tuple
        Empty.
    """

    next_functions = ()

    def __init__(self, variable):
        self.variable = variable

    def __repr__(self):
        return "<AccumulateGrad>"


def edges_of(parents):
    """For each operand of an operation, a Tensor or None, the edge that leads to it, None where no gradient goes; None if none does."""
    edges, found = [], False
    for parent in parents:
        if parent is not None and parent._requires_grad:
            edges.append(parent._node or parent)
            found = True
        else:
            edges.append(None)
    return edges if found else None


def put_on_tape(out, edges, backward, name, plain, saves):
    """Make the Tensor `out` the result of an operation; see `Node`. `saves` are the Tensors whose numbers `backward` needs."""
    out._requires_grad, out._node = True, Node(edges, backward, name, plain, [*map(as_saved, saves)])


def _sum(a, b):
    """The sum of two gradients; where one is a storage of an engine, it is one too, if that can be."""
    total = added(a, b)
    return np.asarray(as_plain(a) + as_plain(b)) if total is None else total


def accumulate(leaf, gradient, source):
    """Add `gradient` to `leaf.grad`, in place if there is one already.

    `source` is the gradient from which this one was made. An operation may pass its own gradient on, or a view of it;
    then the leaf takes a copy, so that no two Tensors write to the same memory. A leaf that was frozen since the forward
    pass takes none.
    """
    if not leaf._requires_grad:
        return
    if gradient.shape != leaf._storage.shape:
        raise RuntimeError(f"backward: the gradient has shape {tuple(gradient.shape)} "
                           f"but its tensor has shape {tuple(leaf._storage.shape)}")
    if leaf.grad is not None:
        total = leaf.grad._writable()
        np.add(total, as_plain(gradient), out=total, casting="same_kind")
        return
    is_array = isinstance(gradient, ARRAYS)
    if gradient is source and not is_array:
        gradient = gradient.copy()
    elif is_array or gradient.dtype != leaf._storage.dtype:
        shared = gradient is source
        gradient = np.asarray(as_plain(gradient), leaf._storage.dtype, order="C")
        view = gradient.base is not None and type(source) is np.ndarray and np.may_share_memory(gradient, source)
        if shared or view or not gradient.flags.writeable:
            gradient = gradient.copy()
    leaf.grad = leaf._detached(gradient)


def _through(hooks, gradient):
    for hook in [*hooks.values()]:
        gradient = hook(gradient)
    return gradient


def run_backward(root, gradient, keep_graph=False, arrive=accumulate):
    """Send `gradient` from the node `root` to every leaf that it depends on.

    `arrive(leaf, gradient, source)` is what happens there.

    Raises
    ------
    RuntimeError
        If the graph, or a part of it, was freed by an earlier backward.
    """
    incoming, held = {root: gradient}, {}
    ready = [(-root.order, root)]
    # Infinities and NaN flow on, as IEEE says; they are no reason for a warning.
    with np.errstate(all="ignore"):
        while ready:
            node = heappop(ready)[1]
            gradient = incoming.pop(node)
            if node.backward is None:
                raise RuntimeError(
                    f"backward: trying to backward through the graph a second time; it was freed at {node!r}. "
                    "Run the forward pass again, or say backward(retain_graph=True) the first time")
            if node.plain:
                gradient = as_plain(gradient)
            if node.hooks:
                gradient = _through(node.hooks, gradient)
            if node.keeper is not None:
                accumulate(node.keeper, gradient, gradient)
            if node.saved:
                check(node.name, node.saved)
            edges, parts = node.edges, node.backward(gradient)
            if listeners:
                tell_did(f"{node.name} backward")
            if not keep_graph:
                node.edges, node.backward = (), None
            for edge, part in zip(edges, parts, strict=True):
                if edge is None or part is None:
                    continue
                if isinstance(part, np.generic):  # arithmetic of arrays without dimensions gives NumPy's own numbers
                    part = np.asarray(part)
                if type(edge) is not Node:
                    if leaf_hooks and leaf_hooks.get(id(edge)):
                        held[id(edge)] = edge, _sum(held[id(edge)][1], part) if id(edge) in held else part
                    else:
                        arrive(edge, part, gradient)
                elif edge in incoming:
                    incoming[edge] = _sum(incoming[edge], part)
                else:
                    incoming[edge] = part
                    heappush(ready, (-edge.order, edge))
        for leaf, gradient in held.values():
            gradient = _through(leaf_hooks.get(id(leaf), {}), gradient)
            arrive(leaf, gradient, gradient)
