"""numbacnn.autograd, hooks and grad modes; what programs ask of devices and settings. The judges: PyTorch and differences."""
import warnings

import numpy as np
import pytest

import numbacnn as nc


def hooks(m):
    seen = []
    x = m.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * x
    z = (y + x).sum()
    doubled = y.register_hook(lambda grad: grad * 2)
    x.register_hook(lambda grad: seen.append(grad.tolist()))
    raised = x.register_hook(lambda grad: grad + 1)
    y.retain_grad()
    z.backward(retain_graph=True)
    seen += [x.grad.tolist(), y.grad.tolist(), y.retains_grad]
    doubled.remove()
    raised.remove()
    x.grad = y.grad = None
    z.backward(retain_graph=True)
    return [*seen, x.grad.tolist(), y.grad.tolist(), [g.tolist() for g in m.autograd.grad(z, [y, x])]]


def next_functions(m):
    x = m.tensor([1.0, 2.0], requires_grad=True)
    z = (x * x + 1).sum()
    product = z.grad_fn.next_functions[0][0].next_functions[0][0]
    return len(product.next_functions), product.next_functions[1][0].variable is x


def a_number_before_a_tensor(m):
    """The Tensor comes first among the operands all the same."""
    x = m.tensor([1.0, 2.0], requires_grad=True)
    made = [2 * x, 2 + x, 2 - x]
    sum(each.sum() for each in made).backward(retain_graph=True)
    return [each.tolist() for each in made], x.grad.tolist(), [each.grad_fn.next_functions[0][0].variable is x for each in made]


