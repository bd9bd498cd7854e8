"""The operations as functions, with PyTorch's names: shapes and types are checked here, the engine does the work.

float32 runs in lanes and tiles on every thread, other float types, and non-linearities of plain arrays, as loops on
floats; the loops are the same (`numbacnn.kernels`). Losses other than the plain cross-entropy are composed of Tensors.
"""

from numbacnn.engine import finish, is_listening
from numbacnn.nn.functional.activation import (elu, gelu, leaky_relu, log_softmax, logsigmoid, relu, sigmoid, softmax,
                                               softplus, tanh)
from numbacnn.nn.functional.adaptive_pooling import adaptive_avg_pool2d, adaptive_max_pool2d
from numbacnn.nn.functional.conv import conv2d
from numbacnn.nn.functional.distance import (binary_cross_entropy, binary_cross_entropy_with_logits, l1_loss, mse_loss,
                                             smooth_l1_loss)
from numbacnn.nn.functional.dropout import dropout, dropout1d, dropout2d, dropout3d
from numbacnn.nn.functional.embedding import embedding
from numbacnn.nn.functional.linear import linear
from numbacnn.nn.functional.loss import cross_entropy, nll_loss
from numbacnn.nn.functional.normalization import batch_norm
from numbacnn.nn.functional.one_dimension import (adaptive_avg_pool1d, adaptive_max_pool1d, avg_pool1d, conv1d,
                                                  max_pool1d)
from numbacnn.nn.functional.padding import pad
from numbacnn.nn.functional.pooling import avg_pool2d, max_pool2d
from numbacnn.nn.functional.three_dimensions import (adaptive_avg_pool3d, adaptive_max_pool3d, avg_pool3d,
                                                     conv3d, max_pool3d)
from numbacnn.nn.functional.upsampling import conv_transpose2d, interpolate
from numbacnn.tensors import pending
from numbacnn.tensors.absent import absent

pending.engines[finish] = is_listening

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "cross_entropy", "dropout",
    "dropout1d", "dropout2d", "dropout3d", "elu", "embedding", "gelu", "interpolate", "l1_loss", "leaky_relu",
    "linear", "log_softmax", "logsigmoid", "max_pool1d", "max_pool2d", "max_pool3d", "mse_loss", "nll_loss", "pad",
    "relu", "sigmoid", "smooth_l1_loss", "softmax", "softplus", "tanh",
]


def __getattr__(name):
    raise absent("numbacnn.nn.functional", name, __all__)
