"""What notebooks show: small pieces of HTML made of arrays and words, without scripts and without anything from elsewhere.

Every text is escaped, for class and file names are strangers' text.
"""

from numbacnn.notebook.curves import curves
from numbacnn.notebook.picture import pictures
from numbacnn.notebook.text import folded, paragraph, preformatted, table

__all__ = ["curves", "folded", "paragraph", "pictures", "preformatted", "table"]
