"""Names that numbacnn does not have are refused with why, or with the closest that it has; Python's bare errors never come."""
import importlib
import pickle
import pkgutil
import subprocess
import sys

import pytest

import numbacnn as nc
import numbacnn.nn.functional as F
from numbacnn import nn, optim

LAYERS = "recurrent networks stay out; for sequences take Conv1d"
DTYPES = "the dtypes are float32, float64, int8, int16, int32, int64, uint8 and bool; take float32"


@pytest.mark.parametrize("ask, message", [
    (lambda: F.batchnorm, "numbacnn.nn.functional.batchnorm is not part of numbacnn; the closest: batch_norm"),
    (lambda: nn.Conv2D, "numbacnn.nn.Conv2D is not part of numbacnn; the closest: Conv2d, Conv1d, Conv3d"),
    (lambda: nn.RNN, f"numbacnn.nn.RNN is not part of numbacnn: {LAYERS}"),
    (lambda: nn.LSTM, f"numbacnn.nn.LSTM is not part of numbacnn: {LAYERS}"),
    (lambda: nn.GRUCell, f"numbacnn.nn.GRUCell is not part of numbacnn: {LAYERS}"),
    (lambda: nn.TransformerEncoderLayer, "numbacnn.nn.TransformerEncoderLayer is not part of numbacnn: attention"),
    (lambda: nn.SyncBatchNorm, "numbacnn.nn.SyncBatchNorm is not part of numbacnn: training on several processes"),
    (lambda: nn.Zebra, "numbacnn.nn.Zebra is not part of numbacnn; dir(numbacnn.nn) lists what is"),
    (lambda: nc.float16, f"numbacnn.float16 is not part of numbacnn: {DTYPES}"),
    (lambda: nc.bfloat16, f"numbacnn.bfloat16 is not part of numbacnn: {DTYPES}"),
    (lambda: nc.complex64, "numbacnn.complex64 is not part of numbacnn: complex numbers stay out"),
    (lambda: nc.ones(2).half(), f"numbacnn.Tensor.half is not part of numbacnn: {DTYPES}"),
    (lambda: nc.sparse_coo_tensor, "numbacnn.sparse_coo_tensor is not part of numbacnn: sparse Tensors stay out"),
    (lambda: nc.fft, "numbacnn.fft is not part of numbacnn: Fourier transforms stay out; numpy.fft has them"),
    (lambda: nc.jit, "numbacnn.jit is not part of numbacnn: compiling, exporting"),
    (lambda: nc.onnx.export, "numbacnn.onnx.export is not part of numbacnn: compiling, exporting"),
    (lambda: nc.hub, "numbacnn.hub is not part of numbacnn: weights are not downloaded"),
    (lambda: nc.linalg.qr, "numbacnn.linalg.qr is not part of numbacnn: of linear algebra there are"),
    (lambda: nc.cuda.Event, "numbacnn.cuda.Event is not part of numbacnn: there is no engine for a GPU"),
    (lambda: nc.cudaa, "numbacnn.cudaa is not part of numbacnn; the closest: cuda"),
    (lambda: optim.Adams, "numbacnn.optim.Adams is not part of numbacnn; the closest: Adam"),
    (lambda: nc.ones(2).squeze, "numbacnn.Tensor.squeze is not part of numbacnn; the closest: squeeze"),
    (lambda: nn.ReLU().thing, "'ReLU' object has no attribute 'thing'")])
def test_the_refusal_says_why_or_names_what_there_is(ask, message):
    with pytest.raises(AttributeError) as refusal:
        ask()
    assert str(refusal.value).startswith(message)  # more names come close as more are offered


