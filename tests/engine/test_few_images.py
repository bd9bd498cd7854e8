"""Few images take half the lanes: the same bits, and what is left in the others reaches no result."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("programs are compiled code", allow_module_level=True)

import numbacnn as nc
from numbacnn import nn
from numbacnn.engine import Batch, program, queue
from numbacnn.engine.few_images import tasks_of
from numbacnn.engine.ops import batch_norm, moves, pointwise
from numbacnn.engine.plan import Plan
from numbacnn.nn import functional as F
from numbacnn.simd.choice import HALF, L
from numbacnn.train import Normalize
from numbacnn.train.evaluation import predict_logits


class Block(nn.Module):
    """Layers that go by lanes, of all kinds but volumes, and a sum and channels side by side."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.groups, self.bent = nn.Conv2d(8, 8, 3, padding=1, groups=2), nn.LeakyReLU(0.2)
        self.gray = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 1, 3, padding=1))
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), nn.ConvTranspose2d(16, 8, 3, stride=2),
                                nn.ConvTranspose2d(8, 8, 3, groups=2))
        self.head = nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(8 * 17 * 17, 5), nn.LogSoftmax(dim=1))

    def forward(self, x):
        x = self.stem(x)
        x = x + nc.cat([self.gray(x)] * 8, 1)
        both = nc.cat([self.bent(F.gelu(x + self.groups(x))), x], 1)
        both = self.up(F.pad(both, (1, 1, 1, 1)))
        return self.head(F.adaptive_max_pool2d(both, 34) + F.adaptive_avg_pool2d(x, 34))


class Volumes(nn.Sequential):
    """Every operation on volumes that goes by lanes, in a chain."""

    def __init__(self):
        super().__init__(nn.Conv3d(2, 8, 2), nn.ReLU(), nn.MaxPool3d(2), nn.AvgPool3d(2, stride=1), nn.Flatten(), nn.Linear(8, 3))


@pytest.fixture(scope="module", params=[(Block, (3, 12, 12)), (Volumes, (2, 5, 5, 5))], ids=["images", "volumes"])
def known(request):
    """A network, L images and what it makes of them."""
    make, shape = request.param
    nc.manual_seed(3)
    model = make().eval()
    x = np.random.default_rng(3).standard_normal((L, *shape)).astype(np.float32)
    with nc.no_grad():
        return model, x, model(nc.tensor(x)).numpy().copy()


@pytest.fixture
def chosen(monkeypatch):
    """The tasks of each program that is put together from now on."""
    found = []
    monkeypatch.setattr(program, "tasks_of", lambda *given: found.append(tasks_of(*given)) or found[-1])
    queue._programs.clear()
    return found


def halved(tasks):
    """Names of those that take half the lanes."""
    return [task.family.__name__ for task in tasks if task.name[3].get("used") == HALF]


def poison():
    """Leave NaN wherever the programs before have worked."""
    block = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))
    with nc.no_grad():
        assert np.isnan(block(nc.full((L, 3, 12, 12), float("nan"))).numpy()).all()


