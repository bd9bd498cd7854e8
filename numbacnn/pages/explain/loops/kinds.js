"use strict";
// What the page can compute, kind by kind of operation, in float32 and in the order of the textbook loops.
// A kind has:
//   words(op)                                    what it does, in words
//   loops                                        which loop of numbacnn/kernels computes out, read (the gradient of what it
//                                                reads) and each weight's gradient, a name or a function of the operation
//   forward(op, xs)                              all numbers of its result; xs are {shape, data} of what it reads
//   backward(op, xs, out, dout)                  {reads: [dx, ...], weights: {name: gradient}}
//   walkOut(op, xs, index)                       the same for one number, as a walk through the loop
//   walkRead(op, xs, out, dout, read, index)     the gradient of one number that it reads
//   walkWeight(op, xs, out, dout, name, index)   the gradient of one weight
// A walk yields what happens: line (of the loop), at (values of its indices), acc (the running sum), a and b (the numbers that
// are multiplied: where they stand and their values), cell (where to draw them), skipped (why nothing is added),
// loop (where it is another one than the kind's).

const KINDS = {};
const fround = Math.fround;

/** The place of a number from its index: [first, ...] for the extents of all dimensions but the first. */
function place(index, extents) {
  const found = [];
  for (let k = extents.length - 1; k >= 0; k--) {
    found.unshift(index % extents[k]);
    index = Math.floor(index / extents[k]);
  }
  return [index, ...found];
}

const count = (shape) => shape.reduce((product, extent) => product * extent, 1);
