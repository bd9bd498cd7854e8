"""Tensor methods and functions of linear algebra: products of vectors and matrices, sums of products by letters."""

import math

import numpy as np

from numbacnn.tensors.arithmetic import unbroadcast
from numbacnn.tensors.memory import Memory
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.types import int64, kind_of


def _expect(name, **dims):
    """Refuse Tensors whose dimensions are not as many as the operation takes: `_expect("mv", input=(x, 2))`."""
    for argument, (x, ndim) in dims.items():
        if not isinstance(x, Memory):
            raise TypeError(f"{name}: {argument} must be a Tensor, not {kind_of(x)}")
        if x.ndim != ndim:
            kind = {1: "a vector", 2: "a matrix", 3: "a batch of matrices (3 dimensions)"}[ndim]
            raise RuntimeError(f"{name}: {argument} must be {kind}, got shape {tuple(x.shape)}")


def _same_dtype(name, x, y):
    if x.dtype != y.dtype:
        raise RuntimeError(f"{name}: both must have one dtype, got {x.dtype} and {y.dtype}; convert one with .to(dtype)")


def _weighted(x, beta, product, alpha):
    """beta * x + alpha * product; with beta 0, x is not looked at, so that its NaN do not spread."""
    if product.dtype.kind != "f":  # a fraction is cut off, and of a bool only counts whether it is 0
        beta, alpha = (int(beta), int(alpha)) if product.dtype.kind != "b" else (bool(beta), bool(alpha))
    product = product if alpha == 1 else product * alpha
    if beta == 0:
        return product
    return (x if beta == 1 else x * beta) + product


class Products:
    """Mixin of Tensor: products of vectors and matrices."""

    __slots__ = ()

    def mm(self, mat2):
        """The product of two matrices."""
        _expect("mm", input=(self, 2), mat2=(mat2, 2))
        _same_dtype("mm", self, mat2)
        return self.matmul(mat2)

    def bmm(self, mat2):
        """The products of the matrices of two batches (N, rows, columns), pair by pair."""
        _expect("bmm", input=(self, 3), mat2=(mat2, 3))
        _same_dtype("bmm", self, mat2)
        if self.shape[0] != mat2.shape[0]:
            raise RuntimeError(f"bmm: the batches hold {self.shape[0]} and {mat2.shape[0]} matrices; they must be equally many")
        return self.matmul(mat2)

    def mv(self, vec):
        """The product of a matrix and a vector."""
        _expect("mv", input=(self, 2), vec=(vec, 1))
        return self.matmul(vec)

    def dot(self, tensor):
        """The sum of the products of two vectors, element by element."""
        _expect("dot", input=(self, 1), tensor=(tensor, 1))
        _same_dtype("dot", self, tensor)
        if self.shape != tensor.shape:
            raise RuntimeError(f"dot: the vectors have {self.shape[0]} and {tensor.shape[0]} elements")
        return self.matmul(tensor)

    def vdot(self, tensor):
        """The sum of the products of two vectors, element by element."""
        return self.dot(tensor)

    def inner(self, other):
        """The sum of products over the last dimension of both."""
        if not self.ndim or not other.ndim:
            return self * other
        if self.shape[-1] != other.shape[-1]:
            raise RuntimeError(f"inner: the last dimensions differ: {self.shape[-1]} and {other.shape[-1]}")
        return tensordot(self, other, ([-1], [-1]))

    def outer(self, vec2):
        """The matrix of the products of each element of one vector with each of another."""
        _expect("outer", input=(self, 1), vec2=(vec2, 1))
        return self.unsqueeze(1) * vec2.unsqueeze(0)

    def kron(self, other):
        """Copies of `other` scaled by each element of this Tensor, laid side by side (Kronecker product)."""
        ndim = max(self.ndim, other.ndim)
        x = self.reshape((1,) * (ndim - self.ndim) + tuple(self.shape))
        y = other.reshape((1,) * (ndim - other.ndim) + tuple(other.shape))
        product = x.reshape([n for m in x.shape for n in (m, 1)]) * y.reshape([n for m in y.shape for n in (1, m)])
        return product.reshape([n * m for n, m in zip(x.shape, y.shape)])

    def addmm(self, mat1, mat2, *, beta=1, alpha=1):
        """beta * self + alpha * (mat1 @ mat2)."""
        return _weighted(self, beta, mat1.mm(mat2), alpha)

    def addmv(self, mat, vec, *, beta=1, alpha=1):
        """beta * self + alpha * (mat @ vec)."""
        return _weighted(self, beta, mat.mv(vec), alpha)

    def addr(self, vec1, vec2, *, beta=1, alpha=1):
        """beta * self + alpha * outer(vec1, vec2)."""
        return _weighted(self, beta, vec1.outer(vec2), alpha)

    def baddbmm(self, batch1, batch2, *, beta=1, alpha=1):
        """beta * self + alpha * bmm(batch1, batch2)."""
        return _weighted(self, beta, batch1.bmm(batch2), alpha)

    def addbmm(self, batch1, batch2, *, beta=1, alpha=1):
        """beta * self + alpha * the sum of bmm(batch1, batch2) over the batch."""
        _expect("addbmm", batch1=(batch1, 3), batch2=(batch2, 3))
        if batch1.shape[0] != batch2.shape[0]:
            raise RuntimeError(f"addbmm: the batches hold {batch1.shape[0]} and {batch2.shape[0]} matrices; they must be equally many")
        rows = batch1.permute(1, 0, 2).reshape(batch1.shape[1], batch1.shape[0] * batch1.shape[2])
        columns = batch2.reshape(batch2.shape[0] * batch2.shape[1], batch2.shape[2])
        return _weighted(self, beta, rows.mm(columns), alpha)

    def cross(self, other, dim=None):
        """The vector product of vectors of 3 elements along `dim`, by default the first dimension with 3."""
        found = [k for k, n in enumerate(self.shape) if n == 3]
        if dim is None and not found:
            raise RuntimeError(f"cross: no dimension of {tuple(self.shape)} has extent 3")
        axis = found[0] if dim is None else normalize_dim("cross", dim, self.ndim)
        if self.shape[axis] != 3 or other.shape[axis] != 3:
            raise RuntimeError(f"cross: dim {axis} must have extent 3, got {self.shape[axis]} and {other.shape[axis]}")
        return self.roll(-1, axis) * other.roll(-2, axis) - self.roll(-2, axis) * other.roll(-1, axis)

    ger = outer


