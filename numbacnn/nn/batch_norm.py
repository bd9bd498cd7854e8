"""Batch normalization layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import whole
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.tensors.creation import empty, tensor
from numbacnn.tensors.internals import overwritten
from numbacnn.tensors.tape import no_grad
from numbacnn.tensors.types import int64


class _BatchNorm(Module):
    """Base of the layers; `dimensions` says how many an input may have."""

    dimensions = ()

    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None,
                 dtype=None, *, bias=True):
        super().__init__()
        self.num_features = whole(type(self).__name__, "num_features", num_features, 1)
        self.eps, self.momentum = eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        for name, there in (("weight", affine), ("bias", affine and bias)):
            given = Parameter(empty(num_features, dtype=dtype, device=device)) if there else None
            self.register_parameter(name, given)
        for name in ("running_mean", "running_var"):
            given = empty(num_features, dtype=dtype, device=device) if track_running_stats else None
            self.register_buffer(name, given)
        self.register_buffer("num_batches_tracked", tensor(0, dtype=int64) if track_running_stats else None)
        self.reset_parameters()

    def reset_running_stats(self):
        """Forget all batches."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    @no_grad()
    def reset_parameters(self):
        """Scale by 1, shift by 0, forget all batches."""
        self.reset_running_stats()
        if self.weight is not None:
            self.weight.fill_(1)
        if self.bias is not None:
            self.bias.zero_()

    def forward(self, input):
        """Normalize `input`; in training move the running statistics."""
        if input.ndim not in self.dimensions:
            raise ValueError(_unfit(type(self).__name__, self.dimensions, tuple(input.shape)))
        momentum = 0.0
        if self.training and self.track_running_stats:
            overwritten(self.num_batches_tracked)[...] += 1  # no operation that waits reads it
            momentum = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        own = self.training or self.running_mean is None
        tracked = (self.running_mean, self.running_var) if not own or self.track_running_stats else (None, None)
        return F.batch_norm(input, *tracked, self.weight, self.bias, own, momentum, self.eps)

    def extra_repr(self):
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
                f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}")


def _unfit(name, dimensions, shape):
    """The sentence about an input that has other dimensions."""
    layouts = {2: "(N, C)", 3: "(N, C, W)", 4: "(N, C, H, W)", 5: "(N, C, D, H, W)"}
    given, fixes = len(shape), []
    if given in layouts:
        fixes.append(f"BatchNorm{max(given - 2, 1)}d for {given}D input")
    if given + 1 in dimensions:
        fixes.append("unsqueeze(0) for a batch of one")
    fix = f"take {', or '.join(fixes)}" if fixes else "its first two dimensions are images and channels"
    return (f"{name}: expected {' or '.join(f'{n}D' for n in dimensions)} input "
            f"{' or '.join(layouts[n] for n in dimensions)}, got {given}D input {shape}; {fix}")


class BatchNorm2d(_BatchNorm):
    """Each channel of a batch with mean 0 and variance 1, then scaled and shifted as training likes it.

    Parameters
    ----------
    num_features : int
        Channels C.
    eps : float
        Added to the variance, so that no constant channel is divided by 0.
    momentum : float or None
        How far the running statistics move towards those of each batch; None for the plain average of all batches.
    affine : bool
        Whether channels are scaled and shifted.
    bias : bool
        Whether they are shifted too.
    track_running_stats : bool
        Whether there are running statistics, for use in `eval()`; without them the batch's own are used always.

    Attributes
    ----------
    weight, bias : Parameter (num_features,) or None
        At first 1 and 0.
    running_mean, running_var, num_batches_tracked : Tensor or None
        Buffers: at first 0, 1 and 0.

    Raises
    ------
    TypeError, ValueError
        If num_features is not a whole number or too small; in use, if the input does not have the channels or the
        dimensions, or in training only one value a channel.

    Notes
    -----
    input (N, C, H, W) gives the same shape. The layer draws on all images at once, so it is not part of a traced
    chain (`numbacnn.nn.traced_chain`).

    Source: Ioffe & Szegedy 2015, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift".
    """

    dimensions = (4,)


class BatchNorm1d(_BatchNorm):
    """`BatchNorm2d` for vectors (N, C) or rows of pixels (N, C, W); arguments and attributes as for `BatchNorm2d`."""

    dimensions = (2, 3)


class BatchNorm3d(_BatchNorm):
    """`BatchNorm2d` for volumes (N, C, D, H, W); arguments and attributes as for `BatchNorm2d`."""

    dimensions = (5,)
