"""What training costs: the multiply-adds of a step, from those of the layers forward."""


def training_multiply_adds(model, rows):
    """Multiply-adds of a training step for one image.

    A layer is computed forward; its weights have a gradient, as costly, where they are trained; and so has its input,
    where something before it is trained. So the first layer has no gradient of its input, for that is the image.

    Parameters
    ----------
    model : numbacnn.nn.Module
    rows : sequence of LayerRow
        Its `layer_table`.

    Returns
    -------
    int
        LeNet-5 on 28x28 images: 1,131,960, which are 2.264 MFLOP. Biases, normalization, activations, pooling and the
        optimizer are not counted.
    """
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    total, before = 0, False
    for row in rows:
        learns = any(name.startswith(f"{row.name}.") for name in trained)
        total += row.multiply_adds * (1 + learns + before)
        before = before or learns
    return total
