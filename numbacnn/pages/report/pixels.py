"""Which parts of an example the answer depends on, by six methods, each with the checks that say what it is worth."""
import numpy as np

from numbacnn.insight import saliency
from numbacnn.pages.packing import packed

CHECKED = 12  # examples of a small network
COSTLY, TOO_COSTLY = 5_000_000, 100_000_000  # multiply-adds of one example: above these fewer are checked, and by fewer methods
CHEAP = ("gradient", "gradient_x_input", "grad_cam")
FULL = 255
CHECK = {"seeds": (0,), "orders": 5, "steps": 20}  # less than `check` does by default, for the page is to be there soon


def pixels_of(model, x, multiply_adds):
    """The saliency maps of some examples, and what the checks say.

    Parameters
    ----------
    model : numbacnn.nn.Module
        In evaluation mode.
    x : ndarray of float32, shape (N, C, ...)
        As the network is fed.
    multiply_adds : int
        Of one example, forward: what can be afforded.

    Returns
    -------
    found : dict or None
        `methods`, each with its maps, those of random weights, its deletion curve and its verdict; `edges` and `noise`; of how
        many of the first `examples` all this is. None where no method can be used.
    left_out : list of str
    """
    count = CHECKED if multiply_adds <= COSTLY else 4 if multiply_adds <= TOO_COSTLY else 2
    names = [*saliency.METHODS] if multiply_adds <= TOO_COSTLY else CHEAP
    x, methods, left_out, last = x[:count], [], [], None
    for name in names:
        try:
            found = saliency.saliency_map(model, x, name)
            last = saliency.check(model, x, name, **CHECK)
        except (TypeError, ValueError) as error:
            left_out.append(f"{saliency.METHODS[name][1]} is not shown: {error}.")
            continue
        methods.append(method_of(found, last))
    if len(names) < len(saliency.METHODS):
        left_out.append(f"Saliency is shown by {', '.join(saliency.METHODS[name][1] for name in names)} alone: the network is large, and the others take long.")
    if not methods:
        return None, left_out
    return {"methods": methods, "examples": len(x), "edges": packed(as_bytes(last.edges)), "noise": packed(as_bytes(last.noise))}, left_out


def method_of(found, checks):
    """One method for the page."""
    chance = checks.random_deletion.mean(axis=1)
    kept = sorted({0, len(checks.stages) // 2, len(checks.stages) - 1})
    _, title, meaning = saliency.METHODS[found.method]
    return {
        "name": found.method, "title": title, "meaning": meaning, "layer": found.layer, "sides": list(found.map.shape[1:]),
        "map": packed(as_bytes(found.map)), "empty": found.empty.tolist(), "useful": checks.depends_on_weights,
        "verdict": checks.verdict if len(checks.empty) == 1 else f"Mean of {len(checks.empty)} examples: {checks.verdict}",
        "random": [{"stage": checks.stages[s], "all": s == len(checks.stages) - 1, "map": packed(as_bytes(checks.random_maps[s]))} for s in kept],
        "correlation": np.round(checks.correlation[kept], 3).tolist(),
        "error": None if found.error is None else float(np.abs(found.error).max()),
        "removed": checks.removed.tolist(), "deletion": checks.deletion.mean(axis=0).tolist(),
        "edge_deletion": checks.edge_deletion.mean(axis=0).tolist(), "random_deletion": chance.mean(axis=0).tolist(),
        "spread": chance.std(axis=0).tolist()}


def as_bytes(maps):
    """Maps (N, ...) as bytes, each from 0 to its own largest value."""
    maps = np.nan_to_num(np.asarray(maps, np.float64))
    largest = maps.reshape(len(maps), -1).max(axis=1).reshape(-1, *(1,) * (maps.ndim - 1))
    return np.rint(np.clip(maps, 0, None) / np.where(largest > 0, largest, 1) * FULL).astype(np.uint8)
