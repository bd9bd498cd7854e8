"""`numbacnn train`."""
import click

from numbacnn.cli import options
from numbacnn.cli.failure import BROKEN_PIPE, DIVERGED, INTERRUPTED, TOO_LOW

RESUMABLE = {"resume", "as_json", "min_accuracy", "threads", "data_dir"}  # options that may be given with --resume


def take_recipe(ctx, param, name):
    """Let a recipe set the defaults of the other options; the callback of an eager option runs before theirs."""
    if name is not None:
        from numbacnn.train.recipes import find_recipe

        try:
            ctx.default_map = {**(ctx.default_map or {}), **find_recipe(name)}
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    return name


def keep_with_optimizer(ctx, choices):
    """Drop a recipe's learning rate and weight decay if --optimizer overrides its optimizer."""
    from numbacnn.train.recipes import find_recipe

    if choices["recipe"] is None or choices["optimizer"] == find_recipe(choices["recipe"]).get("optimizer"):
        return
    for name in ("learning_rate", "weight_decay"):
        if ctx.get_parameter_source(name) is click.core.ParameterSource.DEFAULT_MAP:
            choices[name] = None


SECTIONS = {
    "Data": ("data_name", "data_dir", "image_size", "kind", "label", "shape", "test", "limit", "augment"),
    "Network": ("model_name", "from_run", "freeze", "unfreeze_after"),
    "Training": ("recipe", "epochs", "batch_size", "learning_rate", "optimizer", "momentum", "beta1", "beta2", "weight_decay", "schedule",
                 "warmup_epochs", "label_smoothing", "clip_norm", "patience"),
    "Run": ("out", "resume", "seed", "threads", "min_accuracy", "as_json"),
}


@click.command(cls=options.in_sections(SECTIONS), epilog="Exit codes: 0 done, 2 wrong usage, 3 data or files that cannot be used, 4 diverged (the loss "
                      "became NaN), 5 --min-accuracy not met, 130 interrupted or 141 the output pipe was closed (both saved).")
@click.option("--data", "data_name", metavar="NAME", default="digits", show_default=True,
              help=options.DATA_HELP)
@options.data_dir
@options.image_size
@options.kind
@options.label
@options.data_shape
@options.own_test
@click.option("--model", "model_name", metavar="NAME",
              help=f"Network: {options.MODELS_HELP}. [default: lenet5 for images, else the one for the data]")
@click.option("--recipe", metavar="NAME", is_eager=True, callback=take_recipe,
              help="Preset of defaults for images: fast or accurate. Options that you give override it.")
@click.option("--epochs", type=int, default=10, show_default=True, help="How many times each training example is used.")
@click.option("--batch-size", type=int, default=64, show_default=True, help="Examples in one step.")
@click.option("--learning-rate", "--lr", type=float, metavar="RATE",
              help="Peak learning rate. [default: 0.004 for adamw, 0.03 for sgd, else "
                   "0.001]")
@click.option("--optimizer", metavar="NAME", default="adamw", show_default=True, help="sgd, adam, adamw or rmsprop.")
@click.option("--momentum", type=float, default=0.9, show_default=True, help="Momentum of sgd.")
@click.option("--beta1", type=float, default=0.9, show_default=True, metavar="PART",
              help="adam, adamw: decay of the running mean of the gradients.")
@click.option("--beta2", type=float, default=0.99, show_default=True, metavar="PART",
              help="adam, adamw: decay of the running mean of the squared gradients.")
@click.option("--weight-decay", type=float, metavar="STRENGTH",
              help="Strength of the weight decay. [default: 0.3 for adamw, else 0]")
@click.option("--schedule", metavar="NAME", default="one-cycle", show_default=True,
              help="Learning-rate schedule: constant, cosine, one-cycle or slanted-triangle.")
@options.augment
@click.option("--warmup-epochs", type=int, default=0, show_default=True, metavar="N",
              help="Epochs in which the learning rate rises before the schedule begins.")
@click.option("--label-smoothing", type=float, default=0.1, show_default=True, metavar="PART",
              help="Part of each label that is spread over all classes while training.")
