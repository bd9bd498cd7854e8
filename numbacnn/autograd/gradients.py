"""`grad` and `backward` of one or several Tensors."""

import numpy as np

from numbacnn.tensors.grad_modes import set_grad_enabled
from numbacnn.tensors.internals import array_of, detached, node_of, record
from numbacnn.tensors.pending import settle_if_seen
from numbacnn.tensors.tape import accumulate, run_backward
from numbacnn.tensors.tensor import Tensor


def _list(tensors):
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _root(name, outputs, gradients):
    """A node whose inputs are `outputs`, and which hands each a gradient of its own."""
    if len(gradients) != len(outputs):
        raise RuntimeError(f"{name}: {len(gradients)} gradients for {len(outputs)} Tensors")
    arrays = []
    for x, gradient in zip(outputs, gradients):
        if not x.requires_grad:
            raise RuntimeError(f"{name}: a Tensor of shape {tuple(x.shape)} does not require grad and has no grad_fn")
        if gradient is None:
            if x.numel() != 1:
                raise RuntimeError(f"{name}: grad can be implicitly created only for scalar outputs; a Tensor has shape "
                                   f"{tuple(x.shape)}: reduce it with .mean() or .sum(), or give its gradient")
            gradient = np.ones(x.shape, x.dtype)
        # a copy: it may become the `.grad` of a leaf, which changes in place
        gradient = np.array(array_of(gradient) if isinstance(gradient, Tensor) else gradient, x.dtype)
        if gradient.shape != tuple(x.shape):
            raise RuntimeError(f"{name}: a gradient has shape {gradient.shape}, its Tensor {tuple(x.shape)}")
        arrays.append(gradient)
    return node_of(record(np.zeros(()), tuple(outputs), lambda dout: arrays, name, saves=()))


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Compute the gradients of all leaves that several Tensors depend on, adding to their `.grad`.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
    grad_tensors : Tensor or sequence, optional
        The gradient that arrives at each; 1 for single numbers.
    retain_graph : bool
        Keep the tape, so that it can run again.

    Raises
    ------
    NotImplementedError
        For second derivatives (`create_graph=True`) and `inputs=`; `grad` computes the gradients of some Tensors only.
    """
    if inputs is not None:
        raise NotImplementedError("backward: inputs= is not offered; autograd.grad(outputs, inputs) gives these gradients")
    _no_second_derivatives("backward", create_graph)
    outputs = _list(tensors)
    grad_tensors = grad_variables if grad_tensors is None else grad_tensors
    gradients = [None] * len(outputs) if grad_tensors is None else _list(grad_tensors)
    with set_grad_enabled(True):
        root = _root("backward", outputs, gradients)
    run_backward(root, np.zeros(()), bool(retain_graph))
    settle_if_seen()


def _no_second_derivatives(name, create_graph):
    if create_graph:
        raise NotImplementedError(f"{name}: create_graph=True is not offered (no second derivatives)")


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """The gradients of `outputs`, summed, with respect to each of `inputs`; no `.grad` changes.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of Tensor
    grad_outputs : Tensor or sequence, optional
        The gradient that arrives at each output; 1 for single numbers.
    retain_graph : bool
        Keep the tape, so that it can run again.
    allow_unused : bool
        None instead of an error for an input on which nothing depends.
    materialize_grads : bool
        Zeros instead.

    Returns
    -------
    tuple of Tensor
        One for each of `inputs`.

    Raises
    ------
    RuntimeError
        If an input does not require grad or is not used.
    NotImplementedError
        For second derivatives (`create_graph=True`).
    """
    _no_second_derivatives("grad", create_graph)
    if is_grads_batched:
        raise NotImplementedError("grad: is_grads_batched=True is not offered; call grad once for each gradient")
    outputs, inputs = _list(outputs), _list(inputs)
    for x in inputs:
        if not x.requires_grad:
            raise RuntimeError(f"grad: an input of shape {tuple(x.shape)} does not require grad")
    gradients = [None] * len(outputs) if grad_outputs is None else _list(grad_outputs)
    with set_grad_enabled(True):
        root = _root("grad", outputs, gradients)
    found = _collect(root, inputs, bool(retain_graph))
    for x, gradient in zip(inputs, found):
        if gradient is None and not (allow_unused or materialize_grads):
            raise RuntimeError(f"grad: the outputs do not depend on an input of shape {tuple(x.shape)}; "
                               "with allow_unused=True its gradient is None")
    if materialize_grads:
        found = [detached(np.zeros(x.shape, x.dtype)) if gradient is None else gradient for x, gradient in zip(inputs, found)]
    return tuple(found)


def _collect(root, inputs, keep):
    """Run the tape from `root`; what arrives at each of `inputs`, or None."""
    probes = {}
    for x in inputs:
        probe = detached(np.zeros(x.shape, x.dtype)).requires_grad_()
        probes[node_of(x) or x] = probe

    def arrive(leaf, gradient, source):
        if leaf in probes:
            accumulate(probes[leaf], gradient, source)

    nodes = [node_of(x) for x in inputs if node_of(x) is not None]
    keepers = [node.keeper for node in nodes]
    try:
        for node in nodes:
            node.keeper = probes[node]
        run_backward(root, np.zeros(()), keep, arrive)
    finally:
        for node, keeper in zip(nodes, keepers):
            node.keeper = keeper
    settle_if_seen()
    return [probes[node_of(x) or x].grad for x in inputs]
