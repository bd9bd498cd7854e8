"""Losses as functions and layers: against PyTorch over their options, and by central differences."""
import math

import numpy as np
import pytest

import numbacnn as nc
import reference
from numbacnn import nn
from numbacnn.nn import functional as F
from tolerances import assert_close

REDUCTIONS = ["mean", "sum", "none"]
SHAPES = [(4, 6), (1, 3), (5,), (3, 4, 2), (2, 5, 3, 4), (0, 3)]
IGNORED = 2


def both(torch, name, settings, x, *others, dtype=np.float32, dout=None):
    """(loss, gradients) of numbacnn and of PyTorch; Tensors among the settings are given as arrays."""
    results = []
    for library, tensor in ((nn, nc.tensor), (torch.nn, torch.tensor)):
        options = {key: tensor(value) if isinstance(value, np.ndarray) else value for key, value in settings.items()}
        inputs = [tensor(x, requires_grad=True), *(tensor(other) for other in others)]
        loss = getattr(library, name)(**options)(*inputs)
        loss.backward(tensor(np.ones(tuple(loss.shape), dtype) if dout is None else dout(tuple(loss.shape))))
        results.append((loss.detach().numpy(), inputs[0].grad.numpy()))
    return results


def assert_equal_losses(pair, terms=10):
    (loss, gradient), (expected, other) = pair
    assert loss.dtype == expected.dtype and gradient.dtype == other.dtype
    assert_close(loss, expected, terms, roundings=4, size=1)
    assert_close(gradient, other, terms, roundings=4, size=1)


# ---------------------------------------------------------------- losses of scores
CLASS_OPTIONS = [{}, {"weight": True}, {"ignore_index": IGNORED}, {"weight": True, "ignore_index": -1}]
SMOOTHED = [{"label_smoothing": 0.1}, {"label_smoothing": 1.0}, {"weight": True, "label_smoothing": 0.3},
            {"weight": True, "label_smoothing": 0.3, "ignore_index": IGNORED}]
CLASS_CASES = [(name, options) for name, cases in (("CrossEntropyLoss", CLASS_OPTIONS + SMOOTHED), ("NLLLoss", CLASS_OPTIONS))
               for options in cases]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name, options", CLASS_CASES, ids=str)
def test_losses_of_scores_equal_pytorch(name, options, shape, reduction, rng, torch):
    C = shape[0] if len(shape) == 1 else shape[1]
    x = 3 * rng.standard_normal(shape).astype(np.float32)
    target = rng.integers(0, C, shape[:1] * (len(shape) > 1) + shape[2:])
    ignored = options.get("ignore_index", -100)
    if target.ndim and target.size > 1:
        target[0] = ignored
    settings = {**options, "reduction": reduction}
    if "weight" in options:
        settings["weight"] = rng.uniform(0.5, 2, C).astype(np.float32)
    dout_rng = np.random.default_rng(7)
    draws = {}

    def dout(shape):
        return draws.setdefault(shape, dout_rng.standard_normal(shape).astype(np.float32))

    assert_equal_losses(both(torch, name, settings, x, target, dout=dout), terms=max(1, target.size))


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss"])
def test_where_all_are_ignored_the_mean_is_nan(name, torch):
    for reduction in REDUCTIONS:
        pair = both(torch, name, {"reduction": reduction}, np.ones((3, 4), np.float32), np.full(3, -100))
        (loss, gradient), (expected, other) = pair
        np.testing.assert_array_equal(loss, expected)
        np.testing.assert_array_equal(gradient, other)


def test_scores_that_are_ignored_may_be_anything():
    x = nc.tensor([[0.0, 1.0], [np.nan, -np.inf], [-np.inf, np.inf]], requires_grad=True)
    loss = F.cross_entropy(x, nc.tensor([1, -100, -100]))
    loss.backward()
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)), rel=1e-6)
    np.testing.assert_array_equal(x.grad.numpy()[1:], 0)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_scores_of_a_network_in_lanes(smoothing, rng):
    """The batch that a dense layer makes gives the loss of the plain array."""
    layer, target = nn.Linear(4, 5), nc.tensor(rng.integers(0, 5, 6))
    scores = layer(nc.tensor(rng.standard_normal((6, 4)).astype(np.float32)))
    plain = nc.tensor(scores.detach().numpy().copy(), requires_grad=True)
    criterion = nn.CrossEntropyLoss(weight=nc.arange(1.0, 6.0), label_smoothing=smoothing)
    scores.retain_grad()
    loss, expected = criterion(scores, target), criterion(plain, target)
    loss.backward()
    expected.backward()
    assert_close(loss.detach().numpy(), expected.detach().numpy(), 6)
    assert_close(scores.grad.numpy(), plain.grad.numpy(), 6)


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.2}, {"weight": nc.tensor([1.0, 2.0, 0.5, 3.0], dtype=nc.float64)}], ids=str)
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3)], ids=str)
def test_central_differences_of_scores(shape, options, rng):
    target = nc.tensor(rng.integers(0, 4, (shape[0], *shape[2:])))
    options = {**options, "label_smoothing": 0.1} if "weight" in options else options
    check_gradient(lambda x: F.cross_entropy(x, target, ignore_index=3, **options), rng.standard_normal(shape))
    check_gradient(lambda x: F.nll_loss(F.log_softmax(x, 1), target, weight=options.get("weight")), rng.standard_normal(shape))