@click.option("--clip-norm", type=float, metavar="NORM", help="Scale the gradients down if their norm is larger than this.")
@click.option("--patience", type=int, metavar="N",
              help="Stop early after N epochs without a lower validation loss.")
@click.option("--from", "from_run", metavar="RUN",
              help="Start from the best weights of another run, for all layers whose names and shapes agree. Its model and its "
                   "normalization are taken too.")
@click.option("--freeze", metavar="LAYERS", default="",
              help="Do not train these layers: features (all before the first dense layer), body (all but the last), or "
                   "names such as conv1,conv2. Frozen batch normalization keeps its running statistics.")
@click.option("--unfreeze-after", type=int, metavar="N", help="Train the frozen layers too after N epochs.")
@click.option("--seed", type=int, default=0, show_default=True,
              help="Decides everything random: initial weights, validation split, order, augmentation, drawn data. The same seed gives the same bits.")
@options.threads
@click.option("--limit", type=click.IntRange(1), metavar="N",
              help="Use only the first N training examples. All test examples are used in any case.")
@click.option("--out", callback=options.no_option, metavar="DIR",
              help="Run folder; must be new or empty. [default: runs/<model>-<data>-<number>]")
@click.option("--min-accuracy", type=click.FloatRange(0, 1), callback=options.finite, metavar="PART",
              help="Exit with 5 if the test accuracy is below this, such as 0.98.")
@click.option("--resume", metavar="RUN", help="Continue an interrupted run, bit for bit. Its settings are kept.")
@options.as_json
@click.pass_context
def train(ctx, resume, as_json, min_accuracy, **choices):
    """Train a network and keep everything in a run folder.

    Without options: LeNet-5 on drawn digits. Token sequences, time series and films are learned from in the same way:
    --data phrases, waves or blobs-video, or a FILE.csv. Prints one row per epoch to stdout (stderr with --json); the
    progress bar goes to stderr. Ctrl-C finishes the batch and saves, and --resume goes on from there. Test accuracy is
    measured once, at the end, with the best weights: those of the latest epoch with the lowest validation loss, within its
    standard error.
    """
    from numbacnn.cli.train_report import TrainReport
    from numbacnn.cli.train_session import draw_curves, keep_familiar, new_session, resumed_session, run_session

    if resume is not None:
        given = [name for name in ctx.params if name not in RESUMABLE and _given(ctx, name)]
        if given:
            option = next(param.opts[0] for param in ctx.command.params if param.name == given[0])
            raise click.UsageError(f"--resume keeps the settings of the run: leave {option} out, or start a new run "
                                   "without --resume")
    if _given(ctx, "momentum") and choices["optimizer"] in ("adam", "adamw", "rmsprop"):
        raise click.UsageError(f"--momentum is used by sgd alone: leave it out with --optimizer {choices['optimizer']}, "
                               "or take --optimizer sgd")
    if choices["from_run"] is not None and not _given(ctx, "model_name"):
        choices["model_name"] = None  # that of the run
    keep_with_optimizer(ctx, choices)
    report = TrainReport(ctx.obj, as_json)
    try:
        session = (new_session(ctx.obj, report, **choices) if resume is None else
                   resumed_session(report, resume, choices["threads"], choices["data_dir"]))
        results = run_session(session, report)
    finally:
        report.close()
    report.end(session, results)
    code = _exit_code(report, results, min_accuracy)
    try:
        keep_familiar(session)
        draw_curves(session)
    except click.ClickException as failure:
        if code == 0:
            raise
        report.note(f"numbacnn: error: {failure.format_message()}")
    return code


def _exit_code(report, results, min_accuracy):
    """Report the end of the training and choose the exit code."""
    if results["status"] == "diverged":
        return DIVERGED
    if results["status"] == "interrupted":
        return BROKEN_PIPE if report.reader_left else INTERRUPTED
    if min_accuracy is not None and results["test_accuracy"] < min_accuracy:
        report.note(f"test accuracy {results['test_accuracy']:.4f} is below --min-accuracy {min_accuracy:g}")
        return TOO_LOW
    return 0


def _given(ctx, name):
    """Whether an option stands on the command line."""
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
