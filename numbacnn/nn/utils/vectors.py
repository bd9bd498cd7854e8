"""All parameters as one vector, and back."""

from numbacnn.tensors.shape import cat
from numbacnn.tensors.tape import no_grad


def parameters_to_vector(parameters):
    """Parameters one after the other, flattened.

    Parameters
    ----------
    parameters : iterable of Tensor

    Returns
    -------
    Tensor (P,)
    """
    return cat([parameter.reshape(-1) for parameter in parameters])


@no_grad()
def vector_to_parameters(vec, parameters):
    """Write the numbers of a vector into parameters, one after the other, in place.

    Parameters
    ----------
    vec : Tensor (P,)
    parameters : iterable of Tensor

    Raises
    ------
    ValueError
        If the vector has not as many numbers as the parameters together.
    """
    parameters = [*parameters]
    wanted = sum(parameter.numel() for parameter in parameters)
    if vec.numel() != wanted:
        raise ValueError(f"vector_to_parameters: the parameters hold {wanted} numbers, the vector {vec.numel()}")
    start = 0
    for parameter in parameters:
        parameter.copy_(vec[start:start + parameter.numel()].reshape(parameter.shape))
        start += parameter.numel()
