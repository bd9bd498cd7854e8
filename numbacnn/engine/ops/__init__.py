"""One page per operation: all that the engine knows of it beside the textbook loop itself, from top to bottom.

1. The **slices**: functions (operands, slice number) that hand a slice of the arrays to the loop, in one line.  `reads` and
   `writes` declare their operands once, by name and kind of number (see `engine.operands`).
2. The **operations**: what `tiles.name` does with batches, which is to make room for the result and ask for a plan.
3. The **plan**: a row for each slice function, with its operands by name, how many slices there are, and whether they go by
   blocks of images.  It is made once for each combination of shapes.
4. What `floats.name` does with plain arrays: it calls the loop on the whole of them.

A page is found by the name of the layer: `pooling`, `linear`, `batch_norm`, `conv`.  Three files are for kinds of operation:
`pointwise` goes through the numbers in the order of the memory, `channelwise` takes one channel of one block of images at a
time, `softmax` one row of scores.  A loop of one of these kinds needs no slice function of its own, only its name: a new
non-linearity in `kernels.activation` is an operation already.

The other files are for several pages: `moves` (numbers brought into another order), `columns` (weights as the loops read them),
`partial_sums` (gradients summed part by part), `bands` (how many pieces an image is cut into), `sizes`, `weights`.
"""