@settings(max_examples=settings.default.max_examples // 8)
@given(N=st.integers(1, HALF), first=st.integers(0, HALF))
def test_an_image_gets_the_bits_that_it_gets_among_many(known, N, first):
    model, x, expected = known
    poison()
    with nc.no_grad():
        np.testing.assert_array_equal(model(nc.tensor(x[first:first + N])).numpy(), expected[first:first + N])
        np.testing.assert_array_equal(model(nc.tensor(x[first:first + N])).argmax(1).numpy(),
                                      expected[first:first + N].argmax(1))


def test_up_to_half_a_number_of_images_are_few(known, chosen):
    model, x, expected = known
    for N in (1, HALF, HALF + 1, L):
        with nc.no_grad():
            np.testing.assert_array_equal(model(nc.tensor(x[:N])).numpy(), expected[:N])
        names = halved(chosen.pop())
        assert bool(names) == (N <= HALF) and not chosen
        assert not names or {"max_forward", "max_relu_forward"} & set(names)


def test_a_result_that_somebody_keeps_has_all_lanes(chosen):
    x = nc.tensor(np.random.default_rng(0).standard_normal((2, 3, 12, 12)).astype(np.float32))
    nc.manual_seed(3)
    body, head = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 4, 3)
    gradients = []
    for plain in (False, True):
        poison()
        chosen.clear()
        with nc.no_grad():
            features = body(x)
            pooled = F.max_pool2d(features, 2).numpy()  # while `features` are kept as a batch
        assert not any(map(halved, chosen)) and np.isfinite(pooled).all()
        head.zero_grad()
        head(nc.tensor(features.numpy().copy()) if plain else features).sum().backward()
        gradients.append([param.grad.numpy().copy() for param in head.parameters()])
        assert all(np.isfinite(gradient).all() for gradient in gradients[-1])
    for one, other in zip(*gradients):
        np.testing.assert_array_equal(one, other)


def test_bytes_of_few_images_are_few_too(chosen):
    images = np.random.default_rng(0).integers(0, 256, (3, 1, 4, 4), np.uint8)
    with nc.no_grad():
        nn.MaxPool2d(2)(Normalize([0.5], [0.25]).tensor(images)).numpy()  # nothing is packed in a stage before
    assert halved(chosen.pop()) == ["max_forward"]


def test_scores_of_few_images_need_no_code_of_their_own(chosen):
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3), nn.ReLU())
    predict_logits(model, np.zeros((3, 1, 4, 4), np.uint8), Normalize([0.5], [0.25]))
    assert chosen and not any(map(halved, chosen))


def test_whoever_reads_a_tensor_while_it_is_read_gets_the_same_array(monkeypatch):
    """As a signal handler may."""
    with nc.no_grad():
        out = nn.Linear(3, 2)(nc.ones(2, 3))
    unpacked, handed_out = Batch.unpacked, []

    def read_meanwhile(batch):
        numbers = unpacked(batch)
        if not handed_out:
            handed_out.append(None)
            handed_out[0] = out.numpy()
        return numbers

    monkeypatch.setattr(Batch, "unpacked", read_meanwhile)
    array = out.numpy()
    assert np.shares_memory(array, handed_out[0])
    handed_out[0][:] = 7
    assert out.sum().item() == 28


def row(task, blocks=1, images=0):
    return Plan().row(task, blocks, [], [], blocks=blocks, images=images).rows[0]


pack, add, unpack = moves.pack_images.of(), pointwise.add.of(), moves.unpack_images.of()


@pytest.mark.parametrize("rows, level, half", [
    ([(row(pack, images=3), {"x"}), (row(add), {"y"}), (row(unpack, images=3), {"plain"})], [0, 0, 0], True),
    ([(row(add), {"y"}), (row(unpack, images=HALF), {"plain"})], [0, 0], True),
    ([(row(add), {"y"}), (row(unpack, images=HALF + 1), {"plain"})], [0, 0], False),
    ([(row(add), {"kept"}), (row(unpack, images=3), {"plain"})], [0, 0], False),
    ([(row(add), {"y"}), (row(batch_norm.block_statistics.of()), {"y"})], [0, 0], False),
    ([(row(add, blocks=2), {"y"}), (row(unpack, blocks=2, images=3), {"plain"})], [0, 0], False),
    ([(row(add), {"y"}), (row(unpack, images=3), {"plain"}), (row(add), {"kept"})], [0, 0, 1], True),
])
def test_a_chain_takes_half_the_lanes_if_all_of_it_can(rows, level, half):
    tasks = tasks_of(rows, level, {"x": 0, "y": 0})
    assert tasks == [task.halved() if half and task is add and level[i] == 0 else task
                     for i, task in enumerate(row.task for row, _ in rows)]
