"""The kinds of number: floats, lanes of images, tiles of channels x images.

`types` says what they are, `models` how they lie in registers and in memory, `arithmetic` what `+` and `*`
mean for them, `generic` adds the few functions a textbook loop needs,
`wide` those of long sums, `views` shows memory as arrays of them,
`choice` picks their extents for this CPU, `packing` brings plain arrays into their order and back.
"""
