"""The operations as functions, with PyTorch's names: shapes and types are checked here, the engine does the work.

float32 runs in lanes and tiles on every thread, other float types, and non-linearities of plain arrays, as loops on
floats; the loops are the same (`numbacnn.kernels`). Losses other than the plain cross-entropy are composed of Tensors.
"""

from numbacnn.engine import finish, is_tracing, uses
from numbacnn.nn.functional.activation import (elu, elu_, gelu, leaky_relu, leaky_relu_, log_softmax, logsigmoid, relu,
                                               relu_, sigmoid, softmax, softplus, tanh)
from numbacnn.nn.functional.adaptive_pooling import adaptive_avg_pool2d, adaptive_max_pool2d
from numbacnn.nn.functional.conv import conv2d
from numbacnn.nn.functional.distance import (binary_cross_entropy, binary_cross_entropy_with_logits, l1_loss, mse_loss,
                                             smooth_l1_loss)
from numbacnn.nn.functional.dropout import (alpha_dropout, dropout, dropout1d, dropout2d, dropout3d,
                                            feature_alpha_dropout)
from numbacnn.nn.functional.draws import gumbel_softmax, rrelu, rrelu_
from numbacnn.nn.functional.embedding import embedding, embedding_bag
from numbacnn.nn.functional.gated import (celu, celu_, glu, mish, selu, selu_, silu, softmin, softsign,
                                            tanhshrink)
from numbacnn.nn.functional.grids import affine_grid, grid_sample
from numbacnn.nn.functional.group_norm import group_norm, instance_norm, layer_norm, rms_norm
from numbacnn.nn.functional.likelihood import gaussian_nll_loss, huber_loss, kl_div, poisson_nll_loss
from numbacnn.nn.functional.linear import linear
from numbacnn.nn.functional.loss import cross_entropy, nll_loss
from numbacnn.nn.functional.margins import (cosine_embedding_loss, hinge_embedding_loss, margin_ranking_loss,
                                            multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss,
                                            soft_margin_loss, triplet_margin_loss,
                                            triplet_margin_with_distance_loss)
from numbacnn.nn.functional.normalization import batch_norm
from numbacnn.nn.functional.one_dimension import (adaptive_avg_pool1d, adaptive_max_pool1d, avg_pool1d, conv1d,
                                                  max_pool1d)
from numbacnn.nn.functional.padding import pad
from numbacnn.nn.functional.piecewise import (hardshrink, hardsigmoid, hardswish, hardtanh, hardtanh_, prelu, relu6,
                                              softshrink, threshold, threshold_)
from numbacnn.nn.functional.pooling import avg_pool2d, max_pool2d
from numbacnn.nn.functional.rearrange import channel_shuffle, fold, pixel_shuffle, pixel_unshuffle, unfold
from numbacnn.nn.functional.similarity import bilinear, cosine_similarity, normalize, one_hot, pairwise_distance
from numbacnn.nn.functional.three_dimensions import (adaptive_avg_pool3d, adaptive_max_pool3d, avg_pool3d, conv3d,
                                                     max_pool3d)
from numbacnn.nn.functional.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d
from numbacnn.nn.functional.unpooling import (local_response_norm, lp_pool1d, lp_pool2d, max_unpool1d, max_unpool2d,
                                              max_unpool3d)
from numbacnn.nn.functional.upsampling import interpolate
from numbacnn.tensors import pending
from numbacnn.tensors.absent import absent

pending.engines[finish] = is_tracing, uses

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "affine_grid", "alpha_dropout", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm",
    "bilinear", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "celu_", "channel_shuffle",
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cosine_embedding_loss",
    "cosine_similarity", "cross_entropy", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu", "elu_", "embedding",
    "embedding_bag", "feature_alpha_dropout", "fold", "gaussian_nll_loss", "gelu", "glu", "grid_sample", "group_norm",
    "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hardtanh_", "hinge_embedding_loss",
    "huber_loss", "instance_norm", "interpolate", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "leaky_relu_",
    "linear", "local_response_norm", "log_softmax", "logsigmoid", "lp_pool1d", "lp_pool2d", "margin_ranking_loss",
    "max_pool1d", "max_pool2d", "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d", "mish", "mse_loss",
    "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "normalize", "one_hot",
    "pad", "pairwise_distance", "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "prelu", "relu", "relu6",
    "relu_", "rms_norm", "rrelu", "rrelu_", "selu", "selu_", "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss",
    "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold", "threshold_",
    "triplet_margin_loss", "triplet_margin_with_distance_loss", "unfold",
]


def __getattr__(name):
    raise absent("numbacnn.nn.functional", name, __all__)
