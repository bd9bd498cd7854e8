"""Pages: files of HTML that open offline by a double click, made of plain HTML, CSS and JavaScript beside the Python.

Nothing in a page asks the network for anything, and no name from outside reaches it as anything but text.
"""

from numbacnn.pages.packing import packed, packed_bytes
from numbacnn.pages.page import make_page

__all__ = ["make_page", "packed", "packed_bytes"]
