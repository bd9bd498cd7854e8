"""Repeats: where a sequence of operations only repeats itself, as a loop does that looks at no result."""


def repeated_end(plans, least):
    """The longest end of a sequence that repeats itself at least so often: (its length, the shortest period), or (0, 1).

    The last repeat may be cut short at the beginning of the end: of "xbcabcabc" the end "bcabcabc" has period 3.

    Parameters
    ----------
    plans : list
        Told apart by identity.
    least : int
        Periods that the end must hold, two or more.

    Notes
    -----
    A sequence has a period if what is left without its first so many items is also how it begins, a border.  The longest
    border of every end is found in linear time as in Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", SIAM
    J. Comput. 6(2), 1977, section 2, read from the end.
    """
    found, borders, border = (0, 1), [0], 0
    backwards = plans[::-1]
    for i in range(1, len(plans)):
        while border and backwards[i] is not backwards[border]:
            border = borders[border - 1]
        border += backwards[i] is backwards[border]
        borders.append(border)
        length, period = i + 1, i + 1 - border
        if length >= least * period:
            found = length, period
    return found
