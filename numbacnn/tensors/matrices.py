"""Tensor methods of square matrices and the singular value decomposition, with their derivatives.

Source of the derivatives: Giles, Collected matrix derivative results for forward and reverse mode algorithmic
differentiation, Advances in Automatic Differentiation, LNCSE 64, 2008, sections 2.2.3 and 2.2.4; of the singular vectors:
Townsend, Differentiating the singular value decomposition, 2016, section 1.
"""

import numpy as np

from numbacnn.tensors import return_types


def check_square(name, A):
    """Refuse everything but a floating-point square matrix or a batch of such matrices."""
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise RuntimeError(f"{name}: expected square matrices, got shape {tuple(A.shape)}")
    if A.dtype.kind != "f":
        raise RuntimeError(f"{name}: the elements are {A.dtype}; take A.float() first")


def _turned(a):
    return a.swapaxes(-1, -2)


def _cofactors(a):
    """The gradient of det(A), also where A is singular: det(U V^T) U diag(product of the other singular values) V^T."""
    u, s, vh = np.linalg.svd(a)
    others = np.empty_like(s)
    for k in range(s.shape[-1]):
        others[..., k] = np.prod(np.delete(s, k, -1), -1)
    return np.linalg.det(u @ vh)[..., None, None].astype(a.dtype) * (u * others[..., None, :]) @ vh


def _inverse(name, a, without):
    """The inverse of each matrix; RuntimeError, which says what a singular one is without."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        raise RuntimeError(f"{name}: a matrix is singular {without}") from None


def _spectrum(s):
    """1 / (s[j]**2 - s[i]**2) for each two singular values, 0 on the diagonal."""
    with np.errstate(divide="ignore"):
        inverse = 1 / (s[..., None, :] ** 2 - s[..., :, None] ** 2)
    inverse[..., range(s.shape[-1]), range(s.shape[-1])] = 0
    return inverse


def _through_vectors(u, s, v, du):
    """The gradient of A from that of its left singular vectors; with u and v exchanged, that of A turned from the right ones."""
    inner = _turned(u) @ du
    da = u @ ((inner - _turned(inner)) * _spectrum(s) * s[..., None, :]) @ _turned(v)
    if u.shape[-2] > u.shape[-1]:  # the part of du that leaves the space of the vectors
        da = da + ((du - u @ inner) / s[..., None, :]) @ _turned(v)
    return da


def svd_parts(name, A, full):
    """U, S and V.T of A = U @ diag(S) @ V.T, each with its derivative.

    Parameters
    ----------
    full : bool
        Whether U and V are square; the columns beyond min(M, N) take no gradient.

    Raises
    ------
    RuntimeError
        If `A` is not a floating-point matrix or a batch of such matrices.
    """
    if A.ndim < 2 or A.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected floating point matrices, got {A.dtype} {tuple(A.shape)}")
    all_u, s, all_vh = np.linalg.svd(A._array, full_matrices=full)
    size = s.shape[-1]
    u, v = all_u[..., :size].copy(), _turned(all_vh[..., :size, :]).copy()  # the derivative needs them, whatever becomes of U and Vh
    U = A._from_op(all_u, (A,), lambda du: (_through_vectors(u, s, v, du[..., :size]),), name, True, ())
    S = A._from_op(s, (A,), lambda ds: ((u * ds[..., None, :]) @ _turned(v),), name, True, ())
    Vh = A._from_op(all_vh, (A,), lambda dvh: (_turned(_through_vectors(v, s, u, _turned(dvh[..., :size, :]))),), name, True, ())
    return U, S, Vh


class Matrices:
    """Mixin of Tensor: what is asked of matrices, the last two dimensions; any before them are batches."""

    __slots__ = ()

    def det(self):
        """The determinant of square matrices."""
        check_square("det", self)
        a = self._array
        out = np.asarray(np.linalg.det(a), a.dtype)
        return self._from_op(out, (self,), lambda dout: (dout[..., None, None] * _cofactors(a),), "det", True)

    def slogdet(self):
        """The sign of the determinant, and the logarithm of its size: `(sign, logabsdet)`."""
        check_square("slogdet", self)
        a = self._array
        sign, size = (np.asarray(part, a.dtype) for part in np.linalg.slogdet(a))

        def backward(dout):
            return (dout[..., None, None] * _turned(_inverse("slogdet", a, "so the logarithm of its determinant has no gradient")),)

        return return_types.slogdet(
            self._from_op(sign, (self,), lambda dout: (np.zeros_like(a),), "slogdet", True, ()),
            self._from_op(size, (self,), backward, "slogdet", True))

    def logdet(self):
        """The logarithm of the determinant: NaN where it is negative."""
        sign, size = self.slogdet()
        return size + sign.detach().log()

    def inverse(self):
        """The inverse of square matrices.

        Raises
        ------
        RuntimeError
            If a matrix is singular.
        """
        check_square("inv", self)
        out = _inverse("inv", self._array, "and has no inverse")
        turned = _turned(out)
        return self._from_op(out, (self,), lambda dout: (-turned @ dout @ turned,), "inv", True, (), True)

    def matrix_power(self, n):
        """A @ A @ ... @ A, `n` times; of the inverse for negative `n`."""
        check_square("matrix_power", self)
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
            raise TypeError(f"matrix_power: n must be a whole number, got {n!r}")
        if n < 0:
            return self.inverse().matrix_power(-n)
        if n == 0:
            unit = np.broadcast_to(np.eye(self.shape[-1], dtype=self.dtype), self.shape).copy()
            return self._from_op(unit, (self,), lambda dout: (np.zeros_like(unit),), "matrix_power", True, ())
        half = self.matrix_power(n // 2) if n > 1 else None
        return self.clone() if n == 1 else half @ half if n % 2 == 0 else half @ half @ self

    def svd(self, some=True, compute_uv=True):
        """The singular value decomposition A = U @ diag(S) @ V.T, the largest singular value first: `(U, S, V)`.

        Parameters
        ----------
        some : bool
            Whether U and V have min(M, N) columns only, else they are square.
        compute_uv : bool
            Whether U and V are wanted, else they are zeros.

        Notes
        -----
        The sign of a pair of singular vectors is open, so it may differ from PyTorch's. Where two singular values are equal, or one is 0,
        the gradients of U and V do not exist; they are NaN or infinite.
        """
        if not compute_uv:
            U, S, Vh = svd_parts("svd", self, True)
            return return_types.svd(U.detach().zero_(), S, Vh.mT.detach().zero_())
        U, S, Vh = svd_parts("svd", self, not some)
        return return_types.svd(U, S, Vh.mT)
