"""Layers that normalize each image by itself: group, layer, root mean square and instance normalization."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import whole
from numbacnn.nn.batch_norm import _BatchNorm
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.nn.traceable import traceable
from numbacnn.tensors.creation import empty
from numbacnn.tensors.tape import no_grad


def _whole_extents(layer, normalized_shape):
    extents = normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
    return tuple(whole(layer, "normalized_shape", extent, 1) for extent in extents)


class _Scaled(Module):
    """Base of the layers: a weight and a bias, at first 1 and 0."""

    def _scale(self, shape, weight, bias, device, dtype):
        for name, there in (("weight", weight), ("bias", bias)):
            self.register_parameter(name, Parameter(empty(shape, dtype=dtype, device=device)) if there else None)
        self.reset_parameters()

    @no_grad()
    def reset_parameters(self):
        """Scale by 1, shift by 0."""
        if self.weight is not None:
            self.weight.fill_(1)
        if self.bias is not None:
            self.bias.zero_()


class GroupNorm(_Scaled):
    """The channels of each image, group by group, with mean 0 and variance 1, then scaled and shifted as training likes it.

    Unlike batch normalization it does the same in training and in use, whatever the size of the batch.

    Parameters
    ----------
    num_groups, num_channels : int
        Groups, and channels C of the input, a multiple of the groups.
    eps : float
        Added to the variance, so that no constant group is divided by 0.
    affine : bool
        Whether channels are scaled and shifted.
    bias : bool
        Whether they are shifted too.

    Attributes
    ----------
    weight, bias : Parameter (num_channels,) or None
        At first 1 and 0.

    Raises
    ------
    TypeError, ValueError
        If an extent is not a whole number or too small, or the channels cannot be parted into the groups.

    Notes
    -----
    input (N, C), (N, C, W), (N, C, H, W) or (N, C, D, H, W) gives the same shape.

    Source: Wu & He 2018, "Group normalization", section 3.1.
    """

    def __init__(self, num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None, *, bias=True):
        super().__init__()
        self.num_groups = whole("GroupNorm", "num_groups", num_groups, 1)
        self.num_channels = whole("GroupNorm", "num_channels", num_channels, 1)
        if num_channels % num_groups:
            raise ValueError(f"num_channels must be divisible by num_groups: GroupNorm got num_channels={num_channels} and "
                             f"num_groups={num_groups}")
        self.eps, self.affine = eps, affine
        self._scale((self.num_channels,), affine, affine and bias, device, dtype)

    @traceable
    def forward(self, input):
        """Normalize `input` (N, num_channels, ...)."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
                f"bias={self.bias is not None}")


class LayerNorm(_Scaled):
    """The last dimensions of each example with mean 0 and variance 1, then scaled and shifted as training likes it.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Extents of the last dimensions, over which the mean is taken.
    eps : float
        Added to the variance, so that nothing constant is divided by 0.
    elementwise_affine : bool
        Whether each number is scaled and shifted.
    bias : bool
        Whether it is shifted too.

    Attributes
    ----------
    weight, bias : Parameter of shape normalized_shape, or None
        At first 1 and 0.

    Raises
    ------
    TypeError, ValueError
        If an extent is not a whole number or too small.

    Notes
    -----
    Source: Ba, Kiros & Hinton 2016, "Layer normalization", section 3.
    """

    def __init__(self, normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = _whole_extents("LayerNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._scale(self.normalized_shape, elementwise_affine, elementwise_affine and bias, device, dtype)

    @traceable
    def forward(self, input):
        """Normalize `input` (..., *normalized_shape)."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
                f"bias={self.bias is not None}")


class RMSNorm(_Scaled):
    """The last dimensions of each example divided by their root mean square, then scaled by learned weights.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Extents of the last dimensions, over which the mean is taken.
    eps : float, optional
        Added to the mean square; by default the distance from 1 to the next number of the dtype.
    elementwise_affine : bool
        Whether each number is scaled.

    Attributes
    ----------
    weight : Parameter of shape normalized_shape, or None
        At first 1.

    Raises
    ------
    TypeError, ValueError
        If an extent is not a whole number or too small.

    Notes
    -----
    Source: Zhang & Sennrich 2019, "Root mean square layer normalization", equation 4.
    """

    bias = None

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = _whole_extents("RMSNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(empty(self.normalized_shape, dtype=dtype, device=device)) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    @traceable
    def forward(self, input):
        """Normalize `input` (..., *normalized_shape)."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class _InstanceNorm(_BatchNorm):
    """Base of the layers; `dimensions` says how many a batch may have."""

    layout = ""

    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, device=None,
                 dtype=None, *, bias=True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input):
        """Normalize each channel of each image; in training move the running statistics, if there are any."""
        dimensions, = self.dimensions
        if input.ndim == dimensions - 1:
            return self.forward(input.unsqueeze(0)).squeeze(0)
        name = type(self).__name__
        if input.ndim != dimensions:
            raise ValueError(f"{name}: expected {dimensions - 1}D or {dimensions}D input (C, {self.layout}) or "
                             f"(N, C, {self.layout}), got {input.ndim}D input {tuple(input.shape)}")
        if input.shape[1] != self.num_features and (self.affine or self.track_running_stats):
            raise ValueError(f"{name}: expected {self.num_features} channels, got input {tuple(input.shape)}; set "
                             f"num_features={input.shape[1]}")
        own = self.training or not self.track_running_stats
        return F.instance_norm(input, self.running_mean, self.running_var, self.weight, self.bias, own,
                               0.0 if self.momentum is None else self.momentum, self.eps)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image with mean 0 and variance 1; with `affine` then scaled and shifted as training likes it.

    It takes the contrast out of an image, which style transfer wants.

    Parameters
    ----------
    num_features : int
        Channels C.
    eps : float
        Added to the variance, so that no constant channel is divided by 0.
    momentum : float
        How far the running statistics move towards those of each batch.
    affine : bool
        Whether channels are scaled and shifted.
    bias : bool
        Whether they are shifted too.
    track_running_stats : bool
        Whether there are running statistics, for use in `eval()`; without them those of each image are used always.

    Attributes
    ----------
    weight, bias : Parameter (num_features,) or None
    running_mean, running_var, num_batches_tracked : Tensor or None

    Raises
    ------
    TypeError, ValueError
        If num_features is not a whole number or too small; in use, if the input does not have the channels or the
        dimensions, or only one value for each channel.

    Notes
    -----
    input (N, C, H, W) or (C, H, W) gives the same shape.

    Source: Ulyanov, Vedaldi & Lempitsky 2016, "Instance normalization: the missing ingredient for fast stylization".
    """

    dimensions = (4,)
    layout = "H, W"


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each row of pixels (N, C, W) or (C, W) normalized; arguments and attributes as for `InstanceNorm2d`."""

    dimensions = (3,)
    layout = "W"


class InstanceNorm3d(_InstanceNorm):
    """Each channel of each volume (N, C, D, H, W) or (C, D, H, W) normalized; arguments as for `InstanceNorm2d`."""

    dimensions = (5,)
    layout = "D, H, W"
