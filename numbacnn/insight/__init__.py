"""What a trained network does and where it errs: arrays in, arrays out; no files, no pictures."""
from numbacnn.insight import saliency
from numbacnn.insight.dead_units import dead_filters, dead_units
from numbacnn.insight.errors import (ClassScores, Confusion, Reliability, class_accuracy, class_scores, confusion_matrix,
                                     least_certain, most_confused, reliability, worst)
from numbacnn.insight.feature_maps import feature_maps
from numbacnn.insight.filter_shapes import FilterShape, filter_shapes
from numbacnn.insight.phrases import phrases_of
from numbacnn.insight.receptive_field import ReceptiveField, receptive_field
from numbacnn.insight.trace import Step, trace
from numbacnn.insight.weight_scale import WeightScale, weight_scale

__all__ = ["ClassScores", "Confusion", "FilterShape", "ReceptiveField", "Reliability", "Step", "WeightScale", "class_accuracy",
           "class_scores", "confusion_matrix", "dead_filters", "dead_units", "feature_maps", "filter_shapes", "least_certain",
           "most_confused", "phrases_of", "receptive_field", "reliability", "saliency", "trace", "weight_scale", "worst"]
