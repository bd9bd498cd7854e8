"""Learning-rate schedules: for each step of the optimizer a factor in (0, 1] of the peak learning rate.

Each is a formula of the step alone, so a resumed training needs no memory of the steps before.
"""
from math import cos, pi

WARM_UP = 0.3  # part of a one-cycle spent going up, as in Smith & Topin 2017 and in PyTorch's OneCycleLR
CUT = 0.1  # the same of a slanted triangle, Howard & Ruder's cut_frac
START = 1 / 25  # where both start, as OneCycleLR does
END = 1e-4 * START  # and where they end


def constant(step, steps):
    """1: the same rate from the first step to the last."""
    return 1.0


def cosine(step, steps):
    """(1 + cos(pi * step / steps)) / 2: down to zero, fastest halfway (Loshchilov & Hutter 2017, without restarts)."""
    return (1 + cos(pi * step / steps)) / 2


def one_cycle(step, steps):
    """Up over the first 30 % of the steps, then down to almost zero, both along a cosine (Smith & Topin 2017)."""
    return _up_and_down(step, steps, WARM_UP, lambda part: (1 - cos(pi * part)) / 2)


def slanted_triangle(step, steps):
    """Straight up over the first 10 % of the steps, then straight down to almost zero.

    Source: Howard & Ruder, Universal Language Model Fine-tuning for Text Classification, 2018, section 3.2; theirs begins and
    ends at 1/32 of its height, this one where PyTorch's OneCycleLR does.
    """
    return _up_and_down(step, steps, CUT, lambda part: part)


def _up_and_down(step, steps, rise, way):
    """From START to 1 over a part `rise` of the steps, then to END; `way` says how far a part of either leads, 0 to 1."""
    peak, last = rise * steps - 1, steps - 1  # PyTorch's convention: the last step has the lowest rate
    if step < peak:
        return START + (1 - START) * way(step / peak)
    return 1 + (END - 1) * way((step - peak) / (last - peak))


FACTORS = {"constant": constant, "cosine": cosine, "one-cycle": one_cycle, "slanted-triangle": slanted_triangle}


def rate_factor(schedule, step, steps, warm_up=0):
    """The factor of a schedule that begins after `warm_up` steps, in which it rises in equal steps to 1.

    Source: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2 (gradual warm-up).
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return FACTORS[schedule](step - warm_up, steps - warm_up)


def learning_rate(settings, step, batches):
    """The learning rate of a step: the peak learning rate of the settings times the factor of their schedule.

    Parameters
    ----------
    settings : Settings
    step : int
        Counted from 0 over all epochs.
    batches : int
        Steps in an epoch.

    Returns
    -------
    float
    """
    return settings.learning_rate * rate_factor(settings.schedule, step, settings.epochs * batches, settings.warmup_epochs * batches)
