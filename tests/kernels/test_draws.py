"""Layers and functions that draw, bags of embeddings, in-place functions: against PyTorch, or what their definition says."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn import functional as F
from tolerances import assert_close


def test_rrelu_draws_a_slope_for_each_number(rng):
    nc.manual_seed(1)
    a = rng.standard_normal(20_000).astype(np.float32)
    x = nc.tensor(a, requires_grad=True)
    layer = nn.RReLU(0.2, 0.6)
    out = layer(x)
    out.sum().backward()
    slope = out.detach().numpy() / a
    below = a < 0
    assert (slope[~below] == 1).all() and abs(slope[below].mean() - 0.4) < 5 * 0.4 / 12 ** 0.5 / 100
    assert slope[below].min() > 0.2 - 1e-6 and slope[below].max() < 0.6 + 1e-6 and len(np.unique(slope[below])) > 5000
    assert_close(x.grad.numpy(), slope, roundings=2)
    assert_close(layer.eval()(x).detach().numpy(), np.where(below, np.float32(0.4) * a, a))


def test_rrelu_refuses_limits_that_are_none():
    for lower, upper in ((0.5, 0.1), (float("nan"), 1.0)):
        with pytest.raises(ValueError, match="lower should be less than or equal to the upper"):
            F.rrelu(nc.ones(2), lower, upper)


def test_gumbel_softmax_draws_classes_by_their_probability():
    nc.manual_seed(2)
    share = np.array([0.1, 0.2, 0.7])
    logits = nc.tensor(np.broadcast_to(np.log(share), (20_000, 3)).astype(np.float32), requires_grad=True)
    hard = F.gumbel_softmax(logits, tau=0.5, hard=True)
    drawn = hard.detach().numpy()
    assert set(np.unique(drawn.round(5))) == {0, 1} and (abs(drawn.sum(1) - 1) < 1e-5).all()
    assert (abs(drawn.mean(0) - share) < 5 * (share * (1 - share) / 20_000) ** 0.5).all()
    hard[:, 0].sum().backward()  # the gradient is that of the soft one
    nc.manual_seed(2)
    soft = F.gumbel_softmax(logits, tau=0.5)
    assert (soft.argmax(1) == hard.argmax(1)).all()
    p = soft.detach().numpy()
    assert_close(logits.grad.numpy(), p[:, :1] * (np.array([1, 0, 0]) - p) / 0.5, roundings=4)
    with pytest.raises(ValueError, match="tau must be above 0"):
        F.gumbel_softmax(logits, tau=0)


IN_PLACE = {"selu_": (), "celu_": (0.5,), "threshold_": (0.1, 7.0), "hardtanh_": (-0.5, 0.3), "rrelu_": (0.1, 0.3)}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_functions_equal_pytorch(name, rng, torch):
    a, dout = rng.standard_normal((2, 4, 6)).astype(np.float32)
    results = []
    for library, functional, tensor in ((nc, F, nc.tensor), (torch, torch.nn.functional, torch.tensor)):
        leaf = tensor(a, requires_grad=True)
        x = leaf * 1
        out = getattr(functional, name)(x, *IN_PLACE[name])
        assert out is x
        out.backward(tensor(dout))
        again = tensor(a)
        if hasattr(library, name):
            getattr(library, name)(again, *IN_PLACE[name])
        else:
            getattr(functional, name)(again, *IN_PLACE[name])
        results.append((x.detach().numpy(), leaf.grad.numpy(), again.numpy()))
    for mine, theirs in zip(*results):
        assert_close(mine, theirs)


def test_dropout_in_place():
    nc.manual_seed(3)
    x = nc.ones(10_000)
    assert nc.dropout_(x, 0.25, True) is x
    values = x.numpy()
    assert set(np.unique(values)) == {0, np.float32(1 / 0.75)} and abs((values == 0).mean() - 0.25) < 0.025
    assert nc.dropout_(x, 0.5, False) is x and (x.numpy() == values).all()


BAGS = [((4, 3), None, {}), ((4, 3), None, {"mode": "sum"}), ((4, 3), None, {"mode": "max", "padding_idx": 2}),
        ((7,), [0, 2, 2, 5], {}), ((7,), [0, 2, 2, 5], {"mode": "sum", "padding_idx": 0}), ((7,), [0, 2, 2, 5], {"mode": "max"}),
        ((7,), [0, 4, 7], {"mode": "mean", "include_last_offset": True, "padding_idx": -1})]


@pytest.mark.parametrize("shape, offsets, settings", BAGS, ids=str)
def test_bags_equal_pytorch(shape, offsets, settings, rng, torch):
    mine, theirs = nn.EmbeddingBag(5, 4, **settings), torch.nn.EmbeddingBag(5, 4, **settings)
    mine.load_state_dict({"weight": theirs.weight.detach().numpy()})
    assert repr(mine) == repr(theirs)
    numbers, dout = rng.integers(0, 5, shape), None
    results = []
    for layer, tensor in ((mine, nc.tensor), (theirs, torch.tensor)):
        out = layer(tensor(numbers), None if offsets is None else tensor(offsets))
        dout = rng.standard_normal(tuple(out.shape)).astype(np.float32) if dout is None else dout
        out.backward(tensor(dout))
        results.append((out.detach().numpy(), layer.weight.grad.numpy()))
    for one, other in zip(*results):
        assert_close(one, other, terms=4)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda x, w: F.embedding_bag(x, w), ValueError, "with offsets"),
    (lambda x, w: F.embedding_bag(x, w, nc.tensor([1, 2])), ValueError, r"offsets\[0\] has to be 0"),
    (lambda x, w: F.embedding_bag(x, w, nc.tensor([0, 9])), ValueError, "rise to at most 3"),
    (lambda x, w: F.embedding_bag(x, w, nc.tensor([0, 1.7])), TypeError, "offsets must be whole numbers, got float32"),
    (lambda x, w: F.embedding_bag(x, w, nc.tensor([0]), mode="min"), ValueError, "mode has to be one of"),
    (lambda x, w: F.embedding_bag(x, w, nc.tensor([0]), per_sample_weights=nc.ones(3)), NotImplementedError, "only supported"),
    (lambda x, w: F.embedding_bag(x.reshape(1, 3), w, nc.tensor([0])), ValueError, "offsets has to be None")], ids=range(7))
def test_bags_refuse(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt(nc.tensor([0, 1, 1]), nc.ones(2, 3))
