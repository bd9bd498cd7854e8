"""What each layer makes of a few examples: its maps as bytes, one scale per layer."""
import numpy as np

from numbacnn.insight import trace
from numbacnn.pages.packing import packed
from numbacnn.pages.report.examples import pack_examples

MOST_EXAMPLES = 12
ROOM = 5_000_000  # bytes for the maps of all examples
LONGEST = 48  # pixels: larger maps are shown as means over squares
CHANNELS = (64, 32, 16, 8, 4, 2, 1)  # that are shown of a layer, as many as there is room for
QUIET = ("flatten", "view", "reshape", "identity", "squeeze", "unsqueeze")  # they change no number
FULL = 127  # the largest int8


def pick(answers, most=MOST_EXAMPLES):
    """A few examples to look into: the worst errors first, then right ones of as many classes as there is room for.

    Parameters
    ----------
    answers : numbacnn.pages.report.mistakes.Answers
    most : int

    Returns
    -------
    list of int
        Their indices.
    """
    chosen = answers.wrong[:most // 2].tolist()
    right = np.flatnonzero(answers.predictions == answers.y)
    rank = np.zeros(len(right), np.int64)
    for k in np.unique(answers.y[right]):
        members = answers.y[right] == k
        rank[members] = np.arange(members.sum())
    return chosen + right[np.argsort(rank, kind="stable")][:most - len(chosen)].tolist()


def maps_of(model, x, normalize, dead=()):
    """The maps of some examples.

    Parameters
    ----------
    model : numbacnn.nn.Module
        In evaluation mode.
    x : ndarray, shape (N, ...)
    normalize : numbacnn.train.Normalize
    dead : sequence of (str, ndarray of bool)
        Which channels behind each ReLU are dead on all validation examples, as `dead_units` says.

    Returns
    -------
    layers : list of dict
        For each operation its `name`, `kind`, `shape`, how much of it is `shown`, the `limit` that is drawn in the darkest
        color, `values` int8 (N, ...), and which channels are `dead`.
    left_out : list of str
    """
    steps = [step for step in trace(model, normalize(x)) if step.kind not in QUIET and step.kind != "loss"]
    most = next((most for most in CHANNELS if sum(bytes_of(flat(step.output).shape, most) for step in steps) <= ROOM), CHANNELS[-1])
    silent, layers, relus = list(dead), [], 0
    for step in steps:
        gone = []
        if step.kind == "relu":
            gone = np.flatnonzero(silent[relus][1]).tolist() if relus < len(silent) else []
            relus += 1
        layers.append(layer_of(step, most, gone))
    cut = [layer["name"] for layer in layers if layer["channels"] > most]
    left_out = [f"Of {len(cut)} layers the first {most} channels are shown."] if cut else []
    if any(layer["smaller"] > 1 for layer in layers):
        left_out.append(f"Maps larger than {LONGEST} pixels are shown smaller, as means over squares of pixels.")
    return layers, left_out


def flat(out):
    """Maps of one row, as those of a series are, without the axis of the row."""
    return out[:, :, 0] if out.ndim == 4 and out.shape[2] == 1 else out


def bytes_of(shape, most):
    """Bytes of a layer's maps in the page."""
    sides = [side if len(shape) < 4 else -(-side // divisor(shape)) for side in shape[2:]]
    channels = min(shape[1], most) if len(shape) > 2 else shape[1]
    return shape[0] * channels * int(np.prod(sides))


def divisor(shape):
    """Divisor of the last two sides of maps."""
    return -(-max(shape[-2:]) // LONGEST) if len(shape) > 3 else 1


def layer_of(step, most, gone):
    """One operation for the page."""
    out = flat(step.output).astype(np.float32)
    channels = out.shape[1]
    by = divisor(out.shape)
    if out.ndim > 2:
        out = out[:, :most]
    if by > 1:
        H, W = out.shape[-2] // by, out.shape[-1] // by
        out = out[..., :H * by, :W * by].reshape(*out.shape[:-2], H, by, W, by).mean(axis=(-3, -1))
    limit = float(np.abs(out[np.isfinite(out)]).max(initial=0)) or 1.0
    values = np.rint(np.clip(np.nan_to_num(out / limit), -1, 1) * FULL).astype(np.int8)
    return {"name": step.name, "kind": step.kind, "shape": list(flat(step.output).shape[1:]), "shown": list(values.shape[1:]),
            "channels": channels if out.ndim > 2 else 0, "smaller": by, "limit": limit, "values": packed(values), "dead": gone}


def pack_picked(answers, x, picked, kind, rows, vocabulary=None):
    """The examples to pick from, with what the network says of them."""
    return {**pack_examples(x[picked], kind, vocabulary), "rows": rows}
