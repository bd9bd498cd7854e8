"""What the engine computes for the page: the numbers of operations that the page cannot compute, or that would take it too long."""

from dataclasses import dataclass

import numpy as np

from numbacnn.insight import trace
from numbacnn.pages.explain.in_training import in_training
from numbacnn.pages.explain.operations import can_step, described
from numbacnn.pages.packing import packed

MOST_WEIGHTS = 3_000_000  # with more the page computes no layer that multiplies weights
MOST_KEPT = 1_200_000  # weights of such a network that still stand in the page, so that their layers can be stepped through
MOST_BYTES = 20_000_000
NUMBER = 16 / 3  # bytes of a float32 in base64
REST = 400_000  # bytes of a page beside weights, pixels and stored numbers
AT_ONCE = 3  # examples for whose numbers there should be room
MOST_PRODUCTS = 200_000_000  # of weight and number in layers that the page computes all the same, for want of room for their numbers
NAMED = 8  # layers that a note names


@dataclass(frozen=True)
class Plan:
    """What stands in a page: the operations, for each example that it has room for the numbers of the engine, and what is to be said."""

    ops: list
    training: dict  # the operations that are others in training, if the page can show that
    numbers: list  # for each example {"outs": {step: array}, "grads": {step: array}, "target": class}, packed; None if nothing is stored
    notes: list


def plan_page(model, normalize, examples):
    """Decide what the page computes, what is stored in it, and what is left out.

    Parameters
    ----------
    model : Module
        In evaluation mode.
    normalize : Normalize
    examples : sequence of Example

    Returns
    -------
    Plan
    """
    steps = trace(model, normalize(examples[0].pixels[None]), [_target(examples[0])])[:-1]
    weights = sum(weight.size for step in steps if step.kind != "cat" for weight in step.weights.values())  # what cat adds is not a weight
    unknown = {k for k, step in enumerate(steps) if k and not can_step(step, steps)}
    heavy = {k for k, step in enumerate(steps) if weights > MOST_WEIGHTS and step.kind != "cat"
             and any(weight.ndim > 1 for weight in step.weights.values())}
    kept = _kept(steps, heavy - unknown)
    types = {layer: type(module).__name__ for layer, module in model.named_modules()}
    ops = described(steps, types, kept)
    room = MOST_BYTES - REST - sum(_bytes(each) for op in ops for each in (*op["weights"].values(), op["args"].get("places")))
    stored = _stored(steps, unknown, heavy, kept, room / min(len(examples), AT_ONCE))
    for k in stored:
        ops[k]["stored"] = True
    notes = _notes(steps, unknown, heavy, stored, kept, weights)
    if not stored:
        shown = _that_fit([packed(each.pixels) for each in examples], room)
        training = in_training(model, normalize(examples[0].pixels[None]), _target(examples[0]), steps)
        return Plan(ops, training, [None] * shown, notes + _of_examples(shown, len(examples)))
    before = _before(steps, stored)
    outs, grads = _chosen(steps, stored, before, room / min(len(examples), AT_ONCE))
    if len(outs) + len(grads) < len(stored) + len(before):
        names = [steps[k].name for k in sorted(stored - outs)] + [f"gradient at {steps[k].name}" for k in sorted(before - grads)]
        notes.append(f"Left out, so that the page stays below {MOST_BYTES / 1e6:.2g} MB: the numbers of {_listed(names)}, and what "
                     "follows from them.")
    numbers, used = [], 0
    for each in examples:
        run = trace(model, normalize(each.pixels[None]), [_target(each)])
        found = {"outs": {k: packed(run[k].output.astype(np.float32)) for k in sorted(outs)},
                 "grads": {k: packed(run[k].gradient.astype(np.float32)) for k in sorted(grads)}, "target": _target(each)}
        used += _bytes(packed(each.pixels)) + sum(_bytes(array) for part in ("outs", "grads") for array in found[part].values())
        if numbers and used > room:
            break
        numbers.append(found)
    return Plan(ops, {}, numbers, notes + _of_examples(len(numbers), len(examples)))


def _target(example):
    """The class whose loss the gradients are those of."""
    return int(example.prediction or 0) if example.label is None else int(example.label)


def _kept(steps, large):
    """The operations whose weights the page holds: all but the largest of a large network."""
    kept, total = set(range(len(steps))) - large, 0
    for k in sorted(large, key=lambda k: sum(weight.size for weight in steps[k].weights.values())):
        total += sum(weight.size for weight in steps[k].weights.values())
        if total <= MOST_KEPT:
            kept.add(k)
    return kept


def _before(steps, stored):
    """The operations that receive the gradients of stored operations."""
    return {read for k in stored for read in steps[k].reads if steps[read].gradient is not None}


def _stored(steps, unknown, heavy, kept, room):
    """The operations whose numbers are the engine's; where there is no room for all, the page computes the largest itself, if it can."""
    stored, products = unknown | heavy, 0
    for k in sorted(heavy & kept - unknown, key=lambda k: -steps[k].output.size):
        needed = sum(steps[each].output.size for each in [*stored, *_before(steps, stored)])
        products += steps[k].output.size * steps[k].weights["weight"][0].size
        if NUMBER * needed <= room or products > MOST_PRODUCTS:
            break
        stored.discard(k)
    return stored


def _chosen(steps, stored, before, room):
    """The operations whose results and gradients there is room for, the smallest first."""
    wanted = sorted([(steps[k].output.size, k, part) for part, group in (("out", stored), ("grad", before)) for k in group])
    chosen, used = {"out": set(), "grad": set()}, 0
    for size, k, part in wanted:
        used += NUMBER * size + 60
        if used <= room:
            chosen[part].add(k)
    return chosen["out"], chosen["grad"]


def _that_fit(arrays, room):
    """Number of the arrays that there is room for, at least one."""
    sizes = np.cumsum([_bytes(array) for array in arrays])
    return max(1, int((sizes <= room).sum()))


def _bytes(array):
    return len(array.get("data", "")) if array else 0


def _of_examples(shown, given):
    return [f"Only the first {shown:,} of {given:,} examples are shown, so that the page stays below {MOST_BYTES / 1e6:.2g} MB."] if shown < given else []


def _notes(steps, unknown, heavy, stored, kept, weights):
    """What the reader must know of a page that does not compute everything itself."""
    notes = []
    if unknown:
        names = [f"{steps[k].name} ({steps[k].kind})" for k in sorted(unknown)]
        notes.append(f"The page cannot step through {_listed(names)}: the numbers there, and the gradients before it, are the engine's own.")
    if heavy:
        notes.append(f"The network reads {weights:,} weights, and a page computes itself with at most {MOST_WEIGHTS:,}: the numbers of "
                     f"{len(stored & heavy)} of its {len(heavy)} layers with filters or units are the engine's own, stored for each example; "
                     "the page computes the rest.")
    without = sorted(heavy - kept)
    if without:
        notes.append(f"The weights of {_listed([steps[k].name for k in without])} are too many for a page, so these layers cannot be stepped through.")
    if notes:
        notes.append("The gradients are those of the class of each example (where it is not known, of the predicted one). Another class, a step "
                     "of training or a drawing of your own would need numbers that the page does not have.")
    return notes


def _listed(names):
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
