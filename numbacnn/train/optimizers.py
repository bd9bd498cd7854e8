"""The optimizer that the settings of a training name."""
from numbacnn import optim


def build_optimizer(model, settings):
    """Make the optimizer of a training, over all parameters of the model.

    Parameters
    ----------
    model : numbacnn.nn.Module
    settings : Settings

    Returns
    -------
    numbacnn.optim.Optimizer
    """
    parameters = model.parameters()
    common = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    if settings.optimizer == "sgd":
        return optim.SGD(parameters, momentum=settings.momentum, **common)
    if settings.optimizer == "rmsprop":
        return optim.RMSprop(parameters, **common)
    build = {"adam": optim.Adam, "adamw": optim.AdamW}[settings.optimizer]
    return build(parameters, betas=(settings.beta1, settings.beta2), **common)
