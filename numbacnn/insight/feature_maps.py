"""Feature maps: the output of every layer for an example."""
from numbacnn.insight.evaluating import evaluating
from numbacnn.insight.trace import trace


def feature_maps(model, x):
    """The result of every operation of a forward pass, in evaluation mode.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Left as it was.
    x : ndarray or Tensor, shape (N, ...)
        Examples as the model takes them, normalized; tokens for a model of sentences.

    Returns
    -------
    dict of str to ndarray
        In the order of the pass, the first of all "input". The names are those of `trace`: the layer's, such as "conv1"; an
        operation that no layer stands for, such as the addition of a residual block, has a name of its own.

    Raises
    ------
    TypeError
        If the model returns no Tensor.
    """
    with evaluating(model):
        return {step.name: step.output for step in trace(model, x)}
