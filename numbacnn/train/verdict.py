"""How a training went, in a plain sentence with its evidence, and what to try next."""
from dataclasses import dataclass, field
from math import log

CHANCE = 0.98  # a loss above this part of ln C has learned next to nothing
WORSE = 1.1  # and one above this is not even a guess
GAP = 0.05  # training accuracy that far above validation accuracy is learning by heart
FALLING = 0.05  # a validation loss that fell by this part in the last epoch would go on falling
FEW_STEPS = 300  # in fewer, even a good learning rate may not leave chance level
LOW = 0.9  # a training accuracy below this is worth more epochs, or a larger model


@dataclass(frozen=True)
class Verdict:
    """A judgement on a training.

    Attributes
    ----------
    kind : str
        `diverged`, `chance`, `over-fit`, `under-fit` or `good`.
    text : str
        One or two sentences with the numbers that speak for it.
    change : dict
        Settings to try next, such as `{"epochs": 6}`; empty if the training needs no change.
    """

    kind: str
    text: str
    change: dict = field(default_factory=dict)


def judge(rows, settings, classes, diverged=None, images=None):
    """Say how a training went.

    Parameters
    ----------
    rows : sequence of EpochDone
        The finished epochs: at least one, unless it diverged.
    settings : Settings
    classes : int
        C: guessing gives a loss of ln C and an accuracy of 1 / C.
    diverged : Diverged, optional
        Why the training stopped.
    images : int, optional
        How many there are to train with: after a few steps, chance level is no fault of the learning rate.

    Returns
    -------
    Verdict
    """
    if diverged:
        return _diverged(diverged, settings)
    verdict = _judge_epochs(rows, settings, classes, images)
    early = settings.patience is not None and len(rows) < settings.epochs
    return _stopped_early(verdict, len(rows), settings) if early else verdict


def _judge_epochs(rows, settings, classes, images):
    first, last = rows[0], rows[-1]
    best = max(rows, key=lambda row: row.val_accuracy)
    if last.train_loss > CHANCE * log(classes):
        return _chance(last, settings, classes, images)
    gap = last.train_accuracy - last.val_accuracy
    evidence = f"training accuracy {_percent(last.train_accuracy)}, validation {_percent(last.val_accuracy)}"
    if gap > GAP:
        return _over_fit(evidence, gap, best, settings)
    falling = len(rows) == 1 or last.val_loss < (1 - FALLING) * rows[-2].val_loss
    if last.train_accuracy < LOW and (falling or gap < GAP / 2):
        more = ("after a single epoch" if len(rows) == 1 else "and the loss is still falling" if falling else
                "so the model has not even learned its training examples")
        return Verdict("under-fit", f"under-fit: {evidence}, {more}.", _more(settings, falling))
    fell = f" the loss fell from {first.train_loss:.3f} to {last.train_loss:.3f}." if len(rows) > 1 else ""
    return Verdict("good", f"good: {evidence}, best in epoch {best.epoch}{';' if fell else '.'}{fell}")


def _stopped_early(verdict, epochs, settings):
    """Say so; where more epochs would help, more patience is what lets them happen."""
    change = {"patience": 2 * settings.patience} if verdict.change.get("epochs", 0) > settings.epochs else verdict.change
    waited = f"{settings.patience} epochs" if settings.patience > 1 else "an epoch"
    return Verdict(verdict.kind, f"{verdict.text} Stopped early, after epoch {epochs} of {settings.epochs}: {waited} "
                                 "without a better validation accuracy.", change)


def _diverged(diverged, settings):
    text = (f"diverged: the loss became {diverged.loss} in epoch {diverged.epoch}, batch {diverged.batch}, at learning "
            f"rate {diverged.learning_rate:g}; the steps are too large.")
    return Verdict("diverged", text, {"learning_rate": min(_round(settings.learning_rate / 10), _usual_rate(settings))})


def _chance(last, settings, classes, images):
    """A loss of ln C or more: too few steps, or so large that the ReLUs died, or so small that nothing moved."""
    worse = last.train_loss > WORSE * log(classes)
    if images is not None and not worse:
        steps = settings.epochs * -(-images // settings.batch_size)
        if steps < FEW_STEPS:
            text = (f"at chance level: the loss of {last.train_loss:.3f} is that of guessing among {classes} classes "
                    f"(ln {classes} = {log(classes):.3f}) after only {steps} step{'s' * (steps != 1)}; more epochs, or more "
                    "examples, would help.")
            return Verdict("chance", text, {"epochs": settings.epochs * -(-FEW_STEPS // steps)})
    usual = _usual_rate(settings)
    rate = usual if settings.learning_rate != usual else usual / 10
    like, why = ("worse than", "; the steps are too large") if worse else ("that of", "")
    text = (f"at chance level: the loss of {last.train_loss:.3f} is {like} guessing among {classes} classes "
            f"(ln {classes} = {log(classes):.3f}), with learning rate {settings.learning_rate:g}{why}.")
    return Verdict("chance", text, {"learning_rate": _round(rate)})


def _over_fit(evidence, gap, best, settings):
    text = f"over-fit: {evidence}, a gap of {100 * gap:.1f} points; best in epoch {best.epoch}."
    if settings.weight_decay == 0:
        return Verdict("over-fit", f"{text} More examples or weight decay would help.", {"weight_decay": 0.001})
    fewest = 1 + max(settings.warmup_epochs, settings.unfreeze_after or 0)  # Settings refuses fewer
    if max(fewest, best.epoch) >= settings.epochs:
        return Verdict("over-fit", f"{text} More examples would help.")
    return Verdict("over-fit", f"{text} More examples or fewer epochs would help.", {"epochs": max(fewest, best.epoch)})


def _more(settings, falling):
    return {"epochs": 2 * settings.epochs} if falling else {"learning_rate": _round(2 * settings.learning_rate)}


def _usual_rate(settings):
    """The learning rate that this optimizer has when none is given."""
    return type(settings)(optimizer=settings.optimizer).learning_rate


def _percent(part):
    return f"{100 * part:.2f} %"


def _round(value):
    return float(f"{value:.2g}")
