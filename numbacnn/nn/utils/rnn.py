"""Sequences of different lengths in one Tensor; the recurrent layers of PyTorch's module of this name stay out."""

from numbacnn.tensors.absent import refusing
from numbacnn.tensors.creation import full
from numbacnn.tensors.shape import stack


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Sequences of different lengths side by side, the shorter ones filled up.

    Parameters
    ----------
    sequences : list of Tensor (L, ...)
        Alike in all dimensions but the first.
    batch_first : bool
        Whether the result is (N, L, ...) instead of (L, N, ...).
    padding_value : number
        What the shorter ones are filled up with.
    padding_side : {"right", "left"}
        Where.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If the side is another, or there are no sequences.
    """
    if padding_side not in ("right", "left"):
        raise ValueError(f"padding_side should be 'right' or 'left', got {padding_side!r}")
    if len(sequences) == 0:
        raise ValueError("pad_sequence: received an empty list of sequences")
    length = max(len(sequence) for sequence in sequences)
    padded = []
    for sequence in sequences:
        out = full((length, *sequence.shape[1:]), padding_value, dtype=sequence.dtype)
        place = slice(length - len(sequence), None) if padding_side == "left" else slice(len(sequence))
        out[place] = sequence
        padded.append(out)
    return stack(padded, 0 if batch_first else 1)


__all__ = ["pad_sequence"]
__getattr__ = refusing(__name__, __all__)
