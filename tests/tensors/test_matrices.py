"""Determinants, inverses and singular values of matrices, against NumPy, differences and PyTorch."""
import numpy as np
import pytest

import numbacnn as nc

SHAPES = [(3, 3), (5, 3), (2, 4), (2, 3, 3)]


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def tensor(shape, requires_grad=False):
    return nc.tensor(numbers(shape), requires_grad=requires_grad)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("full", [True, False])
def test_the_parts_of_svd_make_the_matrix_again(shape, full):
    a = numbers(shape)
    U, S, Vh = nc.linalg.svd(nc.tensor(a), full_matrices=full)
    size, (m, n) = min(shape[-2:]), shape[-2:]
    assert U.shape[-2:] == ((m, m) if full else (m, size)) and Vh.shape[-2:] == ((n, n) if full else (size, n))
    u, s, vh = U.numpy(), S.numpy(), Vh.numpy()
    np.testing.assert_allclose((u[..., :size] * s[..., None, :]) @ vh[..., :size, :], a, atol=1e-12)
    np.testing.assert_allclose(u.swapaxes(-1, -2) @ u, np.broadcast_to(np.eye(u.shape[-1]), (*shape[:-2], *U.shape[-1:] * 2)), atol=1e-12)
    assert (s[..., :-1] >= s[..., 1:]).all() and (s >= 0).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_svd_is_that_of_linalg_by_another_name(shape):
    x = tensor(shape)
    U, S, V = nc.svd(x)
    thin, whole = nc.linalg.svd(x, full_matrices=False), nc.linalg.svd(x)
    for found, wanted in ((U, thin.U), (S, thin.S), (V, thin.Vh.mT), (x.svd(some=False).U, whole.U)):
        assert found.shape == wanted.shape and nc.equal(found, wanted)
    assert x.svd(compute_uv=False).U.shape == whole.U.shape and not x.svd(compute_uv=False).V.any()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("full", [True, False])
def test_gradients_of_svd_are_those_of_differences(shape, full):
    """Of what does not depend on the sign of the vectors."""
    size = min(shape[-2:])
    weight = nc.tensor(numbers((*shape[:-1], size), 1))

    def of_vectors(x):
        U, S, Vh = nc.linalg.svd(x, full_matrices=full)
        return (U[..., :size] ** 2 * weight).sum() + (S ** 3).sum() + (Vh[..., :size, :] ** 4).sum()

    assert nc.autograd.gradcheck(of_vectors, (tensor(shape, True),))


@pytest.mark.parametrize("func", [
    lambda x: x.det(), lambda x: x.slogdet().logabsdet, lambda x: (x @ x.mT).logdet(), lambda x: x.inverse(),
    lambda x: x.matrix_power(3), lambda x: x.matrix_power(-2), lambda x: nc.linalg.svdvals(x)])
def test_gradients_of_square_matrices_are_those_of_differences(func):
    assert nc.autograd.gradcheck(func, (tensor((2, 3, 3), True),))


def test_names_of_determinants_and_inverses():
    a = numbers((6, 3, 3))
    x, (sign, size) = nc.tensor(a), np.linalg.slogdet(a)
    assert set(sign) == {1.0, -1.0}  # so both are tried
    for det in (nc.det(x), nc.linalg.det(x), x.det()):
        np.testing.assert_allclose(det.numpy(), np.linalg.det(a))
    for found in (nc.slogdet(x), nc.linalg.slogdet(x)):
        np.testing.assert_allclose(found.sign.numpy(), sign)
        np.testing.assert_allclose(found.logabsdet.numpy(), size)
    np.testing.assert_allclose(nc.logdet(x).numpy(), np.where(sign > 0, size, np.nan))
    np.testing.assert_allclose(nc.inverse(x).numpy(), np.linalg.inv(a))
    np.testing.assert_allclose(nc.matrix_power(x, 3).numpy(), a @ a @ a)


def test_the_gradient_of_a_determinant_is_its_cofactors_also_of_a_singular_matrix():
    a = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 5.0]])
    x = nc.tensor(a, requires_grad=True)
    x.det().backward()
    minor = [[np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) * (-1) ** (i + j) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(x.grad.numpy(), minor, atol=1e-12)
    with pytest.raises(RuntimeError, match="slogdet: a matrix is singular, so the logarithm of its determinant has no gradient|slogdet"):
        nc.tensor(np.zeros((2, 2)), requires_grad=True).slogdet().logabsdet.backward()


@pytest.mark.parametrize("change", [lambda x: x.svd(compute_uv=False).S, lambda x: _changed(x.svd())])
def test_singular_values_keep_their_gradient_whatever_becomes_of_the_vectors(change):
    x, y = (nc.tensor(numbers((4, 3)), requires_grad=True) for _ in range(2))
    change(x).sum().backward()
    nc.linalg.svdvals(y).sum().backward()
    assert np.abs(y.grad.numpy()).max() > 0.1
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy())


def _changed(parts):
    with nc.no_grad():
        parts.U.zero_()
    return parts.S


def test_powers_are_whole_numbers():
    x = nc.tensor(numbers((2, 2)))
    assert x.matrix_power(1) is not x
    with pytest.raises(TypeError, match="n must be a whole number, got 2.5"):
        x.matrix_power(2.5)


@pytest.mark.parametrize("ask, words", [
    (lambda: nc.svd(nc.ones(3)), r"svd: expected floating point matrices, got float32 \(3,\)"),
    (lambda: nc.linalg.svd(nc.eye(2).long()), "svd: .*int64"),
    (lambda: nc.det(nc.ones(2, 3)), r"det: expected square matrices, got shape \(2, 3\)"),
    (lambda: nc.slogdet(nc.eye(2).int()), "slogdet: the elements are int32"),
    (lambda: nc.inverse(nc.zeros(2, 2)), "inv: a matrix is singular")])
def test_what_cannot_be_decomposed_is_named(ask, words):
    with pytest.raises(RuntimeError, match=words):
        ask()


@pytest.mark.parametrize("shape", SHAPES)
def test_singular_values_and_their_gradients_are_pytorchs(shape):
    torch = pytest.importorskip("torch")
    theirs, ours = torch.tensor(numbers(shape), requires_grad=True), tensor(shape, True)
    for x, library in ((theirs, torch), (ours, nc)):
        U, S, V = library.svd(x)
        (U.abs().sum() + S.sum() + V.abs().sum()).backward()
    np.testing.assert_allclose(nc.svd(ours).S.detach().numpy(), torch.svd(theirs).S.detach().numpy())
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-12)


def test_the_page_functional_has_the_functions_of_tensors():
    import numbacnn.functional as page

    assert page.einsum is nc.einsum and page.unique is nc.unique and nc.functional is page
    with pytest.raises(AttributeError, match="numbacnn.functional.stft is not part of numbacnn: Fourier transforms stay out"):
        page.stft
