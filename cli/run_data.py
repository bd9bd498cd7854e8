"""The data of a run, as they were loaded for its training."""
from contextlib import contextmanager

from numbacnn.cli.data_source import of_run
from numbacnn.cli.failure import DataFailure
from numbacnn.cli.progress import Bar, reading_line


def load_run_data(run, data_dir=None, instead="", examples="examples"):
    """Load what a run was trained on.

    Parameters
    ----------
    run : RunFolder
    data_dir : str or None
        Where the data lie, if they have moved.
    instead : str
        What to do where they have changed, for the end of the sentence that says so.
    examples : str
        What the examples are called there.

    Returns
    -------
    numbacnn.data.ImageData

    Raises
    ------
    DataError, OSError
        If the data cannot be read.
    DataFailure
        If they are no longer those of the run.
    """
    from numbacnn.data import load_dataset
    from numbacnn.engine import preparing

    known, bar = run.info["data"], Bar()
    source = of_run(known)
    try:
        with preparing():
            data = load_dataset(**source | {"data_dir": data_dir or source["data_dir"]}, seed=run.settings.seed,
                                reading=lambda done, total: bar.draw(reading_line(done, total)))
    finally:
        bar.clear()
    if data.hash != known.get("hash"):
        raise DataFailure(f"{data.name} no longer holds the {examples} that the run was trained on{instead}")
    return data


@contextmanager
def to_be_put_back(run, instead=""):
    """Let an error about the data of a run, which have been moved or changed, say whose they are and what to do."""
    from numbacnn.cli.failure import sentence_of
    from numbacnn.data import ArgumentError, DataError

    try:
        yield
    except ArgumentError:
        raise
    except (DataError, OSError) as error:
        raise DataFailure(f"{sentence_of(error).rstrip('.')}; these are the data of {run.path}: put them back as they were{instead}") from None


def load_run_data_or_why(run, data_dir=None):
    """(data, None), or (None, one sentence on why there are none), for commands that do without them."""
    from numbacnn.cli.failure import sentence_of
    from numbacnn.data import DataError

    try:
        return load_run_data(run, data_dir), None
    except DataFailure as error:
        return None, error.format_message()
    except (DataError, OSError) as error:
        return None, sentence_of(error).rstrip(".")
