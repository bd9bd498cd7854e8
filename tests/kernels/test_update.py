"""Steps of the optimizers against the twin and PyTorch; tasks on float32, the plain loop on float64."""
from functools import partial

import numpy as np
import pytest
from numba.core import config

import reference_update as reference
from numbacnn.engine import finish
from numbacnn.engine.ops import update
from tolerances import assert_close

STEPS = 5
SIZES = [(1,), (3, 4), (7, 2, 1, 3)]
if not config.DISABLE_JIT:
    SIZES += [(8192,), (8193,), (3, 9001)]  # a slice, and more than one
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])

SGD = {
    "plain": {}, "momentum": dict(momentum=0.9), "decay": dict(weight_decay=0.1),
    "nesterov": dict(momentum=0.9, nesterov=True), "dampening": dict(momentum=0.5, dampening=0.3, weight_decay=0.1),
    "maximize": dict(momentum=0.5, maximize=True)}
ADAM = {
    "plain": {}, "betas": dict(betas=(0.5, 0.9), eps=1e-3), "decay": dict(weight_decay=0.1),
    "maximize": dict(maximize=True)}
ADAGRAD = {"plain": {}, "all": dict(lr_decay=0.1, eps=1e-3, weight_decay=0.1, maximize=True)}
ADADELTA = {"plain": {}, "all": dict(rho=0.5, eps=1e-3, weight_decay=0.1, maximize=True)}
AMSGRAD = {**ADAM, "as adamw": dict(weight_decay=0.1, decoupled=True)}
RMSPROP = {
    "plain": {}, "alpha": dict(alpha=0.5, eps=1e-3), "decay": dict(weight_decay=0.1), "momentum": dict(momentum=0.9),
    "centered": dict(centered=True), "all": dict(alpha=0.9, weight_decay=0.1, momentum=0.5, centered=True, maximize=True)}


def arrays(rng, dtype):
    return [rng.standard_normal(size).astype(dtype) for size in SIZES]


def zeros(params):
    return [np.zeros_like(param) for param in params]


