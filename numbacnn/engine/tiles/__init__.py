"""The operations on batches in lanes and tiles: float32, every thread.

The same names with plain arrays of any float type are in `numbacnn.engine.floats`.
"""
from .adaptive_pooling import (adaptive_avg_pool2d_backward, adaptive_avg_pool2d_forward,
                               adaptive_max_pool2d_backward, adaptive_max_pool2d_forward)
from .batch_norm import (batch_norm_backward, batch_norm_forward, batch_norm_running_update,
                         batch_norm_statistics)
from .conv import conv2d_backward, conv2d_forward
from .dropout import dropout2d_forward, dropout_forward
from .elementwise import (activation_backward, activation_forward, add_forward, relu_backward, relu_forward, settled,
                          tanh_backward, tanh_forward)
from .frame import framed
from .group_norm import group_norm_backward, group_norm_forward
from .grouped_conv import grouped_conv2d_backward, grouped_conv2d_forward
from .linear import linear_backward, linear_forward
from .loss import class_numbers, cross_entropy_backward, cross_entropy_forward, losses_of, weighted_sum
from .pooling import (avg_pool2d_backward, avg_pool2d_forward, max_pool2d_backward,
                      max_pool2d_forward)
from .softmax import log_softmax_backward, log_softmax_forward, softmax_backward, softmax_forward
from .three_dimensions import (avg_pool3d_backward, avg_pool3d_forward, conv3d_backward, conv3d_forward,
                               max_pool3d_backward, max_pool3d_forward)
from .upsampling import conv_transpose2d, shift_backward, shift_forward, upsample2d_backward, upsample2d_forward

__all__ = [
    "activation_backward", "activation_forward", "adaptive_avg_pool2d_backward", "adaptive_avg_pool2d_forward",
    "adaptive_max_pool2d_backward", "adaptive_max_pool2d_forward", "add_forward", "avg_pool2d_backward",
    "avg_pool2d_forward", "avg_pool3d_backward", "avg_pool3d_forward", "batch_norm_backward", "batch_norm_forward",
    "batch_norm_running_update", "batch_norm_statistics", "class_numbers", "conv2d_backward", "conv2d_forward",
    "conv3d_backward", "conv3d_forward", "conv_transpose2d", "cross_entropy_backward", "cross_entropy_forward",
    "dropout2d_forward", "dropout_forward", "framed", "group_norm_backward", "group_norm_forward",
    "grouped_conv2d_backward", "grouped_conv2d_forward",
    "linear_backward", "linear_forward", "log_softmax_backward", "log_softmax_forward", "losses_of",
    "max_pool2d_backward", "max_pool2d_forward", "max_pool3d_backward", "max_pool3d_forward", "relu_backward",
    "relu_forward", "settled", "shift_backward", "shift_forward", "softmax_backward", "softmax_forward",
    "tanh_backward", "tanh_forward", "upsample2d_backward", "upsample2d_forward", "weighted_sum",
]
