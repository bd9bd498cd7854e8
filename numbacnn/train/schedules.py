"""The course of the learning rate: for each step of the optimizer a factor in (0, 1] of the highest rate.

Each is a formula of the step alone, so a resumed training needs no memory of the steps before.
"""
from math import cos, pi

WARM_UP = 0.3  # part of a one-cycle spent going up, as in Smith & Topin 2017 and in PyTorch's OneCycleLR
START = 1 / 25  # where a one-cycle starts
END = 1e-4 * START  # and where it ends


def constant(step, steps):
    """1: the same rate from the first step to the last."""
    return 1.0


def cosine(step, steps):
    """(1 + cos(pi * step / steps)) / 2: down to zero, fastest halfway (Loshchilov & Hutter 2017, without restarts)."""
    return (1 + cos(pi * step / steps)) / 2


def one_cycle(step, steps):
    """Up over the first 30 % of the steps, then down to almost zero, both along a cosine (Smith & Topin 2017)."""
    peak, last = WARM_UP * steps - 1, steps - 1  # PyTorch's convention: the last step has the lowest rate
    if step < peak:
        return _between(START, 1.0, step / peak)
    return _between(1.0, END, (step - peak) / (last - peak))


def _between(first, last, part):
    """From `first` to `last` along half a cosine wave while `part` goes from 0 to 1."""
    return last + (first - last) * (1 + cos(pi * part)) / 2


FACTORS = {"constant": constant, "cosine": cosine, "one-cycle": one_cycle}


def rate_factor(schedule, step, steps, warm_up=0):
    """The factor of a schedule that begins after `warm_up` steps, in which it rises in equal steps to 1.

    Source: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2 (gradual warm-up).
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return FACTORS[schedule](step - warm_up, steps - warm_up)
