"""From the answers of all processes in all rounds to one table."""
from statistics import median

from numbacnn.ladder.ops import BATCH, NET, OPS

#: rung -> (title, one sentence), from the lowest up
RUNGS = {
    "python": ("pure Python", "the textbook loop as Python runs it, on one image"),
    "numpy": ("NumPy", "im2col and one matrix product of the BLAS"),
    "floats": ("floats", "the textbook loop compiled by Numba, one thread"),
    "lanes": ("lanes", "the same loop, one image a SIMD lane, one thread"),
    "tiles": ("tiles, one thread", "the same loop on channels x images in registers"),
    "cores": ("tiles, all cores", "the same, blocks of images on every core"),
    "pytorch": ("PyTorch", "eager, the best of its layouts and thread counts"),
}


def spread(values):
    """(median, smallest, largest)."""
    values = list(values)
    return median(values), min(values), max(values)


def _spread(values):
    return dict(zip(("median", "low", "high"), spread(values)))


def summary(answers, settings):
    """One JSON-like dict of everything that was measured.

    Parameters
    ----------
    answers : list of dict
        What `climb` yielded, in any order.
    settings : numbacnn.ladder.Settings

    Returns
    -------
    dict
        `ops`: a list of operations, each with a list of `rungs` that have `seconds` a batch (median, low and high
        over the rounds), `rate` in the operation's unit, `times_faster` than the pure loop and `share_of_peak` of
        the same round; None where a rung or figure does not exist.  `limits`, `versions`, `batch`, `net`.
    """
    limits = [answer["limits"] for answer in answers if "limits" in answer]
    versions = {}
    for answer in answers:
        versions.update(answer["versions"])
    return {"batch": BATCH, "net": NET, "threads": settings.threads, "rounds": settings.rounds,
            "seconds_each": settings.seconds,
            "limits": {name: _spread(limit[name] for limit in limits) for name in limits[0]},
            "versions": versions, "ops": [_op(OPS[name], answers, limits) for name in settings.ops]}


def _op(op, answers, limits):
    rounds = {rung: _rounds(rung, op, answers) for rung in RUNGS}
    pure = median(way["seconds"] for way in rounds["python"])
    return {"name": op.name, "title": op.title, "unit": op.unit, "flop": op.flop, "bytes": op.bytes,
            "rungs": [{"rung": rung, "title": RUNGS[rung][0], "about": RUNGS[rung][1],
                       **_figures(rung, op, ways, pure, limits)}
                      for rung, ways in rounds.items()]}


def _rounds(rung, op, answers):
    """Rates of the faster of the rung's processes, one per round."""
    ways = [answer["rungs"][rung][op.name] for answer in answers if op.name in answer["rungs"].get(rung, ())]
    variants = {}
    for way in ways:
        variants.setdefault(way["variant"] if rung == "numpy" else "", []).append(way)
    return min(variants.values(), key=lambda those: median(way["seconds"] for way in those), default=[])


def _figures(rung, op, ways, pure, limits):
    """Figures of one rung; all None if it has no such operation."""
    if not ways:
        return dict.fromkeys(("seconds", "rate", "images_per_second", "times_faster", "share_of_peak", "variant",
                              "images_measured", "first_call_seconds"))
    share = None
    if op.unit == "GFLOP/s":
        peak = "one_thread" if rung in ("floats", "lanes", "tiles") else "all_threads"
        share = median(op.work / way["seconds"] / limit[peak] for way, limit in zip(ways, limits))
    seconds = _spread(way["seconds"] for way in ways)
    return {"seconds": seconds, "rate": _spread(op.work / way["seconds"] for way in ways),
            "images_per_second": BATCH / seconds["median"], "times_faster": pure / seconds["median"],
            "share_of_peak": share, "variant": min(ways, key=lambda way: way["seconds"])["variant"],
            "images_measured": ways[0]["images"],
            "first_call_seconds": max(way["first_call_seconds"] for way in ways)}
