"""Data sets, samplers, and the loader that hands out batches. Names, arguments and defaults are PyTorch's."""

from numbacnn.tensors.absent import refusing
from numbacnn.utils.data.collate import default_collate, default_convert
from numbacnn.utils.data.dataset import (ChainDataset, ConcatDataset, Dataset, IterableDataset, StackDataset, Subset,
                                          TensorDataset, random_split)
from numbacnn.utils.data.dataloader import DataLoader
from numbacnn.utils.data.sampler import (BatchSampler, RandomSampler, Sampler, SequentialSampler, SubsetRandomSampler,
                                          WeightedRandomSampler)
from numbacnn.utils.data.worker import WorkerInfo, get_worker_info

__all__ = ["BatchSampler", "ChainDataset", "ConcatDataset", "DataLoader", "Dataset", "IterableDataset", "RandomSampler",
           "Sampler", "SequentialSampler", "StackDataset", "Subset", "SubsetRandomSampler", "TensorDataset",
           "WeightedRandomSampler", "WorkerInfo", "default_collate", "default_convert", "get_worker_info", "random_split"]
__getattr__ = refusing(__name__, __all__)
