"""Names that numbacnn does not have are refused with the closest that it has."""
import pickle
import subprocess
import sys

import pytest

import numbacnn as nc
import numbacnn.nn.functional as F
from numbacnn import nn, optim


@pytest.mark.parametrize("ask, message", [
    (lambda: F.silu, "numbacnn.nn.functional.silu is not part of numbacnn; the closest: elu"),
    (lambda: nn.SiLU, "numbacnn.nn.SiLU is not part of numbacnn; the closest: ELU"),
    (lambda: nn.GroupNorm, "numbacnn.nn.GroupNorm is not part of numbacnn; the closest: BatchNorm1d, BatchNorm2d, BatchNorm3d"),
    (lambda: F.layer_norm, "numbacnn.nn.functional.layer_norm is not part of numbacnn; the closest: batch_norm"),
    (lambda: nn.Conv2D, "numbacnn.nn.Conv2D is not part of numbacnn; the closest: Conv2d, Conv1d, Conv3d"),
    (lambda: nn.RNN, "numbacnn.nn.RNN is not part of numbacnn; dir(numbacnn.nn) lists what is"),
    (lambda: nc.hstack, "numbacnn.hstack is not part of numbacnn; the closest: stack"),
    (lambda: nc.where, "numbacnn.where is not part of numbacnn; dir(numbacnn) lists what is"),
    (lambda: optim.Adamax, "numbacnn.optim.Adamax is not part of numbacnn; the closest: Adam, AdamW"),
    (lambda: nc.ones(2).chunk, "numbacnn.Tensor.chunk is not part of numbacnn; dir(numbacnn.Tensor) lists what is"),
    (lambda: nc.ones(2).squeze, "numbacnn.Tensor.squeze is not part of numbacnn; the closest: squeeze, unsqueeze, size"),
    (lambda: nn.ReLU().thing, "'ReLU' object has no attribute 'thing'")])
def test_the_refusal_names_what_there_is(ask, message):
    with pytest.raises(AttributeError) as refusal:
        ask()
    assert str(refusal.value) == message


@pytest.mark.parametrize("there", [nc.ones(1), nn.Sequential(nn.ReLU())])
def test_the_gpu_is_refused_alike(there):
    with pytest.raises(RuntimeError, match="'cuda' is not offered: numbacnn is an engine for the CPU; leave the device out"):
        there.cuda()


def test_what_is_offered_is_there():
    """The lists that the names come from hold nothing else."""
    for place in (nc, nn, F, optim):
        assert all(hasattr(place, name) for name in dir(place)), place
    for there, name in ((nn, "SiLU"), (nc, "where"), (nc.ones(1), "__nothing__")):
        assert not hasattr(there, name)
    assert pickle.loads(pickle.dumps(nn.ReLU())).training


def test_asking_for_a_missing_name_loads_nothing():
    code = "import sys, numbacnn\nassert not hasattr(numbacnn, 'where') and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
