"""How a training went, in a plain sentence with its evidence, and what to try next."""
from dataclasses import dataclass, field, replace
from math import log

from numbacnn.data.wording import listed
from numbacnn.train.evidence import GAP, UNCERTAIN, Evidence
from numbacnn.train.standard_error import FEWEST

WORSE = 1.1  # a loss above this part of that of guessing is not even a guess
FAR_WORSE = 2  # above this part the weights have run away; below it a network may just begin so
FAR_BELOW = 10  # times smaller than the usual learning rate is one that hardly moves a weight
BLOWN_UP = 10  # a loss above so many times that of guessing comes from weights that steps too large have thrown far away
FEW_STEPS = 300  # in fewer, even a good learning rate may not have got far
LOW = 0.9  # a training that has learned less than this part of what guessing leaves is worth more epochs, or a larger model
SHIFT = 14  # a picture can be moved by a part of this many of its side without leaving its class


@dataclass(frozen=True)
class Verdict:
    """A judgement on a training.

    Attributes
    ----------
    kind : str
        `diverged`, `chance`, `over-fit`, `few-examples`, `under-fit` or `good`.
    text : str
        A few sentences with the numbers that speak for it.
    change : dict
        Settings to try next, such as `{"epochs": 6}`; empty if the training needs no change.
    """

    kind: str
    text: str
    change: dict = field(default_factory=dict)


def judge(rows, settings, data, diverged=None):
    """Say how a training went.

    Nothing is said that the validation images are too few to say: a training is over-fit only where the validation loss has
    risen from its lowest value by more than two standard errors of that rise, and at chance level only if the validation
    images do not say otherwise.

    Parameters
    ----------
    rows : sequence of EpochDone
        The finished epochs: at least one, unless it diverged.
    settings : Settings
    data : numbacnn.data.ImageData
        What was trained with: its labels and classes are looked at, and the kind and shape of an example.
    diverged : Diverged, optional
        Why the training stopped.

    Returns
    -------
    Verdict
    """
    if diverged:
        return _diverged(diverged, settings)
    found = Evidence(rows, settings, data)
    verdict = _judge_epochs(found)
    if settings.patience is not None and len(rows) < settings.epochs:
        verdict = _stopped_early(verdict, len(rows), settings)
    missing = found.unvalidated
    if missing:
        verdict = replace(verdict, text=f"{verdict.text} No validation example is of class {listed(missing, 3)}.")
    return verdict


def _judge_epochs(found):
    last = found.last
    if last.train_loss > BLOWN_UP * max(found.guess_loss, 1):
        return _blown_up(found)
    if found.train_at_chance and not found.val_beats_guessing or found.one_answer and not found.memorized:
        return _chance(found)
    evidence = _evidence(found)
    if found.memorized and found.risen:
        return _over_fit(found, evidence)
    if found.learned < LOW and (found.falling or found.steps < FEW_STEPS):
        more = ("after a single epoch" if len(found.rows) == 1 else "and the loss is still falling" if found.falling else
                f"after only {found.steps} steps")
        return Verdict("under-fit", f"under-fit: {evidence}, {more}.", {"epochs": 2 * found.settings.epochs})
    if found.memorized:
        return _few_examples(found, evidence)
    if found.learned < LOW and found.gap <= max(GAP, found.accuracy_error):
        return _stuck(found, evidence)
    fell = f"; the loss fell from {found.rows[0].train_loss:.3f} to {last.train_loss:.3f}" if len(found.rows) > 1 else ""
    return Verdict("good", f"good: {evidence}, best weights of epoch {found.best.epoch}{fell}.")


def _evidence(found):
    """Both accuracies, the second with its standard error, in a few words."""
    last, images, error = found.last, found.validated, 100 * found.accuracy_error
    trained = f"training accuracy {_percent(last.train_accuracy)}, validation {_percent(last.val_accuracy)}"
    if found.accuracy_error <= UNCERTAIN:
        text = f"{trained} ± {error:.2f}"
    else:
        few = ", too few to judge by" if images < FEWEST else ""
        examples = found.examples if images != 1 else "example"
        text = f"{trained} (only {images} validation {examples}: ±{error:.0f} points{few})"
    if not found.is_balanced:
        text += f", where always answering {found.most_frequent} would give {_percent(found.guess_accuracy)}"
    elif found.memorized and not found.val_beats_guessing:
        text += f", which may still be guessing ({_percent(found.guess_accuracy)})"
    return text


def _stopped_early(verdict, epochs, settings):
    """Say so; where more epochs would help, more patience is what lets them happen."""
    change = {"patience": 2 * settings.patience} if verdict.kind == "under-fit" else verdict.change
    waited = f"{settings.patience} epochs" if settings.patience > 1 else "an epoch"
    return Verdict(verdict.kind, f"{verdict.text} Stopped early, after epoch {epochs} of {settings.epochs}: {waited} "
                                 "without a lower validation loss.", change)


