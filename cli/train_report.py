"""What `numbacnn train` says: before, meanwhile and at the end."""
from math import floor, log10

from numbacnn.cli.load import busy_note, load_before, load_of
from numbacnn.cli.output import counted, fitting_table, path_word, percent, print_json, shape, width, with_error, write
from numbacnn.cli.progress import Bar, CompileNote, Measuring, bar_line, reading_line
from numbacnn.cli.speed import speed_line
from numbacnn.cli.train_transfer import frozen_counts, transfer_lines
from numbacnn.data import NAMES
from numbacnn.data.record import KINDS
from numbacnn.data.wording import listed
from numbacnn.engine.cache import directory
from numbacnn.models.layer_table import layer_table
from numbacnn.simd.choice import CPU, L
from numbacnn.train.records import BatchDone, Compiled, Compiling, EpochDone, Started

MOST_CLASSES = 30  # that are told one by one
COLUMNS = {"epoch": 5, "train_loss": 10, "train_acc": 9, "val_loss": 8, "val_acc": 7, "lr": 8, "rate": 10, "time": 6}  # and their widths
LEAST_NEEDED = ("lr", "rate", "time", "train_acc")  # left out, in this order, where the terminal is narrow
NEARLY_NOTHING = 1000  # times smaller than the peak is a learning rate that is not worth its digits


class TrainReport:
    """Prints a training; with `as_json` all tables go to stderr and stdout gets one JSON object.

    Parameters
    ----------
    call : Call
        Knows how long the program has been running.
    as_json : bool

    Attributes
    ----------
    reader_left : bool
        Whether the output pipe was closed, as after `numbacnn train | head`.
    """

    def __init__(self, call, as_json):
        self.call, self.as_json, self.reader_left = call, as_json, False
        self.bar, self.load = Bar(), load_before()
        self.compile_note = CompileNote(self.bar, kept=lambda: directory() is not None)
        self.unit, self.columns, self.peak = "images/s", COLUMNS, 0

    def say(self, line=""):
        """A line of the result."""
        self.bar.clear()
        if not write(line, err=self.as_json):
            self.reader_left = True

    def note(self, line):
        """A line that is not part of the result."""
        self.bar.clear()
        write(line, err=True)

    def download(self, done, total):
        """Show how much of a file has arrived."""
        self.bar.draw(download_line(done, total))

    def reading(self, done, total):
        """Show how much of a file or folder has been read."""
        self.bar.draw(reading_line(done, total))

    def measuring(self, session):
        """Progress of the measurement of the test examples."""
        return Measuring(self.bar, f"test {KINDS[session.data.kind][0]}")

    def begin(self, session):
        """The data set, the layers, and what decides about the numbers."""
        self.unit = "images/s" if session.data.kind == "images" else "examples/s"
        for note in session.data.notes:
            self.note(f"note: {note}")
        for line in data_lines(session.data):
            self.say(line)
        self.say()
        rows = layer_rows(session.folder.input_shape, session.model)
        for line in fitting_table(("layer", "kind", "output", "parameters", "multiply-adds"), rows, left=(0, 1),
                                  give_way=((1, 12), (4, 0), (0, 10), (1, 0)), tails=(0,), err=self.as_json):
            self.say(line)
        settings = session.settings
        self.peak = settings.learning_rate
        momentum = {"sgd": f" momentum {settings.momentum:g}", "rmsprop": ""}.get(
            settings.optimizer, f" betas {settings.beta1:g} {settings.beta2:g}")
        self.say()
        self.say(f"{settings.optimizer}{momentum} · learning rate {settings.learning_rate:g} {settings.schedule} · "
                 f"weight decay {settings.weight_decay:g} · batches of {settings.batch_size}")
        if settings.augment:
            self.say(f"augmentation {settings.augment.replace(',', ' · ')}")
        extras = {"warm-up epochs": settings.warmup_epochs, "label smoothing": settings.label_smoothing,
                  "gradients clipped to norm": settings.clip_norm, "patience": settings.patience}
        if any(extras.values()):
            self.say(" · ".join(f"{name} {value:g}" for name, value in extras.items() if value))
        for line in transfer_lines(session):
            self.say(line)
        self.say(f"seed {settings.seed} · {counted(session.threads, 'threads')} · float32, "
                 f"{L} {KINDS[session.data.kind][0]} at a time ({CPU})")
        self.say(f"run folder {session.folder.path}")
        if load_of(self.load, session.threads)["busy"]:
            self.note(f"note: {busy_note(self.load, self.unit)}")
        self.say()

    def show(self, record):
        """One record of the training loop."""
        if isinstance(record, Started):
            self.columns = fitting_columns(width(err=self.as_json))
            self.say("* = best epoch so far")
            self.say("  ".join((self.unit if name == "rate" else name).rjust(width) for name, width in self.columns.items()))
            for row in record.rows:
                self.say(epoch_line(row, self.columns, self.peak))
        elif isinstance(record, Compiling):
            self.compile_note.start()
        elif isinstance(record, Compiled):
            self.compile_note.finish(record.seconds)
        elif isinstance(record, BatchDone):
            self.bar.draw(bar_line(record, self.unit))
        elif isinstance(record, EpochDone):
            self.say(epoch_line(record, self.columns, self.peak))

    def close(self):
        """Leave the terminal as it was, whatever happened."""
        self.compile_note.cancel()
        self.bar.clear()

    def end(self, session, results):
        """Test result, verdict, next command; or all of it as JSON."""
        examples = KINDS[session.data.kind][0]
        self.say()
        if results["test_accuracy"] is not None:
            self.say(f"test accuracy {with_error(results['test_accuracy'], results['test_accuracy_error'])} · "
                     f"loss {results['test_loss']:.4f} · "
                     f"{counted(len(session.data.x_test), examples)}, weights of epoch {results['best_epoch']}")
        self.say(speed_line(results, self.unit))
        self.say(results["verdict_text"])
        if results["status"] != "interrupted" and not results["next"].startswith("numbacnn report"):
            self.say(f"the run in one page: numbacnn report {path_word(session.folder.path)}")
        self.say(f"next: {results['next']}")
        if self.reader_left and results["status"] == "interrupted":
            self.note(f"the output pipe was closed: {results['verdict_text']} next: {results['next']}")
        if self.as_json:
            print_json(self._object(session, results))

    def _object(self, session, results):
        info = session.folder.info
        layers = layer_table(session.model, *session.folder.input_shape, blocks=True)
        return {
            "run": str(session.folder.path), "model": info["model"]["name"], "data": info["data"]["name"],
            "parameters": sum(layer.parameters for layer in layers), **session.settings.to_dict(),
            "threads": session.threads, "cpu": CPU, "images_a_number": L, **results,
            "notes": info["data"].get("notes", []), "dataset": info["data"], "layers": [vars(layer) for layer in layers], "from": info.get("from"),
            "frozen": frozen_counts(session.model, session.settings), "command": info["command"],
            "versions": info["versions"]}


