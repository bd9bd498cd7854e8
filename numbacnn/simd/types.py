"""The kinds of number a textbook loop can work on, as Numba types.

=======  ======================================  ==========================================
type     one value holds                         in registers
=======  ======================================  ==========================================
Lanes    the same pixel of L images              a vector of L float32
Column   T scalars, one a channel                T float32, broadcast as they are used
Tile     T channels x L images                   T vectors of L float32
Strip    the pixels of a row that T outputs see  up to T + K - 1 vectors of L float32
Stack    T channels x L images, each on its own  T vectors of L float32
Patch    T x K scalars, a block of a gradient    only in memory
Grid     T x K sums of L images each             T*K vectors of L float32
Turned   M images x T channels                   M vectors of T float32
Spread   K channels x M images                   K*M float32, broadcast as they are used
Sheet    T x K sums of all images                K vectors of T float32
Wide     L sums of many numbers each             vectors of float64, L together
Mask     L answers, yes or no                    a vector of L bits
Product  a * b, not yet rounded                  its two factors
=======  ======================================  ==========================================

`Column * Lanes` and `Tile * Tile` are outer products, `Turned * Spread` is M of them, one an image; `Column * Strip` is a
row of a convolution, T outputs of K taps; anything times a `Stack` goes channel by channel.  A product is rounded only when it has to
be; added to a sum it becomes one fused multiply-add a register (see `arithmetic`).
"""
from numba.core import types
from numba.core.typeconv import Conversion


class Lanes(types.Type):
    """One pixel of L images: each image has a SIMD lane of its own."""

    def __init__(self, L):
        self.L = L
        super().__init__(f"Lanes({L})")

    def can_convert_from(self, typingctx, other):
        if isinstance(other, (types.Float, types.Integer)):
            return Conversion.safe

    def unify(self, typingctx, other):
        if isinstance(other, (types.Float, types.Integer)) or is_product_for(other, self):
            return self


class Mask(types.Type):
    """L answers of a comparison."""

    def __init__(self, L):
        self.L = L
        super().__init__(f"Mask({L})")


class Wide(types.Type):
    """L sums in float64 of many numbers each (see `wide`)."""

    def __init__(self, L):
        self.L = L
        super().__init__(f"Wide({L})")


class Column(types.Type):
    """T scalars that lie side by side: one weight for each of T channels."""

    def __init__(self, T):
        self.T = T
        super().__init__(f"Column({T})")

    def can_convert_to(self, typingctx, other):
        if isinstance(other, Tile) and other.T == self.T:
            return Conversion.safe

    def unify(self, typingctx, other):
        if isinstance(other, Tile) and other.T == self.T:
            return other


class Tile(types.Type):
    """T channels x L images.  In memory channel t begins `pitch` floats after channel t - 1.

    With the pitch of a pixel instead of a channel, a tile is a *window*: T neighboring pixels
    of one channel.
    """

    def __init__(self, T, L, pitch=None):
        self.T, self.L, self.vectors = T, L, T
        self.pitch = L if pitch is None else pitch
        super().__init__(f"Tile({T}x{L}, pitch={self.pitch})")

    def can_convert_to(self, typingctx, other):
        if isinstance(other, Tile) and (other.T, other.L) == (self.T, self.L):
            return Conversion.safe

    def can_convert_from(self, typingctx, other):
        if isinstance(other, types.Float):
            return Conversion.safe

    def unify(self, typingctx, other):
        if isinstance(other, types.Float):
            return self


class Strip(types.Type):
    """Neighboring pixels of L images: of the T + K - 1 that T outputs of K taps see, those from `begin` to before `end`.

    The others lie outside the image and are zero.  In memory a pixel begins `pitch` floats after the one before.
    """

    def __init__(self, T, K, begin, end, L, pitch):
        self.T, self.K, self.begin, self.end, self.L, self.pitch = T, K, begin, end, L, pitch
        self.vectors = end - begin
        super().__init__(f"Strip({begin} to {end} of {T}+{K}-1, x{L}, pitch={pitch})")


class Stack(types.Type):
    """T channels x L images, of which channel t is multiplied with channel t of the other factor alone.

    In memory channel t begins `pitch` floats after channel t - 1.
    """

    def __init__(self, T, L, pitch):
        self.T, self.L, self.pitch, self.vectors = T, L, pitch, T
        super().__init__(f"Stack({T}x{L}, pitch={pitch})")


class Patch(types.Type):
    """T x K scalars: what a Grid of L lanes adds up to."""

    def __init__(self, T, K, L):
        self.T, self.K, self.L = T, K, L
        super().__init__(f"Patch({T}x{K} from {L} lanes)")


class Grid(types.Type):
    """T x K sums, each over L images side by side."""

    def __init__(self, T, K, L):
        self.T, self.K, self.L = T, K, L
        super().__init__(f"Grid({T}x{K}x{L})")


class Turned(types.Type):
    """M images x T channels: a tile with its channels in the lanes."""

    def __init__(self, M, T):
        self.M, self.T = M, T
        super().__init__(f"Turned({M}x{T})")


class Spread(types.Type):
    """K channels x M images as scalars, each of which is spread over a vector.  Channel k begins `pitch` floats after channel k - 1."""

    def __init__(self, K, M, pitch):
        self.K, self.M, self.pitch = K, M, pitch
        super().__init__(f"Spread({K}x{M}, pitch={pitch})")


class Sheet(types.Type):
    """T x K sums over images one after the other: the lanes are channels, so nothing is left to be added up."""

    def __init__(self, T, K):
        self.T, self.K = T, K
        super().__init__(f"Sheet({T}x{K})")


class Product(types.Type):
    """`left * right` before rounding."""

    def __init__(self, left, right):
        self.left, self.right = left, right
        super().__init__(f"Product({left}, {right})")

    @property
    def sum_type(self):
        """The type of a sum of such products."""
        left, right = self.left, self.right
        if isinstance(left, Column):
            return Tile(right.T if isinstance(right, Strip) else left.T, right.L)
        if isinstance(left, Tile):
            return Grid(left.T, 1 if isinstance(right, Stack) else right.T, left.L)
        if isinstance(left, Turned):
            return Sheet(left.T, right.K)
        return left if isinstance(left, Lanes) else right

    def can_convert_to(self, typingctx, other):
        if is_product_for(self, other):
            return Conversion.safe


def is_product_for(product, number):
    """Whether `number` is what products of this type add up to."""
    return isinstance(product, Product) and product.sum_type == number
