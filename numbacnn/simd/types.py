"""The kinds of number a textbook loop can work on, as Numba types.

=======  ======================================  ==========================================
type     one value holds                         in registers
=======  ======================================  ==========================================
Lanes    the same pixel of L images              a vector of L float32
Column   T scalars, one a channel                T float32, broadcast as they are used
Tile     T channels x L images                   T vectors of L float32
Patch    T x K scalars, a block of a gradient    only in memory
Grid     T x K sums of L images each             T*K vectors of L float32
Turned   M images x T channels                   M vectors of T float32
Spread   K channels x M images                   K*M float32, broadcast as they are used
Sheet    T x K sums of all images                K vectors of T float32
Mask     L answers, yes or no                    a vector of L bits
Product  a * b, not yet rounded                  its two factors
=======  ======================================  ==========================================

`Column * Lanes` and `Tile * Tile` are outer products, `Turned * Spread` is M of them, one an image.  A product
is rounded only when it has to be; added to a sum it becomes one fused multiply-add a register (see `arithmetic`).
"""
from llvmlite import ir
from numba.core import types
from numba.core.typeconv import Conversion
from numba.extending import models, register_model

F32 = ir.FloatType()
I32 = ir.IntType(32)


def vector(L, element=F32):
    """The LLVM type of L elements."""
    return ir.VectorType(element, L)


class Lanes(types.Type):
    """The same pixel of L images: one image a SIMD lane."""

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

    With the pitch of a pixel instead of a channel, a tile is a *window*: T neighbouring pixels
    of one channel.
    """

    def __init__(self, T, L, pitch=None):
        self.T, self.L = T, L
        self.pitch = L if pitch is None else pitch
        super().__init__(f"Tile({T}x{L}, pitch={self.pitch})")

    def can_convert_to(self, typingctx, other):
        if isinstance(other, Tile) and (other.T, other.L) == (self.T, self.L):
            return Conversion.safe


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
            return Tile(left.T, right.L)
        if isinstance(left, Tile):
            return Grid(left.T, right.T, left.L)
        if isinstance(left, Turned):
            return Sheet(left.T, right.K)
        return left if isinstance(left, Lanes) else right

    def can_convert_to(self, typingctx, other):
        if is_product_for(self, other):
            return Conversion.safe


def is_product_for(product, number):
    """Whether `number` is what products of this type add up to."""
    return isinstance(product, Product) and product.sum_type == number


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, vector(fe_type.L))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, vector(fe_type.L, ir.IntType(1)))


@register_model(Column)
class _ColumnModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(F32, fe_type.T))


@register_model(Tile)
class _TileModel(models.PrimitiveModel):
    """T vectors, which may lie apart: they are loaded one by one, and stored with gaps of which nothing is known."""

    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(vector(fe_type.L), fe_type.T))

    def get_data_type(self):
        L, pitch = self._fe_type.L, self._fe_type.pitch
        apart = ir.LiteralStructType([vector(L), ir.ArrayType(F32, pitch - L)])
        return ir.ArrayType(apart, self._fe_type.T) if pitch > L else self.get_value_type()

    def as_data(self, builder, value):
        if self.get_data_type() == self.get_value_type():
            return value
        tile = ir.Constant(self.get_data_type(), ir.Undefined)
        for t in range(self._fe_type.T):
            tile = builder.insert_value(tile, builder.extract_value(value, t), (t, 0))
        return tile

    def load_from_data_pointer(self, builder, ptr, align=None):
        T, L, pitch = self._fe_type.T, self._fe_type.L, self._fe_type.pitch
        first = builder.bitcast(ptr, F32.as_pointer())
        tile = ir.Constant(self.get_value_type(), ir.Undefined)
        for t in range(T):
            lanes = builder.gep(first, [I32(t * pitch)])
            lanes = builder.bitcast(lanes, vector(L).as_pointer())
            tile = builder.insert_value(tile, builder.load(lanes, align=4 * L), t)
        return tile


@register_model(Patch)
class _PatchModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, vector(fe_type.T * fe_type.K))


@register_model(Grid)
class _GridModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(vector(fe_type.L), fe_type.T * fe_type.K))


@register_model(Turned)
class _TurnedModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(vector(fe_type.T), fe_type.M))


@register_model(Spread)
class _SpreadModel(models.PrimitiveModel):
    """Image by image all channels."""

    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(F32, fe_type.K * fe_type.M))

    def load_from_data_pointer(self, builder, ptr, align=None):
        K, M, pitch = self._fe_type.K, self._fe_type.M, self._fe_type.pitch
        first = builder.bitcast(ptr, F32.as_pointer())
        spread = ir.Constant(self.get_value_type(), ir.Undefined)
        for i in range(K * M):
            m, k = divmod(i, K)
            spread = builder.insert_value(spread, builder.load(builder.gep(first, [I32(k * pitch + m)])), i)
        return spread


@register_model(Sheet)
class _SheetModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(vector(fe_type.T), fe_type.K))


@register_model(Product)
class _ProductModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        parts = [dmm[part].get_value_type() for part in (fe_type.left, fe_type.right)]
        super().__init__(dmm, fe_type, ir.LiteralStructType(parts))
