"""What training costs: the multiply-adds of a step, from those of the layers forward."""


def training_multiply_adds(rows, frozen=()):
    """Multiply-adds of a training step for one example.

    A layer is computed forward; its weights have a gradient, as costly, where they are trained; and so has its input,
    where something before it is trained. So the first layer has no gradient of its input, for that is the image. (Neither has
    a layer beside the first, as the shortcut of tcn's first block, a thousandth of the whole; it is counted as if it had.)

    Parameters
    ----------
    rows : sequence of LayerRow
        The `layer_table` of a model.
    frozen : collection of str
        Names of layers that are not trained.

    Returns
    -------
    int
        LeNet-5 on 28x28 images: 1,131,960, which are 2.264 MFLOP. Biases, normalization, activations, pooling and the
        optimizer are not counted.
    """
    total, before = 0, False
    for row in rows:
        learns = row.parameters > 0 and row.name not in frozen
        total += row.multiply_adds * (1 + learns + before)
        before = before or learns
    return total
