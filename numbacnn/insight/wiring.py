"""What stands before and behind a convolution in a forward pass that was traced."""

#: operations that leave each channel to itself, so that what is zero behind them tells of one filter
ALONE = ("batch_norm", "squeeze", "identity", "max_pool2d", "max_pool3d", "avg_pool2d", "avg_pool3d", "dropout")
#: operations that change no number of the input
SAME = ("pad", "unsqueeze", "identity")


def convolution(steps, layer):
    """The place of a convolution among the steps of `trace`; None if it did not run."""
    return next((n for n, step in enumerate(steps) if step.layer == layer and step.kind.startswith("conv")), None)


def relu_behind(steps, layer):
    """The place of the ReLU that takes what a convolution gives, channel by channel, or None."""
    place = convolution(steps, layer)
    while place is not None and steps[place].kind != "relu":
        readers = [n for n, step in enumerate(steps) if place in step.reads]
        alone = len(readers) == 1 and steps[readers[0]].kind in (*ALONE, "relu")
        place = readers[0] if alone else None
    return place


def reads_the_input(steps, layer):
    """Whether a convolution runs over the input itself."""
    place = convolution(steps, layer)
    while place:
        reads = steps[place].reads
        place = reads[0] if len(reads) == 1 and (reads[0] == 0 or steps[reads[0]].kind in SAME) else None
    return place == 0
