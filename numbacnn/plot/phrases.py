"""The phrases that filters over words like best, and how strongly they answer."""
import textwrap

import numpy as np

from numbacnn.plot.figure import BLUE, INK, LIGHT, QUIET, new_figure

LINE, MARGIN, TITLE, LETTER = 0.19, 0.3, 1.0, 0.075  # inches: a line, around it all, the title of a filter, a letter
BAR, COLUMNS_FROM = 1.2, 12  # inches for the longest bar; from so many filters on they stand in two columns


def phrase_sheet(filters, title="", headline="", marks=None, dead=None, remarks=()):
    """Draw for each filter the phrases to which it answers most, with a bar as long as the answer.

    Parameters
    ----------
    filters : sequence of sequence of (str, float)
        Of each filter phrases and answers, the largest first.
    title, headline : str
        Above it all.
    marks : sequence of str, optional
        A few words under the title of each filter.
    dead : sequence of bool, optional
        Which filters are marked as dead.
    remarks : sequence of str
        Sentences below it all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    answers = [answer for phrases in filters for _, answer in phrases if np.isfinite(answer)]
    longest, limit = max([10, *(len(phrase) for phrases in filters for phrase, _ in phrases)]), max([*np.abs(answers), 1e-30])
    columns = 2 if len(filters) >= COLUMNS_FROM else 1
    column = TITLE + LETTER * longest + BAR + 0.7
    lines = [max(2, len(phrases)) for phrases in filters]
    rows = -(-len(filters) // columns)
    heights = [LINE * max(lines[row::rows]) + 0.12 for row in range(rows)]
    width = max(2 * MARGIN + columns * column, 2 * MARGIN + 0.09 * len(title), 2 * MARGIN + 0.075 * len(headline))
    notes = [line for remark in remarks for line in textwrap.wrap(remark, int((width - 2 * MARGIN) / 0.064))]
    height = 1.0 + sum(heights) + 0.2 + 0.17 * len(notes)
    figure = new_figure(width, height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.text(MARGIN, 0.3, title, fontsize=12, color=INK, va="center")
    ax.text(MARGIN, 0.57, headline, fontsize=10, color=INK, va="center")
    for k, phrases in enumerate(filters):
        left, top = MARGIN + k // rows * column, 0.9 + sum(heights[:k % rows])
        gone = dead is not None and dead[k]
        ax.plot([left, left + column - 0.2], [top - 0.06] * 2, color=LIGHT, linewidth=0.6)
        ax.text(left, top + LINE / 2, f"filter {k}" + " · dead" * bool(gone), fontsize=8, color=INK, va="center",
                weight="bold" if gone else "normal")
        if marks is not None:
            ax.text(left, top + 1.5 * LINE, marks[k], fontsize=6.5, color=QUIET, va="center")
        for line, (phrase, answer) in enumerate(phrases):
            middle = top + (line + 0.5) * LINE
            begin = left + TITLE + LETTER * longest + 0.1
            ax.text(left + TITLE, middle, phrase, fontsize=8, family="monospace", color=INK, va="center")
            length = BAR * max(answer, 0) / limit
            ax.fill_between([begin, begin + length], middle - 0.05, middle + 0.05, color=BLUE, linewidth=0)
            ax.text(begin + length + 0.06, middle, f"{answer:.2f}", fontsize=7, color=INK, va="center")
    for line, text in enumerate(notes):
        ax.text(MARGIN, 1.0 + sum(heights) + 0.17 * line + 0.05, text, fontsize=8, color=INK, va="center")
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="auto")
    return figure
