"""`phrases`: short reviews in words; the label, good or bad, depends on which words stand next to each other.

A verdict is one word of praise or blame, and "not" or "never" before it, with
or without an adverb between them, turns it round.  A "not" elsewhere turns
nothing round.  So the words alone, in a bag, tell only part of the labels.
"""

from __future__ import annotations

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels

LENGTH = 16  # tokens
CLASSES = ("bad", "good")
PAD = "<pad>"
GROUPS = {
    "praise": ("good", "lovely", "great", "clever", "moving", "brilliant"),
    "blame": ("bad", "dull", "awful", "silly", "boring", "clumsy"),
    "turn": ("not", "never"),
    "adverb": ("very", "really", "so", "quite"),
    "thing": ("film", "book", "play", "song", "show", "game"),
    "filler": ("the", "a", "this", "was", "is", "i", "we", "and", "but", "with", "my", "yesterday"),
    "plain": ("long", "new", "red", "finished", "here", "alone"),
}
VOCABULARY = (PAD, *(word for words in GROUPS.values() for word in words))
FIRST = dict(zip(GROUPS, 1 + np.cumsum([0, *(len(words) for words in GROUPS.values())])))


def draw_phrases(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw reviews of 8 to 16 words, good or bad.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    tokens : int64 array of shape (count, 16)
        Places in `VOCABULARY`; 0 after the end of a phrase.
    labels : int64 array of shape (count,)
        0 bad, 1 good.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_phrases", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` phrases."""
    labels = even_labels(rng, len(CLASSES))
    length = rng.integers(8, LENGTH + 1, CHUNK)
    kinds = rng.choice(["filler", "thing", "plain", "adverb"], (CHUNK, LENGTH), p=(0.55, 0.2, 0.15, 0.1))
    tokens = np.empty((CHUNK, LENGTH), np.int64)
    for name in ("filler", "thing", "plain", "adverb"):
        fits = kinds == name
        tokens[fits] = words(rng, name, fits.sum())
    turned = rng.random(CHUNK) < 0.4
    praise = (labels == 1) ^ turned
    rows = np.arange(CHUNK)
    verdict = 3 + (rng.random(CHUNK) * (length - 3)).astype(int)
    gap = 1 + (rng.random(CHUNK) < 0.4)  # between them, an adverb
    tokens[rows, verdict] = np.where(praise, words(rng, "praise", CHUNK), words(rng, "blame", CHUNK))
    tokens[rows, verdict - 1] = words(rng, "adverb", CHUNK)
    tokens[rows, verdict - 2] = words(rng, "filler", CHUNK)
    plain_before = gap == 1
    tokens[rows[plain_before], verdict[plain_before] - 1] = words(rng, "filler", plain_before.sum())
    tokens[rows[turned], (verdict - gap)[turned]] = words(rng, "turn", turned.sum())
    stray(rng, tokens, verdict, length, ~turned)
    tokens[np.arange(LENGTH) >= length[:, None]] = 0
    return tokens, labels


def stray(rng, tokens, verdict, length, where):
    """Put a "not" before a plain word, well away from the verdict, in most phrases ``where`` it turns nothing."""
    for i in np.flatnonzero(where & (rng.random(len(tokens)) < 0.7)):
        places = [k for k in range(length[i] - 1) if k > verdict[i] or k + 1 < verdict[i] - 2]
        if places:
            place = places[rng.integers(len(places))]
            tokens[i, place] = words(rng, "turn", 1)[0]
            tokens[i, place + 1] = words(rng, "plain", 1)[0]


def words(rng: np.random.Generator, name: str, count: int) -> np.ndarray:
    """Return random tokens of a group."""
    return FIRST[name] + rng.integers(0, len(GROUPS[name]), count)
