"""The phrases that the filters over words like best: their weights, numbers of word vectors, say nothing to the eye."""
import numpy as np

from numbacnn.insight.trace import trace

PADDING = "<pad>"
MOST_SENTENCES = 1000
MOST_PHRASES = 3  # of a filter


def phrases_of(model, x, vocabulary=None):
    """The windows of words to which each filter of a convolution over sentences answers most.

    Parameters
    ----------
    model : numbacnn.nn.Module
        In evaluation mode.
    x : ndarray of int64, shape (N, length)
        Sentences; the first thousand are looked at.
    vocabulary : sequence of str, optional
        The words of the tokens.

    Returns
    -------
    list of dict
        For each convolution that reads all places of a sentence, its `name`, its `width` in words and its `filters`: of each the
        `phrases`, pairs of words and answer, the largest first, each phrase once. A filter whose answers are never above zero is
        `dead` behind a ReLU.
    """
    x = x[:MOST_SENTENCES]
    layers = []
    for step in trace(model, x):
        weight = step.weights.get("weight")
        if not step.kind.startswith("conv") or weight is None:
            continue
        width, answers = weight.shape[-1], step.output.reshape(len(x), step.output.shape[1], -1)
        if answers.shape[2] != x.shape[1] - width + 1:
            continue
        layers.append({"name": step.name, "width": width,
                       "filters": [filter_of(answers[:, k], x, width, vocabulary) for k in range(answers.shape[1])]})
    return layers


def filter_of(answers, x, width, vocabulary):
    """The phrases of one filter, from its answers (N, places)."""
    phrases = {}
    for flat in np.argsort(-answers, axis=None, kind="stable"):
        n, place = divmod(int(flat), answers.shape[1])
        words = " ".join(words_of(x[n, place:place + width].tolist(), vocabulary))
        phrases.setdefault(words, float(answers[n, place]))
        if len(phrases) == MOST_PHRASES:
            break
    return {"phrases": [*phrases.items()], "dead": bool((answers <= 0).all())}


def words_of(tokens, vocabulary=None):
    """The words of a sentence, without the padding at its end; of tokens without a vocabulary their numbers."""
    words = [vocabulary[token] if vocabulary else str(token) for token in tokens]
    while len(words) > 1 and words[-1] == PADDING:
        words.pop()
    return words