def _diverged(diverged, settings):
    text = (f"diverged: the loss became {diverged.loss} in epoch {diverged.epoch}, batch {diverged.batch}, at learning "
            f"rate {diverged.learning_rate:g}; the steps are too large.")
    return Verdict("diverged", text, {"learning_rate": min(_round(settings.learning_rate / 10), _usual_rate(settings))})


def _blown_up(found):
    """The loss is far above that of guessing, however many answers are right; it is finite, so the training went on."""
    text = (f"diverged: the training loss is {found.last.train_loss:.3g}, far above that of {_guessing(found)}, at learning rate "
            f"{found.settings.learning_rate:g}; the steps are too large.")
    return Verdict("diverged", text, {"learning_rate": min(_round(found.settings.learning_rate / 10), _usual_rate(found.settings))})


def _chance(found):
    """No better than guessing: too few steps, or so large that the ReLUs died, or so small that nothing moved."""
    loss, settings = found.last.train_loss, found.settings
    worse = loss > WORSE * found.guess_loss
    like = "worse than" if worse else "that of" if found.train_at_chance else "little better than that of"
    text = f"at chance level: the loss of {loss:.3f} is {like} {_guessing(found)}"
    told = ""
    if found.one_answer and found.validated > 1:
        told = (f" All {found.validated} validation {found.examples} are given the same class, which is right for "
                f"{_percent(found.last.val_accuracy)} of them.")
    rate, usual = settings.learning_rate, _usual_rate(settings)
    if rate * FAR_BELOW < usual and not worse:
        text += f", with learning rate {rate:g}, far below the usual {usual:g}; the steps are too small.{told}"
        return Verdict("chance", text, {"learning_rate": usual})
    if found.steps < FEW_STEPS and (not worse or rate <= usual and loss < FAR_WORSE * found.guess_loss):
        text += f" after only {found.steps} step{'s' * (found.steps != 1)}; more epochs, or more examples, would help.{told}"
        return Verdict("chance", text, {"epochs": settings.epochs * -(-FEW_STEPS // found.steps)})
    if not found.train_at_chance:  # it has learned a little, but not enough to change an answer
        return Verdict("chance", f"{text}; more epochs, or as many examples of every class, would help.{told}",
                       {"epochs": 2 * settings.epochs})
    why = "; the steps are too large" if worse else ""
    other = rate / 10 if rate == usual or worse and rate < usual else usual
    return Verdict("chance", f"{text}, with learning rate {rate:g}{why}.{told}", {"learning_rate": _round(other)})


def _guessing(found):
    """Text on the chance level and its loss."""
    if found.is_balanced:
        return f"guessing among {found.classes} classes (ln {found.classes} = {log(found.classes):.3f})"
    return (f"guessing by how frequent the classes are ({max(found.guess_loss, 0):.3f}, as {_percent(found.largest_share)} of the training "
            f"{found.examples} are {found.most_frequent})")


def _over_fit(found, evidence):
    last, lowest = found.last, found.lowest
    text = (f"over-fit: {evidence}; the validation loss rose from {lowest.val_loss:.3f} in epoch {lowest.epoch} to "
            f"{last.val_loss:.3f}, by {last.val_rise:.2g} ± {last.val_rise_error:.1g}. The weights of epoch {found.best.epoch} "
            "are kept as the best.")
    return _with_more(found, "over-fit", text)


def _few_examples(found, evidence):
    text = (f"few examples: {evidence}, a gap of {100 * found.gap:.0f} points; the validation loss shows no clear rise, so "
            "fewer epochs would not help.")
    return _with_more(found, "few-examples", text)


def _with_more(found, kind, text):
    """What closes the gap between training and validation: more examples, or what stands in for them."""
    settings = found.settings
    if found.data.kind == "images" and not settings.augment:
        shift = max(1, min(found.data.x_train.shape[2:]) // SHIFT)
        return Verdict(kind, f"{text} More examples, or images shifted anew in every epoch, would help.", {"augment": f"shift={shift}"})
    if settings.weight_decay == 0:
        return Verdict(kind, f"{text} More examples, or weight decay, would help.", {"weight_decay": 0.001})
    return Verdict(kind, f"{text} More examples would help.")


def _stuck(found, evidence):
    """Neither learned nor going to be: steps that are too small, a model that is too small, or labels that contradict."""
    usual = _usual_rate(found.settings)
    text = f"under-fit: {evidence}, and no longer improving, so the model has not even learned its training examples."
    if found.settings.learning_rate < usual:
        return Verdict("under-fit", f"{text} Larger steps may help.", {"learning_rate": usual})
    return Verdict("under-fit", f"{text} A larger model would help, unless labels are wrong or the {found.examples} do not show the class.")


def _usual_rate(settings):
    """The learning rate that this optimizer has when none is given."""
    return type(settings)(optimizer=settings.optimizer).learning_rate


def _percent(part):
    return f"{100 * part:.2f} %"


def _round(value):
    return float(f"{value:.2g}")
