"""PyTorch, eager, at its best of two layouts and of one or all threads; a step also compiled, if that is asked for."""
import torch
from torch import nn, optim
from torch.nn import functional as F

from numbacnn.ladder.ops import whole
from numbacnn.ladder.step import lenet, load, program_step

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def works(op, arrays, threads, compiled=False):
    """Every way to do an operation, one after the other: the number of threads holds until the next is taken."""
    images = len(arrays[op.images[0]])
    deep = any(array.ndim == 4 for array in arrays.values())
    for count in sorted({1, threads}):
        for layout in LAYOUTS if deep else ["contiguous"]:
            torch.set_num_threads(count)
            variant = f"{layout}, {count} thread" + "s" * (count > 1)
            given = {name: _tensor(array, LAYOUTS[layout]) for name, array in arrays.items()}
            if op.method != "training_step":
                yield whole(_OPERATIONS[op.method](op, **given), _plain(op), images, variant)
                continue
            for compile_it in {False, compiled}:
                model = load(lenet(nn), given, lambda tensor: tensor).to(memory_format=LAYOUTS[layout])
                stand_in = torch.compile(model) if compile_it else model
                yield program_step(model, stand_in, nn, optim, given["x"], given["target"],
                                   variant + ", compiled" * compile_it, fused=True)


def _tensor(array, layout):
    tensor = torch.tensor(array)
    return tensor.contiguous(memory_format=layout) if array.ndim == 4 else tensor


def _plain(op):
    if op.method != "max_pool2d_forward":
        return lambda result: (result.contiguous().numpy(),)

    def pooled(result):
        out, place = (tensor.contiguous().numpy() for tensor in result)
        ih, iw = divmod(place, op.given["x"][-1])
        return out, (1 + ih % 2 * 2 + iw % 2).astype(out.dtype)  # the place in the image as the place in the window

    return pooled


def _conv2d_backward(wanted, at, op, dout, x, weight):
    """The gradient at one place of (dx, dweight, dbias), with neither a tape nor the other two."""
    settings = (None, [1, 1], [op.padding] * 2, [1, 1], False, [0, 0], 1, wanted)
    return lambda: torch.ops.aten.convolution_backward.default(dout, x, weight, *settings)[at]


_OPERATIONS = {
    "conv2d_forward": lambda op, x, weight, bias: lambda: F.conv2d(x, weight, bias, padding=op.padding),
    "conv2d_backward_input": lambda op, dout, weight: _conv2d_backward(
        [True, False, False], 0, op, dout, _like(torch.empty(len(dout), *op.made(1)[0][1:]), dout), weight),
    "conv2d_backward_weight": lambda op, dout, x: _conv2d_backward(
        [False, True, False], 1, op, dout, x, _like(torch.empty(op.made(1)[0]), dout)),
    "linear_forward": lambda op, x, weight, bias: lambda: F.linear(x, weight, bias),
    "max_pool2d_forward": lambda op, x: lambda: F.max_pool2d(x, 2, return_indices=True),
}


def _like(tensor, other):
    """The tensor in the layout of another."""
    last = other.is_contiguous(memory_format=torch.channels_last)
    return tensor.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
