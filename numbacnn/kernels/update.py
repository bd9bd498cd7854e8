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


@textbook()
def amsgrad_update(param, grad, mean, square, largest, rate, fresh1, beta2, fresh2, scale, eps,
                   weight_decay, keep, sign, floor):
    """param = keep*param - rate * mean / (sqrt(largest)/scale + eps) with largest = max(largest, square),
    mean and square as in Adam.

    Steps never grow again after a large gradient, so the step size of a weight can only fall.

    Shapes: param, grad, mean, square and largest (I,); keep = 1 and weight_decay as in Adam, or
        keep = 1 - lr*weight_decay and weight_decay = 0 as in AdamW; the others as in Adam.
    Source: Reddi, Kale & Kumar 2018, "On the convergence of Adam and beyond", algorithm 2, with
        Adam's corrections as in PyTorch.
    Cost: about 18 FLOPs a parameter; LeNet 1.11 M a step.
    Parallel: a task owns one stretch of `param`, `mean`, `square` and `largest`.
    """
    for i in range(len(param)):
        step = sign * grad[i] + weight_decay * param[i]
        m = mean[i] + fresh1 * (step - mean[i])
        if abs(m) < floor:
            m = zero(mean)
        v = beta2 * square[i] + fresh2 * step * step
        if v < floor:
            v = zero(square)
        mean[i] = m
        square[i] = v
        largest[i] = maximum(v, largest[i])
        param[i] = keep * param[i] - rate * m / (sqrt(largest[i]) / scale + eps)


@textbook()
def adagrad_update(param, grad, total, rate, eps, weight_decay, sign, floor):
    """param -= rate * step / (sqrt(total) + eps) with total += step**2
    and step = sign*grad + weight_decay*param.

    Shapes: param, grad and total (I,); rate = lr / (1 + (number of the step - 1) * lr_decay).
    Source: Duchi, Hazan & Singer 2011, "Adaptive subgradient methods for online learning and
        stochastic optimization", figure 1, with a diagonal matrix.
    Cost: about 8 FLOPs a parameter; LeNet 0.49 M a step.
    Parallel: a task owns one stretch of `param` and `total`.
    """
    for i in range(len(param)):
        step = sign * grad[i] + weight_decay * param[i]
        s = total[i] + step * step
        if s < floor:
            s = zero(total)
        total[i] = s
        param[i] = param[i] - rate * step / (sqrt(s) + eps)


@textbook()
def adadelta_update(param, grad, square, moved, lr, rho, fresh, eps, weight_decay, sign, floor):
    """param -= lr * move with move = sqrt(moved + eps) / sqrt(square + eps) * step and the running means
    square = rho*square + fresh*step**2, then moved = rho*moved + fresh*move**2;
    step = sign*grad + weight_decay*param.

    Shapes: param, grad, square and moved (I,); fresh = 1 - rho.
    Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method", algorithm 1.
    Cost: about 14 FLOPs a parameter; LeNet 0.86 M a step.
    Parallel: a task owns one stretch of `param`, `square` and `moved`.
    """
    for i in range(len(param)):
        step = sign * grad[i] + weight_decay * param[i]
        v = rho * square[i] + fresh * step * step
        if v < floor:
            v = zero(square)
        square[i] = v
        move = sqrt(moved[i] + eps) / sqrt(v + eps) * step
        u = rho * moved[i] + fresh * move * move
        if u < floor:
            u = zero(moved)
        moved[i] = u
        param[i] = param[i] - lr * move
