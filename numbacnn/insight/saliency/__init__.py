"""Which pixels a network's answer depends on, by six methods, and checks that say what such a map is worth.

>>> from numbacnn.insight import saliency
>>> maps = saliency.saliency_map(model, x, "integrated_gradients")
>>> print(saliency.check(model, x, "integrated_gradients").verdict)
"""
from numbacnn.insight.saliency.checks import Checks, check
from numbacnn.insight.saliency.comparison import edge_map, noise_map, rank_correlation
from numbacnn.insight.saliency.deletion import area, deletion_curve
from numbacnn.insight.saliency.grad_cam import cam_layer, grad_cam
from numbacnn.insight.saliency.gradient import gradient, gradient_x_input, smoothgrad
from numbacnn.insight.saliency.integrated import Integrated, integrated_gradients
from numbacnn.insight.saliency.maps import METHODS, WITH_BASELINE, SaliencyMap, enlarged, predicted, saliency_map
from numbacnn.insight.saliency.occlusion import occlusion

__all__ = ["METHODS", "WITH_BASELINE", "Checks", "Integrated", "SaliencyMap", "area", "cam_layer", "check", "deletion_curve",
           "edge_map", "enlarged", "grad_cam", "gradient", "gradient_x_input", "integrated_gradients", "noise_map", "occlusion",
           "predicted", "rank_correlation", "saliency_map", "smoothgrad"]
