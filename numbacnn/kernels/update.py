"""The step of an optimizer, one parameter at a time, in place; on this page g is the gradient that the step goes by.

The names are those of the papers: m and v are the running means of g and of g**2.
"""
from numpy import sqrt

from ..simd.generic import maximum, zero
from . import textbook


@textbook()
def sgd_update(param, grad, velocity, lr, momentum, one_minus_dampening, weight_decay, nesterov, sign, floor):
    """velocity = momentum*velocity + (1 - dampening)*g; param -= lr*velocity
    with g = sign*grad + weight_decay*param.

    With Nesterov's momentum the param moves by g + momentum*velocity, without momentum by g
    itself.  A velocity below `floor` becomes 0: denormal numbers slow arithmetic down by an
    order of magnitude.

    Shapes: param, grad and velocity (I,); sign is -1 to climb.
    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep
        learning", equations 1 to 4, in PyTorch's form.
    Cost: 8 FLOPs a parameter; LeNet 0.49 M a step.
    Parallel: a task owns one stretch of `param` and `velocity`.
    """
    for i in range(len(param)):
        g = sign * grad[i] + weight_decay * param[i]
        if momentum != 0:
            velocity_i = momentum * velocity[i] + one_minus_dampening * g
            if abs(velocity_i) < floor:
                velocity_i = zero(velocity)
            velocity[i] = velocity_i
            g = g + momentum * velocity_i if nesterov else velocity_i
        param[i] = param[i] - lr * g


@textbook()
def adam_update(param, grad, m, v, step_size, one_minus_beta1, beta2, one_minus_beta2, bias_correction2_sqrt,
                eps, weight_decay, sign, floor):
    """m = beta1*m + (1 - beta1)*g; v = beta2*v + (1 - beta2)*g**2; param -= lr * m_hat / (sqrt(v_hat) + eps)
    with m_hat = m / (1 - beta1**step), v_hat = v / (1 - beta2**step), g = sign*grad + weight_decay*param.

    Both corrections are the same for all parameters, so they come ready made; m moves towards g
    by (1 - beta1) of the distance, which is the same mean and rounds less.  What falls below
    `floor` becomes 0, as denormal numbers are slow.

    Shapes: param, grad, m and v (I,); step_size = lr / (1 - beta1**step),
        bias_correction2_sqrt = sqrt(1 - beta2**step), step counts from 1; sign is -1 to climb.
    Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
    Cost: about 16 FLOPs a parameter; LeNet 0.99 M a step.
    Parallel: a task owns one stretch of `param`, `m` and `v`.
    """
    for i in range(len(param)):
        g = sign * grad[i] + weight_decay * param[i]
        m_i = m[i] + one_minus_beta1 * (g - m[i])
        if abs(m_i) < floor:
            m_i = zero(m)
        v_i = beta2 * v[i] + one_minus_beta2 * g * g
        if v_i < floor:
            v_i = zero(v)
        m[i] = m_i
        v[i] = v_i
        param[i] = param[i] - step_size * m_i / (sqrt(v_i) / bias_correction2_sqrt + eps)


@textbook()
def adamw_update(param, grad, m, v, step_size, one_minus_beta1, beta2, one_minus_beta2, bias_correction2_sqrt,
                 eps, keep, sign, floor):
    """param = (1 - lr*weight_decay)*param - lr * m_hat / (sqrt(v_hat) + eps), m_hat and v_hat as in Adam.

    The decay of the weights stands beside the step instead of in the gradient, so the division
    by sqrt(v_hat) does not weaken it.

    Shapes: param, grad, m and v (I,); keep = 1 - lr*weight_decay, the others as in Adam.
    Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
    Cost: about 16 FLOPs a parameter; LeNet 0.99 M a step.
    Parallel: a task owns one stretch of `param`, `m` and `v`.
    """
    for i in range(len(param)):
        g = sign * grad[i]
        m_i = m[i] + one_minus_beta1 * (g - m[i])
        if abs(m_i) < floor:
            m_i = zero(m)
        v_i = beta2 * v[i] + one_minus_beta2 * g * g
        if v_i < floor:
            v_i = zero(v)
        m[i] = m_i
        v[i] = v_i
        param[i] = keep * param[i] - step_size * m_i / (sqrt(v_i) / bias_correction2_sqrt + eps)