def download_line(done, total):
    """Draw a bar of how many bytes of a file have arrived."""
    return f"downloading {done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"downloading {done / 1e6:.1f} MB"


def data_lines(data):
    """Describe a data set: two lines, and for the user's own data the examples of each class in each part."""
    about = data.describe()
    numbers = [f"{name} {', '.join(f'{value:.4f}' for value in about[name])}" for name in ("mean", "std")]
    if data.kind == "tokens":  # they have no scale
        numbers = [f"{data.vocabulary_size:,} tokens"]
    classes = about["classes"]
    source = about["source"].replace(f" in {about['name']}", "").replace(f" {about['name']}", "")  # the path stands before it
    lines = [f"{about['name']}: {counted(about['train'], KINDS[data.kind][0])} to train, {about['val']:,} to validate, "
             f"{about['test']:,} to test, each {shape(about['shape'])} ({source})",
             f"{len(classes)} class{'es' * (len(classes) != 1)}: {listed(classes, MOST_CLASSES)} · {' · '.join(numbers)}"]
    return lines if about["name"] in NAMES else [*lines, *class_lines(about)]


def class_lines(about):
    """A table of the examples of each class in each part, of many classes the first ones."""
    parts = about["per_class"]
    rows = [(name, *(f"{parts[part][k]:,}" for part in parts)) for k, name in enumerate(about["classes"])]
    more = [f"... {len(rows) - MOST_CLASSES} more classes"] if len(rows) > MOST_CLASSES else []
    return ["", *fitting_table(("class", *parts), rows[:MOST_CLASSES], left=(0,), give_way=((0, 8),)), *more]


def layer_rows(input_shape, model):
    """The layer table as text, a residual block in a row, with totals."""
    rows = layer_table(model, *input_shape, blocks=True)
    cells = [(row.name, row.layer, shape(row.out_shape), f"{row.parameters:,}", f"{row.multiply_adds:,}")
             for row in rows]
    return [*cells, ("total", "", "", f"{sum(row.parameters for row in rows):,}",
                     f"{sum(row.multiply_adds for row in rows):,}")]


def fitting_columns(most):
    """The columns of the table of epochs that fit into so many letters (None: all of them), with room for a star."""
    columns = dict(COLUMNS)
    for name in LEAST_NEEDED:
        if most and sum(columns.values()) + 2 * len(columns) + 1 > most:
            del columns[name]
    return columns


def epoch_line(row, columns=COLUMNS, peak=0):
    """A row of the table for an EpochDone; a star marks a new best."""
    rate = "-" if row.images_per_second is None else f"{row.images_per_second:,.0f}"
    cells = {"epoch": f"{row.epoch}", "train_loss": _loss(row.train_loss), "train_acc": _accuracy(row.train_accuracy),
             "val_loss": _loss(row.val_loss), "val_acc": _accuracy(row.val_accuracy), "lr": rate_text(row.learning_rate, peak), "rate": rate,
             "time": _seconds(row.seconds)}
    line = "  ".join(cells[name].rjust(width) for name, width in columns.items())
    return f"{line}  *" if row.best else line


def rate_text(rate, peak=0):
    """A learning rate in two digits: `0.00012`, a small one `3.0e-06`, and `~0` at the end of a schedule, far below its peak."""
    if rate * NEARLY_NOTHING < peak:
        return "~0"
    if rate >= 1:
        return f"{rate:.2g}"
    return f"{rate:.1e}" if rate < 1e-5 else f"{rate:.{1 - floor(log10(rate))}f}".rstrip("0").rstrip(".")


def _loss(value):
    return f"{value:.4f}" if value < 1000 else f"{value:.1e}"


def _accuracy(part):
    """A percentage, as `percent` writes it, seven characters wide."""
    return percent(part) if part < 0.99995 else "100.0 %"


def _seconds(value):
    """Three digits and the unit, such as `0.87 s`, `12.3 s` and `457 s`."""
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} s"
