"""The step of an optimiser, one parameter at a time, in place."""
from numpy import sqrt

from ..simd.generic import maximum, zero
from . import textbook


@textbook()
def sgd_update(param, grad, velocity, lr, momentum, fresh, weight_decay, nesterov, sign, floor):
    """velocity = momentum*velocity + fresh*step; param -= lr*velocity
    with step = sign*grad + weight_decay*param.

    With Nesterov's momentum the param moves by step + momentum*velocity, without momentum by the
    step itself.  A velocity below `floor` becomes 0: denormal numbers slow arithmetic down by an
    order of magnitude.

    Shapes: param, grad and velocity (I,); fresh is 1 - dampening, sign -1 to climb.
    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep
        learning", equations 1 to 4, in PyTorch's form.
    Cost: 8 FLOPs a parameter; LeNet 0.49 M a step.
    Parallel: a task owns one stretch of `param` and `velocity`.
    """
    for i in range(len(param)):
        step = sign * grad[i] + weight_decay * param[i]
        if momentum != 0:
            speed = momentum * velocity[i] + fresh * step
            if abs(speed) < floor:
                speed = zero(velocity)
            velocity[i] = speed
            step = step + momentum * speed if nesterov else speed
        param[i] = param[i] - lr * step


@textbook()
def adam_update(param, grad, mean, square, rate, fresh1, beta2, fresh2, scale, eps, weight_decay,
                sign, floor):
    """param -= rate * mean / (sqrt(square)/scale + eps), with running means of the step and of
    its square: mean += fresh1*(step - mean), square = beta2*square + fresh2*step**2,
    and step = sign*grad + weight_decay*param.

    Shapes: param, grad, mean and square (I,); rate = lr / (1 - beta1**step),
        scale = sqrt(1 - beta2**step), fresh1 = 1 - beta1 and fresh2 = 1 - beta2.
    Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
    Cost: about 16 FLOPs a parameter; LeNet 0.99 M a step.
    Parallel: a task owns one stretch of `param`, `mean` and `square`.
    """
    for i in range(len(param)):
        step = sign * grad[i] + weight_decay * param[i]
        speed = mean[i] + fresh1 * (step - mean[i])
        if abs(speed) < floor:
            speed = zero(mean)
        spread = beta2 * square[i] + fresh2 * step * step
        if spread < floor:
            spread = zero(square)
        mean[i] = speed
        square[i] = spread
        param[i] = param[i] - rate * speed / (sqrt(spread) / scale + eps)


@textbook()
def adamw_update(param, grad, mean, square, rate, fresh1, beta2, fresh2, scale, eps, keep, sign,
                 floor):
    """param = keep*param - rate * mean / (sqrt(square)/scale + eps), mean and square as in Adam.

    The decay of the weights stands beside the step instead of in the gradient, so the division
    by sqrt(square) does not weaken it.

    Shapes: param, grad, mean and square (I,); keep = 1 - lr*weight_decay, the others as in Adam.
    Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
    Cost: about 16 FLOPs a parameter; LeNet 0.99 M a step.
    Parallel: a task owns one stretch of `param`, `mean` and `square`.
    """
    for i in range(len(param)):
        step = sign * grad[i]
        speed = mean[i] + fresh1 * (step - mean[i])
        if abs(speed) < floor:
            speed = zero(mean)
        spread = beta2 * square[i] + fresh2 * step * step
        if spread < floor:
            spread = zero(square)
        mean[i] = speed
        square[i] = spread
        param[i] = keep * param[i] - rate * speed / (sqrt(spread) / scale + eps)


@textbook()
def rmsprop_update(param, grad, square, mean, velocity, lr, alpha, fresh, eps, momentum, centered,
                   weight_decay, sign, floor):
    """velocity = momentum*velocity + step / (sqrt(square) + eps); param -= lr*velocity,
    with the running mean square = alpha*square + fresh*step**2
    and step = sign*grad + weight_decay*param.

    Centered, the running mean of the step is taken off first: sqrt(square - mean**2).

    Shapes: param, grad, square, mean and velocity (I,); fresh = 1 - alpha.
    Source: Hinton 2012, "Neural networks for machine learning", lecture 6e; centered, with
        momentum: Graves 2013, "Generating sequences with recurrent neural networks",
        equations 38 to 41, in PyTorch's form.
    Cost: about 14 FLOPs a parameter; LeNet 0.86 M a step.
    Parallel: a task owns one stretch of `param` and of the running means.
    """
    for i in range(len(param)):
        step = sign * grad[i] + weight_decay * param[i]
        spread = alpha * square[i] + fresh * step * step
        if spread < floor:
            spread = zero(square)
        square[i] = spread
        if centered:
            middle = mean[i] + fresh * (step - mean[i])
            if abs(middle) < floor:
                middle = zero(mean)
            mean[i] = middle
            spread = maximum(spread - middle * middle, zero(square))  # rounding may leave less than 0
        step = step / (sqrt(spread) + eps)
        if momentum != 0:
            step = momentum * velocity[i] + step
            if abs(step) < floor:
                step = zero(velocity)
            velocity[i] = step
        param[i] = param[i] - lr * step
