"""PyTorch's own inputs for its operators, for numbacnn: what goes in, what comes out, and how far the two may lie apart.

PyTorch tests its operators with lists of inputs (`torch.testing._internal`). Here they become Tensors of numbacnn, and the
two results and gradients are compared with PyTorch's tolerances. Where they lie further apart, PyTorch's result in float64
decides: numbacnn's may be four times as far from it as PyTorch's float32, which sums in another order.
"""
import warnings

import numpy as np

import numbacnn as nc
from numbacnn.tensors.types import DTYPES

#: drawn at random, not set, or of open sign: only shape and dtype are compared
DRAWN = set("""bernoulli empty empty_like multinomial new_empty nn.functional.alpha_dropout nn.functional.dropout
    nn.functional.dropout2d nn.functional.dropout3d nn.functional.feature_alpha_dropout nn.functional.rrelu normal rand_like
    randint randint_like randn randn_like exponential geometric cauchy log_normal uniform svd
    linalg.svd""".split())
#: which of equal elements is named is left open: the elements at the indices are compared
TIES = {"argsort", "kthvalue", "median", "mode", "nanmedian", "sort", "topk"}
CLEAN = (NotImplementedError, TypeError, ValueError, RuntimeError, IndexError)


class NoSuchDtype(Exception):
    """A sample needs a dtype, or another thing, that numbacnn refuses by name."""


def offered(name):
    """The function of that name, or None."""
    place = nc
    for part in name.split("."):
        place = getattr(place, part, None)
    if isinstance(place, np.dtype):  # torch.float is a dtype, the operator `float` is the method
        return None
    if place is None:
        return None
    turned = {"where": lambda x, c, y: place(c, x, y), "einsum": lambda xs, equation: place(equation, xs),
              "nn.functional.embedding": lambda weight, index, **kwargs: place(index, weight, **kwargs),
              "nn.functional.embedding_bag": lambda weight, index, **kwargs: place(index, weight, **kwargs)}
    return turned.get(name, place)


def forms(op):
    """The function, the method and the in-place method of that name, each with PyTorch's: [(ours, theirs), ...]."""
    name = "" if "." in op.name else op.name
    if op.variant_test_name == "in_place":
        return [(getattr(nc.Tensor, f"{name}_"), op.op)]
    found = [(offered(op.name), op.op)] if offered(op.name) else []
    if found and name.endswith("_") and not name.startswith("__"):  # PyTorch's own test of it changes a copy
        found = [(on_a_copy(found[0][0]), op.op)]
    if name and op.method_variant is not None and hasattr(nc.Tensor, name):
        found.append((getattr(nc.Tensor, name), op.method_variant))
    if name and op.inplace_variant is not None and hasattr(nc.Tensor, f"{name}_"):
        found.append((on_a_copy(getattr(nc.Tensor, f"{name}_")), on_a_copy(op.inplace_variant)))
    return found


def on_a_copy(method):
    """An in-place method that changes a copy, through which gradients pass."""
    return lambda x, *args, **kwargs: method(x.clone(), *args, **kwargs)


def flat(value):
    """The parts of nested lists and tuples in one list."""
    return [each for part in value for each in flat(part)] if isinstance(value, (list, tuple)) else [value]


def _each(value, turn):
    if isinstance(value, dict):
        return {key: _each(part, turn) for key, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_each(part, turn) for part in value)
    return turn(value)


class Call:
    """One sample: arguments for PyTorch, for numbacnn, and for PyTorch in float64."""

    def __init__(self, torch, sample):
        self.torch = torch
        kwargs = {key: value for key, value in sample.kwargs.items() if key not in ("layout", "pin_memory")}
        self.theirs = [[sample.input, *sample.args], kwargs]
        self.ours = _each(self.theirs, self._ours)

    def _ours(self, value):
        torch = self.torch
        if isinstance(value, (torch.Tensor, torch.dtype)):
            dtype = value if isinstance(value, torch.dtype) else value.dtype
            if str(dtype)[6:] not in [each.name for each in DTYPES]:
                raise NoSuchDtype(str(dtype))
            if dtype is value:
                return np.dtype(str(dtype)[6:])
            out = nc.from_numpy(np.array(value.detach().numpy()))
            return out.requires_grad_() if value.requires_grad else out
        if isinstance(value, torch.device):
            return nc.device(str(value))
        if isinstance(value, torch.memory_format):
            return nc.contiguous_format
        return tuple(value) if isinstance(value, torch.Size) else value

    def _exact(self, value):
        torch = self.torch
        if isinstance(value, torch.Tensor) and value.dtype is torch.float32:
            return value.detach().double().requires_grad_(value.requires_grad)
        return torch.float64 if value is torch.float32 else value

    def leaves(self, arguments):
        """The Tensors among arguments of PyTorch or numbacnn that require grad."""
        parts = flat([arguments[0], *arguments[1].values()])
        return [part for part in parts if getattr(part, "requires_grad", False)]

    def exact(self, function, seeds=None):
        """PyTorch's results in float64; with seeds, the gradients of its arguments."""
        args, kwargs = arguments = _each(self.theirs, self._exact)
        made = list(flat(function(*args, **kwargs)))
        if seeds is None:
            return made
        made = [part for part in made if getattr(part, "requires_grad", False)]
        return self.torch.autograd.grad(made, self.leaves(arguments), [seed.double() for seed in seeds], allow_unused=True)


