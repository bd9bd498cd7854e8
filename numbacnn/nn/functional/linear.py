"""The dense layer."""

from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types


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
    if weight.ndim != 2 or input.ndim == 0 or input.shape[-1] != weight.shape[1]:
        features = input.shape[-1] if input.ndim else 0
        fix = f"set in_features={features}, or use LazyLinear"
        if input.ndim > 3:
            fix = f"put a Flatten() before the layer and set in_features={input.shape[1:].numel()}, or use LazyLinear"
        raise ValueError(f"linear: the weight {tuple(weight.shape)} takes {weight.shape[-1]} features but the input "
                         f"{tuple(input.shape)} has {features}; {fix}")
    if 0 in weight.shape:
        raise ValueError(f"linear: the weight {tuple(weight.shape)} has an extent of 0; there must be at least one "
                         "feature and one output")
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise ValueError(f"linear: the bias has shape {tuple(bias.shape)}, expected ({weight.shape[0]},): one number "
                         f"for each of the {weight.shape[0]} outputs")
    if input.ndim != 2:
        rows = linear(input.reshape(-1, weight.shape[1]), weight, bias)
        return rows.reshape(*input.shape[:-1], weight.shape[0])

    def forward(kind, x, matrix, numbers):
        return kind.linear_forward(x, matrix, numbers), (x, matrix)  # the backward pass needs their shapes in any case

    def backward(kind, dout, wanted, saved):
        return kind.linear_backward(dout, *saved["kept"], wanted)

    saves = {"input": ("weight",), "weight": ("input",)}
    return apply("linear", forward, backward, saves, input=input, weight=weight, bias=bias)
