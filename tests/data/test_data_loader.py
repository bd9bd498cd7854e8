"""The options of the loader: workers that are none, streams, sample by sample, and what is refused."""

import random
from importlib import import_module
from multiprocessing import get_context

import numpy as np
import pytest

import numbacnn as nc
from numbacnn.utils.data import (BatchSampler, DataLoader, Dataset, IterableDataset, SequentialSampler, TensorDataset, get_worker_info)

SEED = 20240229


class Drawn(Dataset):
    """Ten samples, each with a random number, as after augmentation."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return index, random.random(), np.random.rand(), nc.rand(2)


class Shared(IterableDataset):
    """Twenty numbers that workers share among them."""

    def __iter__(self):
        info = get_worker_info()
        return iter(range(0 if info is None else info.id, 20, 1 if info is None else info.num_workers))


class Counted(Shared):
    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length


def seed_all(worker=None):
    random.seed(SEED)
    np.random.seed(SEED)
    nc.manual_seed(SEED)


def plain(batches):
    return [[part.tolist() for part in batch] for batch in batches]


WORKERS = [{"num_workers": 1}, {"num_workers": 3, "prefetch_factor": 4, "persistent_workers": True, "timeout": 30},
           {"num_workers": 2, "worker_init_fn": seed_all, "pin_memory": True, "pin_memory_device": "cuda"},
           {"num_workers": 2, "multiprocessing_context": "spawn", "in_order": False},
           {"num_workers": 2, "multiprocessing_context": get_context("spawn")}]


@pytest.mark.parametrize("options", WORKERS)
def test_the_batches_are_the_same_whatever_the_workers(options):
    """Even where samples are random, epoch after epoch."""
    epochs = []
    for more in ({}, options):
        seed_all()
        loader = DataLoader(Drawn(), 4, shuffle=True, **more)
        epochs.append([plain(loader) for _ in range(3)])
    assert epochs[0] == epochs[1] and epochs[0][0] != epochs[0][1]


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_a_stream_is_dealt_out_once(workers):
    loader = DataLoader(Shared(), 8, num_workers=workers)
    assert [batch.tolist() for batch in loader] == [[*range(8)], [*range(8, 16)], [16, 17, 18, 19]]
    assert [len(batch) for batch in DataLoader(Shared(), 8, drop_last=True)] == [8, 8]
    assert [*DataLoader(Shared(), None)] == [*range(20)]
    with pytest.raises(TypeError, match="len"):
        len(loader)


@pytest.mark.parametrize("size, drop_last, length", [(8, False, 3), (8, True, 2), (None, False, 20), (20, True, 1), (1, False, 20)])
def test_the_length_of_a_stream(size, drop_last, length, torch):
    loader = DataLoader(Counted(20), size, drop_last=drop_last)
    theirs = torch.utils.data.DataLoader(type("Theirs", (Counted, torch.utils.data.IterableDataset), {})(20), size, drop_last=drop_last)
    assert len(loader) == length == len([*loader]) == len(theirs)


def test_a_stream_that_is_longer_than_it_says():
    with pytest.warns(UserWarning, match="says that it has 19 samples, but yields more") as warned:
        assert len([*DataLoader(Counted(19), 4)]) == 5
    assert len(warned) == 1


def test_what_a_data_set_learns_of_its_worker():
    seen = []

    class Watched(Dataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            seen.append(get_worker_info())
            return index

    begun = []
    data = Watched()

    def begin(worker):
        begun.append((worker, get_worker_info().dataset is data, nc.rand(1)))
        data.ready = True

    loader = DataLoader(data, 2, num_workers=2, worker_init_fn=begin)
    assert [*loader] and [*loader] and get_worker_info() is None and data.ready
    assert [info.id for info in seen] == [0] * 4 and {info.num_workers for info in seen} == {1} and seen[0].dataset is data
    assert seen[0].seed == seen[1].seed != seen[2].seed
    assert [worker[:2] for worker in begun] == [(0, True)] * 2
    seen.clear()
    kept = DataLoader(data, 2, num_workers=2, worker_init_fn=begin, persistent_workers=True)
    assert [*kept] and [*kept] and len(begun) == 3
    assert [*DataLoader(data, 2)] and seen[-1] is None


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_says_which_sample_it_was(workers):
    class Broken(Dataset):
        def __len__(self):
            return 10

        def __getitem__(self, index):
            return {}["no such key"] if index == 7 else index

    loader = iter(DataLoader(Broken(), 4, num_workers=workers))
    assert next(loader).tolist() == [0, 1, 2, 3]
    with pytest.raises(KeyError, match="no such key") as error:
        next(loader)
    assert getattr(error.value, "__notes__", ["raised for index 7 of a Broken"]) == ["raised for index 7 of a Broken"]
    assert get_worker_info() is None


def test_batches_of_ones_own():
    data = TensorDataset(nc.arange(6))
    for sampler in ([[0, 1, 2], [5]], BatchSampler([0, 1, 2, 5], 3, False)):
        loader = DataLoader(data, batch_sampler=sampler)
        assert len(loader) == 2 and loader.batch_size is None
        assert [batch[0].tolist() for batch in loader] == [batch[0].tolist() for batch in loader] == [[0, 1, 2], [5]]


def test_sample_by_sample():
    loader = DataLoader([np.ones(2), np.zeros(2)], batch_size=None)
    assert len(loader) == 2 and [type(sample) for sample in loader] == [nc.Tensor] * 2
    assert [*DataLoader([[1.0, 2.0]], batch_size=None)] == [[1.0, 2.0]]
    assert [sample.tolist() for sample in DataLoader(nc.arange(3), None, sampler=[2, 0])] == [2, 0]


def test_an_epoch_is_an_iterator_with_a_length():
    batches = iter(DataLoader(range(10), 4))
    assert len(batches) == 3 and iter(batches) is batches and next(batches).tolist() == [0, 1, 2, 3]
    assert len([*batches]) == 2 and next(batches, None) is None


def test_nothing_to_load():
    assert [*DataLoader([])] == [*DataLoader(TensorDataset(nc.ones(0, 2)), 4)] == [] and len(DataLoader([], 4)) == 0
    assert [*DataLoader([1], 2, drop_last=True)] == []


MISUSE = [
    {"batch_size": 0}, {"batch_size": -1}, {"batch_size": 2.5}, {"batch_size": True}, {"num_workers": -1}, {"timeout": -1},
    {"prefetch_factor": 2}, {"num_workers": 1, "prefetch_factor": -1}, {"persistent_workers": True},
    {"multiprocessing_context": "spawn"}, {"num_workers": 1, "multiprocessing_context": "cloud"},
    {"num_workers": 1, "multiprocessing_context": 3}, {"shuffle": True, "sampler": [1]}, {"batch_sampler": [[1]], "batch_size": 2},
    {"batch_sampler": [[1]], "shuffle": True}, {"batch_sampler": [[1]], "sampler": [1]}, {"batch_sampler": [[1]], "drop_last": True},
    {"batch_size": None, "drop_last": True}]


@pytest.mark.parametrize("options", MISUSE, ids=str)
def test_what_pytorch_refuses_is_refused_alike(options, torch):
    with pytest.raises(Exception) as expected:
        torch.utils.data.DataLoader([1, 2], **options)
    with pytest.raises(expected.type, match="DataLoader|Sampler"):
        DataLoader([1, 2], **options)


@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": [1]}, {"batch_sampler": [[1]]}])
def test_a_stream_has_an_order_of_its_own(options, torch):
    with pytest.raises(ValueError):
        torch.utils.data.DataLoader(type("Theirs", (Shared, torch.utils.data.IterableDataset), {})(), **options)
    with pytest.raises(ValueError, match=f"IterableDataset.*takes no {next(iter(options))}"):
        DataLoader(Shared(), **options)
    assert next(iter(DataLoader(Shared(), shuffle=False))).tolist() == [0]


@pytest.mark.parametrize("options, error, words", [
    ({"num_workers": 2.0}, ValueError, "num_workers=2.0"), ({"collate_fn": 3}, TypeError, "collate_fn=3"),
    ({"worker_init_fn": 3}, TypeError, "worker_init_fn=3"), ({"shuffle": True}, ValueError, "num_samples=0")])
def test_other_mistakes_are_named(options, error, words):
    with pytest.raises(error, match=words):
        DataLoader([], **options)


@pytest.mark.parametrize("name", ["batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"])
def test_what_the_order_was_made_of_cannot_be_changed(name):
    loader = DataLoader([1, 2])
    with pytest.raises(ValueError, match=f"{name} attribute should not be set"):
        setattr(loader, name, 4)
    loader.collate_fn = list
    assert [*loader] == [[1], [2]] and type(loader.sampler) is SequentialSampler


def test_a_missing_name_is_refused_with_the_closest():
    import numbacnn.utils.data as data
    with pytest.raises(AttributeError, match="numbacnn.utils.data.RandomSample is not part of numbacnn; the closest: RandomSampler"):
        data.RandomSample
    assert all(hasattr(data, name) for name in dir(data))
    with pytest.raises(AttributeError, match="numbacnn.utils.tensorboard is not part of numbacnn"):
        nc.utils.tensorboard


def test_generator_state_must_be_one():
    with pytest.raises(ValueError, match="56 bytes"):
        nc.Generator().set_state(np.zeros(3, np.uint8))
    generator = nc.Generator()
    assert generator.seed() == generator.initial_seed() and nc.seed() == nc.initial_seed()
    other = nc.Generator()
    other.set_state(generator.get_state())
    assert nc.rand(3, generator=other).tolist() == nc.rand(3, generator=generator).tolist()


@pytest.mark.parametrize("path", ["dataset.random_split", "sampler.SubsetRandomSampler", "dataloader.DataLoader", "dataloader.default_collate"])
def test_names_are_also_in_the_modules_of_pytorch(path):
    module, name = path.split(".")
    assert hasattr(import_module(f"numbacnn.utils.data.{module}"), name)