def plain(tensor):
    """The numbers of a Tensor of numbacnn as an array."""
    return np.array(tensor.detach().numpy())


def close(torch, actual, expected, exact):
    """AssertionError if `actual` is further from PyTorch's than its tolerances, and not as exact as PyTorch's."""
    actual = torch.from_numpy(actual)
    try:
        torch.testing.assert_close(actual, expected, equal_nan=True)
    except AssertionError:
        if expected.dtype is not torch.float32 or actual.shape != expected.shape:
            raise
        there = exact().detach()
        off, allowed = (torch.nan_to_num((part.double() - there).abs()).max() for part in (actual, expected))
        if not (torch.equal(torch.isfinite(actual), torch.isfinite(expected)) and off <= 4 * allowed):
            raise


def at_indices(torch, sample, dim, index):
    """The elements of a sample at `index` along `dim`."""
    x = sample.input.detach()
    x = x.reshape(1) if x.ndim == 0 else x
    index = index.reshape(1) if index.ndim == 0 else index
    index = index.unsqueeze(dim) if index.ndim < x.ndim else index
    return torch.take_along_dim(x, index, dim)


def dim_of(op, sample):
    """Along which dimension an operator of TIES works; the last if not said."""
    place = 1 if op.name in ("kthvalue", "topk") else 0
    default = sample.args[place] if len(sample.args) > place else -1
    return sample.kwargs.get("dim", default)


def compare(torch, op, ours, theirs, sample):
    """Run one sample with both. AssertionError says how they differ, another error that numbacnn refuses it."""
    call = Call(torch, sample)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = flat(theirs(*call.theirs[0], **call.theirs[1]))
        except Exception as error:  # an in-place form that cannot hold the result, for example
            try:
                ours(*call.ours[0], **call.ours[1])
            except CLEAN:
                return
            raise AssertionError(f"PyTorch refuses: {error}") from None
    made = flat(ours(*call.ours[0], **call.ours[1]))
    assert len(made) == len(expected), f"{len(made)} results, {len(expected)} expected"
    for k, (out, right) in enumerate(zip(made, expected)):
        if not isinstance(right, torch.Tensor):
            assert out == right or right != right, f"{out}, expected {right}"
            continue
        assert isinstance(out, nc.Tensor), f"a {type(out).__name__}, expected a Tensor"
        assert str(right.dtype) == f"torch.{out.dtype.name}", f"{out.dtype}, expected {right.dtype}"
        assert tuple(out.shape) == tuple(right.shape), f"shape {tuple(out.shape)}, expected {tuple(right.shape)}"
        if op.name in DRAWN:
            continue
        assert out.requires_grad == right.requires_grad, f"requires_grad is {out.requires_grad}"
        if op.name in TIES and right.dtype is torch.int64 and (k == 1 or op.name == "argsort"):
            elements = [at_indices(torch, sample, dim_of(op, sample), index)
                        for index in (torch.from_numpy(plain(out)), right)]
            torch.testing.assert_close(*elements, equal_nan=True)
        else:
            close(torch, plain(out), right.detach(), lambda: call.exact(theirs)[k])
    if op.name not in DRAWN:
        compare_gradients(torch, call, theirs, made, expected)


def compare_gradients(torch, call, theirs, made, expected):
    """Send the same gradients into the results of both, and compare what arrives at the arguments."""
    pairs = [(out, right) for out, right in zip(made, expected) if getattr(right, "requires_grad", False)]
    leaves = call.leaves(call.theirs)
    if not pairs or not leaves:
        return
    rng = np.random.default_rng(0)
    seeds = [torch.from_numpy(np.asarray(rng.standard_normal(tuple(right.shape)), np.float32)) for _, right in pairs]
    try:
        wanted = torch.autograd.grad([right for _, right in pairs], leaves, seeds, allow_unused=True)
    except RuntimeError:  # PyTorch has no derivative of some in-place forms
        return
    nc.autograd.backward([out for out, _ in pairs], [nc.from_numpy(np.array(seed.numpy())) for seed in seeds])
    for k, (leaf, right) in enumerate(zip(call.leaves(call.ours), wanted)):
        if right is None or leaf.grad is None:
            assert right is None or right.numel() == 0 or not right.any(), "no gradient"
            assert leaf.grad is None or not leaf.grad.any(), "a gradient, none expected"
            continue
        try:
            close(torch, plain(leaf.grad), right, lambda: call.exact(theirs, seeds)[k])
        except AssertionError as error:
            raise AssertionError(f"gradient {k}: {error}") from None
