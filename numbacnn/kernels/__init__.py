"""The book: one textbook loop for each operation, forward and backward side by side.

Names are the field's: N images, IC and OC input and output channels, H and W rows and columns,
KH and KW the filter's; an index is the lower case of its extent.  No loop knows what kind of
number it works on: floats, lanes of images or tiles of channels x images (`numbacnn.simd`).
"""
from functools import partial

from numba import njit

#: How every loop is compiled: written out in the task that calls it, dividing as IEEE 754 says.
textbook = partial(njit, error_model="numpy", inline="always")
