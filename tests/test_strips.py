"""Strips: which pixels of a row each of them sees."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbacnn.engine.batch import layout
from numbacnn.engine.tiles import strips


@given(source=st.integers(1, 60), K=st.integers(2, 11), padding=st.integers(0, 12))
def test_a_row_of_strips_is_the_row(source, K, padding):
    """Tap by tap: every pixel is made, of the pixels it sees within the image and no others."""
    E = source + 2 * padding - K + 1
    if E < 1:
        return
    cut = strips.Cut(E, source, K, padding)
    assert cut.T or E < strips.SHORTEST or padding >= K or source < K + 8 or K > 9
    seen = {}
    for begin, end, pixels in cut.runs or ():
        assert 0 <= begin < end <= cut.T + K - 1
        assert {b - a for a, b in zip(pixels, pixels[1:])} <= {cut.T}
        for first in pixels:
            for t in range(cut.T):
                taps = {k for k in range(K) if begin <= t + k < end}
                assert seen.setdefault(first + t, taps) == taps
    if cut.T:
        inside = {e: {k for k in range(K) if 0 <= e - padding + k < source} for e in range(E)}
        assert seen == inside


def test_how_many_kinds_of_strips_there_are(monkeypatch):
    """Rows of which one kind more, or one less, would make another choice."""
    monkeypatch.setattr(strips, "ROOM", 24)
    assert [(cut.T, cut.runs and len(cut.runs)) for cut in (strips.Cut(25, 9, 9, 12), strips.Cut(19, 3, 9, 12))] == [(7, 4), (5, 4)]
    assert all(2 * strips.Cut(E, E, 3, 1).T <= 24 for E in range(4, 60))


def test_strips_of_the_rows_that_networks_have():
    kinds = {(E, K): [(begin, end, len(pixels)) for begin, end, pixels in strips.Cut(E, E, K, K // 2).runs]
             for E, K in ((28, 5), (32, 3), (8, 3))}
    longest = max(T for T in range(4, 9) if T <= strips.ROOM // 2)
    if longest == 8:
        assert kinds == {(28, 5): [(2, 11, 1), (0, 11, 2), (0, 9, 1)], (32, 3): [(1, 10, 1), (0, 10, 2), (0, 9, 1)],
                         (8, 3): [(1, 9, 1)]}
    assert all(len(runs) <= strips.KINDS for runs in kinds.values())


@pytest.mark.parametrize("C, K, stride, dilation, taken", [
    (1, 3, 1, 1, True), (2, 3, 1, 1, False), (1, 1, 1, 1, False), (1, 17, 1, 1, False), (1, 3, 2, 1, False), (1, 3, 1, 2, False)])
def test_where_strips_are_taken(C, K, stride, dilation, taken):
    target, source = layout((1, C, 40, 40)), layout((1, 4, 40, 40))
    assert (strips.cut_of(target, source, K, K // 2, stride, dilation) is not None) == taken


def test_a_row_shorter_than_a_strip_goes_in_tiles():
    assert strips.cut_of(layout((1, 1, 9, 3)), layout((1, 4, 9, 3)), 3, 1, 1, 1) is None
