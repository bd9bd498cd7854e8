"""The operations of a model as the page reads them, and which of them it can step through."""

import numpy as np

from numbacnn.pages.explain.loops import computed_kinds
from numbacnn.pages.packing import packed

OF_THE_PAGE = {"softmax", "cross_entropy"}  # the page puts them behind the scores; a softmax inside a network is not stepped through
NUMBER_BY_NUMBER = {"add", "mul"}


def described(steps, types, kept_weights):
    """Operations as JSON, with weights but without results.

    Parameters
    ----------
    steps : sequence of Step
        A trace of one example, up to the scores.
    types : dict of str to str
        The class of each layer.
    kept_weights : set of int
        Of which operations the page holds the weights.

    Returns
    -------
    list of dict
    """
    found = []
    for k, step in enumerate(steps):
        known = step.kind == "input" or can_step(step, steps)
        found.append({"name": step.name, "kind": kind_of(step), "reads": list(step.reads), "shape": list(step.output.shape),
                      "type": types.get(step.layer or ""), "args": arguments_of(step, steps) if known else {},
                      "weights": _weights(step, k in kept_weights) if known else {}, "trained": sorted(step.weight_gradients),
                      "known": known, "steps": known and k in kept_weights, "stored": False})
    return found


def can_step(step, steps):
    """Whether the page's scripts compute this operation as it is called here."""
    reads = [steps[read].output for read in step.reads]
    if kind_of(step) not in computed_kinds() - OF_THE_PAGE - {"input"} or step.output.shape[:1] != (1,):
        return False
    if step.kind in NUMBER_BY_NUMBER:
        same = all(read.shape == step.output.shape for read in reads)
        return same and not step.weight_gradients and (len(reads) == 2 or [weight.size for weight in step.weights.values()] == [1])
    if step.kind == "linear":
        return step.output.ndim == 2
    if step.kind == "cat":
        return "parts" in arguments_of(step, steps)
    if step.kind in ("transpose", "permute", "index"):
        return "view" in step.arguments
    return True


def kind_of(step):
    """The kind as the scripts call it: resizing is a loop of its own for each of its modes."""
    return f"interpolate_{step.arguments['mode']}" if step.kind == "interpolate" else step.kind


def arguments_of(step, steps):
    """How an operation was called, as JSON."""
    arguments = {name: value for name, value in step.arguments.items() if not isinstance(value, np.ndarray) and name != "view"}
    if "seed" in arguments:
        arguments["seed"] = str(arguments["seed"])  # of 63 bits, more than a number of JavaScript keeps
    view = step.arguments.get("view")
    if view is not None:  # where its numbers lie in what it shows; None where they lie in the same order
        read = steps[step.reads[0]].output
        places = np.ascontiguousarray(view(np.arange(read.size).reshape(read.shape))).ravel()
        arguments["places"] = None if np.array_equal(places, np.arange(read.size)) else packed(places)
    if step.kind == "avg_pool2d":
        arguments["dilation"] = (1, 1)  # it has none, and its windows are walked through as a max-pooling's are
    if step.kind == "cat" and len(step.weights) + len(step.reads) > 0 and step.output.shape[0] == 1:
        parts = _parts_of_cat(step, steps)
        if parts:
            arguments["parts"] = parts
    return arguments


def _parts_of_cat(step, steps):
    """The operands of a concatenation by channels, in order; a constant has only a size."""
    sizes = [steps[read].output.size for read in step.reads]
    constant = sum(weight.size for weight in step.weights.values())
    same = all(steps[read].output.shape[2:] == step.output.shape[2:] for read in step.reads)
    if not same or sum(sizes) + constant != step.output.size:
        return None
    if any(weight.any() for weight in step.weights.values()):
        return None
    return [{"read": k} for k in range(len(sizes))] + ([{"read": None, "size": constant}] if constant else [])


def _weights(step, kept):
    """Those that the page reads, of layers whose weights it does not hold only the shapes. A `cat` puts zeros beside, known by
    their number; a normalization without weights multiplies by 1 and adds 0."""
    if step.kind == "cat":
        return {}
    weights = dict(step.weights)
    if step.kind == "batch_norm":
        C = step.output.shape[1]
        weights = {"weight": np.ones(C), "bias": np.zeros(C)} | weights
    return {name: packed(weight.astype(np.float32)) if kept else {"shape": list(weight.shape)} for name, weight in weights.items()}
