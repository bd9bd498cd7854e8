"""Layers that take the number of channels from their first input, and are ordinary layers from then on."""

from numbacnn.nn.batch_norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from numbacnn.nn.conv import Conv1d, Conv2d, Conv3d
from numbacnn.nn.group_norm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from numbacnn.nn.parameter import UninitializedBuffer, UninitializedParameter
from numbacnn.nn.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d


class _Lazy:
    """What the layers share; the second base class of each is the layer it becomes."""

    unknown = "in_channels"  # the attribute that the first input tells

    def __init__(self, *args, **kwargs):
        super().__init__(kwargs.get("groups", 1), *args, **kwargs)  # a number that fits, until the first input
        self._arguments = args, kwargs
        setattr(self, self.unknown, 0)
        for name, param in self._parameters.items():
            if param is not None:
                self._parameters[name] = UninitializedParameter()
        for name in ("running_mean", "running_var"):
            if self._buffers.get(name) is not None:
                self._buffers[name] = UninitializedBuffer()

    def reset_parameters(self):
        """Nothing to draw yet."""

    def forward(self, input, *args):
        """Become a layer of the right size, then apply it; what `load_state_dict` has brought stays."""
        kind = next(each for each in type(self).__mro__ if not issubclass(each, _Lazy))
        given, options = self._arguments
        made = kind(input.shape[self._axis(input)], *given, **options)
        for mine, drawn in ((self._parameters, made._parameters), (self._buffers, made._buffers)):
            for name, member in mine.items():
                if isinstance(member, (UninitializedParameter, UninitializedBuffer)):
                    member.materialize(drawn[name])
        setattr(self, self.unknown, getattr(made, self.unknown))
        del self._arguments
        self.__class__ = kind
        return self.forward(input, *args)

    def _axis(self, input):
        """The dimension of the channels: the one before those of the image; the second of vectors (N, C)."""
        if isinstance(self.dimensions, int):
            return input.ndim - self.dimensions - 1
        return 1 if input.ndim in self.dimensions else input.ndim - max(self.dimensions) + 1


class _LazyConv(_Lazy):
    """A convolution whose `in_channels` the first input tells."""

    def __init__(self, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode="zeros",
                 device=None, dtype=None):
        super().__init__(out_channels, kernel_size, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias,
                         padding_mode=padding_mode, device=device, dtype=dtype)


class _LazyConvTranspose(_Lazy):
    """A transposed convolution whose `in_channels` the first input tells."""

    def __init__(self, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1,
                 padding_mode="zeros", device=None, dtype=None):
        super().__init__(out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding,
                         groups=groups, bias=bias, dilation=dilation, padding_mode=padding_mode, device=device, dtype=dtype)


class _LazyNorm(_Lazy):
    """A normalization whose `num_features` the first input tells."""

    unknown = "num_features"


class LazyConv1d(_LazyConv, Conv1d):
    """A `Conv1d` that takes `in_channels` from its first input; the other arguments are the same."""


class LazyConv2d(_LazyConv, Conv2d):
    """A `Conv2d` that takes `in_channels` from its first input; the other arguments are the same."""


class LazyConv3d(_LazyConv, Conv3d):
    """A `Conv3d` that takes `in_channels` from its first input; the other arguments are the same."""


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    """A `ConvTranspose1d` that takes `in_channels` from its first input; the other arguments are the same."""


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    """A `ConvTranspose2d` that takes `in_channels` from its first input; the other arguments are the same."""


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    """A `ConvTranspose3d` that takes `in_channels` from its first input; the other arguments are the same."""


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A `BatchNorm1d` that takes `num_features` from its first input; the other arguments are the same."""


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A `BatchNorm2d` that takes `num_features` from its first input; the other arguments are the same."""


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A `BatchNorm3d` that takes `num_features` from its first input; the other arguments are the same."""


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """An `InstanceNorm1d` that takes `num_features` from its first input; the other arguments are the same."""


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """An `InstanceNorm2d` that takes `num_features` from its first input; the other arguments are the same."""


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """An `InstanceNorm3d` that takes `num_features` from its first input; the other arguments are the same."""