def check_gradient(loss, x):
    tensor = nc.tensor(x, requires_grad=True)
    loss(tensor).backward()
    step = 1e-5
    expected = reference.central_differences(lambda array: loss(nc.tensor(array)).item(), x, step)
    np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=0, atol=20 * step**2)


# ---------------------------------------------------------------- losses of numbers
NUMBER_CASES = [("MSELoss", {}), ("L1Loss", {}), ("SmoothL1Loss", {}), ("SmoothL1Loss", {"beta": 0.25}), ("SmoothL1Loss", {"beta": 0.0}),
                ("BCELoss", {}), ("BCELoss", {"weight": "elements"}), ("BCEWithLogitsLoss", {}),
                ("BCEWithLogitsLoss", {"weight": "elements"}), ("BCEWithLogitsLoss", {"pos_weight": "columns"}),
                ("BCEWithLogitsLoss", {"weight": "columns", "pos_weight": "elements"})]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name, options", NUMBER_CASES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (0, 4)], ids=str)
def test_losses_of_numbers_equal_pytorch(name, options, dtype, shape, reduction, rng, torch):
    x, target = rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape).astype(dtype)
    if name.startswith("BCE"):
        target = rng.uniform(0, 1, shape).astype(dtype)
        target[:, :2] = rng.integers(0, 2, (shape[0], 2, *shape[2:]))[:, :shape[1]]
        x = rng.uniform(0, 1, shape).astype(dtype) if name == "BCELoss" else 5 * x
    sizes = {"elements": shape, "columns": shape[-1:]}
    settings = {key: rng.uniform(0.5, 2, sizes[value]).astype(dtype) if isinstance(value, str) else value
                for key, value in options.items()}
    assert_equal_losses(both(torch, name, {**settings, "reduction": reduction}, x, target, dtype=dtype), terms=max(1, x.size))


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weighted_distances_equal_pytorch(name, reduction, rng, torch):
    x, target, weight = (rng.uniform(0.5, 2, (3, 4)).astype(np.float32) for _ in range(3))
    mine = getattr(F, name)(*map(nc.tensor, (x, target)), weight=nc.tensor(weight), reduction=reduction)
    other = getattr(torch.nn.functional, name)(*map(torch.tensor, (x, target)), weight=torch.tensor(weight), reduction=reduction)
    assert_close(mine.numpy(), other.numpy(), 12)


def test_certain_answers_equal_pytorch(torch):
    """Probabilities of exactly 0 and 1, and scores whose sigmoid rounds to them."""
    target = np.array([0, 1, 0, 1, 0.5, 0.5], np.float32)
    assert_equal_losses(both(torch, "BCELoss", {"reduction": "sum"}, np.array([0, 0, 1, 1, 0, 1], np.float32), target))
    scores = np.array([-200, -200, 200, 200, -200, 200], np.float32)
    (loss, gradient), (expected, other) = both(torch, "BCEWithLogitsLoss", {"reduction": "none"}, scores, target)
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    np.testing.assert_allclose(gradient, other, rtol=1e-6, atol=1e-30)


def test_the_target_has_its_gradient_too(rng, torch):
    x, y = rng.uniform(0.1, 0.9, (2, 3)), rng.uniform(0.1, 0.9, (2, 3))
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"):
        mine, other = nc.tensor(y, requires_grad=True), torch.tensor(y, requires_grad=True)
        getattr(F, name)(nc.tensor(x), mine).backward()
        getattr(torch.nn.functional, name)(torch.tensor(x), other).backward()
        assert_close(mine.grad.numpy(), other.grad.numpy(), 6, roundings=4)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_central_differences_of_numbers(name, rng):
    target = nc.tensor(rng.uniform(0, 1, (3, 4)))
    x = rng.uniform(0.3, 0.7, (3, 4)) if name == "binary_cross_entropy" else 3 * rng.standard_normal((3, 4))
    check_gradient(lambda tensor: getattr(F, name)(tensor, target), x)


def test_the_weight_belongs_to_the_state():
    loss = nn.CrossEntropyLoss(weight=nc.ones(3))
    assert list(loss.state_dict()) == ["weight"] and list(nn.CrossEntropyLoss().state_dict()) == []


