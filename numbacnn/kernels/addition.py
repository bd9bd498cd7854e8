"""Addition: where two branches of a network meet."""
from . import textbook


@textbook()
def add_forward(x, y, out):
    """out[i] = x[i] + y[i]; backwards each of the two gets dout as it is, so there is no loop for it.

    Shapes: x, y and out (I,).
    Source: He et al. 2016, "Deep residual learning for image recognition", equation 1.
    Cost: one addition a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = x[i] + y[i]
