"use strict";
// Where branches meet, and numbers are scaled: the loop of numbacnn/kernels/addition.py, and NumPy's products.

// loop: add_forward ce122e92
KINDS.add = {
  loops: {out: "add_forward"},
  words: (op) => op.reads.length > 1 ? "addition: two branches meet, number by number" : "a number is added",
  forward: (op, xs) => binaryOut(op, xs, (a, b) => a + b),
  backward: (op, xs, out, dout) => ({reads: op.reads.map(() => Float32Array.from(dout)), weights: {}}),
  * walkOut(op, xs, i) {
    const [a, b] = binaryTerms(op, xs, i);
    yield {line: "out[i] = x[i] + y[i]", at: {i}, acc: fround(a.value + b.value), a, b, sign: "+", product: fround(a.value + b.value)};
  },
  * walkRead(op, xs, out, dout, read, i) {
    yield {line: "", at: {i}, acc: dout[i], b: {grad: true, index: i, value: dout[i]}, product: dout[i],
           says: "a sum hands its gradient on to both as it is; there is no loop for that"};
  },
};

KINDS.mul = {
  loops: {},
  words: (op) => op.weights.other ? `times ${short(op.weights.other.data[0])}` : "product, number by number",
  forward: (op, xs) => binaryOut(op, xs, (a, b) => a * b),
  backward(op, xs, out, dout) {
    const other = (read) => op.reads.length === 2 ? (i) => xs[1 - read].data[i] : () => op.weights.other.data[0];
    return {reads: op.reads.map((_, read) => dout.map((d, i) => d * other(read)(i))), weights: {}};
  },
  * walkOut(op, xs, i) {
    const [a, b] = binaryTerms(op, xs, i);
    yield {line: "", at: {i}, acc: fround(a.value * b.value), a, b};
  },
  * walkRead(op, xs, out, dout, read, i) {
    const a = op.reads.length === 2 ? {read: 1 - read, index: i, value: xs[1 - read].data[i]} : {value: op.weights.other.data[0]};
    yield {line: "", at: {i}, acc: fround(a.value * dout[i]), a, b: {grad: true, index: i, value: dout[i]}};
  },
};

/** The two numbers at i: of two branches, or of one and a constant. */
function binaryTerms(op, xs, i) {
  const second = xs.length === 2 ? {read: 1, index: i, value: xs[1].data[i]} : {value: op.weights.other.data[0]};
  return [{read: 0, index: i, value: xs[0].data[i]}, second];
}

function binaryOut(op, xs, compute) {
  return xs[0].data.map((a, i) => compute(a, xs.length === 2 ? xs[1].data[i] : op.weights.other.data[0]));
}
