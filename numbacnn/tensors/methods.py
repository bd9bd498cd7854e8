"""The Tensor methods of this room's smaller pages, in one mixin."""

from numbacnn.tensors.arrangement import Arrangement
from numbacnn.tensors.elementwise import Elementwise
from numbacnn.tensors.hooks import Hooks
from numbacnn.tensors.making import Making
from numbacnn.tensors.matrices import Matrices
from numbacnn.tensors.ordering import Ordering
from numbacnn.tensors.pairwise import Pairwise
from numbacnn.tensors.parts import Parts
from numbacnn.tensors.products import Products
from numbacnn.tensors.scattering import Scattering
from numbacnn.tensors.selection import Selection
from numbacnn.tensors.sums import Sums


class Methods(Elementwise, Pairwise, Sums, Ordering, Selection, Scattering, Arrangement, Parts, Products, Making, Matrices,
              Hooks):
    """Mixin of Tensor: what is computed with NumPy and needs no loop of the engine."""

    __slots__ = ()
