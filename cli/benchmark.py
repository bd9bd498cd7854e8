"""`numbacnn benchmark`."""
import json
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.load import busy_note, load_before, load_of
from numbacnn.cli.output import fitting_table, print_json
from numbacnn.cli.progress import Bar

ROUNDS, QUICK_ROUNDS = 5, 3
SECONDS, QUICK_SECONDS = 0.3, 0.04  # for each way of doing an operation, in each round


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 files that cannot be used, 130 interrupted.")
@click.option("--op", "ops", metavar="NAME", multiple=True,
              help="Measure only this, may be repeated: conv1-forward, conv2-forward, conv2-dx, conv2-dweight, "
                   "fc1-forward, pool1-forward or lenet-step. [default: all]")
@click.option("--quick", is_flag=True, help="Three short rounds: under a minute once everything is compiled.")
@click.option("--rounds", type=click.IntRange(1), metavar="N",
              help="Rounds to measure. [default: 5, with --quick 3]")
@options.threads
@click.option("--torch-compile", is_flag=True, help="Let PyTorch compile the training step too; takes a while.")
@click.option("--out", callback=options.no_option, metavar="DIR",
              help="Folder for ladder.json and ladder.png; must be new or empty. [default: nothing is written]")
@options.as_json
def benchmark(ops, quick, rounds, threads, torch_compile, out, as_json):
    """Measure the ladder, from the pure Python loop to tiles.

    The operations of LeNet at batch 64 and a whole training step, as a pure Python loop, in NumPy, compiled for each
    kind of number, and in PyTorch if it is installed, beside the machine's own limits. Rungs take turns in processes of
    their own; each figure is the median over the rounds. Close other programs first.
    """
    from numbacnn import ladder
    from numbacnn.ladder.machine import machine
    from numbacnn.train.run_folder import refuse_taken, versions

    unknown = [name for name in ops if name not in ladder.OPS]
    if unknown:
        raise click.UsageError(f"--op {unknown[0]}: there are {', '.join(ladder.OPS)}")
    if out is not None:
        refuse_taken(out)
    settings = ladder.Settings(
        ops=tuple(name for name in ladder.OPS if name in (ops or ladder.OPS)),
        rounds=rounds or (QUICK_ROUNDS if quick else ROUNDS), seconds=QUICK_SECONDS if quick else SECONDS,
        threads=options.use_threads(threads), torch_compile=torch_compile)
    load = load_of(load_before(), settings.threads)
    if load["busy"]:
        click.echo(f"note: {busy_note(load['load_before'])}", err=True)
    bar, answers, skipped = Bar(), [], []
    try:
        for record in ladder.climb(settings):
            if isinstance(record, ladder.Progress):
                bar.draw(f"round {record.round}/{record.rounds}: {record.process}")
            elif isinstance(record, ladder.Skipped):
                bar.clear()
                click.echo(f"note: {record.reason}, so its rung is left out", err=True)
                skipped.append({"rung": record.rung, "reason": record.reason})
            else:
                answers.append(record)
    finally:
        bar.clear()
    result = {"machine": machine(), **ladder.summary(answers, settings), "quick": quick, "skipped": skipped}
    result["versions"] = {**versions(), **result["versions"]}
    result |= load
    if _is_busy(result["limits"]):
        result["busy"] = True
        click.echo("note: the peak of all threads was low or changed from round to round, so other programs were using "
                   "the cores: measure again when they are done", err=True)
    if out is not None:
        result["files"] = [str(Path(out) / name) for name in ("ladder.json", "ladder.png")]
        _save(result, Path(out))
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(_lines(result)))


def _is_busy(limits):
    """Whether the limits themselves say that the machine had other things to do."""
    peak = limits["all_threads"]
    return peak["low"] < 0.7 * peak["high"] or peak["median"] < 0.9 * limits["one_thread"]["median"]


def _save(result, folder):
    from numbacnn.plot import ladder_picture, save_png
    from numbacnn.train.files import replace_file

    folder.mkdir(parents=True, exist_ok=True)
    with replace_file(folder / "ladder.json") as temporary:
        temporary.write_text(json.dumps(result, indent=1), encoding="utf-8")
    with replace_file(folder / "ladder.png") as temporary:
        save_png(ladder_picture(result, about(result)), temporary)


def about(result):
    """One line on where and how the figures were measured."""
    versions = " · ".join(f"{name} {version}" for name, version in result["versions"].items())
    threads = result["threads"]
    return (f"{result['machine']['cpu']} · {threads} thread{'s' * (threads > 1)} · {result['machine']['vectors']} · "
            f"LeNet-5 at batch {result['batch']}, float32 · {versions}")


# ---------------------------------------------------------------- text
def _lines(result):
    limits = result["limits"]
    lines = [about(result),
             f"limits: {_span(limits['one_thread'])} GFLOP/s one thread, {_span(limits['all_threads'])} all threads; "
             f"copies {_span(limits['cache_bandwidth'])} GB/s within caches, {_span(limits['memory_bandwidth'])} in memory",
             ""]
    rows = [row for op in result["ops"] for row in _rows(op)]
    lines += fitting_table(("operation", "rung", "rate", "from - to", "times faster", "of peak", "images/s", ""), rows,
                           left=(0, 1, 7), give_way=((3, 0), (7, 0), (6, 0), (0, 12), (5, 0), (1, 10), (4, 0)))
    compiling = {rung: sum(_first_call(op, rung) for op in result["ops"]) for rung in ("floats", "lanes", "tiles")}
    lines += ["", "first calls, which compile or load what is cached: "
              + ", ".join(f"{rung} {seconds:.1f} s" for rung, seconds in compiling.items())]
    return lines + [f"wrote {path}" for path in result.get("files", ())]


def _first_call(op, name):
    return next(rung["first_call_seconds"] or 0 for rung in op["rungs"] if rung["rung"] == name)


def _rows(op):
    name = f"{op['title']}, {op['unit']}"
    for rung in op["rungs"]:
        if rung["rate"] is None:
            yield (name, rung["title"], *"-----", "")
        else:
            share = rung["share_of_peak"]
            yield (name, rung["title"], number(rung["rate"]["median"]),
                   f"{number(rung['rate']['low'])} - {number(rung['rate']['high'])}", number(rung["times_faster"]),
                   "-" if share is None else f"{100 * share:.2g} %", number(rung["images_per_second"]), rung["variant"])
        name = ""


def number(value):
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.2g}"


def _span(values):
    return f"{values['median']:.0f} ({values['low']:.0f} to {values['high']:.0f})"
