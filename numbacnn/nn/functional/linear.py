"""The dense layer."""

from numbacnn.engine import kind_for, storage_for, weights_for
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.tensor import Tensor


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
        If the dtypes differ or are no floats.

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

    kind = kind_for(input)
    x, matrix = storage_for(kind, input), weights_for(kind, weight)
    out = kind.linear_forward(x, matrix, weights_for(kind, bias))
    parents = (input, weight) if bias is None else (input, weight, bias)
    version = weight._version

    def backward(dout):
        wanted = (*(parent._requires_grad for parent in parents), False)[:3]
        if wanted[0]:  # only the gradient of the input is computed from the weight
            weight._unchanged_since(version, "linear")
        return kind.linear_backward(storage_for(kind, dout), x, matrix, wanted)[:len(parents)]

    return Tensor._from_op(out, parents, backward, "linear")