# ---------------------------------------------------------------- mistakes
X, Y, MAPS = nc.ones(2, 3), nc.tensor([0, 1]), nc.ones(2, 3, 4, 4)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: F.cross_entropy(X, Y, weight=nc.ones(2)), ValueError, r"weight must have shape \(3,\).*got \(2,\)"),
    (lambda: F.cross_entropy(X, Y, weight=nc.ones(3, dtype=nc.float64)), TypeError, "weight is float64"),
    (lambda: F.cross_entropy(X, Y, weight=[1, 2, 3]), TypeError, "weight must be a Tensor, got list"),
    (lambda: F.binary_cross_entropy(X, X, weight=[1, 2, 3]), TypeError, "weight must be a Tensor, got list"),
    (lambda: F.cross_entropy(X, Y, label_smoothing=-0.1), ValueError, "between 0 and 1, got -0.1"),
    (lambda: F.cross_entropy(X, Y, label_smoothing=math.nan), ValueError, "between 0 and 1, got nan"),
    (lambda: F.cross_entropy(X, Y, reduction="max"), ValueError, "'max'"),
    (lambda: F.cross_entropy(X, nc.tensor([0.0, 1.0])), TypeError, "Tensor of integers"),
    (lambda: F.cross_entropy(X, nc.tensor([0, 3])), ValueError, "target 3 is out of range"),
    (lambda: F.cross_entropy(X, nc.tensor([0, -2])), ValueError, "target -2 is negative"),
    (lambda: F.cross_entropy(X, nc.tensor([0, -2]), label_smoothing=0.1), ValueError, "target -2 is negative"),
    (lambda: F.cross_entropy(MAPS, nc.full((2, 4, 4), 255)), ValueError,
     r"target 255 .*\(2, 3, 4, 4\) have 3 classes, 0 to 2; give .* 256 outputs, mend the labels, or .* ignore_index=255$"),
    (lambda: F.cross_entropy(X, nc.tensor([0, 1, 2])), ValueError,
     r"^Expected input batch_size \(2\) to match target batch_size \(3\): cross_entropy: scores \(2, 3\), target \(3,\); "
     "take both from the same batch$"),
    (lambda: F.cross_entropy(X, nc.tensor([0, 1, 2]), label_smoothing=0.1), ValueError, r"\(2\) to match .* \(3\): .*; take"),
    (lambda: F.nll_loss(MAPS, nc.full((3, 4, 4), 1)), ValueError, r"\(2\) to match .*\(3\): nll_loss: .*\(2, 3, 4, 4\).*; take"),
    (lambda: F.cross_entropy(X, nc.tensor([[0], [1]])), ValueError, r"has shape \(2,\).*got \(2, 1\); take target.squeeze\(1\)"),
    (lambda: F.cross_entropy(MAPS, nc.full((2, 1, 4, 4), 1)), ValueError, r"got \(2, 1, 4, 4\); take target.squeeze\(1\)$"),
    (lambda: F.cross_entropy(MAPS, nc.full((2, 5, 4), 1)), ValueError, r"got \(2, 5, 4\); bring .* to one size$"),
    (lambda: F.cross_entropy(X, nc.full((2, 3), 1)), ValueError, r"got \(2, 3\); .* target.argmax\(1\)"),
    (lambda: F.nll_loss(X, X), TypeError, r"got float32; take .*target.argmax\(1\).*, or target.long\(\)"),
    (lambda: F.mse_loss(X, nc.ones(4, 3)), ValueError, r"shape \(2, 3\) but target \(4, 3\); take both from the same batch"),
    (lambda: F.mse_loss(X, nc.ones(2, 1)), ValueError, r"target \(2, 1\); the network must give as many numbers"),
    (lambda: F.l1_loss(nc.ones(4, 1), nc.ones(4)), ValueError, r"give them one shape, with squeeze, unsqueeze or reshape"),
    (lambda: F.cross_entropy(X, nc.tensor([-100, 3])), ValueError, "target 3 is out of range"),
    (lambda: F.cross_entropy(nc.ones(2, 3, 4), Y), ValueError, r"a target for input \(2, 3, 4\) has shape \(2, 4\)"),
    (lambda: F.nll_loss(X, nc.tensor([[0, 1]])), ValueError, r"has shape \(2,\)"),
    (lambda: F.nll_loss(X, nc.tensor([0, 3])), ValueError, "nll_loss: target 3 is out of range"),
    (lambda: F.nll_loss(X, [0, 1]), TypeError, "nll_loss: the target must be a Tensor of integers"),
    (lambda: F.mse_loss(X, nc.ones(3)), ValueError, r"input has shape \(2, 3\) but target \(3,\)"),
    (lambda: F.mse_loss(X, 1.0), TypeError, "expected a numbacnn Tensor as target, got float"),
    (lambda: F.mse_loss(X, Y), TypeError, "target is int64"),
    (lambda: F.mse_loss(X, X, weight=nc.ones(3)), ValueError, r"weight has shape \(3,\)"),
    (lambda: F.l1_loss(X, X, reduction="max"), ValueError, "l1_loss.*'max'"),
    (lambda: F.smooth_l1_loss(X, X, beta=-1), ValueError, "beta must be at least 0"),
    (lambda: F.binary_cross_entropy(2 * X, X), ValueError, "between 0 and 1, got 2 to 2"),
    (lambda: F.binary_cross_entropy(X * math.nan, X), ValueError, "between 0 and 1, got nan"),
    (lambda: nn.BCELoss(reduction="max"), ValueError, "BCELoss.*'max'"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
