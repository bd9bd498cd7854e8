"""What a model is fed: four kinds of data, and the extents that say how large one example is.

A model's constructor takes the extents of its data by these names, and `classes`; they are what run.json keeps.
"""

EXTENTS = {
    "images": ("in_channels", "height", "width"),
    "video": ("in_channels", "frames", "height", "width"),
    "series": ("in_channels", "length"),
    "tokens": ("vocabulary", "length"),  # token ids are below `vocabulary`
}


def extents_of(kind, shape, vocabulary=None):
    """The extents of data by their names.

    Parameters
    ----------
    kind : str
        A key of `EXTENTS`.
    shape : tuple of int
        Of one example: (C, H, W), (C, frames, H, W), (C, length), or of tokens (length,).
    vocabulary : int, optional
        Of tokens: how many there are.

    Returns
    -------
    dict
        Such as `{"in_channels": 1, "length": 128}`.
    """
    sizes = (vocabulary, *shape) if kind == "tokens" else shape
    return dict(zip(EXTENTS[kind], sizes, strict=True))


def kind_of(extents):
    """The kind of data that extents of these names describe; other names, such as `classes`, do not count.

    Raises
    ------
    ValueError
        If they are those of no kind.
    """
    given = {name for names in EXTENTS.values() for name in names} & set(extents)
    for kind, names in EXTENTS.items():
        if set(names) == given:
            return kind
    known = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in EXTENTS.items())
    raise ValueError(f"no kind of data has the extents {', '.join(sorted(given)) or '(none)'}; there are {known}")


def input_shape(extents):
    """The shape of one example as a model gets it: of tokens (length,), else all extents in their order."""
    return tuple(extents[name] for name in EXTENTS[kind_of(extents)] if name != "vocabulary")
