"""Datasets, samplers and the DataLoader; names, arguments and defaults as in torch.utils.data."""
from ... import _C as _core
from ._collate import default_collate, default_convert
from ._extras import (GroupedBatchSampler, GroupedSampler, LengthBatchSampler, PackedDataset,
                      pad_collate, split_by_group)
from ._worker import WorkerInfo, get_worker_info
from .dataloader import DataLoader
from .dataset import (ChainDataset, ConcatDataset, Dataset, IterableDataset, StackDataset, Subset,
                      TensorDataset, random_split)
from .sampler import (BatchSampler, DistributedSampler, RandomSampler, Sampler, SequentialSampler,
                      SubsetRandomSampler, WeightedRandomSampler)

ImageFolder, TokenDataset = _core._datasets.ImageFolder, _core._datasets.TokenDataset
packed_mask, balanced_weights = _core._datasets.packed_mask, _core._datasets.balanced_weights

__all__ = [
    "BatchSampler", "ChainDataset", "ConcatDataset", "DataLoader", "Dataset", "DistributedSampler",
    "GroupedBatchSampler", "GroupedSampler", "ImageFolder", "IterableDataset", "LengthBatchSampler",
    "PackedDataset", "RandomSampler", "Sampler", "SequentialSampler", "StackDataset", "Subset",
    "SubsetRandomSampler", "TensorDataset", "TokenDataset", "WeightedRandomSampler", "WorkerInfo",
    "balanced_weights", "default_collate", "default_convert", "get_worker_info", "packed_mask",
    "pad_collate", "random_split", "split_by_group"]
