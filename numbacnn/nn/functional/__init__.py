"""The operations as functions, with PyTorch's names: shapes and types are checked here, the engine does the work.

float32 runs in lanes and tiles on every thread, other float types, and relu and tanh of plain arrays, as loops on
floats; the loops are the same (`numbacnn.kernels`).
"""

from numbacnn.engine import finish, is_listening
from numbacnn.nn.functional.activation import relu, tanh
from numbacnn.nn.functional.conv import conv2d
from numbacnn.nn.functional.linear import linear
from numbacnn.nn.functional.loss import cross_entropy
from numbacnn.nn.functional.pooling import avg_pool2d, max_pool2d
from numbacnn.tensors import pending

pending.engines.append((finish, is_listening))

__all__ = ["avg_pool2d", "conv2d", "cross_entropy", "linear", "max_pool2d", "relu", "tanh"]
