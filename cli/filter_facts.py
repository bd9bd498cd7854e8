"""What `numbacnn visualize-filters` shows and says of a layer's filters: only what was found out about them."""
from dataclasses import dataclass, field
from pathlib import Path

from numbacnn.cli.output import counted, shape
from numbacnn.cli.run_data import load_run_data_or_why

RIGHT, WRONG = 1, 1  # validation examples whose maps are shown where no image is given
FEW = 4  # images on the sheet, at most
EXAMPLES = 1000  # of the validation split that are looked at for dead filters
BATCH = 250
EXTREME = 4  # times the usual largest number of a map: such a map does not decide where the scale ends


@dataclass
class FilterFacts:
    """Findings about the filters of a layer.

    Attributes
    ----------
    after, before : ndarray
        Weights.
    scale : numbacnn.insight.WeightScale
        For both and their difference.
    shapes : list of (FilterShape or None), or None
        None where no filter is tried.
    dead : ndarray of bool, or None
        None where it cannot be told.
    why_alive : str
        What `dead` goes by, or why there is none.
    shown : list of Shown
        Examples whose maps are drawn.
    predictions : list of int
        The classes that the network takes them for.
    maps : ndarray or None
        What the convolution makes of them.
    phrases : list of list of (str, float), or None
        For words: the phrases each filter likes best, and the answers.
    sentences : int
        So many were searched for them.
    notes, errors : list of str
        What is missing and why; which files cannot be used.
    """

    before: object
    after: object
    scale: object
    shapes: list | None = None
    dead: object = None
    why_alive: str = ""
    shown: list = field(default_factory=list)
    predictions: list = field(default_factory=list)
    maps: object = None
    phrases: list | None = None
    sentences: int = 0
    notes: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def remarks(self, kind):
        """The sentences below the sheet, which are also printed."""
        return [*self._about_scale(), *self._about_shapes(), *self._about_dead(), *self._about_maps(kind)]

    def _about_scale(self):
        if self.phrases is None and self.scale.beyond:
            n, one = self.scale.beyond, self.scale.beyond == 1
            yield (f"{n:,} weight{'' if one else 's'} or difference{'' if one else 's'} lie{'s' * one} outside the scale of "
                   f"±{self.scale.limit:.3g}; the largest is {self.scale.largest:.3g}, {self.scale.largest / self.scale.limit:.1f} "
                   "times its end")

    def _about_shapes(self):
        if self.shapes is None:
            return
        found = sum(each is not None for each in self.shapes)
        yield (f"{found} of {counted(len(self.shapes), 'filters')} {'has' if found == 1 else 'have'} a simple shape, named with its "
               "share of the squared weights; of filters of noise about 1 in 100 or fewer would be named")

    def _about_dead(self):
        if self.dead is None:
            yield self.why_alive
            return
        gone = self.dead.nonzero()[0].tolist()
        yield f"dead: {f'{_numbers(gone)},' if gone else 'no filter is'} {self.why_alive}"

    def _about_maps(self, kind):
        if self.phrases is not None:
            yield (f"phrases: the windows of words in {self.sentences:,} validation sentences to which the filter answers most; the number "
                   "is its answer, before the ReLU")
        elif self.maps is not None:
            frame = ", of a film the frame in the middle" if kind == "video" else ""
            yield f"maps: what the convolution gives, red above zero and blue below, before anything follows{frame}"
            limit, beyond, largest = self.map_scale
            if beyond:
                yield (f"the maps of {counted(len(beyond), 'filters')} ({', '.join(map(str, beyond[:20]))}) go beyond the scale of ±{limit:.3g}; the largest "
                       f"number is {largest:.3g}")

    @property
    def map_scale(self):
        """End of the maps' scale, numbers of the filters that exceed it, and the largest magnitude."""
        import numpy as np

        maps = np.nan_to_num(self.maps, posinf=0, neginf=0)
        peaks = np.abs(maps).max(axis=(0, *range(2, maps.ndim)))
        usual = np.median(peaks[peaks > 0]) if peaks.any() else 0.0
        limit = float(peaks[peaks <= EXTREME * usual].max(initial=0)) or 1.0
        return limit, np.flatnonzero(peaks > limit).tolist(), float(peaks.max())