def tensordot(a, b, dims=2):
    """The sum of products over some dimensions of both.

    Parameters
    ----------
    a, b : Tensor
    dims : int or pair of lists
        How many of the last of `a` and the first of `b`, or which of each.
    """
    if hasattr(dims, "tolist"):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0 or dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot: dims is {dims}, expected 0 to {min(a.ndim, b.ndim)}")
        dims = ([*range(a.ndim - dims, a.ndim)], [*range(dims)])
    mine, other = ([normalize_dim("tensordot", d, x.ndim) for d in ([each] if isinstance(each, int) else each)]
                   for each, x in zip(dims, (a, b)))
    for d, e in zip(mine, other):  # an extent of 1 stretches to the other one
        if a.shape[d] != b.shape[e] and 1 in (a.shape[d], b.shape[e]):
            a, b = ((a.sum(d, keepdim=True, dtype=a.dtype), b) if b.shape[e] == 1 else
                    (a, b.sum(e, keepdim=True, dtype=b.dtype)))
    if [a.shape[d] for d in mine] != [b.shape[d] for d in other]:
        raise RuntimeError(f"tensordot: dims {mine} of {tuple(a.shape)} do not fit dims {other} of {tuple(b.shape)}")
    rows = [d for d in range(a.ndim) if d not in mine]
    columns = [d for d in range(b.ndim) if d not in other]
    count = math.prod(a.shape[d] for d in mine)
    x = a.permute([*rows, *mine]).reshape(math.prod(a.shape[d] for d in rows), count)
    y = b.permute([*other, *columns]).reshape(count, math.prod(b.shape[d] for d in columns))
    return (x @ y).reshape([a.shape[d] for d in rows] + [b.shape[d] for d in columns])


def _letters(equation, shapes):
    """An einsum equation as one list of subscripts for each operand and one for the result; `...` becomes letters."""
    if not isinstance(equation, str):
        raise TypeError(f"einsum: the equation must be a str such as 'ij,jk->ik', got {kind_of(equation)}")
    inputs, arrow, result = equation.replace(" ", "").partition("->")
    inputs = inputs.split(",")
    if len(inputs) != len(shapes):
        raise RuntimeError(f"einsum: {equation!r} is for {len(inputs)} operands, got {len(shapes)}")
    free = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if letter not in equation]
    extra = [len(shape) - len(part.replace("...", "")) if "..." in part else 0 for part, shape in zip(inputs, shapes)]
    dots = free[:max(extra, default=0)]
    full = [part.replace("...", "".join(dots[len(dots) - n:])) for part, n in zip(inputs, extra)]
    for part, shape in zip(full, shapes):
        if len(part) != len(shape):
            raise RuntimeError(f"einsum: {equation!r} names {len(part)} dimensions of an operand of shape {shape}")
    if arrow:
        out = result.replace("...", "".join(dots))
    else:
        joined = "".join(full)
        out = "".join(dots) + "".join(sorted(c for c in set(joined) - set(dots) if joined.count(c) == 1))
    return full, out


