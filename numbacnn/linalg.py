"""Linear algebra: norms, products of several matrices, inverses, singular values; with derivatives."""

from numbacnn.tensors.absent import refusing
from numbacnn.tensors.functions import cross as _cross
from numbacnn.tensors.functions import diagonal as _diagonal
from numbacnn.tensors.matrices import check_square as _check_square
from numbacnn.tensors.matrices import svd_parts as _svd_parts
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.return_types import linalg_svd as _linalg_svd
from numbacnn.tensors.sums import vector_norm as _vector_norm

__all__ = ["cross", "det", "diagonal", "inv", "matmul", "matrix_norm", "matrix_power", "multi_dot", "norm", "slogdet",
           "solve", "svd", "svdvals", "vecdot", "vector_norm"]


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(sum |x|**ord)**(1 / ord) over `dim`; 0 counts what differs from 0, inf and -inf take the extremes."""
    x = x if dtype is None else x.to(dtype)
    return _vector_norm("vector_norm", x, float(ord), dim, keepdim)


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """The norm of matrices, the dimensions `dim`.

    Parameters
    ----------
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        The root of the sum of squares; the sum of the singular values; the largest or smallest sum of a column, singular
        value, or sum of a row.
    """
    A = A if dtype is None else A.to(dtype)
    if len(dim) != 2 or A.ndim < 2:
        raise RuntimeError(f"matrix_norm: expected two dims of at least two dimensions, got dim {dim} of shape {tuple(A.shape)}")
    if ord == "fro":
        return _vector_norm("matrix_norm", A, 2.0, tuple(dim), keepdim)
    rows, columns = (normalize_dim("matrix_norm", d, A.ndim) for d in dim)
    kept = [n for k, n in enumerate(A.shape) if k not in (rows, columns)]
    if ord in ("nuc", 2, -2):
        values = svdvals(A.movedim((rows, columns), (-2, -1)))
        out = values.sum(-1) if ord == "nuc" else values.amax(-1) if ord == 2 else values.amin(-1)
        return out.reshape([1 if k in (rows, columns) else n for k, n in enumerate(A.shape)]) if keepdim else out
    if ord not in (1, -1, float("inf"), float("-inf")):
        raise RuntimeError(f'matrix_norm: ord is "fro", "nuc", 1, -1, 2, -2, inf or -inf, got {ord!r}')
    summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = _vector_norm("matrix_norm", A, 1.0, summed, True)
    out = sums.amax(other, True) if ord > 0 else sums.amin(other, True)
    return out if keepdim else out.reshape(kept)


def svd(A, full_matrices=True):
    """The singular value decomposition A = U @ diag(S) @ Vh, the largest singular value first: `(U, S, Vh)`.

    Parameters
    ----------
    A : Tensor (..., M, N)
    full_matrices : bool
        Whether U is (..., M, M) and Vh (..., N, N), else they have min(M, N) columns and rows. Those beyond take no gradient.

    Raises
    ------
    RuntimeError
        If `A` is not a floating-point matrix or a batch of such matrices.

    Notes
    -----
    The sign of a pair of singular vectors is open, so it may differ from PyTorch's.
    """
    return _linalg_svd(*_svd_parts("svd", A, full_matrices))


def svdvals(A):
    """The singular values of matrices, the largest first."""
    return _svd_parts("svdvals", A, False)[1]


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """The norm of a vector or a matrix, as `dim` and `ord` say.

    Parameters
    ----------
    A : Tensor
    ord : number or str, optional
        Without it the 2-norm of all elements.
    dim : int or pair of int, optional
        One dimension means vectors, two mean matrices.
    """
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    dims = (dim,) if isinstance(dim, int) else dim
    if dims is None:
        dims = tuple(range(A.ndim))
        if A.ndim not in (1, 2):
            raise RuntimeError(f"norm: with ord={ord!r} and no dim, expected a vector or a matrix, got {A.ndim} dimensions")
    if isinstance(ord, str) or len(dims) == 2:
        return matrix_norm(A, ord, dims, keepdim, dtype=dtype)
    return vector_norm(A, ord, dims, keepdim, dtype=dtype)


def inv(A):
    """The inverse of square matrices.

    Raises
    ------
    RuntimeError
        If a matrix is singular.
    """
    return A.inverse()


def det(A):
    """The determinant of square matrices."""
    return A.det()


def slogdet(A):
    """The sign of the determinant, and the logarithm of its size: `(sign, logabsdet)`."""
    return A.slogdet()


def solve(A, B, *, left=True):
    """X of A @ X = B, or with `left=False` of X @ A = B.

    Parameters
    ----------
    A : Tensor (..., N, N)
    B : Tensor (..., N) or (..., N, K)

    Raises
    ------
    RuntimeError
        If a matrix is singular.
    """
    _check_square("solve", A)
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    if not left:
        return solve(A.mT, B) if vector else solve(A.mT, B.mT).mT
    b = B.unsqueeze(-1) if vector else B
    out = inv(A) @ b
    return out.squeeze(-1) if vector else out


def matrix_power(A, n):
    """A @ A @ ... @ A, `n` times; of the inverse for negative `n`."""
    return A.matrix_power(n)


def multi_dot(tensors):
    """The product of several matrices; the first and the last may be vectors."""
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot: expected at least two Tensors, got {len(tensors)}")
    out = tensors[0]
    for each in tensors[1:]:
        out = out.matmul(each)
    return out


def vecdot(x, y, *, dim=-1):
    """The sum of products along one dimension."""
    return (x * y).sum(dim)


def matmul(input, other):
    """The matrix product, as `numbacnn.matmul`."""
    return input.matmul(other)


def cross(input, other, *, dim=-1):
    """The vector product of vectors of 3 elements along `dim`."""
    return _cross(input, other, dim)


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonal of the last two dimensions."""
    return _diagonal(A, offset, dim1, dim2)


__getattr__ = refusing(__name__, __all__)
