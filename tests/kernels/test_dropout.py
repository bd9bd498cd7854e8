"""Dropout: the mask is that of the twin for every kind of number, and drops as often as asked for."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference_layers
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from numbacnn.simd.random import splitmix64
from tolerances import assert_close

SHAPES = [(1, 1), (3, 5), (2, 3, 7), (2, 3, 4, 5), (L + 1, 9, 3, 2), (2, 3, 2, 2, 2)]
SEED = (1 << 62) + 12345


def test_splitmix64_equals_published_numbers():
    """Of seed 1234567, as listed for splitmix64.c on rosettacode.org."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
                 16408922859458223821]
    assert [splitmix64(1234567, place) for place in range(5)] == published
    assert reference_layers.splitmix64(1234567, 5).tolist() == published


@pytest.mark.parametrize("op", ["dropout_forward", "dropout2d_forward"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_equals_the_twin(kind, op, shape, rng):
    x, p = kind.normal(rng, *shape), 0.375
    out = kind.leave(getattr(kind.ops, op)(kind.enter(x), p, 1 / (1 - p), SEED))
    expected = getattr(reference_layers, op)(x, p, 1 / (1 - p), SEED)
    assert out.dtype == kind.dtype
    np.testing.assert_array_equal(out == 0, expected == 0)
    assert_close(out, expected)


@pytest.mark.parametrize("layer", [nn.Dropout(0.3), nn.Dropout1d(0.3), nn.Dropout2d(0.3)], ids=repr)
def test_as_often_as_asked_and_the_gradient_goes_the_same_way(layer, rng):
    nc.manual_seed(3)
    x = nc.tensor(rng.random((200, 50, 4)).astype(np.float32) + 1, requires_grad=True)
    out = layer(x)
    (out * 2).sum().backward()
    kept = out.detach().numpy() != 0
    assert abs(kept.mean() - 0.7) < 0.02
    np.testing.assert_array_equal(x.grad.numpy() != 0, kept)
    assert_close(x.grad.numpy()[kept], np.full(kept.sum(), 2 / 0.7))
    whole_channels = (kept.all(axis=2) | ~kept.any(axis=2)).all()
    assert whole_channels == (type(layer) is not nn.Dropout)


def test_lots_come_from_the_seed_and_differ_from_call_to_call():
    layer, x = nn.Dropout(), nc.ones(40, 20)
    draws = []
    for _ in range(2):
        nc.manual_seed(5)
        draws.append([layer(x).numpy().copy() for _ in range(2)])
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0][0] != draws[0][1]).mean() > 0.4


def test_whole_channels_of_volumes():
    """A volume without an axis of images has channels first."""
    for shape in ((40, 30, 2, 3, 2), (400, 2, 3, 2)):
        kept = nn.Dropout3d(0.4)(nc.ones(*shape)).numpy().reshape(-1, 12) != 0
        assert (kept.all(axis=1) | ~kept.any(axis=1)).all() and abs(kept.mean() - 0.6) < 0.08
    assert nn.Dropout3d().eval()(nc.ones(2, 3, 4, 5)).shape == (2, 3, 4, 5)


@pytest.mark.skipif(config.DISABLE_JIT, reason="lanes exist only in compiled code")
def test_same_bits_for_lanes_and_floats_and_any_number_of_threads(threads):
    x = nc.ones(3 * L + 1, 3, 4, 4)
    results = []
    for array, number in ((x, 1), (F.avg_pool2d(x, 1), 1), (F.avg_pool2d(x, 1), 2)):
        threads(min(number, config.NUMBA_NUM_THREADS))
        nc.manual_seed(7)
        results.append(F.dropout(array, 0.1).numpy())
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[1], results[2])


def test_in_use_it_is_the_identity_and_at_the_ends_all_or_nothing():
    x = nc.ones(3, 4)
    assert nn.Dropout().eval()(x) is x and F.dropout(x, 0.0) is x
    assert F.dropout(x, 1.0).abs().max().item() == 0
    assert repr(nn.Dropout2d(0.25)) == "Dropout2d(p=0.25, inplace=False)"


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: nn.Dropout(1.5), ValueError, "between 0 and 1, but got 1.5"),
    (lambda: F.dropout(nc.ones(2, 2), -0.1), ValueError, "between 0 and 1"),
    (lambda: F.dropout3d(nc.ones(3)), ValueError, r"dropout3d: expected input \(N, C"),
    (lambda: F.dropout2d(nc.ones(3)), ValueError, r"expected input \(N, C"),
    (lambda: F.dropout(nc.ones(2, dtype=nc.int64)), TypeError, "floating point")])
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
