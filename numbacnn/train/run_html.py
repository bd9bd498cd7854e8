"""What a notebook shows of a run: what was trained, how, how it went."""

from numbacnn import notebook


def run_html(run):
    """Command, data, model, settings and verdict of a run, and its curves; what run.json does not say is left out.

    Parameters
    ----------
    run : RunFolder

    Returns
    -------
    str
    """
    info, data, results = run.info, run.info["data"], run.info.get("results") or {}
    counts = [f"{data[part]:,} {word}" for part, word in (("train", "to train"), ("val", "to validate"), ("test", "to test")) if data.get(part)]
    accuracy = results.get("test_accuracy")
    rows = [("model", ", ".join(f"{key} {value}" if key != "name" else str(value) for key, value in info["model"].items())),
            ("data", f"{data.get('name')}: {', '.join(counts)}; {len(data['classes'])} classes"),
            ("settings", ", ".join(f"{name} {value}" for name, value in run.settings.used() if name != "seed")),
            ("seed", info.get("seed")), ("status", results.get("status")),
            ("test accuracy", None if accuracy is None else f"{100 * accuracy:.2f} %"), ("command", info.get("command"))]
    log, best = run.rows, run.epoch_of("best")
    drawn = "".join(notebook.curves(f"{title} (dashed: the best epoch)" if best else title,
                                    {"training": [row.get(f"train_{key}") for row in log], "validation": [row.get(f"val_{key}") for row in log]}, best)
                    for title, key in (("loss", "loss"), ("accuracy", "accuracy")))
    verdict = results.get("verdict_text")
    return (notebook.paragraph(str(run.path), "run") + (notebook.paragraph(verdict) if verdict else "")
            + f"<div>{drawn}</div>" + notebook.table((), [(name, value) for name, value in rows if value not in (None, "")]))
