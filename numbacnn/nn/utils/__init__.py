"""Functions on parameters and gradients beside the layers."""

from numbacnn.nn.utils import prune, rnn
from numbacnn.nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_
from numbacnn.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from numbacnn.nn.utils.vectors import parameters_to_vector, vector_to_parameters
from numbacnn.nn.utils.weight_norm import remove_weight_norm, weight_norm
from numbacnn.tensors.absent import refusing

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "prune", "remove_spectral_norm", "remove_weight_norm", "rnn",
           "spectral_norm", "vector_to_parameters", "weight_norm"]
__getattr__ = refusing(__name__, __all__)
