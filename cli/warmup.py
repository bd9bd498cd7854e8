"""`numbacnn warmup`."""
import click

from numbacnn.cli import options
from numbacnn.cli.failure import DataFailure
from numbacnn.cli.output import counted, print_json
from numbacnn.cli.progress import Bar


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 no cache directory that can be used.")
@click.option("--model", "models", metavar="NAME", multiple=True,
              help=f"Only for this model, may be repeated: {options.MODELS_HELP}. [default: lenet5, mlp and linear]")
@options.as_json
def warmup(models, as_json):
    """Compile the kernels of built-in models ahead.

    Training and inference, with every optimizer, on gray 28x28 images or whatever else a model takes. The kernels are kept
    in the user's cache directory, so later programs need not compile them. Deep networks take a while.
    """
    from numba.core import config

    from numbacnn.engine.cache import directory, kept
    from numbacnn.models import MODELS
    from numbacnn.train import warm_up
    from numbacnn.train.warmup import USUAL

    unknown = [name for name in models if name not in MODELS]
    if unknown:
        raise click.UsageError(f"--model {unknown[0]}: there are {', '.join(MODELS)}")
    if config.DISABLE_JIT:
        raise click.UsageError("NUMBA_DISABLE_JIT is set, so nothing is compiled; unset it to warm up")
    path = directory()
    if path is None:
        raise DataFailure("there is nowhere to keep compiled kernels; set XDG_CACHE_HOME to a writable directory")
    bar, done = Bar(), []
    models = tuple(name for name in MODELS if name in (models or USUAL))
    bar.draw(f"compiling for {models[0]}...")
    try:
        for place, record in enumerate(warm_up(models), 1):
            bar.clear()
            done.append({"model": record.model, "seconds": record.seconds, "compiled": record.compiled})
            if not as_json:
                click.echo(f"{record.model:11} {_what(record.compiled):>24} {record.seconds:6.1f} s")
            if place < len(models):
                bar.draw(f"compiling for {models[place]}...")
    finally:
        bar.clear()
    result = {"directory": str(path), "models": done, "compiled": sum(row["compiled"] for row in done), "kept": kept(),
              "seconds": sum(row["seconds"] for row in done)}
    if as_json:
        print_json(result)
    else:
        click.echo(_verdict(result))


def _what(compiled):
    return f"{counted(compiled, 'kernels')} compiled" if compiled else "all there already"


def _verdict(result):
    """One sentence: what was done, how long it took, where it is."""
    if result["compiled"]:
        return (f"compiled {counted(result['compiled'], 'kernels')} in {result['seconds']:.1f} s; {result['kept']} are kept in "
                f"{result['directory']}")
    return (f"nothing to compile: all is there already in {result['directory']} ({counted(result['kept'], 'kernels')}, "
            f"tried in {result['seconds']:.1f} s)")
