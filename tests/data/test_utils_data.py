"""Data sets, samplers, and batches of samples; the options of the loader are in test_data_loader.py."""

from collections import Counter, OrderedDict, UserList, defaultdict, namedtuple

import numpy as np
import pytest

import numbacnn as nc
from numbacnn.utils.data import (BatchSampler, ChainDataset, ConcatDataset, DataLoader, Dataset, IterableDataset, RandomSampler,
                                 Sampler, SequentialSampler, StackDataset, Subset, SubsetRandomSampler, TensorDataset,
                                 WeightedRandomSampler, default_collate, default_convert, random_split)

SEED = 20240229
Point = namedtuple("Point", "x y")


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


def same(mine, other):
    """Whether a batch of numbacnn is that of PyTorch: containers, dtypes and numbers."""
    if isinstance(mine, nc.Tensor):
        assert str(mine.dtype) == str(other.dtype).removeprefix("torch.") and tuple(mine.shape) == tuple(other.shape)
        np.testing.assert_array_equal(mine.numpy(), other.numpy())
        return
    assert type(mine) is type(other)
    if isinstance(mine, dict):
        assert list(mine) == list(other)
        same(list(mine.values()), list(other.values()))
    elif isinstance(mine, (list, tuple, UserList)):
        assert len(mine) == len(other)
        for a, b in zip(mine, other):
            same(a, b)
    else:
        assert mine is other or (mine == other).all() if isinstance(mine, np.ndarray) else mine == other


SAMPLES = [
    [1, 2], [1.5, 2.5], [True, False], [1, 2.5], [np.float32(1), np.float32(2)], [np.float64(1), np.float64(2)],
    [np.int32(1), np.int32(2)], [np.bool_(True), np.bool_(False)], [np.zeros(2), np.ones(2)],
    [np.zeros((2, 3), np.uint8)] * 2, [np.array(1), np.array(2)], ["a", "b"], [b"a", b"b"], [(1, 2.0), (3, 4.0)],
    [{"a": 1, "b": [1.0, 2.0]}] * 2, [Point(1, 2.0), Point(3, 4.0)], [[(1, "x"), {"k": Point(1, 2)}]] * 3, [(), ()],
    [OrderedDict(b=1, a=2.0)] * 2, [defaultdict(int, a=1)] * 2, [UserList([1, 2])] * 2, [range(3), range(3)],
]


@pytest.mark.parametrize("samples", SAMPLES)
def test_collate_equals_pytorch(samples, torch):
    from torch.utils.data import default_collate as theirs
    same(default_collate(samples), theirs(samples))


@pytest.mark.parametrize("sample", [*(samples[0] for samples in SAMPLES), np.array(["a"]), None, {"a": None}])
def test_convert_equals_pytorch(sample, torch):
    from torch.utils.data import default_convert as theirs
    same(default_convert(sample), theirs(sample))


@pytest.mark.parametrize("samples", [
    [None], [object()], [np.array(["a"])], [np.array([None])], [(1,), (1, 2)], [{"a": 1}, {"b": 1}], [np.zeros(2), np.zeros(3)],
    [{1, 2}, {3, 4}], [[1], [2, 3]], []])
def test_collate_refuses_what_pytorch_refuses(samples, torch):
    from torch.utils.data import default_collate as theirs
    with pytest.raises(Exception) as expected:
        theirs(samples)
    with pytest.raises(expected.type):
        default_collate(samples)


def test_a_default_dict_stays_one():
    batch = default_collate([defaultdict(list, a=1)] * 2)
    assert batch["b"] == [] and batch["a"].tolist() == [1, 1]


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


def test_random_split_warns_of_an_empty_part(numbers):
    with pytest.warns(UserWarning, match=r"part 1 \(share 0 of 10 samples\) is empty"):
        parts = random_split(numbers, [1.0, 0.0])
    assert [len(part) for part in parts] == [10, 0]


# --- data sets made of others

class Stream(IterableDataset):
    def __init__(self, *samples):
        self.samples = samples

    def __iter__(self):
        return iter(self.samples)


