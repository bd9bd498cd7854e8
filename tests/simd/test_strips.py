"""Strips: which pixels of a row each of them sees."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbacnn.engine.layout import layout
from numbacnn.engine.ops.conv import strips
from numbacnn.simd.choice import CPUS, ROOM, SIDES


ROOMS = sorted({room for *_, room in CPUS})


def longest(room):
    """Pixels of the longest strip: two registers each, and as many sums as the registers hold."""
    return min(max(SIDES), room // 2)


@pytest.mark.parametrize("room", ROOMS)
@given(source=st.integers(1, 60), K=st.integers(2, 11), padding=st.integers(0, 12))
def test_a_row_of_strips_is_the_row(room, source, K, padding):
    """Tap by tap: every pixel is made, of the pixels it sees within the image and no others."""
    E = source + 2 * padding - K + 1
    if E < 1:
        return
    cut = strips.Cut(E, source, K, padding, room)
    assert cut.T <= longest(room)
    # where a strip at the edge misses few taps, and there are strips that miss none, there are no more kinds than are allowed
    assert cut.T or E < strips.SHORTEST or padding >= K or source < K + longest(room) or K > longest(room) + 1
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


def test_how_many_kinds_of_strips_there_are():
    """Rows of which one kind more, or one less, would make another choice."""
    cuts = strips.Cut(25, 9, 9, 12, 24), strips.Cut(19, 3, 9, 12, 24)
    assert [(cut.T, cut.runs and len(cut.runs)) for cut in cuts] == [(7, 4), (5, 4)]


@pytest.mark.parametrize("room, E, K, kinds", [
    (24, 28, 5, [(2, 11, 1), (0, 11, 2), (0, 9, 1)]), (24, 32, 3, [(1, 10, 1), (0, 10, 2), (0, 9, 1)]), (24, 8, 3, [(1, 9, 1)]),
    (12, 28, 5, [(2, 8, 1), (0, 8, 5), (0, 6, 1)]), (12, 32, 3, [(1, 6, 1), (0, 6, 6), (0, 5, 1)]), (12, 8, 3, [(1, 6, 1), (0, 5, 1)])])
def test_strips_of_the_rows_that_networks_have(room, E, K, kinds):
    assert [(begin, end, len(pixels)) for begin, end, pixels in strips.Cut(E, E, K, K // 2, room).runs] == kinds
    assert len(kinds) <= strips.KINDS


def test_strips_are_cut_for_the_registers_of_this_cpu():
    assert strips.Cut(25, 18, 8, 7).T == strips.Cut(25, 18, 8, 7, ROOM).T == {24: 7, 12: 0}[ROOM]


@pytest.mark.parametrize("C, K, stride, dilation, taken", [
    (1, 3, 1, 1, True), (2, 3, 1, 1, False), (1, 1, 1, 1, False), (1, 17, 1, 1, False), (1, 3, 2, 1, False), (1, 3, 1, 2, False)])
def test_where_strips_are_taken(C, K, stride, dilation, taken):
    target, source = layout((1, C, 40, 40)), layout((1, 4, 40, 40))
    assert (strips.cut_of(target, source, K, K // 2, stride, dilation) is not None) == taken


def test_a_row_shorter_than_a_strip_goes_in_tiles():
    assert strips.cut_of(layout((1, 1, 9, 3)), layout((1, 4, 9, 3)), 3, 1, 1, 1) is None
