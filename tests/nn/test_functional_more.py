"""Functions without a loop of their own, composed or in NumPy, against PyTorch: results and gradients."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn.nn import functional as F
from tolerances import assert_close


def compare(torch, function, *arrays, rounding=4, **named):
    """`function(F, *tensors)` of both libraries: results, and gradients of all float inputs."""
    results = []
    for library, functional in ((nc, F), (torch, torch.nn.functional)):
        tensors = [library.tensor(array, requires_grad=True) if array.dtype.kind == "f" else library.tensor(array)
                   for array in arrays]
        out = function(functional, *tensors, **named)
        rng = np.random.default_rng(3)
        dout = rng.standard_normal(tuple(out.shape)).astype(np.asarray(out.detach()).dtype)
        (out * library.tensor(dout)).sum().backward()
        results.append([out.detach().numpy(), *(tensor.grad.numpy() for tensor in tensors if tensor.requires_grad)])
    for mine, other in zip(*results, strict=True):
        assert_close(mine, other, 10, roundings=rounding, size=1)


BORDERS = [((3, 7), (2, 1)), ((2, 3, 7), (2, 1)), ((2, 3, 5, 6), (1, 2, 3, 0)), ((3, 5, 6), (1, 2, 3, 4)),
           ((1, 2, 4, 5, 3), (1, 2, 0, 3, 2, 1)), ((2, 3, 5, 6), (-1, 2, 3, -2))]


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("shape, pad", BORDERS, ids=str)
def test_borders_equal_pytorch(mode, shape, pad, rng, torch):
    if mode == "circular" and min(pad) < 0:
        pytest.skip("PyTorch wraps what it has cut off")
    compare(torch, lambda G, x: G.pad(x, pad, mode), rng.standard_normal(shape))


@pytest.mark.parametrize("mode, shape, pad, error, words", [
    ("reflect", (1, 1, 3), (3, 0), RuntimeError, r"less than the corresponding input dimension, but got padding \(3, 0\)"),
    ("circular", (1, 1, 3), (4, 0), RuntimeError, "less than the corresponding"),
    ("reflect", (3,), (1, 1), NotImplementedError, "pads the last dimension of"),
    ("mirror", (1, 1, 3), (1, 1), NotImplementedError, "Unrecognised padding mode mirror")])
def test_borders_that_cannot_be(mode, shape, pad, error, words):
    with pytest.raises(error, match=words):
        F.pad(nc.ones(*shape), pad, mode)
    assert F.pad(nc.ones(1, 1, 3), (2, 0), "reflect").shape == (1, 1, 5)  # as far as it goes


RESIZED = [((2, 3, 5), {"size": 8, "mode": "linear"}), ((2, 3, 5), {"scale_factor": 2.5, "mode": "nearest"}),
           ((2, 3, 4, 5), {"size": (2, 3), "mode": "area"}), ((1, 2, 3, 4, 5), {"size": (5, 3, 7), "mode": "trilinear"}),
           ((1, 2, 3, 4, 5), {"scale_factor": 2, "mode": "nearest"}), ((2, 3, 7), {"size": 3, "mode": "area"}),
           ((1, 2, 3, 4, 5), {"size": (4, 4, 4), "mode": "trilinear", "align_corners": True}),
           ((2, 3, 5), {"size": 8, "mode": "linear", "align_corners": True}),
           ((1, 2, 5, 7), {"scale_factor": 1.7, "mode": "bilinear", "recompute_scale_factor": True})]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape, settings", RESIZED, ids=str)
def test_resizing_equals_pytorch(shape, settings, dtype, rng, torch):
    compare(torch, lambda G, x: G.interpolate(x, **settings), rng.standard_normal(shape).astype(dtype))


@pytest.mark.parametrize("shape, mode", [((1, 1, 4), "bilinear"), ((1, 1, 4, 4), "linear"), ((1, 1, 4, 4), "bicubic")])
def test_modes_for_other_dimensions_are_refused(shape, mode):
    with pytest.raises(NotImplementedError, match=f"mode='{mode}'"):
        F.interpolate(nc.ones(*shape), 2, mode=mode)


WINDOWS = [dict(kernel_size=2), dict(kernel_size=(3, 2), padding=(1, 0), stride=2), dict(kernel_size=2, dilation=2, padding=1)]


@pytest.mark.parametrize("settings", WINDOWS, ids=str)
def test_windows_as_columns_equal_pytorch(settings, rng, torch):
    x = rng.standard_normal((2, 3, 6, 7))
    compare(torch, lambda G, x: G.unfold(x, **settings), x)
    columns = F.unfold(nc.tensor(x), **settings).numpy()
    compare(torch, lambda G, x: G.fold(x, (6, 7), **settings), columns)


def test_a_convolution_is_a_product_of_columns(rng):
    x, weight = nc.tensor(rng.standard_normal((2, 3, 6, 7))), nc.tensor(rng.standard_normal((4, 3, 3, 2)))
    product = (weight.flatten(1) @ F.unfold(x, (3, 2), padding=1)).reshape(2, 4, 6, 8)
    assert_close(product.numpy(), F.conv2d(x, weight, padding=1).numpy(), 18)


@pytest.mark.parametrize("settings", [dict(kernel_size=2), dict(kernel_size=3, stride=2, padding=1),
                                      dict(kernel_size=2, dilation=2, ceil_mode=True)], ids=str)
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_pooling_with_indices_equals_pytorch(dims, settings, rng, torch):
    x = rng.standard_normal((2, 3, *(7, 6, 5)[:dims])).astype(np.float32)
    x.flat[5] = np.nan
    name = f"max_pool{dims}d"
    compare(torch, lambda G, x: getattr(G, name)(x, return_indices=True, **settings)[0], x)
    mine = getattr(F, name)(nc.tensor(x), return_indices=True, **settings)[1]
    other = getattr(torch.nn.functional, name)(torch.tensor(x), return_indices=True, **settings)[1]
    np.testing.assert_array_equal(mine.numpy(), other.numpy())


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpooling_equals_pytorch(dims, rng, torch):
    x = rng.standard_normal((2, 3, *(6, 8, 4)[:dims]))
    size = [extent + 1 for extent in x.shape[2:]]

    def there_and_back(G, x):
        out, indices = getattr(G, f"max_pool{dims}d")(x, 2, return_indices=True)
        return getattr(G, f"max_unpool{dims}d")(out, indices, 2, output_size=size)

    compare(torch, there_and_back, x)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border"])
@pytest.mark.parametrize("corners", [True, False])
def test_sampling_equals_pytorch(mode, padding_mode, corners, rng, torch):
    x, theta = (rng.standard_normal(shape).astype(np.float32) for shape in ((2, 3, 5, 4), (2, 2, 3)))
    compare(torch, lambda G, x, theta: G.grid_sample(x, G.affine_grid(theta, (2, 3, 4, 6), align_corners=corners), mode,
                                                     padding_mode, corners) + theta.sum(), x, theta, rounding=20)


FUNCTIONS = {
    "normalize": lambda G, x: G.normalize(x), "normalize rows": lambda G, x: G.normalize(x, p=1, dim=-1),
    "softmin": lambda G, x: G.softmin(x, 1), "glu": lambda G, x: G.glu(x, 1), "mish": lambda G, x: G.mish(x),
    "celu": lambda G, x: G.celu(x, 0.5), "pixel_shuffle": lambda G, x: G.pixel_shuffle(x, 2),
    "pixel_unshuffle": lambda G, x: G.pixel_unshuffle(x, 2), "channel_shuffle": lambda G, x: G.channel_shuffle(x, 2),
    "lp_pool": lambda G, x: G.lp_pool2d(x.abs() + 0.1, 3.0, 2), "lrn": lambda G, x: G.local_response_norm(x, 3, alpha=0.5),
    "cosine": lambda G, x: G.cosine_similarity(x[0], x[1], 0), "distance": lambda G, x: G.pairwise_distance(x[0], x[1]),
    "instance_norm": lambda G, x: G.instance_norm(x), "layer_norm": lambda G, x: G.layer_norm(x, (4, 6)),
    "group_norm": lambda G, x: G.group_norm(x, 2), "softplus": lambda G, x: G.softplus(x, threshold=0.5),
    "no eps": lambda G, x: G.group_norm(x, 2, eps=0.0), "hardtanh": lambda G, x: G.hardtanh(x, -0.5, 0.7)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_equal_pytorch(function, dtype, rng, torch):
    compare(torch, function, rng.standard_normal((2, 8, 4, 6)).astype(dtype), rounding=20)


@pytest.mark.parametrize("number", [1, -1, 0.5])
def test_gradients_reach_the_slope_of_prelu(number, rng, torch):
    x = np.where(rng.random((3, 4, 2)) < 0.2, 0, rng.standard_normal((3, 4, 2)))
    for slopes in (1, 4):
        compare(torch, lambda G, x, weight: G.prelu(x, weight), x, np.full(slopes, number, float))


def test_one_hot_equals_pytorch(torch):
    classes = np.array([[0, 2], [1, 1]])
    for count in (-1, 5):
        np.testing.assert_array_equal(F.one_hot(nc.tensor(classes), count).numpy(),
                                      torch.nn.functional.one_hot(torch.tensor(classes), count).numpy())
    for attempt, words in (((nc.tensor([3]), 3), "smaller than num_classes"), ((nc.tensor([-1]),), "non-negative"),
                           ((nc.tensor([1.0]),), "LongTensor, got float32")):
        with pytest.raises(RuntimeError, match=words):
            F.one_hot(*attempt)


@pytest.mark.parametrize("ndim, dim", [(1, 0), (2, 1), (3, 0), (4, 1)])
def test_softmax_without_dim_warns_and_takes_the_old_choice(ndim, dim, rng):
    x = nc.tensor(rng.standard_normal((2, 3, 4, 5)[:ndim]))
    for function in (F.softmax, F.log_softmax, F.softmin):
        with pytest.warns(UserWarning, match=r"Implicit dimension choice for (log_)?softm.* include dim=X") as seen:
            out = function(x)
        assert seen[0].filename == __file__
        assert nc.equal(out, function(x, dim))


def test_an_affine_grid_keeps_float64():
    theta = nc.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], dtype=nc.float64)
    grid = F.affine_grid(theta, (1, 1, 3, 7), align_corners=False)
    assert grid.dtype == nc.float64
    np.testing.assert_allclose(grid.numpy()[0, 0, :, 0], (2 * np.arange(7) + 1) / 7 - 1, rtol=1e-15, atol=1e-15)