def test_one_after_the_other(numbers):
    both = Squares() + numbers
    assert type(both) is ConcatDataset and len(both) == 15 and both.cumulative_sizes == [5, 15]
    assert both[4][1] == 4 and both[5][1] == 0 and both[-1][1] == 9 and both[-15][1] == 0
    assert [both[k][1] for k in range(5, 15)] == [*range(10)]
    for index, error in ((15, IndexError), (-16, ValueError)):
        with pytest.raises(error, match=f"{index} is outside of 15"):
            both[index]
    chain = Stream(1, 2) + Stream(3)
    assert type(chain) is ChainDataset and [*chain] == [*chain] == [1, 2, 3]
    with pytest.raises(TypeError, match="len"):
        len(chain)


def test_side_by_side(numbers):
    pairs, named = StackDataset(Subset(numbers, [3, 4]), "ab"), StackDataset(number=[1, 2], letter="ab")
    assert len(pairs) == len(named) == 2
    assert pairs[1][0][1] == 4 and pairs[1][1] == "b" and named[0] == {"number": 1, "letter": "a"}
    (batch,) = DataLoader(named, 2)
    assert batch["number"].tolist() == [1, 2] and batch["letter"] == ["a", "b"]
    ((tensors, letters),) = DataLoader(pairs, 2)
    assert tensors[1].tolist() == [3, 4] and letters == ("a", "b")


class Many(Squares):
    """Answers for a whole batch."""

    def __init__(self, short=0):
        self.asked, self.short = [], short

    def __getitems__(self, indices):
        self.asked.append(indices)
        return [self[k] for k in indices[self.short:]]


def test_a_data_set_may_answer_for_a_whole_batch():
    data = Many()
    assert labels(DataLoader(data, 3)) == [[0, 1, 2], [3, 4]] and data.asked == [[0, 1, 2], [3, 4]]
    stacked = DataLoader(StackDataset(Subset(data, [4, 2]), "ab"), 2, collate_fn=list)
    assert [[sample[0][1] for sample in batch] for batch in stacked] == [[4, 2]]
    assert data.asked[2:] == [[4, 2]]
    with pytest.raises(ValueError, match="Many.__getitems__ returned 1 samples for 2"):
        next(iter(DataLoader(Many(short=1), 2)))


def test_kinds_can_be_annotated():
    class Numbers(Dataset[int]):
        pass

    class Drawn(Sampler[int]):
        def __init__(self):
            super().__init__(None)

        def __iter__(self):
            return iter([1])

    assert isinstance(Numbers(), Dataset) and [*Drawn()] == [1] and [*DataLoader[int]([1], None)] == [1]


# --- samplers

def test_samplers(numbers):
    assert [*SequentialSampler("abc")] == [0, 1, 2] and len(SequentialSampler("abc")) == 3
    nc.manual_seed(SEED)
    drawn = [*RandomSampler(numbers)]
    assert sorted(drawn) == [*range(10)]
    nc.manual_seed(SEED)
    assert sum(DataLoader(range(10), 4, True, collate_fn=list), []) == drawn
    rounds = [*RandomSampler(numbers, num_samples=25)]
    assert len(rounds) == len(RandomSampler(numbers, num_samples=25)) == 25
    assert sorted(rounds[:10]) == sorted(rounds[10:20]) == [*range(10)] and len({*rounds[20:]}) == 5
    again = [*RandomSampler(numbers, True, 200, nc.Generator().manual_seed(1))]
    assert again == [*RandomSampler(numbers, True, 200, nc.Generator().manual_seed(1))] and {*again} == {*range(10)}
    assert sorted(SubsetRandomSampler([7, 8, 9])) == [7, 8, 9] and len(SubsetRandomSampler([7])) == 1
    assert [*BatchSampler("abcde", 2, False)] == [["a", "b"], ["c", "d"], ["e"]] and len(BatchSampler("abcde", 2, False)) == 3
    assert [*BatchSampler("abcde", 2, True)] == [["a", "b"], ["c", "d"]] and len(BatchSampler("abcde", 2, True)) == 2


