"""Tensors: numbers with a shape, and the tape that remembers how they were computed.

`tensor` is the class, put together from `arithmetic`, `reduction`, `shape`, `inplace` and `conversion`; `tape` is
reverse-mode automatic differentiation; `creation` and `functions` are PyTorch's functions of these names.
"""
