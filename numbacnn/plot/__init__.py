"""Pictures of what a network has learned: arrays in, a matplotlib Figure out. No other package imports matplotlib."""
from numbacnn.plot.curves import compared_curves, training_curves
from numbacnn.plot.data_sheet import image_sheet, series_sheet, token_sheet
from numbacnn.plot.errors import confusion_table, reliability_diagram
from numbacnn.plot.feature_maps import feature_map_sheet
from numbacnn.plot.figure import save_png
from numbacnn.plot.filter_maps import ShownMaps
from numbacnn.plot.filters import filter_change, filter_grid
from numbacnn.plot.ladder import ladder_picture
from numbacnn.plot.maps import feature_map_grid, receptive_field_map
from numbacnn.plot.phrases import phrase_sheet
from numbacnn.plot.saliency import saliency_overlay, saliency_sheet

__all__ = ["ShownMaps", "compared_curves", "confusion_table", "feature_map_grid", "feature_map_sheet", "filter_change", "filter_grid",
           "image_sheet", "ladder_picture", "phrase_sheet", "receptive_field_map", "reliability_diagram", "saliency_overlay", "saliency_sheet", "save_png", "series_sheet", "token_sheet", "training_curves"]
