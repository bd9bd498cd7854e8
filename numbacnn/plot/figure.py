"""Figures without pyplot: nothing global, no window, usable from any thread."""
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#333333"
QUIET = "#777777"


def new_figure(width, height, layout=None):
    """An empty figure of so many inches, drawn by the Agg backend."""
    figure = Figure(figsize=(width, height), dpi=150, layout=layout)
    FigureCanvasAgg(figure)
    return figure


def save_png(figure, path):
    """Write a figure as PNG; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str, pathlib.Path or binary file

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    figure.savefig(path, format="png", metadata={"Software": None})
