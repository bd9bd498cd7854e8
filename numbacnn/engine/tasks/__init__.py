"""Every task: it takes its slice of the arrays in its table and hands it to a textbook loop.

A file for each file of `numbacnn.kernels`, and `memory` for the loops of `numbacnn.simd.packing`.
"""