@pytest.mark.parametrize("line, message", [
    ("from numbacnn.nn import LSTM", f"numbacnn.nn.LSTM is not part of numbacnn: {LAYERS}"),
    ("from numbacnn import Conv2D", "numbacnn.Conv2D is not part of numbacnn; "),
    ("from numbacnn import distributed", "numbacnn.distributed is not part of numbacnn: training on several processes"),
    ("import numbacnn.distributed as dist", "numbacnn.distributed is not part of numbacnn: training on several processes"),
    ("from numbacnn.onnx import export", "numbacnn.onnx.export is not part of numbacnn: compiling, exporting"),
    ("import numbacnn.nn.qat", "numbacnn.nn.qat is not part of numbacnn; dir(numbacnn.nn) lists what is"),
    ("from numbacnn.utils.tensorboard import SummaryWriter", "numbacnn.utils.tensorboard is not part of numbacnn: TensorBoard"),
    ("from numbacnn.nn.parallel import DistributedDataParallel", "numbacnn.nn.parallel.DistributedDataParallel is not part of"),
    ("from numbacnn.optim.lr_scheduler import Zebra", "numbacnn.optim.lr_scheduler.Zebra is not part of numbacnn; dir("),
    ("from numbacnn.autograd import jacobians", "numbacnn.autograd.jacobians is not part of numbacnn; dir("),
    ("from numbacnn.cuda.amp import Zebra", "numbacnn.cuda.amp.Zebra is not part of numbacnn; dir("),
    ("from numbacnn.backends import xnnpack", "numbacnn.backends.xnnpack is not part of numbacnn; dir(")])
def test_an_import_says_the_same_sentence(line, message):
    with pytest.raises(ImportError) as refusal:
        exec(line, {})
    assert str(refusal.value).startswith(message)


def public_modules():
    """The modules that stand for one of PyTorch's, by name."""
    places = ("", ".nn", ".nn.functional", ".nn.init", ".nn.utils", ".optim", ".optim.lr_scheduler", ".utils", ".utils.data",
              ".vision", ".vision.datasets", ".vision.transforms", ".vision.transforms.functional",
              ".vision.transforms.v2", ".vision.utils", ".vision.io", ".vision.models", ".cuda", ".cuda.amp", ".autograd", ".backends", ".linalg", ".accelerator", ".mps", ".xpu", ".amp",
              ".random", ".functional")
    backends = [f".backends.{each.name}" for each in pkgutil.iter_modules(nc.backends.__path__)]
    return [f"numbacnn{place}" for place in (*places, *backends)]


@pytest.mark.parametrize("name", public_modules())
def test_every_module_refuses_alike(name):
    module = importlib.import_module(name)
    with pytest.raises(AttributeError, match=f"^{name}.Zebra is not part of numbacnn; dir"):
        module.Zebra
    with pytest.raises(ImportError, match=f"^{name}.Zebra is not part of numbacnn; dir"):
        exec(f"from {name} import Zebra", {})
    assert not hasattr(module, "Zebra") and getattr(module, "Zebra", 1) == 1


@pytest.mark.parametrize("there", [nc.ones(1), nn.Sequential(nn.ReLU())])
def test_the_gpu_is_refused_alike(there):
    with pytest.raises(RuntimeError, match="'cuda' is not offered: numbacnn is an engine for the CPU; leave the device out"):
        there.cuda()


def test_what_is_offered_is_there():
    """The lists that the names come from hold nothing else."""
    for place in (nc, nn, F, optim):
        assert all(hasattr(place, name) for name in dir(place)), place
    for there, name in ((nn, "Conv2D"), (nc, "Conv2D"), (nc.ones(1), "__nothing__")):
        assert not hasattr(there, name)
    assert pickle.loads(pickle.dumps(nn.ReLU())).training


def test_asking_for_a_missing_name_loads_nothing():
    code = "import sys, numbacnn\nassert not hasattr(numbacnn, 'Conv2D') and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_tensor_says_where_it_is():
    x = nc.ones(2)
    assert x.is_cpu and not (x.is_cuda or x.is_xpu or x.is_mps)


def test_layers_are_found_where_pytorch_keeps_them(torch):
    for library in (nc.nn, torch.nn):
        modules = library.modules
        assert modules.Conv2d is library.Conv2d and modules.module.Module is library.Module
        assert issubclass(library.BatchNorm2d, modules.batchnorm._BatchNorm) and issubclass(library.L1Loss, modules.loss._Loss)
        assert modules.loss._Loss(reduction="sum").reduction == "sum"
        assert [modules.utils._pair(given) for given in (3, [3, 5], "ab")] == [(3, 3), (3, 5), ("a", "b")]
        assert modules.utils._single(2) == (2,) and modules.utils._ntuple(5)(1) == (1,) * 5
    with pytest.raises(AttributeError, match="numbacnn.nn.modules.LSTM"):
        nc.nn.modules.LSTM
