"""The ladder of a benchmark: every rung of every operation on one scale, and the roofline beside it."""
from math import floor, log10

import numpy as np
from matplotlib.patches import Rectangle

from numbacnn.plot.figure import INK, QUIET, new_figure

COLORS = {"python": "#b8bcc2", "numpy": "#7d8793", "floats": "#f2b84b", "lanes": "#ea8a3a", "tiles": "#d1502f",
           "cores": "#98203a", "pytorch": "#2f6fb3"}
LIGHT = {"floats", "lanes"}  # colors that white words cannot be read on
LIMIT = "#2b8a3e"
LABEL = 9.5  # points that a rate over its bar is high
WIDE = 0.86  # of the room of a bar that the bar fills
GAP = 1.4  # bars between two groups


def ladder_picture(result, about):
    """Draw what `numbacnn benchmark` measured.

    Above, a group of bars for each operation, its rungs from left to right on a logarithmic scale, with the rate over
    each bar and how many times faster than the pure Python loop within it.  Below, the roofline: what the machine could
    do at most for each operation's number of FLOPs a byte, and what the rungs did.

    Parameters
    ----------
    result : dict
        `ops`, `limits` and so on, as `numbacnn.ladder.summary` makes it.
    about : str
        A line under the title: machine, threads, versions.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = new_figure(16, 10.4)
    figure.text(0.045, 0.965, "One textbook loop, up the ladder", fontsize=21, weight="bold", color=INK, va="center")
    figure.text(0.045, 0.932, about, fontsize=10.5, color=QUIET, va="center")
    rungs = [rung["rung"] for rung in result["ops"][0]["rungs"]
             if any(_rung(op, rung["rung"])["rate"] for op in result["ops"])]
    _draw_ladder(figure.add_axes((0.06, 0.475, 0.92, 0.415)), result, rungs)
    _draw_roofline(figure.add_axes((0.06, 0.065, 0.50, 0.315)), result, rungs)
    _explain(figure.add_axes((0.60, 0.035, 0.38, 0.37)), result, rungs)
    return figure


def _rung(op, name):
    return next(rung for rung in op["rungs"] if rung["rung"] == name)


def significant(value, digits=2):
    """A positive number with so many significant digits, as a newspaper writes it: 0.0031, 2.5, 96, 1,300."""
    decimals = digits - 1 - floor(log10(value))
    return f"{round(value, decimals):,.{max(0, decimals)}f}"


def rate_label(rate):
    """Two digits, or three where they fit."""
    return significant(rate, 3 if rate >= 100 else 2)


# ---------------------------------------------------------------- the ladder
def _draw_ladder(ax, result, rungs):
    limits = {name: values["median"] for name, values in result["limits"].items()}
    rates = [rung["rate"][end] for op in result["ops"] for rung in op["rungs"] if rung["rate"]
             for end in ("low", "high")]
    bottom = 10 ** floor(log10(min(rates)) - 0.15)
    top = 4 * max(*rates, limits["all_threads"], limits["cache_bandwidth"])
    ax.set(yscale="log", ylim=(bottom, top))
    tall = (top / bottom) ** (LABEL / (72 * 10.4 * ax.get_position().height))  # what a label is high, as a factor
    left, ticks, labels = 0.0, [], []
    for op in result["ops"]:
        right = left + len(rungs)
        peak = limits["all_threads"] if op["unit"] == "GFLOP/s" else limits["cache_bandwidth"]
        for place, name in enumerate(rungs):
            _draw_bar(ax, left + place + 0.5, _rung(op, name), bottom, tall, peak)
        ax.plot([left - 0.15, right + 0.15], [peak, peak], color=LIMIT, linewidth=1.6, linestyle=(0, (4, 2)))
        words = "FMA peak" if op["unit"] == "GFLOP/s" else "copies, in caches"
        highest = max(rung["rate"]["high"] for rung in op["rungs"] if rung["rate"])
        ax.text(left, 1.1 * tall * max(peak, highest), f"{words} {rate_label(peak)}", fontsize=8.5, color=LIMIT,
                va="bottom")
        ticks.append((left + right) / 2)
        labels.append(op["title"] if op["unit"] == "GFLOP/s" else f"{op['title']} ({op['unit']})")
        left = right + GAP
    ax.set_xlim(-GAP / 2, left - GAP / 2)
    ax.set_xticks(ticks, labels, fontsize=12, color=INK)
    ax.minorticks_off()
    ax.tick_params(axis="x", length=0, pad=6)
    ax.tick_params(axis="y", labelsize=9, labelcolor=QUIET)
    ax.yaxis.set_major_formatter(lambda value, _: significant(value, 1))
    ax.set_ylabel("GFLOP/s, logarithmic scale", fontsize=10, color=QUIET)
    ax.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _draw_bar(ax, x, rung, bottom, tall, peak):
    if not rung["rate"]:
        ax.text(x, bottom * 1.12, "–", fontsize=9, color=QUIET, ha="center", va="bottom")
        return
    rate, low, high = (rung["rate"][name] for name in ("median", "low", "high"))
    ax.bar(x, rate - bottom, WIDE, bottom=bottom, color=COLORS[rung["rung"]])
    if high > 1.15 * low:
        ax.plot([x, x], [low, high], color=INK, linewidth=0.8, alpha=0.6)
    words, place = rate_label(rate), 1.08 * max(rate, high)
    if place < 1.05 * peak and place * tall > 0.95 * peak:
        place = 1.06 * peak  # not across the line of the limit
    ax.text(x, place, words, fontsize=7.5, color=INK, ha="center", va="bottom", rotation=90 if len(words) > 4 else 0)
    if rung["rung"] != "python":
        ax.text(x, bottom * 1.35, f"{significant(rung['times_faster'])}×", fontsize=8, weight="bold", ha="center",
                color=INK if rung["rung"] in LIGHT else "white", va="bottom", rotation=90)


# ---------------------------------------------------------------- the roofline
def _draw_roofline(ax, result, rungs):
    limits = {name: values["median"] for name, values in result["limits"].items()}
    ops = [op for op in result["ops"] if op["bytes"]]
    intensities = _apart([op["flop"] / op["bytes"] for op in ops])
    span = np.geomspace(min([0.1, *intensities / 2]), max([100, *intensities * 2]), 400)
    shown = [name for name in rungs if name != "python"]
    rates = [_flops(op, _rung(op, name)) for op in ops for name in shown if _rung(op, name)["rate"]]
    bottom = min([*rates, limits["all_threads"] / 100]) / 2
    peak = limits["all_threads"]
    ax.set(xscale="log", yscale="log", xlim=(span[0], span[-1]), ylim=(bottom, 45 * peak))
    for name, words, style in (("cache_bandwidth", "copies within caches", "-"),
                               ("memory_bandwidth", "copies in memory", "--")):
        ax.plot(span, np.minimum(peak, limits[name] * span), color=LIMIT, linewidth=1.8, linestyle=style,
                label=f"{words} {significant(limits[name], 3)} GB/s, peak {significant(peak, 3)} GFLOP/s")
    ax.plot(span, np.minimum(limits["one_thread"], limits["cache_bandwidth"] * span), color=LIMIT, linewidth=1,
            linestyle=":", label=f"peak of one thread {significant(limits['one_thread'], 3)} GFLOP/s")
    for op, intensity in zip(ops, intensities):
        for name in shown:
            rung = _rung(op, name)
            if rung["rate"]:
                ax.plot(intensity, _flops(op, rung), color=COLORS[name], marker="o" if name != "pytorch" else "D",
                        markersize=7.5 if name != "pytorch" else 6, markeredgecolor="white", markeredgewidth=0.6)
        ax.axvline(intensity, color="#dddddd", linewidth=0.8, zorder=0)
        roof = min(peak, limits["cache_bandwidth"] * intensity)
        ax.text(intensity, 1.5 * roof, op["title"], fontsize=9, color=INK, rotation=90, ha="center", va="bottom",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    ax.set_title("Roofline: the more FLOPs a byte, the higher the limit", fontsize=12, color=INK, loc="left")
    ax.set_xlabel("FLOPs (for pooling: comparisons) for each byte read or written once; those of one layer stand side by "
                  "side", fontsize=9.5, color=QUIET)
    ax.set_ylabel("GFLOP/s", fontsize=9.5, color=QUIET)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: significant(value, 1))
    ax.tick_params(labelsize=9, labelcolor=QUIET)
    ax.grid(color="#eeeeee", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8.5, loc="lower left", bbox_to_anchor=(0.16, 0.02), labelcolor=INK)


def _flops(op, rung):
    """Billions of operations a second, also where the rate is in bytes."""
    return op["flop"] / rung["seconds"]["median"] / 1e9


def _apart(intensities):
    """Operations of one layer have nearly the same number of FLOPs a byte: move those that would hide each other."""
    moved = np.array(intensities)
    for place in range(1, len(moved)):
        while np.abs(np.log(moved[place] / moved[:place])).min() < 0.12:
            moved[place] *= 1.02
    return moved


# ---------------------------------------------------------------- words
def _explain(ax, result, rungs):
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    step = 0.118
    for place, name in enumerate(rungs):
        top = 0.93 - place * step
        rung = _rung(result["ops"][0], name)
        ax.add_patch(Rectangle((0, top - 0.045), 0.05, 0.066, color=COLORS[name]))
        ax.text(0.075, top + 0.01, rung["title"], fontsize=11.5, weight="bold", color=INK, va="center")
        ax.text(0.075, top - 0.042, rung["about"], fontsize=9.5, color=QUIET, va="center")
    ax.text(0, 0.93 - len(rungs) * step, "In each bar: times faster than the pure Python loop. Over it: the rate, "
            f"median of {result['rounds']} rounds.", fontsize=9.5, color=INK, va="center")
