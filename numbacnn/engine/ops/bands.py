"""Bands: into how many pieces of rows the images of a block are cut, for threads and for caches."""
PIECES = 4  # of a block of images, at least
SWEPT = 1 << 20  # bytes that are read for one tile of channels before the next one reads them
BAND = 24 * 1024  # bytes that a gradient works on at a time, so that they stay in the first-level cache


def bands_for(H, pieces, least=PIECES):
    """Into how many bands of rows an image is cut that comes in so many pieces already: threads share what is cut."""
    rows = -(-H // min(H, -(-least // pieces)))
    return -(-H // rows)  # none of them empty


def swept_bands(source, target):
    """The bands of a convolution, which goes through its source once for each tile of its target: not through too much."""
    least = max(PIECES, source.block // SWEPT * target.tiles_of_channels)
    return bands_for(target.H, target.tiles_of_channels, least)
