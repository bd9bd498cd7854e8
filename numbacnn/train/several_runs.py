"""Several runs side by side: what is in a folder of runs, what differs between runs, and whether one is better."""
import math
from pathlib import Path

from numbacnn.train.files import RunError
from numbacnn.train.run_folder import open_run

STATES = ("done", "diverged", "interrupted")  # of run.json, when a training has ended


def find_runs(folder):
    """Open every run in a folder.

    Parameters
    ----------
    folder : str or pathlib.Path
        A run folder, or a folder of run folders.

    Returns
    -------
    runs : list of RunFolder
        In the order of their names.
    damaged : list of str
        One sentence for each folder whose run.json cannot be used.

    Raises
    ------
    RunError
        If there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunError(f"{folder} is not a folder of runs: " + ("it is a file" if folder.exists() else "it does not exist"))
    places = [folder] if (folder / "run.json").exists() else sorted(
        place for place in folder.iterdir() if (place / "run.json").exists())
    runs, damaged = [], []
    for place in places:
        try:
            runs.append(open_run(place))
        except (RunError, OSError) as error:
            damaged.append(str(error))
    return runs, damaged


def overview(run):
    """Row of a run in a table of runs.

    Parameters
    ----------
    run : RunFolder

    Returns
    -------
    dict
        `run` (its path), `model`, `data`, `state` (done, diverged, interrupted, or not finished), `epochs` that were asked for
        and `epochs_done`, `best_epoch`, `val_accuracy`, `test_accuracy` and the standard errors of both (`val_accuracy_error`,
        `test_accuracy_error`), `test_examples`, `verdict` and `seconds`. What is not known is None.
    """
    results, rows = run.info.get("results") or {}, run.rows
    best = [row for row in rows if row.get("best")]
    known = {name: results.get(name) for name in ("best_epoch", "val_accuracy", "val_accuracy_error", "test_accuracy", "test_accuracy_error",
                                                   "verdict", "seconds")}
    if not results and best:
        known |= {"best_epoch": best[-1]["epoch"], "val_accuracy": best[-1].get("val_accuracy")}
    return {"run": str(run.path), "model": run.info["model"].get("name"), "data": run.info["data"].get("name"),
            "state": results["status"] if results.get("status") in STATES else "not finished", "epochs": run.settings.epochs,
            "epochs_done": results.get("epochs_done", len(rows)), "test_examples": run.info["data"].get("test"), **known}


def differences(runs):
    """Find the settings, data and models in which runs differ.

    Parameters
    ----------
    runs : sequence of RunFolder

    Returns
    -------
    dict
        Name of a setting: a list with the value of each run, where they are not all equal.
    """
    described = [_described(run) for run in runs]
    names = dict.fromkeys(name for each in described for name in each)
    values = {name: [each.get(name) for each in described] for name in names}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}


def _described(run):
    """All that decides about a run, in one level."""
    data, model = run.info["data"], run.info["model"]
    about = {"model": model.get("name"), "data": data.get("name"), "training examples": data.get("train"), "recipe": run.info.get("recipe")}
    return about | {"from": run.info.get("from", {}).get("run")} | run.settings.to_dict()


def same_test(runs):
    """Whether all runs were tested on the same examples, as far as run.json tells: data of one name, source and number of test examples."""
    tested = {(data.get("name"), data.get("test"), str((data.get("per_class") or {}).get("test")), str((data.get("choices") or {}).get("test")))
              for data in (run.info["data"] for run in runs)}
    return len(tested) == 1


def ahead(first, second):
    """Test accuracy of one run minus that of another, and the standard error of that difference.

    Parameters
    ----------
    first, second : dict
        What `overview` returns.

    Returns
    -------
    difference, error : float
        From 0 to 1. The error treats the two accuracies as independent. Both are of the same examples, which are hard or easy
        for both runs, so the true error is usually smaller.
    """
    return (first["test_accuracy"] - second["test_accuracy"], math.hypot(first["test_accuracy_error"], second["test_accuracy_error"]))
