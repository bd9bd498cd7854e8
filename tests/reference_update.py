"""The twin of the optimisers, in plain NumPy."""
import numpy as np

from reference import double


def sgd_update(param, grad, velocity, lr, momentum=0, fresh=1, weight_decay=0, nesterov=False, sign=1):
    """(param, velocity) after a step."""
    step = sign * double(grad) + weight_decay * double(param)
    if momentum:
        velocity = momentum * double(velocity) + fresh * step
        step = step + momentum * velocity if nesterov else velocity
    return param - lr * step, velocity


def adam_update(param, grad, mean, square, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, sign=1):
    """(param, mean, square) after step number t, the first being 1."""
    step = sign * double(grad) + weight_decay * double(param)
    mean = betas[0] * double(mean) + (1 - betas[0]) * step
    square = betas[1] * double(square) + (1 - betas[1]) * step ** 2
    unbiased = mean / (1 - betas[0] ** t), square / (1 - betas[1] ** t)
    return param - lr * unbiased[0] / (np.sqrt(unbiased[1]) + eps), mean, square


def adamw_update(param, grad, mean, square, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, sign=1):
    """(param, mean, square) after step number t: Adam's step without decay, and the decay beside it."""
    moved, mean, square = adam_update(double(param), grad, mean, square, t, lr, betas, eps, sign=sign)
    return moved - lr * weight_decay * double(param), mean, square


def rmsprop_update(param, grad, square, mean, velocity, lr, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0,
                   centered=False, sign=1):
    """(param, square, mean, velocity) after a step."""
    step = sign * double(grad) + weight_decay * double(param)
    square = alpha * double(square) + (1 - alpha) * step ** 2
    mean = alpha * double(mean) + (1 - alpha) * step
    velocity = momentum * double(velocity) + step / (np.sqrt(square - mean ** 2 * centered) + eps)
    return param - lr * velocity, square, mean, velocity


def amsgrad_update(param, grad, mean, square, largest, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled=False,
                   sign=1):
    """(param, mean, square, largest) after step number t; decoupled as in AdamW, else as in Adam."""
    step = sign * double(grad) + weight_decay * double(param) * (not decoupled)
    kept = double(param) * (1 - lr * weight_decay * decoupled)
    mean = betas[0] * double(mean) + (1 - betas[0]) * step
    square = betas[1] * double(square) + (1 - betas[1]) * step ** 2
    largest = np.maximum(largest, square)
    unbiased = mean / (1 - betas[0] ** t), largest / (1 - betas[1] ** t)
    return kept - lr * unbiased[0] / (np.sqrt(unbiased[1]) + eps), mean, square, largest


def adagrad_update(param, grad, total, t, lr, lr_decay=0, eps=1e-10, weight_decay=0, sign=1):
    """(param, total) after step number t."""
    step = sign * double(grad) + weight_decay * double(param)
    total = double(total) + step ** 2
    return param - lr / (1 + (t - 1) * lr_decay) * step / (np.sqrt(total) + eps), total


def adadelta_update(param, grad, square, moved, lr=1, rho=0.9, eps=1e-6, weight_decay=0, sign=1):
    """(param, square, moved) after a step."""
    step = sign * double(grad) + weight_decay * double(param)
    square = rho * double(square) + (1 - rho) * step ** 2
    move = np.sqrt(double(moved) + eps) / np.sqrt(square + eps) * step
    return param - lr * move, square, rho * double(moved) + (1 - rho) * move ** 2
