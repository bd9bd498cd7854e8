"""Where each filter, each title and each map of a sheet of filters goes, in inches."""
from dataclasses import dataclass
from math import prod

from numbacnn.plot.figure import INK

ACROSS = 8  # filters side by side before a new line begins
MOST = 32  # filters, and channels, that are drawn at most
HEADING = 3.7  # inches that the words above a sheet need
MARK = 24  # letters in a line of words under a filter
MAP = 0.55  # inches: the longer side of a map in a line, at most


@dataclass(frozen=True)
class Sheet:
    """Filters in a grid with titles above, or in lines with titles at the left; maps at the same places."""

    filters: int
    slices: int  # pictures side by side in a line
    columns: int
    picture_width: float
    picture_height: float
    in_lines: bool
    in_color: bool = False
    marked: bool = False  # there are words under filters
    map_width: float = 0.0
    map_height: float = 0.0

    @classmethod
    def of(cls, shape, marked=False, maps=None):
        """The sheet for weights of a shape, and for maps (N, OC, ...) beside them."""
        filters = min(shape[0], MOST)
        if len(shape) == 3:  # channels x steps; these pixels need not be square
            sizes = (filters, 1, min(filters, ACROSS), 1.1, min(1.1, 0.16 * shape[1]), False, False)
        else:
            _, *channels, KH, KW = shape
            if channels == [3] or prod(channels) == 1:
                sizes = (filters, 1, min(filters, ACROSS), 1.1, 1.1 * KH / KW, False, channels == [3])
            else:
                depth = prod(channels[1:])
                slices, cell = min(channels[0], max(1, MOST // depth)) * depth, 0.4
                sizes = (filters, slices, 1, slices * cell, cell * KH / KW, True, False)
        return cls(*sizes, marked, *cls._map_sides(maps, sizes[5]))

    @staticmethod
    def _map_sides(maps, in_lines):
        if maps is None:
            return 0.0, 0.0
        longest = MAP if in_lines else 1.1
        if maps.ndim == 3:  # a curve
            return (2 * longest, longest) if in_lines else (longest, 0.45 * longest)
        h, w = maps.shape[-2:]
        return longest * w / max(h, w), longest * h / max(h, w)

    @property
    def title_width(self):
        return 1.3 if self.in_lines else 0.0

    @property
    def pitch(self):
        """Width and height from one filter to the next."""
        if self.in_lines:
            return self.title_width + self.picture_width + 0.25, max(self.picture_height, self.map_height, 0.6 * self.marked) + 0.08
        return self.picture_width + 0.25, self.picture_height + 0.35 + 0.26 * self.marked

    @property
    def above(self):
        """Room above the first line, for channel numbers or titles."""
        return 0.2 if self.in_lines else 0.3

    @property
    def width(self):
        return max(HEADING, self.columns * self.pitch[0])

    @property
    def rows(self):
        """Lines of filters."""
        return -(-self.filters // self.columns)

    @property
    def height(self):
        return self.above + self.rows * self.pitch[1]

    @property
    def maps_height(self):
        """Places of the maps of one example, in a grid."""
        return 0.1 + self.rows * (self.map_height + 0.22)

    def corner(self, oc):
        """Left and top of a filter's picture."""
        row, column = divmod(oc, self.columns)
        return column * self.pitch[0] + self.title_width, self.above + row * self.pitch[1]

    def map_corner(self, oc):
        """Left and top of a filter's map, below the corner of its own axes."""
        if self.in_lines:
            return 0.0, self.corner(oc)[1]
        row, column = divmod(oc, self.columns)
        return column * self.pitch[0] + (self.picture_width - self.map_width) / 2, 0.2 + row * (self.map_height + 0.22)

    def write_title(self, ax, left, top, lines, mark=()):
        """Short lines that never reach the next picture: the title, and words about the filter."""
        if self.in_lines:
            place = {"y": top, "va": "top"} if mark else {"y": top + self.picture_height / 2, "va": "center"}
            ax.text(0, s="\n".join([*lines, *mark]), fontsize=6.5, color=INK, **place)
            return
        ax.text(left, top - 0.04, "\n".join(lines), fontsize=6.5, color=INK, va="bottom", linespacing=1.05)
        if mark:
            ax.text(left, top + self.picture_height + 0.05, "\n".join(mark), fontsize=6.5, color=INK, va="top", linespacing=1.05)
