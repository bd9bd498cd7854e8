"""The dense layer."""

from math import prod

from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.internals import shape_of


def linear(input, weight, bias=None):
    """input @ weight.T + bias.

    Parameters
    ----------
    input : Tensor (..., in_features)
        Float.
    weight : Tensor (out_features, in_features)
        Of the same dtype.
    bias : Tensor (out_features,), optional

    Returns
    -------
    Tensor (..., out_features)

    Raises
    ------
    ValueError
        If the features do not match.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.linear`.
    """
    check_types("linear", input, weight=weight, bias=bias)
    shape, weights = shape_of(input), shape_of(weight)
    if len(weights) != 2:
        raise ValueError(f"linear: expected weight (out_features, in_features), got {weights}")
    if not shape or shape[-1] != weights[1]:
        features = shape[-1] if shape else 0
        fix = f"set in_features={features}, or use LazyLinear"
        if len(shape) > 3:
            fix = f"put a Flatten() before the layer and set in_features={prod(shape[1:])}, or use LazyLinear"
        raise ValueError(f"linear: the weight {weights} takes {weights[1]} features but the input {shape} has {features}; {fix}")
    if 0 in weights:
        raise ValueError(f"linear: the weight {weights} has an extent of 0; there must be at least one feature and one output")
    if bias is not None and shape_of(bias) != (weights[0],):
        raise ValueError(f"linear: the bias has shape {shape_of(bias)}, expected ({weights[0]},): one number for each of the "
                         f"{weights[0]} outputs")
    if len(shape) != 2:
        rows = linear(input.reshape(-1, weights[1]), weight, bias)
        return rows.reshape(*shape[:-1], weights[0])

    def forward(kind, x, matrix, numbers):
        return kind.linear_forward(x, matrix, numbers), (x, matrix)  # the backward pass needs their shapes in any case

    def backward(kind, dout, wanted, saved):
        return kind.linear_backward(dout, *saved["kept"], wanted)

    saves = {"input": ("weight",), "weight": ("input",)}
    return apply("linear", forward, backward, saves, input=input, weight=weight, bias=bias)