def functions(m):
    class Scaled(m.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_backward(x)
            ctx.factor = factor
            return x * factor, x * x

        @staticmethod
        def backward(ctx, dscaled, dsquare):
            x, = ctx.saved_tensors
            return dscaled * ctx.factor + 2 * x * dsquare, None

    x = m.tensor([1.0, 2.0], requires_grad=True)
    scaled, square = Scaled.apply(x, 3)
    (scaled.sum() + 2 * square.sum()).backward()
    both = x.grad.tolist()
    Scaled.apply(x, 3)[0].sum().backward()
    return both, x.grad.tolist(), Scaled.apply(m.ones(2), 2)[0].requires_grad


def saved_result(m, change):
    class Exp(m.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = x.exp()
            ctx.save_for_backward(out)
            return out

        @staticmethod
        def backward(ctx, dout):
            out, = ctx.saved_tensors
            return dout * out

    x = m.zeros(2, requires_grad=True)
    y = Exp.apply(x)
    change(y).sum().backward()
    return x.grad.tolist()


def returned_argument(m):
    class Same(m.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, dout):
            return dout * 3

    x = m.zeros(2, requires_grad=True)
    y = Same.apply(x)
    y.sum().backward()
    return x.grad.tolist(), y is x


def hooks_of_a_module(m):
    """Backward runs several times through one forward, whose gradients differ."""
    seen = []
    layer = m.nn.Sigmoid()
    layer.register_full_backward_hook(lambda layer, dx, dout: seen.append((dx[0].tolist(), dout[0].tolist())))
    x = m.zeros(2, requires_grad=True)
    y = layer(x)
    for factor in (1.0, 2.0, 4.0):
        y.backward(m.full((2,), factor), retain_graph=True)
    return seen


def modes(m):
    x, found = m.ones(2, requires_grad=True), []
    m.set_grad_enabled(False)
    found.append(m.is_grad_enabled())
    m.set_grad_enabled(True)
    with m.set_grad_enabled(False):
        found.append((x * 2).requires_grad)
    found.append(m.is_grad_enabled())
    for mode in (True, False):
        with m.inference_mode(mode):
            found.append((x * 2).requires_grad)
    found.append(m.inference_mode()(lambda: (x * 2).requires_grad)())
    found.append(m.set_grad_enabled(False)(lambda: (x * 2).requires_grad)())
    return [*found, m.is_grad_enabled()]


def devices(m):
    cpu, gpu = m.device("cpu"), m.device("cuda:0")
    return (repr(cpu), str(gpu), repr(m.device("cuda", 1)), gpu.type, gpu.index, cpu == m.device("cpu"), cpu == gpu, cpu == "cpu",
            m.cuda.is_available(), m.cuda.device_count(), m.cuda.manual_seed_all(1), m.cuda.empty_cache(), m.accelerator.is_available(),
            m.accelerator.current_accelerator(), m.backends.mps.is_available(), m.backends.cudnn.benchmark,
            m.ones(1).to(cpu, non_blocking=True).device == cpu, m.get_default_dtype() == m.float32, m.finfo(m.float32).eps)


def typed(m):
    x = m.FloatTensor(2, 3)
    return (tuple(x.shape), m.LongTensor([1, 2]).tolist(), m.tensor([1]).type(), m.ones(1).type("torch.DoubleTensor").type(),
            isinstance(x, m.FloatTensor), isinstance(x, m.LongTensor), isinstance(x, m.autograd.Variable),
            m.autograd.Variable(m.ones(1), requires_grad=True).requires_grad, m.tensor([1.9]).type(m.LongTensor).tolist())


@pytest.mark.parametrize("program", [
    hooks, next_functions, a_number_before_a_tensor, functions, returned_argument, hooks_of_a_module, modes, devices, typed,
    lambda m: saved_result(m, lambda y: y * 3.0)])
def test_programs_find_what_pytorch_answers(program, torch):
    assert program(nc) == program(torch)


def test_hooks_and_functions_by_hand():
    """Without PyTorch: z = sum(x**2 + x), the gradient of x**2 doubled by a hook."""
    assert hooks(nc)[1:3] == [[6.0, 10.0, 14.0], [2.0, 2.0, 2.0]]
    assert functions(nc) == ([7.0, 11.0], [10.0, 14.0], False)


def changed_behind_a_hook(m, change):
    layer = m.nn.Sigmoid()
    layer.register_full_backward_hook(lambda *args: None)
    return change(layer(m.zeros(2, requires_grad=True)))


def test_a_backward_pre_hook_of_several_outputs_is_refused():
    """Their gradients arrive one after the other, so it would see some of them as None."""
    class Two(nc.nn.Module):
        def forward(self, x):
            return x * 2, x * 3

    layer = Two()
    layer.register_full_backward_pre_hook(lambda layer, dout: None)
    with pytest.raises(NotImplementedError, match="Two has 2. register_hook of each output"):
        layer(nc.ones(2, requires_grad=True))
    assert len(layer(nc.ones(2))) == 2


@pytest.mark.parametrize("which", ["numbacnn", "PyTorch"])
@pytest.mark.parametrize("program, message", [
    (lambda m: saved_result(m, lambda y: y.mul_(3.0)), "modified by an inplace operation"),
    (lambda m: changed_behind_a_hook(m, lambda y: y.mul_(3.0)), "view taken by backward_hook|is a view and is being modified inplace")])
def test_a_change_in_place_that_would_falsify_a_gradient_is_refused(program, message, which, request):
    with pytest.raises(RuntimeError, match=message):
        program(nc if which == "numbacnn" else request.getfixturevalue("torch"))


@pytest.mark.parametrize("ask", [
    lambda x, given: nc.autograd.backward([x], [given]),
    lambda x, given: setattr(x, "grad", nc.autograd.grad(x, x, given)[0])])
def test_the_gradient_that_is_given_stays_as_it_is(ask):
    x, given = nc.ones(2, requires_grad=True), nc.full((2,), 2.0)
    ask(x, given)
    x.grad.add_(5.0)
    assert given.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("func", [
    lambda x: x.sin() * x.exp2() + x.atan(), lambda x: x.norm(3, 1), lambda x: x.cumprod(1), lambda x: x.logsumexp(0),
    lambda x: nc.einsum("ij,kj->ik", x, x), lambda x: x.gather(1, nc.tensor([[0, 0], [2, 1]])), lambda x: x.sort(1).values,
    lambda x: x.unfold(1, 2, 1) * 2, lambda x: nc.linalg.inv(x @ x.T), lambda x: nc.linalg.det(x @ x.T), lambda x: x.erf(),
    lambda x: x.prod(1), lambda x: x.remainder(0.75), lambda x: nc.cdist(x, x + 1), lambda x: x.scatter_add(
        0, nc.tensor([[0, 1, 1], [0, 0, 1]]), x), lambda x: x.diag_embed() + x.repeat(2, 2)[0, 0], lambda x: x.quantile(0.3, 1)])
def test_gradients_are_those_of_differences(func):
    x = nc.tensor([[0.3, -1.2, 0.9], [1.4, 0.6, -0.5]], dtype=nc.float64, requires_grad=True)
    assert nc.autograd.gradcheck(func, (x,))


def test_gradcheck_finds_a_wrong_gradient():
    class Wrong(nc.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, dout):
            return dout * 3

    x = nc.ones(2, dtype=nc.float64, requires_grad=True)
    assert not nc.autograd.gradcheck(Wrong.apply, x, raise_exception=False)
    with pytest.raises(RuntimeError, match="the difference quotient"):
        nc.autograd.gradcheck(Wrong.apply, x)


@pytest.mark.parametrize("ask, error, message", [
    (lambda x: nc.autograd.grad(x.sum(), x, create_graph=True), NotImplementedError, "no second derivatives"),
    (lambda x: nc.autograd.grad((x * 2).sum(), nc.ones(1, requires_grad=True)), RuntimeError, "allow_unused"),
    (lambda x: nc.autograd.grad(x * 2, x), RuntimeError, "only for scalar outputs"),
    (lambda x: nc.ones(1).register_hook(print), RuntimeError, "doesn't require gradient"),
    (lambda x: type("Half", (nc.autograd.Function,), {"forward": staticmethod(lambda ctx, x: x * 2), "backward": staticmethod(
        lambda ctx, dout: 0.5)}).apply(x).sum().backward(), TypeError, "Half: backward returns a Tensor or None"),
    (lambda x: [x.register_hook(lambda grad: 2.0), x.sum().backward()], TypeError, "a hook of a Tensor returns a Tensor or None, got float"),
    (lambda x: x.clone().copy_("a"), TypeError, "copy_: expected a Tensor or a number"),
    (lambda x: nc.amp.autocast("cpu"), NotImplementedError, "bfloat16"),
    (lambda x: nc.cuda.synchronize(), RuntimeError, "there is no GPU"),
    (lambda x: nc.ones(1, device="cuda"), RuntimeError, "'cuda' is not offered"),
    (lambda x: x.scatter(0, nc.tensor([5]), 1.0), RuntimeError, "index 5 is out of bounds"),
    (lambda x: nc.multinomial(nc.ones(2), 0), RuntimeError, "num_samples must be above 0, got 0"),
    (lambda x: nc.einsum("ij->i", x), RuntimeError, "names 2 dimensions"),
    (lambda x: nc.set_printoptions(profile="long"), ValueError, "profile is one of")])
def test_what_cannot_be_done_is_named(ask, error, message):
    with pytest.raises(error, match=message):
        ask(nc.ones(2, requires_grad=True))


def test_mixed_precision_is_switched_off():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with nc.amp.autocast("cuda", enabled=False):
            assert (nc.ones(2) * 2).dtype == nc.float32
        scaler = nc.amp.GradScaler(enabled=False)
    assert scaler.scale(3) == 3 and not scaler.is_enabled()
    with pytest.warns(UserWarning, match="CUDA is not available"):
        nc.autocast("cuda")
    layer = nc.nn.Linear(2, 1)
    assert nc.compile(layer) is layer and nc.compile(mode="default")(layer) is layer


def test_draws_follow_what_is_asked():
    nc.manual_seed(1)
    drawn = nc.multinomial(nc.tensor([1.0, 0.0, 3.0]), 8000, replacement=True)
    share = (drawn == 2).float().mean().item()
    assert not (drawn == 1).any() and abs(share - 0.75) < 0.02
    assert sorted(nc.multinomial(nc.ones(5), 5).tolist()) == [0, 1, 2, 3, 4]
    assert abs(nc.bernoulli(nc.full((8000,), 0.3)).mean().item() - 0.3) < 0.02
    far = nc.normal(nc.zeros(8000), nc.full((8000,), 2.0))
    assert abs(far.std().item() - 2) < 0.06 and nc.normal(0, 1, size=(2, 3)).shape == (2, 3)
    assert np.all(nc.poisson(nc.full((10,), 3.0)).numpy() >= 0)
    with pytest.raises(RuntimeError, match="cannot draw 3 of 3 columns"):
        nc.multinomial(nc.tensor([1.0, 0.0, 3.0]), 3)


def test_new_makes_a_tensor_of_the_same_dtype(torch):
    results = []
    for library in (nc, torch):
        pattern, other = library.ones(2, 3), library.arange(3.0)
        shared = pattern.new(other)
        shared[0] = 7
        sizes = [tuple(pattern.new(*given).shape) for given in ((2, 3), (other.size(),), (4,), ())]
        dtypes = [str(library.tensor([1]).new(given).dtype).removeprefix("torch.") for given in (4, [1.0, 2.0])]
        assert (pattern.ndimension(), library.tensor(1).ndimension()) == (2, 0)
        results.append((sizes, dtypes, pattern.new([1, 2]).tolist(), pattern.new((2, 3)).tolist(), other.tolist()))
        for wrong in (2.5, library.tensor([1])):
            with pytest.raises(TypeError):
                pattern.new(wrong)
    assert results[0] == results[1]