def _undo(dout, out, others, own, shape):
    """The gradient of one operand: sum of products over its letters, repeated along those that it alone has."""
    there = set(out).union(*(letters for letters, _ in others)) if others else set(out)
    found = "".join(letter for letter in own if letter in there)
    equation = ",".join([out, *(letters for letters, _ in others)]) + "->" + found
    dx = np.einsum(equation, dout, *(a for _, a in others), optimize=True)
    dx = dx.reshape([dx.shape[found.index(letter)] if letter in found else 1 for letter in own])
    dx = np.broadcast_to(dx, np.broadcast_shapes(dx.shape, shape))
    return unbroadcast(dx, shape)


def einsum(equation, *operands):
    """Sums of products, said by letters: `einsum("ij,jk->ik", a, b)` is the matrix product.

    Parameters
    ----------
    equation : str
        One letter for each dimension of each operand, then `->` and the letters of the result; letters that the result
        does not have are summed over. `...` stands for the dimensions that are not named.
    operands : Tensor

    Raises
    ------
    RuntimeError
        If the equation does not fit the operands.
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    tensors = [x if isinstance(x, Memory) else None for x in operands]
    if None in [None if x is None else 1 for x in tensors]:
        raise TypeError("einsum: the operands must be Tensors")
    inputs, out = _letters(equation, [tuple(x.shape) for x in tensors])
    for k, letters in enumerate(inputs):  # the same letter twice is a diagonal
        x, letters = tensors[k], list(letters)
        for letter in [c for c in dict.fromkeys(letters) if letters.count(c) > 1]:
            while letters.count(letter) > 1:
                first = letters.index(letter)
                second = letters.index(letter, first + 1)
                x = x.diagonal(0, first, second)
                letters = [c for n, c in enumerate(letters) if n not in (first, second)] + [letter]
        tensors[k], inputs[k] = x, "".join(letters)
    for k, x in enumerate(tensors):  # a letter that is nowhere else is summed over first, as `sum` does, whole numbers in int64
        if x.dtype.kind in "iub" and not set(inputs[k]) <= set(out).union(*inputs[:k], *inputs[k + 1:]):
            tensors[k] = x.to(int64)
    arrays = [x._array for x in tensors]
    try:
        result = np.einsum(",".join(inputs) + "->" + out, *arrays, optimize=True)
    except ValueError as error:
        raise RuntimeError(f"einsum: {equation!r} does not fit {', '.join(str(tuple(x.shape)) for x in operands)}: "
                           f"{error}") from None

    def backward(dout):
        pairs = list(zip(inputs, arrays))
        return [(_undo(dout, out, pairs[:k] + pairs[k + 1:], own, a.shape) if x._requires_grad else None)
                for k, (x, (own, a)) in enumerate(zip(tensors, pairs))]

    return tensors[0]._from_op(np.asarray(result), tensors, backward, "einsum", True)


def cdist(x1, x2, p=2.0, compute_mode=None):
    """The p-norm of the difference of each row of `x1` and each row of `x2`.

    Parameters
    ----------
    x1, x2 : Tensor (..., N, M) and (..., K, M)
    p : float

    Returns
    -------
    Tensor (..., N, K)
    """
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"cdist: expected (..., N, M) and (..., K, M), got {tuple(x1.shape)} and {tuple(x2.shape)}")
    return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).norm(p, -1)


def block_diag(*tensors):
    """A matrix with the given matrices along its diagonal and zeros elsewhere."""
    from numbacnn.tensors.shape import cat

    blocks = [x.reshape(1, -1) if x.ndim < 2 else x for x in tensors]
    width, rows, before = sum(x.shape[1] for x in blocks), [], 0
    for x in blocks:
        H, W = x.shape
        zeros = [x._detached(np.zeros((H, n), x.dtype)) for n in (before, width - before - W)]
        rows.append(cat([zeros[0], x, zeros[1]], 1))
        before += W
    return cat(rows, 0)
