"""Data sets and the loader."""

from collections import namedtuple

import numpy as np
import pytest

import numbacnn as nc
from numbacnn.utils.data import DataLoader, Dataset, Subset, TensorDataset, default_collate, random_split

SEED = 20240229


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def numbers():
    """Ten samples: an image of 2x2 filled with k, and the label k."""
    return TensorDataset(nc.arange(10).float().view(10, 1, 1).expand(10, 2, 2), nc.arange(10))


class Squares(Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return np.full(2, index, np.float32), index, float(index) ** 2


def labels(loader):
    return [batch[1].tolist() for batch in loader]


@pytest.mark.parametrize("batch_size, drop_last, expected", [
    (1, False, [[k] for k in range(10)]), (4, False, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]),
    (4, True, [[0, 1, 2, 3], [4, 5, 6, 7]]), (10, False, [[*range(10)]]), (20, False, [[*range(10)]]), (20, True, []),
])
def test_batches(batch_size, drop_last, expected, numbers):
    loader = DataLoader(numbers, batch_size, drop_last=drop_last)
    assert labels(loader) == labels(loader) == expected and len(loader) == len(expected)
    for images, targets in loader:
        assert images.dtype == nc.float32 and targets.dtype == nc.int64
        assert images[:, 1, 1].tolist() == targets.tolist()


def test_shuffle_deals_every_sample_once_and_anew_each_epoch(numbers):
    loader = DataLoader(numbers, 3, shuffle=True)
    nc.manual_seed(SEED)
    first, second = labels(loader), labels(loader)
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == [*range(10)] and first != second
    nc.manual_seed(SEED)
    assert labels(loader) == first
    own = [labels(DataLoader(numbers, 3, True, generator=nc.Generator().manual_seed(SEED))) for _ in range(2)]
    assert own[0] == own[1]
    for images, targets in loader:
        assert images[:, 0, 0].tolist() == targets.tolist()


def test_the_short_way_and_the_long_way_give_the_same_batches(numbers):
    short = DataLoader(numbers, 4)
    for wrapped in (Subset(numbers, range(10)), [numbers[k] for k in range(10)]):
        for mine, other in zip(short, DataLoader(wrapped, 4), strict=True):
            assert type(mine) is type(other) is list
            assert all(nc.equal(a, b) and a.dtype == b.dtype for a, b in zip(mine, other))


def test_a_batch_does_not_share_memory_with_the_data_set(numbers):
    images, _ = next(iter(DataLoader(numbers, 10)))
    images.zero_()
    assert numbers[3][0].tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_sampler_and_collate_fn(numbers):
    assert labels(DataLoader(numbers, 2, sampler=[5, 1, 3])) == [[5, 1], [3]]
    assert len(DataLoader(numbers, 2, sampler=[5, 1, 3])) == 2
    assert [*DataLoader(range(5), 2, collate_fn=sum)] == [1, 5, 4]


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize("samples", [
    [1, 2], [1.5, 2.5], [True, False], [np.float32(1), np.float32(2)], [np.zeros(2), np.ones(2)], ["a", "b"],
    [(1, 2.0), (3, 4.0)], [{"a": 1, "b": [1.0, 2.0]}] * 2, [Point(1, 2.0), Point(3, 4.0)],
])
def test_collate_equals_pytorch(samples, torch):
    def same(mine, other):
        if isinstance(mine, nc.Tensor):
            assert str(mine.dtype) == str(other.dtype).removeprefix("torch.")
            np.testing.assert_array_equal(mine.numpy(), other.numpy())
        elif isinstance(mine, dict):
            assert list(mine) == list(other)
            same(list(mine.values()), list(other.values()))
        else:
            assert type(mine) is type(other) and len(mine) == len(other)
            for a, b in zip(mine, other):
                same(a, b) if not isinstance(a, str) else None

    from torch.utils.data import default_collate as theirs
    same(default_collate(samples), theirs(samples))


def test_a_data_set_of_ones_own():
    vectors, indices, squares = next(iter(DataLoader(Squares(), 3)))
    assert vectors.shape == (3, 2) and indices.tolist() == [0, 1, 2] and squares.dtype == nc.float64


@pytest.mark.parametrize("lengths, expected", [([7, 3], [7, 3]), ([0.75, 0.25], [8, 2]), ([0.25] * 4, [3, 3, 2, 2]),
                                               ([10], [10]), ([1.0], [10])])
def test_random_split_deals_all_samples(lengths, expected, numbers):
    nc.manual_seed(SEED)
    parts = random_split(numbers, lengths)
    assert [len(part) for part in parts] == expected
    assert sorted(part[k][1].item() for part in parts for k in range(len(part))) == [*range(10)]
    again = random_split(numbers, lengths, nc.Generator().manual_seed(SEED))
    assert [part.indices for part in again] == [part.indices for part in parts]


@pytest.mark.parametrize("lengths", [[7, 3], [0.75, 0.25], [0.33, 0.33, 0.34], [1 / 3] * 3, [0.25] * 4])
def test_random_split_lengths_equal_pytorch(lengths, torch, numbers):
    from torch.utils.data import random_split as theirs
    assert [len(part) for part in random_split(numbers, lengths)] == [len(part) for part in theirs(numbers, lengths)]


@pytest.mark.parametrize("attempt, error, words", [
    (lambda d: DataLoader(d, 0), ValueError, "batch_size=0"),
    (lambda d: DataLoader(d, 2.5), ValueError, "batch_size=2.5"),
    (lambda d: DataLoader(d, num_workers=2), NotImplementedError, "num_workers=2"),
    (lambda d: DataLoader(d, shuffle=True, sampler=[1]), ValueError, "mutually exclusive"),
    (lambda d: DataLoader([], shuffle=True), ValueError, "num_samples=0"),
    (lambda d: TensorDataset(nc.ones(2), nc.ones(3)), ValueError, r"\[2, 3\]"),
    (lambda d: random_split(d, [3, 3]), ValueError, "sum to 6.*10 samples"),
    (lambda d: random_split(d, [1.5, -0.5]), ValueError, "between 0 and 1"),
    (lambda d: Dataset()[0], NotImplementedError, "__getitem__"),
    (lambda d: default_collate([None]), TypeError, "NoneType.*collate_fn"),
    (lambda d: default_collate([(1,), (1, 2)]), RuntimeError, "equal size"),
    (lambda d: default_collate([nc.ones(2), nc.ones(3)]), RuntimeError, "one shape"),
])
def test_mistakes_are_named(attempt, error, words, numbers):
    with pytest.raises(error, match=words):
        attempt(numbers)


def test_generator_state_must_be_one():
    with pytest.raises(ValueError, match="56 bytes"):
        nc.Generator().set_state(np.zeros(3, np.uint8))
    generator = nc.Generator()
    assert generator.seed() == generator.initial_seed() and nc.seed() == nc.initial_seed()
    other = nc.Generator()
    other.set_state(generator.get_state())
    assert nc.rand(3, generator=other).tolist() == nc.rand(3, generator=generator).tolist()
