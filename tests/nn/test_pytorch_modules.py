"""PyTorch's own inputs for its modules: every layer and loss that numbacnn has gives PyTorch's results and gradients."""

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import nn

torch = pytest.importorskip("torch")
common_modules = pytest.importorskip("torch.testing._internal.common_modules")

#: layer -> what of its inputs is refused: words that the error must hold
REFUSED = {}
#: modules that draw numbers of their own, or have no results to compare
NOT_COMPARED = {"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "RReLU"}


def offered():
    """The ModuleInfos of what there is, by name."""
    for info in common_modules.module_db:
        name = info.name.removeprefix("nn.")
        if hasattr(nn, name) and name not in NOT_COMPARED and info.module_cls is getattr(torch.nn, name):
            yield pytest.param(info, name, id=name)


def ours(value):
    """A value of PyTorch's as numbacnn takes it."""
    if isinstance(value, torch.Tensor):
        return nc.tensor(value.detach().numpy().copy(), requires_grad=value.requires_grad)
    if isinstance(value, (list, tuple)):
        return type(value)(map(ours, value))
    if isinstance(value, dict):
        return {key: ours(each) for key, each in value.items()}
    if isinstance(value, torch.dtype):
        return getattr(nc, str(value).removeprefix("torch."))
    return value


def tensors(values, library):
    """All Tensors in nested values, in order."""
    kind = torch.Tensor if library is torch else nc.Tensor
    if isinstance(values, kind):
        return [values]
    if isinstance(values, (list, tuple)):
        return [each for value in values for each in tensors(value, library)]
    if isinstance(values, dict):
        return tensors([*values.values()], library)
    return []


def outcome(library, make, args, kwargs, training, douts):
    """Results, and gradients of inputs and parameters."""
    module, inputs = make, tensors([args, kwargs], library)
    module.train(training)
    out = tensors(module(*args, **kwargs), library)
    arrays = [each.detach().numpy() for each in out]
    recorded = [each for each in out if each.requires_grad]
    if recorded:
        if not douts:
            rng = np.random.default_rng(1)
            douts += [rng.standard_normal(each.shape).astype(np.float32) for each in recorded]
        tensor = torch.tensor if library is torch else nc.tensor
        total = sum((each * tensor(dout)).sum() for each, dout in zip(recorded, douts))
        total.backward()
    gradients = [None if each.grad is None else each.grad.numpy() for each in [*inputs, *module.parameters()]
                 if each.requires_grad]
    return arrays, gradients


def compare(info, name, sample, training):
    """Forward and gradients of one of PyTorch's samples."""
    made, given = sample.constructor_input, sample.forward_input
    theirs = info.module_cls(*made.args, **made.kwargs)
    module = getattr(nn, name)(*ours(made.args), **ours(made.kwargs))
    if name.startswith("Lazy"):  # there are no parameters before the first input
        with torch.no_grad(), nc.no_grad():
            theirs(*given.args, **given.kwargs)
            module(*ours(given.args), **ours(given.kwargs))
    module.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    douts, args, kwargs = [], ours(given.args), ours(given.kwargs)
    expected, their_gradients = outcome(torch, theirs, given.args, given.kwargs, training, douts)
    results, gradients = outcome(nc, module, args, kwargs, training, douts)
    assert len(results) == len(expected) and len(gradients) == len(their_gradients)
    for mine, other in zip([*results, *gradients], [*expected, *their_gradients]):
        if other is None:  # the result of an operation of PyTorch, which keeps no gradient
            continue
        assert mine is not None and mine.shape == other.shape
        # PyTorch's own tolerances for float32, for sums as long as these
        np.testing.assert_allclose(mine, other, rtol=1.3e-5, atol=1e-5 * max(1, np.abs(other[np.isfinite(other)]).max(initial=0)))


@pytest.mark.skipif(config.DISABLE_JIT, reason="the loops are compared elsewhere; without a compiler these take minutes")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("info, name", [*offered()])
def test_a_module_equals_pytorch(info, name, training):
    torch.manual_seed(0)
    refused = []
    samples = info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=True, training=training)
    for sample in samples:
        try:
            compare(info, name, sample, training)
        except NotImplementedError as error:
            refused.append(str(error))
    assert sorted(set(refused)) == sorted(REFUSED.get(name, []))
