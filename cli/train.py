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
    """A recipe's learning rate and weight decay are those of its optimiser; another one takes its own."""
    from numbacnn.train.recipes import find_recipe

    if choices["recipe"] is None or choices["optimizer"] == find_recipe(choices["recipe"]).get("optimizer"):
        return
    for name in ("learning_rate", "weight_decay"):
        if ctx.get_parameter_source(name) is click.core.ParameterSource.DEFAULT_MAP:
            choices[name] = None


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 data or files that cannot be used, 4 diverged (the loss "
                      "became NaN), 5 --min-accuracy not met, 130 interrupted or 141 the output is read no more (both saved).")
@click.option("--data", "data_name", metavar="NAME", default="digits", show_default=True,
              help=options.DATA_HELP)
@options.data_dir
@options.image_size
@click.option("--model", "model_name", metavar="NAME",
              help=f"Network: {options.MODELS_HELP}. [default: lenet5 for images, else the one for the data]")
@click.option("--recipe", metavar="NAME", is_eager=True, callback=take_recipe,
              help="Defaults for images that go well together: fast or accurate; options given besides count more.")
@click.option("--epochs", type=int, default=10, show_default=True, help="How often every training image is seen.")
@click.option("--batch-size", type=int, default=64, show_default=True, help="Images in one step.")
@click.option("--learning-rate", "--lr", type=float, metavar="RATE",
              help="Size of a step at the height of the schedule. [default: 0.004 for adamw, 0.03 for sgd, else "
                   "0.001]")
@click.option("--optimizer", metavar="NAME", default="adamw", show_default=True, help="sgd, adam, adamw or rmsprop.")
@click.option("--momentum", type=float, default=0.9, show_default=True, help="Momentum of sgd.")
@click.option("--beta1", type=float, default=0.9, show_default=True, metavar="PART",
              help="Of adam and adamw: how much of the mean gradient a step keeps.")
@click.option("--beta2", type=float, default=0.99, show_default=True, metavar="PART",
              help="Of adam and adamw: how much of the mean square of the gradient a step keeps.")
@click.option("--weight-decay", type=float, metavar="PULL",
              help="Pull of the weights towards zero. [default: 0.3 for adamw, else 0]")
@click.option("--schedule", metavar="NAME", default="one-cycle", show_default=True,
              help="Course of the learning rate: constant, cosine, one-cycle or slanted-triangle.")
@options.augment
@click.option("--warmup-epochs", type=int, default=0, show_default=True, metavar="N",
              help="Epochs in which the learning rate rises before the schedule begins.")
@click.option("--label-smoothing", type=float, default=0.1, show_default=True, metavar="PART",
              help="Part of each label's certainty that is spread over all classes while training.")
@click.option("--clip-norm", type=float, metavar="NORM", help="Scale gradients down to this norm where theirs is larger.")
@click.option("--patience", type=int, metavar="N",
              help="End early after N epochs without a better validation accuracy.")
@click.option("--from", "from_run", metavar="RUN",
              help="Start from the best weights of another run, where names and shapes of layers agree; its model and its "
                   "normalisation are taken too.")
@click.option("--freeze", metavar="LAYERS", default="",
              help="Leave layers as they are: features (all before the first dense layer), body (all but the last), or "
                   "names such as conv1,conv2. Frozen batch normalisation keeps its running statistics.")
@click.option("--unfreeze-after", type=int, metavar="N", help="Train frozen layers too after N epochs.")
@click.option("--seed", type=int, default=0, show_default=True,
              help="Of the weights, which images validate, their order, their augmentation, and drawn data: same seed, same bits.")
@options.threads
@click.option("--limit", type=click.IntRange(1), metavar="N", 
              help="Train with the first N images only; the test accuracy is always that of all test images.")
@click.option("--out", callback=options.no_option, metavar="DIR",
              help="Run folder; must be new or empty. [default: runs/<model>-<data>-<number>]")
@click.option("--min-accuracy", type=click.FloatRange(0, 1), callback=options.finite, metavar="PART",
              help="Exit with 5 if the test accuracy is below this, such as 0.98.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run, bit for bit; its settings are kept.")
@options.as_json
@click.pass_context
def train(ctx, resume, as_json, min_accuracy, **choices):
    """Train a network and keep everything in a run folder.

    Without options: LeNet-5 on drawn digits. Token sequences, time series and films are learned from in the same way:
    --data phrases, waves or blobs-video, or a FILE.csv. A row an epoch goes to stdout (with --json to stderr), the bar to
    stderr; Ctrl-C finishes the batch and saves, and --resume goes on from there. The test accuracy is that of the weights
    with the best validation accuracy, measured once, at the end.
    """
    from numbacnn.cli.train_report import TrainReport
    from numbacnn.cli.train_session import draw_curves, new_session, resumed_session, run_session

    if resume is not None:
        given = [name for name in ctx.params if name not in RESUMABLE and _given(ctx, name)]
        if given:
            option = next(param.opts[0] for param in ctx.command.params if param.name == given[0])
            raise click.UsageError(f"--resume keeps the settings of the run: leave {option} away, or start a new run "
                                   "without --resume")
    if _given(ctx, "momentum") and choices["optimizer"] in ("adam", "adamw", "rmsprop"):
        raise click.UsageError(f"--momentum is used by sgd alone: leave it away with --optimizer {choices['optimizer']}, "
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
        draw_curves(session)
    except click.ClickException as failure:
        if code == 0:
            raise
        report.note(f"numbacnn: error: {failure.format_message()}")
    return code


def _exit_code(report, results, min_accuracy):
    """What became of the training."""
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
