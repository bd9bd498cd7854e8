"""`numbacnn report`."""
import csv
import io
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.output import counted, percent, print_json
from numbacnn.cli.progress import Bar, Measuring
from numbacnn.cli.run_data import load_run_data_or_why

LARGEST = 20_000_000  # bytes that a page should have at most


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run or files that cannot be used.")
@options.run_argument
@options.weights
@click.option("--part", type=click.Choice(["train", "val", "test"]), default="val", show_default=True,
              help="Examples to show the errors of. Leave test for the very end: once you have changed something because of "
                   "them, their accuracy no longer tells how good the network is on new data.")
@options.data_dir
@click.option("--out", callback=options.page_file, metavar="FILE.html", help="Page to write. [default: RUN/report.html]")
@options.threads
@options.as_json
def report(run_path, weights, part, data_dir, out, threads, as_json):
    """Write a report on a run: one page that opens offline.

    Shows how the training went, where the network errs, what its filters became and what its layers make of examples. Writes
    RUN/report.html, and beside it misclassified.csv (with --out FILE.html, FILE-misclassified.csv), one row per misclassified
    example. The page says what it cannot show because the data are gone or the run is from an earlier version.
    """
    from numbacnn.pages.report import report as build
    from numbacnn.train.files import replace_file

    run = options.open_run_with_note(run_path, weights)
    options.use_threads(threads)
    data, trouble = load_run_data_or_why(run, data_dir)
    path = Path(out) if out else run.path / "report.html"
    table_name = f"{path.stem}-misclassified.csv" if out else "misclassified.csv"  # so that it cannot be the table of another page
    bar = Bar()
    try:
        page = build(run, data, weights, part, trouble, _Watch(bar), table_name)
    finally:
        bar.clear()
    with replace_file(path) as temporary:
        temporary.write_text(page.html, encoding="utf-8")
    table = None
    if page.summary:
        table = path.with_name(table_name)
        with replace_file(table) as temporary:
            temporary.write_text(_csv(page.rows), encoding="utf-8", newline="")
    size = path.stat().st_size
    result = {"run": str(run.path), "weights": weights, "part": part, "file": str(path), "bytes": size,
              "misclassified": table and str(table), **page.summary, "missing": page.missing}
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(_lines(result)))


class _Watch:
    """Draws how far the report is."""

    def __init__(self, bar):
        self.bar, self.what, self.measuring = bar, None, None

    def __call__(self, what, done, total):
        if what != self.what:
            self.what, self.measuring = what, Measuring(self.bar, what)
        self.measuring(done, total)


def _csv(rows):
    """The rows as text, with a heading."""
    from numbacnn.pages.report import COLUMNS

    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue()


def _lines(result):
    """Lines that say what was written and found."""
    lines = [f"wrote {result['file']} ({result['bytes'] / 1e6:.1f} MB)"]
    if result["misclassified"]:
        part = {"val": "validation", "test": "test", "train": "training"}[result["part"]]
        lines += [f"wrote {result['misclassified']}",
                  f"{counted(result['errors'], 'errors')} in {result['examples']:,} {part} examples ({result['weights']} weights): accuracy "
                  f"{percent(result['accuracy'])} · loss {result['loss']:.4f} · expected calibration error {percent(result['ece'])}"]
    if result["bytes"] > LARGEST:
        lines.append(f"note: the page is larger than {LARGEST / 1e6:.0f} MB; a browser may take a while to open it")
    return lines + [f"note: {sentence}" for sentence in result["missing"]]
