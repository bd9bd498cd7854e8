"""Pictures of what a network has learned: arrays in, a matplotlib Figure out. No other package imports matplotlib."""
from numbacnn.plot.curves import training_curves
from numbacnn.plot.data_sheet import image_sheet, series_sheet, token_sheet
from numbacnn.plot.figure import save_png
from numbacnn.plot.filters import filter_change, filter_grid
from numbacnn.plot.ladder import ladder_picture

__all__ = ["filter_change", "filter_grid", "image_sheet", "ladder_picture", "save_png", "series_sheet", "token_sheet",
           "training_curves"]
