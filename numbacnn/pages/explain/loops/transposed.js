"use strict";
// Transposed convolution: the loops of a convolution in the other direction. Its forward pass is what a convolution does backward
// to its input (so the loop calls what comes in `dout`), and its backward pass is a convolution.

/** The convolution that leads from the result back to what is read. */
const opposite = (op, x) => ({...op, shape: x.shape, weights: {weight: op.weights.weight}});
const resultOf = (op, data) => ({shape: op.shape, data});

/** A step of a convolution's loop, whose gradients are the numbers that are read here and whose numbers the gradients. */
function exchanged(step) {
  const other = (term) => term === undefined || term === null || term.weight ? term
    : term.grad ? {read: 0, index: term.index, value: term.value} : {grad: true, index: term.index, value: term.value};
  return {...step, a: other(step.a), b: other(step.b)};
}

function* walkExchanged(walk) {
  for (const step of walk) yield exchanged(step);
}

KINDS.conv_transpose2d = {
  loops: {out: "conv2d_backward_input", read: "conv2d_forward", weight: "conv2d_backward_weight"},

  words(op) {
    const [IC, perGroup, KH, KW] = op.weights.weight.shape, {stride} = op.args;
    return `transposed convolution: each number of ${IC} maps spreads over ${KH} × ${KW} places of ${perGroup} maps${op.args.groups > 1 ? ` in ${op.args.groups} groups` : ""}`
      + `, ${stride.join(" × ")} places apart; the loop is that of a convolution's backward pass, where dout is what comes in`;
  },

  forward(op, [x]) {
    return KINDS.conv2d.backward(opposite(op, x), [resultOf(op, new Float32Array(count(op.shape)))], null, x.data).reads[0];
  },

  backward(op, [x], out, dout) {
    const conv = opposite(op, x), seen = resultOf(op, dout);
    return {reads: [KINDS.conv2d.forward(conv, [seen])], weights: {weight: KINDS.conv2d.backward(conv, [seen], null, x.data).weights.weight}};
  },

  * walkOut(op, [x], index) {
    yield* walkExchanged(KINDS.conv2d.walkRead(opposite(op, x), [resultOf(op, null)], null, x.data, 0, index));
  },
  * walkRead(op, [x], out, dout, read, index) {
    yield* walkExchanged(KINDS.conv2d.walkOut(opposite(op, x), [resultOf(op, dout)], index));
  },
  * walkWeight(op, [x], out, dout, name, index) {
    yield* walkExchanged(KINDS.conv2d.walkWeight(opposite(op, x), [resultOf(op, dout)], null, x.data, name, index));
  },
};

// loop: shift_forward 28d464bc
KINDS.shift = {
  loops: {out: "shift_forward", bias: "conv2d_backward_bias"},
  words: (op) => `a bias for each of ${op.shape[1]} maps is added`,
  forward: (op, [x]) => x.data.map((number, i) => number + op.weights.bias.data[channelOf(op, i)]),
  backward(op, [x], out, dout) {
    const dbias = op.weights.bias.data.map((_, c) => {
      let last = 0;
      for (const {acc} of this.walkWeight(op, [x], out, dout, "bias", c)) last = acc;
      return last;
    });
    return {reads: [Float32Array.from(dout)], weights: {bias: dbias}};
  },
  * walkOut(op, [x], i) {
    const c = channelOf(op, i), bias = op.weights.bias.data[c], acc = fround(x.data[i] + bias);
    yield {line: "out[n, c, h, w] = x[n, c, h, w] + bias[c]", at: {n: 0, c}, acc, product: acc, sign: "+", a: {read: 0, index: i, value: x.data[i]},
           b: {weight: "bias", index: c, value: bias}};
  },
  * walkRead(op, xs, out, dout, read, i) {
    yield {line: "", at: {i}, acc: dout[i], b: {grad: true, index: i, value: dout[i]}, product: dout[i], says: "a sum hands its gradient on as it is"};
  },
  * walkWeight(op, [x], out, dout, name, c) {
    const pixels = count(op.shape.slice(2)), W = op.shape[op.shape.length - 1];
    let acc = 0;
    yield {line: "acc = zero(dout)", at: {oc: c}, acc};
    for (let k = 0; k < pixels; k++) {
      const i = c * pixels + k, oh = Math.floor(k / W), ow = k % W;
      acc = fround(acc + dout[i]);
      yield {line: "acc += dout[n, oc, oh, ow]", at: {oc: c, n: 0, oh, ow}, acc, b: {grad: true, index: i, value: dout[i]}, cell: {group: 0, row: oh, column: ow}};
    }
    yield {line: "dbias[oc] = total(acc)", at: {oc: c}, acc};
  },
};