def test_weighted_samples():
    nc.manual_seed(SEED)
    drawn = Counter(WeightedRandomSampler([1, 0, 3], 4000))
    assert set(drawn) == {0, 2} and abs(drawn[2] - 3000) < 5 * (4000 * 3 / 16) ** 0.5
    assert sorted(WeightedRandomSampler(nc.tensor([0.2, 0.0, 5.0]), 2, replacement=False)) == [0, 2]


@pytest.mark.parametrize("attempt", [
    lambda u, n: u.RandomSampler([]), lambda u, n: u.RandomSampler([1], 1), lambda u, n: u.RandomSampler([1], num_samples=0),
    lambda u, n: u.RandomSampler([1], num_samples=1.5), lambda u, n: u.BatchSampler([1], 0, False),
    lambda u, n: u.BatchSampler([1], True, False), lambda u, n: u.BatchSampler([1], 1, 0), lambda u, n: u.WeightedRandomSampler([1], 0),
    lambda u, n: u.WeightedRandomSampler([1], 1, 1), lambda u, n: u.WeightedRandomSampler([[1.0]], 1),
    lambda u, n: [*u.WeightedRandomSampler([0.0, 0.0], 1)], lambda u, n: [*u.WeightedRandomSampler([1.0, -1.0], 1)],
    lambda u, n: [*u.WeightedRandomSampler([1.0, float("nan")], 1)], lambda u, n: [*u.WeightedRandomSampler([1.0], 2, False)],
    lambda u, n: [*u.Sampler()], lambda u, n: len(u.Sampler()), lambda u, n: u.ConcatDataset([]),
    lambda u, n: u.ConcatDataset([type("Stream", (u.IterableDataset,), {"__iter__": None})()]), lambda u, n: [*u.ChainDataset([[1]])], lambda u, n: u.StackDataset(),
    lambda u, n: u.StackDataset([1], [1, 2]), lambda u, n: u.StackDataset([1], a=[1]), lambda u, n: u.Dataset()[0],
    lambda u, n: u.TensorDataset(n.ones(2), n.ones(3)), lambda u, n: u.random_split([1, 2], [1.5, -0.5]),
    lambda u, n: u.random_split([1, 2], [1, 2])])
def test_what_pytorch_refuses_is_refused_alike(attempt, torch):
    from torch.utils import data as theirs

    from numbacnn.utils import data as ours
    with pytest.raises(Exception) as expected:
        attempt(theirs, torch)
    with pytest.raises(expected.type) as refusal:
        attempt(ours, nc)
    assert refusal.type is expected.type


@pytest.mark.parametrize("attempt, error, words", [
    (lambda d: TensorDataset(nc.ones(2), nc.ones(3)), AssertionError, r"\[2, 3\]"),
    (lambda d: TensorDataset(np.ones(2)), TypeError, "ndarray; numbacnn.as_tensor"), (lambda d: TensorDataset(), ValueError, "at least one"),
    (lambda d: random_split(d, [3, 3]), ValueError, "sum to 6.*10 samples"),
    (lambda d: random_split(d, [8.0, 2.0]), ValueError, "whole numbers that sum to 10, or shares"),
    (lambda d: random_split(d, [1.5, -0.5]), ValueError, "between 0 and 1"),
    (lambda d: Dataset()[0], NotImplementedError, "__getitem__"), (lambda d: [*IterableDataset()], NotImplementedError, "__iter__"),
    (lambda d: default_collate([None]), TypeError, "NoneType.*collate_fn"),
    (lambda d: default_collate([(1,), (1, 2)]), RuntimeError, r"equal size, got lengths \[1, 2\]"),
    (lambda d: default_collate([nc.ones(2), nc.ones(3)]), RuntimeError, "one shape"),
    (lambda d: [*WeightedRandomSampler([1, 0], 2, False)], RuntimeError, "draw 2 samples .* only 1 weight"),
])
def test_mistakes_are_named(attempt, error, words, numbers):
    with pytest.raises(error, match=words):
        attempt(numbers)
