"""How the kinds of number lie in registers and in memory, for LLVM."""
from llvmlite import ir
from numba.extending import models, register_model

from .types import Column, Grid, Lanes, Mask, Patch, Product, Sheet, Spread, Stack, Strip, Tile, Turned, Wide

F32 = ir.FloatType()
F64 = ir.DoubleType()
I32 = ir.IntType(32)


def vector(L, element=F32):
    """The LLVM type of L elements."""
    return ir.VectorType(element, L)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, vector(fe_type.L))


@register_model(Wide)
class _WideModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, vector(fe_type.L, F64))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, vector(fe_type.L, ir.IntType(1)))


@register_model(Column)
class _ColumnModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(F32, fe_type.T))


@register_model(Strip)
@register_model(Stack)
class _VectorsModel(models.PrimitiveModel):
    """Vectors of L images, `vectors` of them, which may lie apart: they are loaded one by one.  Strips and stacks are only read."""

    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.ArrayType(vector(fe_type.L), fe_type.vectors))

    def load_from_data_pointer(self, builder, ptr, align=None):
        L, pitch = self._fe_type.L, self._fe_type.pitch
        first = builder.bitcast(ptr, F32.as_pointer())
        vectors = ir.Constant(self.get_value_type(), ir.Undefined)
        for i in range(self._fe_type.vectors):
            place = builder.bitcast(builder.gep(first, [I32(i * pitch)]), vector(L).as_pointer())
            vectors = builder.insert_value(vectors, builder.load(place, align=4 * L), i)
        return vectors


@register_model(Tile)
class _TileModel(_VectorsModel):
    """T vectors in registers; in memory the gaps between them, whose content is unknown, belong to it too."""

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
