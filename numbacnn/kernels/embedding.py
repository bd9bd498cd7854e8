"""Embedding: whole numbers, such as words, become rows of a table that is learned."""
from . import textbook


@textbook()
def embedding_forward(numbers, weight, out):
    """out[n, w, d] = weight[numbers[n, w], d].

    Shapes: numbers (N, W), weight (rows, D), out (N, W, D).
    Source: Bengio et al. 2003, "A neural probabilistic language model", section 2, the mapping C.
    Cost: one copy a number of `out`.
    Parallel: one thread.
    """
    N, W, D = out.shape
    for n in range(N):
        for w in range(W):
            for d in range(D):
                out[n, w, d] = weight[numbers[n, w], d]


@textbook()
def embedding_backward(dout, numbers, dweight):
    """dweight[row, d] = sum of dout[n, w, d] over all places (n, w) that hold the number `row`.

    Shapes: dout (N, W, D), numbers (N, W), dweight (rows, D).
    Source: the chain rule: a row takes part wherever its number stands.
    Cost: one addition a number of `dout`.
    Parallel: one thread, which adds in the order of the places.
    """
    N, W, D = dout.shape
    rows, _ = dweight.shape
    for row in range(rows):
        for d in range(D):
            dweight[row, d] = 0
    for n in range(N):
        for w in range(W):
            for d in range(D):
                dweight[numbers[n, w], d] += dout[n, w, d]
