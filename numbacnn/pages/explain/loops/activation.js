"use strict";
// Non-linearities, one number at a time: the loops of numbacnn/kernels/activation.py.

/** A kind whose result at i is value(x[i], op) and whose gradient is slope(dout[i], x[i], out[i], op). */
function elementwise(loop, words, line, backLine, value, slope, why) {
  return {
    loops: {out: `${loop}_forward`, read: `${loop}_backward`},
    words: () => words,
    forward: (op, [x]) => x.data.map((number) => value(number, op)),
    backward: (op, [x], out, dout) => ({reads: [dout.map((d, i) => slope(d, x.data[i], out[i], op))], weights: {}}),
    * walkOut(op, [x], i) {
      const number = x.data[i], acc = fround(value(number, op));
      yield {line, at: {i}, acc, b: {read: 0, index: i, value: number}, product: acc, says: why.out(number, acc)};
    },
    * walkRead(op, [x], out, dout, read, i) {
      const acc = fround(slope(dout[i], x.data[i], out[i], op));
      yield {line: backLine, at: {i}, acc, b: {grad: true, index: i, value: dout[i]}, product: acc, says: why.read(x.data[i], out[i], dout[i])};
    },
  };
}

// loop: relu_forward 20775bf1
// loop: relu_backward 74e64955
KINDS.relu = elementwise("relu", "ReLU: what is below zero becomes zero", "out[i] = maximum(x[i], zero(x))",
  "dx[i] = where(out[i] <= 0, zero(dout), dout[i])", (x) => x > 0 || Number.isNaN(x) ? x : 0, (d, x, out) => out <= 0 ? 0 : d, {
    out: (x) => x > 0 ? "above zero: it stays" : "not above zero: it becomes zero",
    read: (x, out) => out <= 0 ? "the result was zero: a small change of this number changes nothing, so its gradient is 0"
      : "the result was above zero: the gradient passes as it is",
  });

// loop: tanh_forward 7513bdf5
// loop: tanh_backward e2e6826c
KINDS.tanh = elementwise("tanh", "tanh: squashed between -1 and 1", "out[i] = tanh(x[i])", "dx[i] = dout[i] * (1 - out[i] * out[i])",
  (x) => Math.tanh(x), (d, x, out) => fround(d * fround(1 - fround(out * out))), {
    out: (x, out) => `tanh(${short(x)}) = ${short(out)}`,
    read: (x, out) => `times 1 - ${short(out)}², the slope of tanh here`,
  });

// loop: sigmoid_forward a8c4c56b
// loop: sigmoid_backward 11210447
KINDS.sigmoid = elementwise("sigmoid", "sigmoid: squashed between 0 and 1", "out[i] = 1 / (1 + exp(-x[i]))",
  "dx[i] = dout[i] * out[i] * (1 - out[i])", (x) => 1 / (1 + Math.exp(-x)), (d, x, out) => fround(fround(d * out) * fround(1 - out)), {
    out: (x, out) => `1 / (1 + e^${short(-x)}) = ${short(out)}`,
    read: (x, out) => `times ${short(out)} · (1 - ${short(out)}), the slope of the sigmoid here`,
  });

// loop: leaky_relu_forward c454c7cd
// loop: leaky_relu_backward 1976e745
KINDS.leaky_relu = elementwise("leaky_relu", "leaky ReLU: what is below zero becomes small", "out[i] = where(x[i] > 0, x[i], slope * x[i])",
  "dx[i] = where(x[i] > 0, dout[i], slope * dout[i])", (x, op) => x > 0 ? x : op.args.slope * x,
  (d, x, out, op) => x > 0 ? d : op.args.slope * d, {
    out: (x) => x > 0 ? "above zero: it stays" : "not above zero: times the slope",
    read: (x) => x > 0 ? "above zero: the gradient passes as it is" : "not above zero: times the slope",
  });
