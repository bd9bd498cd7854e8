"""The twin of the optimizers, in plain NumPy."""
import numpy as np

from reference import double


def sgd_update(param, grad, velocity, lr, momentum=0, one_minus_dampening=1, weight_decay=0, nesterov=False, sign=1):
    """(param, velocity) after a step."""
    g = sign * double(grad) + weight_decay * double(param)
    if momentum:
        velocity = momentum * double(velocity) + one_minus_dampening * g
        g = g + momentum * velocity if nesterov else velocity
    return param - lr * g, velocity


def adam_update(param, grad, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, sign=1):
    """(param, m, v) after step number t, the first being 1."""
    g = sign * double(grad) + weight_decay * double(param)
    m = betas[0] * double(m) + (1 - betas[0]) * g
    v = betas[1] * double(v) + (1 - betas[1]) * g ** 2
    unbiased = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return param - lr * unbiased[0] / (np.sqrt(unbiased[1]) + eps), m, v


def adamw_update(param, grad, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, sign=1):
    """(param, m, v) after step number t: Adam's step without decay, and the decay beside it."""
    moved, m, v = adam_update(double(param), grad, m, v, t, lr, betas, eps, sign=sign)
    return moved - lr * weight_decay * double(param), m, v


def rmsprop_update(param, grad, v, m, velocity, lr, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0,
                   centered=False, sign=1):
    """(param, v, m, velocity) after a step."""
    g = sign * double(grad) + weight_decay * double(param)
    v = alpha * double(v) + (1 - alpha) * g ** 2
    m = alpha * double(m) + (1 - alpha) * g
    velocity = momentum * double(velocity) + g / (np.sqrt(v - m ** 2 * centered) + eps)
    return param - lr * velocity, v, m, velocity


def amsgrad_update(param, grad, m, v, v_max, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled=False,
                   sign=1):
    """(param, m, v, v_max) after step number t; decoupled as in AdamW, else as in Adam."""
    g = sign * double(grad) + weight_decay * double(param) * (not decoupled)
    kept = double(param) * (1 - lr * weight_decay * decoupled)
    m = betas[0] * double(m) + (1 - betas[0]) * g
    v = betas[1] * double(v) + (1 - betas[1]) * g ** 2
    v_max = np.maximum(v_max, v)
    unbiased = m / (1 - betas[0] ** t), v_max / (1 - betas[1] ** t)
    return kept - lr * unbiased[0] / (np.sqrt(unbiased[1]) + eps), m, v, v_max


def adagrad_update(param, grad, total, t, lr, lr_decay=0, eps=1e-10, weight_decay=0, sign=1):
    """(param, total) after step number t."""
    g = sign * double(grad) + weight_decay * double(param)
    total = double(total) + g ** 2
    return param - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(total) + eps), total


def adadelta_update(param, grad, v, u, lr=1, rho=0.9, eps=1e-6, weight_decay=0, sign=1):
    """(param, v, u) after a step."""
    g = sign * double(grad) + weight_decay * double(param)
    v = rho * double(v) + (1 - rho) * g ** 2
    delta = np.sqrt(double(u) + eps) / np.sqrt(v + eps) * g
    return param - lr * delta, v, rho * double(u) + (1 - rho) * delta ** 2