def sgd(params, grads, velocities, t, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    """A step of the engine, with PyTorch's names for the settings."""
    update.sgd_update(params, grads, velocities, lr=lr, momentum=momentum,
                      one_minus_dampening=1 if t == 1 else 1 - dampening, weight_decay=weight_decay, nesterov=nesterov,
                      sign=-1 if maximize else 1)
    finish()


def sgd_twin(params, grads, velocities, t, lr, dampening=0, maximize=False, **settings):
    kept, sign = 1 if t == 1 else 1 - dampening, -1 if maximize else 1
    rows = [reference.sgd_update(*row, lr, one_minus_dampening=kept, sign=sign, **settings)
            for row in zip(params, grads, velocities)]
    return zip(*rows)


def adam_settings(t, lr, betas):
    """What step number t of Adam is told, in the order of the loop."""
    return dict(step_size=lr / (1 - betas[0]**t), one_minus_beta1=1 - betas[0], beta2=betas[1], one_minus_beta2=1 - betas[1],
                bias_correction2_sqrt=np.sqrt(1 - betas[1]**t))


def adam(params, grads, means, squares, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False):
    update.adam_update(params, grads, means, squares, **adam_settings(t, lr, betas), eps=eps, weight_decay=weight_decay,
                       sign=-1 if maximize else 1)
    finish()


def adamw(params, grads, means, squares, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, maximize=False):
    update.adamw_update(params, grads, means, squares, **adam_settings(t, lr, betas), eps=eps, keep=1 - lr * weight_decay,
                        sign=-1 if maximize else 1)
    finish()


def rmsprop(params, grads, squares, means, velocities, t, lr, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0,
            centered=False, maximize=False):
    update.rmsprop_update(params, grads, squares, means, velocities, lr=lr, alpha=alpha, one_minus_alpha=1 - alpha, eps=eps,
                          momentum=momentum, centered=centered, weight_decay=weight_decay, sign=-1 if maximize else 1)
    finish()


def amsgrad(params, grads, means, squares, largest, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled=False,
            maximize=False):
    update.amsgrad_update(params, grads, means, squares, largest, **adam_settings(t, lr, betas), eps=eps,
                          weight_decay=0 if decoupled else weight_decay, keep=1 - lr * weight_decay * decoupled,
                          sign=-1 if maximize else 1)
    finish()


def adagrad(params, grads, totals, t, lr, lr_decay=0, eps=1e-10, weight_decay=0, maximize=False):
    update.adagrad_update(params, grads, totals, step_size=lr / (1 + (t - 1) * lr_decay), eps=eps, weight_decay=weight_decay,
                          sign=-1 if maximize else 1)
    finish()


def adadelta(params, grads, squares, moved, t, lr, rho=0.9, eps=1e-6, weight_decay=0, maximize=False):
    update.adadelta_update(params, grads, squares, moved, lr=lr, rho=rho, one_minus_rho=1 - rho, eps=eps,
                           weight_decay=weight_decay, sign=-1 if maximize else 1)
    finish()


def with_sign(settings):
    """The settings as the twin takes them."""
    return {"sign" if key == "maximize" else key: -1 if key == "maximize" else value for key, value in settings.items()}


@dtypes
@pytest.mark.parametrize("settings", SGD.values(), ids=SGD)
def test_sgd_equals_the_twin(settings, dtype, rng):
    params = arrays(rng, dtype)
    velocities, expected, speeds = zeros(params), params, zeros(params)
    params = [param.copy() for param in params]
    for t in range(1, STEPS + 1):
        grads = arrays(rng, dtype)
        sgd(params, grads, velocities, t, 0.1, **settings)
        expected, speeds = sgd_twin(expected, grads, speeds, t, 0.1, **settings)
    for actual, array in zip((*params, *velocities), (*expected, *speeds)):
        assert actual.dtype == dtype
        assert_close(actual, array, STEPS, size=1)


@dtypes
@pytest.mark.parametrize("name", ["adam", "adamw"])
@pytest.mark.parametrize("settings", ADAM.values(), ids=ADAM)
def test_adam_equals_the_twin(settings, name, dtype, rng):
    params = arrays(rng, dtype)
    state = [zeros(params), zeros(params)]
    expected = [params, zeros(params), zeros(params)]
    params = [param.copy() for param in params]
    twin = getattr(reference, f"{name}_update")
    for t in range(1, STEPS + 1):
        grads = arrays(rng, dtype)
        {"adam": adam, "adamw": adamw}[name](params, grads, *state, t, 0.1, **settings)
        expected = list(zip(*(twin(param, grad, mean, square, t, 0.1, **with_sign(settings))
                              for param, grad, mean, square in zip(expected[0], grads, *expected[1:]))))
    for name, actual, array in zip(("param", "mean", "square"), (params, *state), expected):
        for one, other in zip(actual, array):
            assert_close(one, other, STEPS, roundings=4 if name == "param" else 1, size=1)


@dtypes
@pytest.mark.parametrize("settings", RMSPROP.values(), ids=RMSPROP)
def test_rmsprop_equals_the_twin(settings, dtype, rng):
    params = arrays(rng, dtype)
    state = [zeros(params) for _ in range(3)]
    expected = [params, *(zeros(params) for _ in range(3))]
    params = [param.copy() for param in params]
    for t in range(1, STEPS + 1):
        grads = arrays(rng, dtype)
        rmsprop(params, grads, *state, t, 0.1, **settings)
        expected = list(zip(*(reference.rmsprop_update(*row, 0.1, **with_sign(settings))
                              for row in zip(expected[0], grads, *expected[1:]))))
    needed = (True, True, settings.get("centered"), settings.get("momentum"))
    for actual, array, needs in zip((params, *state), expected, needed):
        for one, other in zip(actual, array):
            if needs:
                # a difference of nearly equal numbers stands under the root where the mean is taken off
                assert_close(one, other, STEPS, roundings=40 if settings.get("centered") else 4, size=1)
            else:
                assert (one == 0).all()


MORE = [("amsgrad", amsgrad, 3, settings) for settings in AMSGRAD.values()]
MORE += [("adagrad", adagrad, 1, settings) for settings in ADAGRAD.values()]
MORE += [("adadelta", adadelta, 2, settings) for settings in ADADELTA.values()]


@dtypes
@pytest.mark.parametrize("name, step, memories, settings", MORE)
def test_more_steps_equal_the_twin(name, step, memories, settings, dtype, rng):
    params = arrays(rng, dtype)
    state = [zeros(params) for _ in range(memories)]
    expected = [params, *(zeros(params) for _ in state)]
    params, twin = [param.copy() for param in params], getattr(reference, f"{name}_update")
    for t in range(1, STEPS + 1):
        grads = [grad / t for grad in arrays(rng, dtype)]  # amsgrad is Adam where the squares only grow
        step(params, grads, *state, t, 0.1, **settings)
        counted = () if name == "adadelta" else (t,)
        expected = list(zip(*(twin(param, grad, *memory, *counted, 0.1, **with_sign(settings))
                              for param, grad, *memory in zip(expected[0], grads, *expected[1:]))))
    for actual, array in zip((params, *state), expected):
        for one, other in zip(actual, array):
            assert one.dtype == dtype
            assert_close(one, other, STEPS, roundings=8, size=1)


def test_a_centered_square_is_never_negative():
    """The mean square of equal gradients is the square of their mean, but for rounding: no root of less than 0."""
    param, state = np.zeros(1000, np.float32), [np.zeros(1000, np.float32) for _ in range(3)]
    grad = np.linspace(0.1, 3, 1000, dtype=np.float32)
    for t in range(1, 200):
        rmsprop([param], [grad], *([memory] for memory in state), t, 1e-3, alpha=0.5, centered=True)
    assert np.isfinite(param).all()


STEP = {"SGD": sgd, "Adam": adam, "AdamW": adamw, "RMSprop": rmsprop}
CASES = [(name, settings) for name, all_settings in (("SGD", SGD), ("Adam", ADAM), ("AdamW", ADAM), ("RMSprop", RMSPROP))
         for settings in all_settings.values()]


@dtypes
@pytest.mark.parametrize("name, settings", CASES)
def test_equals_pytorch(name, settings, dtype, rng, torch):
    params = arrays(rng, dtype)
    theirs = [torch.tensor(param, requires_grad=True) for param in params]
    optimizer = getattr(torch.optim, name)(theirs, lr=0.1, foreach=False, **settings)
    state = [zeros(params) for _ in range({"SGD": 1, "RMSprop": 3}.get(name, 2))]
    for t in range(1, STEPS + 1):
        grads = arrays(rng, dtype)
        for tensor, grad in zip(theirs, grads):
            tensor.grad = torch.tensor(grad)
        optimizer.step()
        STEP[name](params, grads, *state, t, 0.1, **settings)
    for param, tensor in zip(params, theirs):
        roundings = 40 if settings.get("centered") else 8
        assert_close(param, tensor.detach().numpy(), STEPS, roundings=roundings, size=1)


def test_strided_parameters_are_updated_in_place(rng):
    whole = rng.standard_normal((4, 6)).astype(np.float32)
    param, before, grad = whole[:, ::2], whole.copy(), rng.standard_normal((3, 4)).astype(np.float32).T
    sgd([param], [grad], [np.zeros((4, 3), np.float32)], 1, 0.5)
    assert_close(whole[:, ::2], before[:, ::2] - 0.5 * grad)
    np.testing.assert_array_equal(whole[:, 1::2], before[:, 1::2])


@dtypes
def test_denormal_running_means_become_zero(dtype):
    """A mean that shrinks below the smallest normal number would slow arithmetic down."""
    tiny, nothing = np.full(3, 10 * np.finfo(dtype).tiny, dtype), np.zeros(3, dtype)
    param, velocity = np.ones(3, dtype), tiny.copy()
    sgd([param], [nothing], [velocity], 2, 0.1, momentum=0.01)
    assert (velocity == 0).all()
    for step in (adam, partial(adamw, weight_decay=0)):
        mean, square = tiny.copy(), tiny.copy()
        step([param], [nothing], [mean], [square], 2, 0.1, betas=(0.01, 0.01))
        assert (mean == 0).all() and (square == 0).all() and (param == 1).all()
    mean, square = tiny.copy(), tiny.copy()
    amsgrad([param], [nothing], [mean], [square], [nothing.copy()], 2, 0.1, betas=(0.01, 0.01))
    assert (mean == 0).all() and (square == 0).all() and (param == 1).all()
    square = tiny / 100
    adagrad([param], [nothing], [square], 2, 0.1)
    assert (square == 0).all() and (param == 1).all()
    square, moved = tiny.copy(), tiny.copy()
    adadelta([param], [nothing], [square], [moved], 2, 0.1, rho=0.01)
    assert (square == 0).all() and (moved == 0).all() and (param == 1).all()
    square, mean, velocity = tiny.copy(), tiny.copy(), tiny.copy()
    rmsprop([param], [nothing], [square], [mean], [velocity], 2, 0.1, alpha=0.01, momentum=0.01, centered=True)
    assert (square == 0).all() and (mean == 0).all() and (velocity == 0).all() and (param == 1).all()


@dtypes
def test_nan_spoils_its_own_number_only(dtype):
    param, grad = np.ones(5, dtype), np.array([1, np.nan, 1, 1, 1], dtype)
    sgd([param], [grad], [np.zeros(5, dtype)], 1, 0.5, momentum=0.9)
    np.testing.assert_array_equal(param, [0.5, np.nan, 0.5, 0.5, 0.5])
