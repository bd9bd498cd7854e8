"""`numbacnn summary`."""
import os
from math import prod
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.output import counted, fitting_table, print_json, shape, wrapped

FLOAT = 4  # bytes
COLUMNS = ("layer", "kind", "output", "parameters", "multiply-adds", "sees", "memory", "if dense")
GIVE_WAY = ((7, 0), (1, 16), (5, 0), (6, 0), (1, 7), (0, 9), (1, 0), (4, 0))  # columns, where the terminal is narrow


class Extents(click.ParamType):
    """`1x28x28` as three numbers, and others as many as there are."""

    name = "shape"

    def convert(self, value, param, ctx):
        """A tuple of numbers above 0."""
        if isinstance(value, tuple):
            return value
        try:
            sizes = tuple(int(size) for size in value.lower().split("x"))
        except ValueError:
            sizes = (0,)
        if min(sizes) < 1:
            self.fail(f"{value!r} is not a shape; give channels x height x width of an image, such as 1x28x28", param, ctx)
        return sizes


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run that cannot be used.")
@click.argument("model_or_run", metavar="MODEL|RUN")
@click.option("--input", "extents", type=Extents(), metavar="SHAPE",
              help="Channels x height x width of an image, such as 1x28x28; channels x frames x height x width of a film, "
                   "channels x length of a time series, vocabulary x length of a token sequence. [default: as in the "
                   "model's paper, or the drawn data]")
@click.option("--classes", type=click.IntRange(1), metavar="N",
              help="Number of outputs. [default: as in the paper, or the drawn data]")
@click.option("--batch", type=click.IntRange(1), metavar="N",
              help="Images (or other examples) to count memory for. [default: 1; for a run, its batch size]")
@options.as_json
def summary(model_or_run, extents, classes, batch, as_json):
    """Show every operation of a network and what it costs.

    Prints one row per operation, activations, pooling and additions included: output shape, trainable parameters,
    multiply-adds for one image, how many rows x columns of the image one output can see (of a film also frames, of a series
    steps), the memory of the output, and for convolutions the parameters of a dense layer in their place. MODEL is one that
    `numbacnn train --model` takes, RUN the folder of a training. Nothing is computed, so a large network takes no longer than
    a small one.
    """
    result = _result(*_find(model_or_run, extents, classes, batch))
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(_lines(result)))


def _find(model_or_run, extents, classes, batch):
    """The model, its name and sizes as `build_model` takes them, and the examples of a batch."""
    from numbacnn.models import MODELS, build_model, own_sizes
    from numbacnn.nn import init

    if model_or_run not in MODELS and (os.sep in model_or_run or Path(model_or_run).exists()):
        from numbacnn.train import open_run

        if extents is not None or classes is not None:
            raise click.UsageError(f"{model_or_run} is a run, which has images and classes of its own: leave --input and "
                                   "--classes away, or name a model")
        run = open_run(model_or_run)
        with init.undrawn():
            return run.new_model(), run.info["model"], batch or run.settings.batch_size
    try:
        sizes = own_sizes(model_or_run)
        if extents is not None:
            sizes = {**_named(model_or_run, extents), "classes": sizes["classes"]}
        if classes is not None:
            sizes["classes"] = classes
        with init.undrawn():
            return build_model(model_or_run, **sizes), {"name": model_or_run, **sizes}, batch or 1
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _named(name, extents):
    """Extents by their names: those of the first kind of data that a model takes and that has so many."""
    from numbacnn.models import takes
    from numbacnn.models.inputs import EXTENTS

    for kind in takes(name):
        if len(EXTENTS[kind]) == len(extents):
            return dict(zip(EXTENTS[kind], extents))
    wanted = " or ".join(f"{kind} ({' x '.join(EXTENTS[kind])})" for kind in takes(name))
    raise click.UsageError(f"--input {shape(extents)} has {counted(len(extents), 'numbers')}, but {name} takes {wanted}")


def _result(model, sizes, batch):
    """All that is shown, as plain values."""
    from numbacnn.models.inputs import EXTENTS, input_shape, kind_of
    from numbacnn.models.layer_table import layer_table

    kind = kind_of(sizes)
    rows = layer_table(model, *input_shape(sizes))
    layers = [{**vars(row), "memory": FLOAT * batch * prod(row.out_shape)} for row in rows]
    totals = {key: sum(layer[key] for layer in layers) for key in ("parameters", "multiply_adds", "memory")}
    return {"model": sizes["name"], "kind": kind, "input": [sizes[key] for key in EXTENTS[kind]],
            "classes": sizes["classes"], "batch": batch, **totals, "parameter_memory": FLOAT * totals["parameters"],
            "layers": layers}


def _lines(result):
    """The result as text."""
    from numbacnn.data.record import KINDS

    rows = [(layer["name"], layer["layer"], shape(layer["out_shape"]), f"{layer['parameters']:,}",
             f"{layer['multiply_adds']:,}", shape(layer["receptive_field"]), _bytes(layer["memory"]),
             "" if layer["dense_parameters"] is None else f"{layer['dense_parameters']:,}") for layer in result["layers"]]
    rows.append(("total", "", "", f"{result['parameters']:,}", f"{result['multiply_adds']:,}", "",
                 _bytes(result["memory"]), ""))
    examples, extents = KINDS[result["kind"]][0], shape(result["input"])
    if result["kind"] == "tokens":
        extents = "{1}, out of a vocabulary of {0},".format(*result["input"])
    return [*wrapped(f"{result['model']} for {examples} of {extents} and {result['classes']} classes"), "",
            *fitting_table(COLUMNS, rows, left=(0, 1), give_way=GIVE_WAY, tails=(0,)), "",
            *wrapped(f"{result['parameters']:,} parameters, {_bytes(result['parameter_memory'])}; {result['multiply_adds']:,} "
                     f"multiply-adds for {counted(1, examples)}; {_bytes(result['memory'])} for the outputs of all operations, "
                     f"{counted(result['batch'], examples)}")]


def _bytes(count):
    """4096 as `4.1 kB`."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