@textbook()
def rmsprop_update(param, grad, v, m, velocity, lr, alpha, one_minus_alpha, eps, momentum, centered, weight_decay,
                   sign, floor):
    """v = alpha*v + (1 - alpha)*g**2; velocity = momentum*velocity + g / (sqrt(v) + eps); param -= lr*velocity
    with g = sign*grad + weight_decay*param.

    Centered, the variance of g takes the place of its mean square: v - m**2 with the running
    mean m = alpha*m + (1 - alpha)*g.

    Shapes: param, grad, v, m and velocity (I,).
    Source: Hinton 2012, "Neural networks for machine learning", lecture 6e; centered, with
        momentum: Graves 2013, "Generating sequences with recurrent neural networks",
        equations 38 to 41, in PyTorch's form.
    Cost: about 14 FLOPs a parameter; LeNet 0.86 M a step.
    Parallel: a task owns one stretch of `param` and of the running means.
    """
    for i in range(len(param)):
        g = sign * grad[i] + weight_decay * param[i]
        v_i = alpha * v[i] + one_minus_alpha * g * g
        if v_i < floor:
            v_i = zero(v)
        v[i] = v_i
        if centered:
            m_i = m[i] + one_minus_alpha * (g - m[i])
            if abs(m_i) < floor:
                m_i = zero(m)
            m[i] = m_i
            v_i = maximum(v_i - m_i * m_i, zero(v))  # rounding may leave less than 0
        delta = g / (sqrt(v_i) + eps)
        if momentum != 0:
            delta = momentum * velocity[i] + delta
            if abs(delta) < floor:
                delta = zero(velocity)
            velocity[i] = delta
        param[i] = param[i] - lr * delta


@textbook()
def amsgrad_update(param, grad, m, v, v_max, step_size, one_minus_beta1, beta2, one_minus_beta2,
                   bias_correction2_sqrt, eps, weight_decay, keep, sign, floor):
    """v_max = max(v_max, v); param = keep*param - lr * m_hat / (sqrt(v_max_hat) + eps),
    m and v, and what a hat means, as in Adam.

    Steps never grow again after a large gradient, so the step size of a weight can only fall.

    Shapes: param, grad, m, v and v_max (I,); keep = 1 and weight_decay as in Adam, or
        keep = 1 - lr*weight_decay and weight_decay = 0 as in AdamW; the others as in Adam.
    Source: Reddi, Kale & Kumar 2018, "On the convergence of Adam and beyond", algorithm 2, with
        Adam's corrections as in PyTorch.
    Cost: about 18 FLOPs a parameter; LeNet 1.11 M a step.
    Parallel: a task owns one stretch of `param`, `m`, `v` and `v_max`.
    """
    for i in range(len(param)):
        g = sign * grad[i] + weight_decay * param[i]
        m_i = m[i] + one_minus_beta1 * (g - m[i])
        if abs(m_i) < floor:
            m_i = zero(m)
        v_i = beta2 * v[i] + one_minus_beta2 * g * g
        if v_i < floor:
            v_i = zero(v)
        m[i] = m_i
        v[i] = v_i
        v_max[i] = maximum(v_i, v_max[i])
        param[i] = keep * param[i] - step_size * m_i / (sqrt(v_max[i]) / bias_correction2_sqrt + eps)


@textbook()
def adagrad_update(param, grad, total, step_size, eps, weight_decay, sign, floor):
    """total += g**2; param -= step_size * g / (sqrt(total) + eps) with g = sign*grad + weight_decay*param.

    Shapes: param, grad and total (I,); step_size = lr / (1 + (step - 1)*lr_decay).
    Source: Duchi, Hazan & Singer 2011, "Adaptive subgradient methods for online learning and
        stochastic optimization", figure 1, with a diagonal matrix.
    Cost: about 8 FLOPs a parameter; LeNet 0.49 M a step.
    Parallel: a task owns one stretch of `param` and `total`.
    """
    for i in range(len(param)):
        g = sign * grad[i] + weight_decay * param[i]
        total_i = total[i] + g * g
        if total_i < floor:
            total_i = zero(total)
        total[i] = total_i
        param[i] = param[i] - step_size * g / (sqrt(total_i) + eps)


@textbook()
def adadelta_update(param, grad, v, u, lr, rho, one_minus_rho, eps, weight_decay, sign, floor):
    """v = rho*v + (1 - rho)*g**2; delta = sqrt(u + eps) / sqrt(v + eps) * g; u = rho*u + (1 - rho)*delta**2;
    param -= lr * delta with g = sign*grad + weight_decay*param.

    Shapes: param, grad, v and u (I,); v and u are the running means of g**2 and of delta**2.
    Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method", algorithm 1.
    Cost: about 14 FLOPs a parameter; LeNet 0.86 M a step.
    Parallel: a task owns one stretch of `param`, `v` and `u`.
    """
    for i in range(len(param)):
        g = sign * grad[i] + weight_decay * param[i]
        v_i = rho * v[i] + one_minus_rho * g * g
        if v_i < floor:
            v_i = zero(v)
        v[i] = v_i
        delta = sqrt(u[i] + eps) / sqrt(v_i + eps) * g
        u_i = rho * u[i] + one_minus_rho * delta * delta
        if u_i < floor:
            u_i = zero(u)
        u[i] = u_i
        param[i] = param[i] - lr * delta