def facts_of(run, model, layer, before, after, inputs, invert, data_dir):
    """Find out what can be shown of the filters of a layer.

    Parameters
    ----------
    run : RunFolder
    model : Module
        With the weights that are shown.
    layer : str
    before, after : ndarray
        Its weights before training, and those that are shown.
    inputs, invert, data_dir
        As `images_for` takes them.

    Returns
    -------
    FilterFacts
    """
    import numpy as np

    from numbacnn.cli.shown_images import images_for, some_of_validation
    from numbacnn.data.record import KINDS
    from numbacnn.insight import dead_filters, filter_shapes, phrases_of, trace, weight_scale
    from numbacnn.insight.wiring import convolution, reads_the_input
    from numbacnn.train import Normalize

    model.eval()
    known = run.info["data"]
    kind = known.get("kind", "images")
    normalize, examples = Normalize(known["mean"], known["std"]), KINDS[kind][0]
    facts = FilterFacts(before, after, weight_scale(before, after, after - before))
    if inputs:
        facts.shown, facts.notes, facts.errors = images_for(run, model, "visualize-filters", inputs, invert, None, RIGHT, WRONG, True)
    data, trouble = load_run_data_or_why(run, data_dir)
    x = () if data is None else data.x_val[:EXAMPLES]
    if trouble is None and not len(x):
        trouble = f"{data.name} has no validation {examples}"
    probe = normalize(np.zeros((1, *run.input_shape), np.int64 if kind == "tokens" else np.float32))
    if reads_the_input(trace(model, probe), layer):
        facts.shapes = filter_shapes(after, kind)
    if trouble:
        missing = [*(["phrases"] if kind == "tokens" else [] if inputs else ["maps"]), "dead filters"]
        facts.notes.append(f"without the data of the run there are no {' and no '.join(missing)}: {trouble}")
        facts.why_alive = "dead: not known without the data of the run"
    else:
        facts.dead = dead_filters(model, layer, probe, (normalize(x[n:n + BATCH]) for n in range(0, len(x), BATCH)))
        facts.why_alive = (f"zero behind the ReLU on all {len(x):,} validation {examples} looked at" if facts.dead is not None else
                           "dead: not known, for no ReLU follows the filters one by one")
        if kind == "tokens":
            _find_phrases(facts, phrases_of(model, x, data.vocabulary or known.get("vocabulary")), layer, len(x))
        elif not inputs:
            facts.shown, note = some_of_validation(data, run, model, RIGHT, WRONG, examples)
            facts.notes.append(note)
    if len(facts.shown) > FEW:
        facts.notes.append(f"the sheet has room for {FEW} images; {counted(len(facts.shown) - FEW, 'images')} left out")
        facts.shown = facts.shown[:FEW]
    if facts.shown:
        steps = trace(model, normalize(np.stack([each.pixels for each in facts.shown])))
        facts.predictions = steps[-1].output.argmax(axis=1).tolist()
        maps = steps[convolution(steps, layer)].output
        facts.maps = maps[:, :, 0] if kind == "series" and maps.ndim == 4 else maps
    return facts


def _numbers(filters):
    return f"filter{'s' * (len(filters) > 1)} " + ", ".join(map(str, filters[:20])) + " ..." * (len(filters) > 20)


def _find_phrases(facts, layers, layer, sentences):
    found = [each for each in layers if each["name"] == layer]
    if found:
        facts.phrases = [each["phrases"] for each in found[0]["filters"]]
        facts.sentences = sentences
    else:
        facts.notes.append(f"{layer} does not read all places of a sentence, so its weights are shown, not phrases")


def sheet_of(run, weights, layer, facts):
    """The figure."""
    import numpy as np

    from numbacnn.cli.shown_images import labels_of
    from numbacnn.plot import ShownMaps, filter_change, phrase_sheet

    known, kind = run.info["data"], run.info["data"].get("kind", "images")
    title, remarks = title_of(run, weights), [*facts.remarks(kind), *facts.notes]
    if facts.phrases is not None:
        norms = [((one - old) ** 2).sum() ** 0.5 for old, one in zip(facts.before, facts.after)]
        return phrase_sheet(facts.phrases, title, f"{layer} · {counted(len(facts.after), 'filters')} over {facts.after.shape[-1]} words",
                            [f"moved by {norm:.2f}" for norm in norms], facts.dead, remarks)
    shown = None if facts.maps is None else ShownMaps(np.stack([each.pixels for each in facts.shown]),
                                                      tuple(labels_of(facts.shown, facts.predictions, known["classes"])), facts.maps, facts.map_scale[0])
    marks = facts.shapes and [each and f"{each.words} {100 * each.share:.0f}\u00a0%" for each in facts.shapes]
    return filter_change(facts.before, facts.after, layer, title, facts.scale.limit, marks, facts.dead, shown, remarks)


def title_of(run, weights):
    """Run, data, and the epoch whose weights are shown."""
    epoch, epochs = run.epoch_of(weights), len(run.rows)
    when = f"after epoch {epoch} of {epochs}" if epoch else "before training"
    return f"{run.path.resolve().name} · {run.info['model']['name']} on {Path(run.info['data']['name']).name} · {when} ({weights} weights)"


def what_changed(facts, layer):
    """One sentence on how much training changed, and where most."""
    import numpy as np

    before, after, moved = (float(np.linalg.norm(array)) for array in (facts.before, facts.after, facts.after - facts.before))
    if moved == 0:
        return f"{layer}: the filters are as they were before training, which has not changed them"
    each = np.sqrt(((facts.after - facts.before) ** 2).reshape(len(facts.after), -1).sum(axis=1))
    part = f" by {100 * moved / before:.0f} %" if before else ""
    return (f"{layer}: training moved the {counted(len(each), 'filters')} of {shape(facts.after.shape[1:])}{part} (norm {before:.2f} before, "
            f"{after:.2f} after, {moved:.2f} of the difference), most of all filter {each.argmax()} ({each.max():.2f})")
