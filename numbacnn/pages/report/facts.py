"""What was trained, in words and tables: all of it from run.json and the model, nothing is computed anew."""
from pathlib import Path

from numbacnn.data.record import KINDS
from numbacnn.models.layer_table import layer_table

MOST_NOTES = 20


def facts(run, model):
    """Facts about a run, ready for the template.

    Parameters
    ----------
    run : numbacnn.train.RunFolder
    model : numbacnn.nn.Module
        Of the run's kind.

    Returns
    -------
    dict
        Plain values; an entry is None or empty where run.json does not say it, as one written by another program.
    """
    info, data, results = run.info, run.info["data"], run.info.get("results") or {}
    kind = data.get("kind", "images")
    return {
        "folder": run.path.resolve().name, "model": info["model"]["name"], "data": Path(data["name"]).name, "command": info.get("command"),
        "examples": KINDS[kind][0], "seed": info.get("seed", run.settings.seed), "threads": info.get("threads"),
        "recipe": info.get("recipe"), "versions": info.get("versions") or {}, "origin": info.get("from"),
        "about": about_data(data, kind), "notes": list(data.get("notes", ()))[:MOST_NOTES], "settings": run.settings.used(),
        "layers": layers_of(model, run.input_shape, kind), "verdict": results.get("verdict_text"), "test_accuracy": results.get("test_accuracy"),
        "status": results.get("status", "unknown")}


def about_data(data, kind):
    """Pairs of a word and what the data are in that respect."""
    pairs = [("name", data["name"]), ("from", data.get("source")), ("each", "×".join(map(str, data.get("shape", ()))))]
    counts = [(f"to {word}", data.get(part)) for word, part in (("train", "train"), ("validate", "val"), ("test", "test"))]
    pairs += [(word, f"{number:,}") for word, number in counts if number is not None]
    if data.get("val") and "val_is_random" in data:
        pairs.append(("validated with", "examples of the training data that were picked at random, by the seed" if data["val_is_random"]
                      else "the end of the training data, or a part that the data bring"))
    pairs.append(("classes", f"{len(data['classes'])}"))
    if kind != "tokens":
        pairs += [(word, ", ".join(f"{value:.4f}" for value in data[word])) for word in ("mean", "std")]
    if data.get("vocabulary"):
        pairs.append(("words", f"{len(data['vocabulary']):,}"))
    pairs.append(("SHA-256", data.get("hash")))
    return [(word, value) for word, value in pairs if value]


def layers_of(model, input_shape, kind):
    """The layer table as words, and its totals; None where the model is not a chain that the table can follow."""
    try:
        rows = layer_table(model, *input_shape)
    except TypeError:
        return None
    axes = {"series": "steps", "tokens": "tokens", "video": "frames × pixels"}.get(kind, "pixels")
    return {"rows": [{"name": row.name, "layer": row.layer, "out": "×".join(map(str, row.out_shape)), "parameters": row.parameters,
                      "multiply_adds": row.multiply_adds, "field": "×".join(map(str, row.receptive_field))} for row in rows],
            "parameters": sum(row.parameters for row in rows), "multiply_adds": sum(row.multiply_adds for row in rows), "axes": axes}
