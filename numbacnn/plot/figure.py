"""Figures without pyplot: nothing global, no window, usable from any thread. A notebook shows them as pictures."""
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

INK = "#333333"
QUIET = "#777777"
LIGHT = "#cccccc"  # frames, and the gaps between channels
BLUE = "#1f5fa8"


class ShownFigure(Figure):
    """A figure that a notebook shows as a picture, whether or not it has been told of matplotlib."""

    def _repr_png_(self):
        picture = BytesIO()
        save_png(self, picture)
        return picture.getvalue()


class ShownAxes(Axes):
    """Axes that a notebook shows as their whole figure."""

    def _repr_png_(self):
        return self.figure._repr_png_()


def new_figure(width, height, layout=None):
    """An empty figure of so many inches, drawn by the Agg backend."""
    figure = ShownFigure(figsize=(width, height), dpi=150, layout=layout)
    FigureCanvasAgg(figure)
    return figure


def axes_or_new(ax, width, height):
    """`ax`, or if it is None the axes of a new figure of so many inches."""
    return new_figure(width, height, layout="constrained").add_subplot(axes_class=ShownAxes) if ax is None else ax


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
    for text in figure.findobj(Text):  # class and file names are strangers' text: a dollar sign begins no formula
        text.set_parse_math(False)
    figure.savefig(path, format="png", metadata={"Software": None})
