"use strict";
// Scores become probabilities, and one number that says how wrong they are: numbacnn/kernels/softmax.py and loss.py.

/** The sum of exp(x - peak), term by term, in float64 and rounded at its end; shared by both loops. */
function* powersOf(x, line, at) {
  const peak = Math.max(...x.data);
  let powers = 0;
  for (let c = 0; c < x.data.length; c++) {
    const power = fround(Math.exp(fround(x.data[c] - peak)));
    powers += power;
    yield {line, at: {n: 0, ...at, peak, c}, acc: powers, b: {read: 0, index: c, value: x.data[c]}, product: power,
           says: `exp(${short(x.data[c])} - ${short(peak)}) = ${short(power)}; the largest score is taken off first, so that no power overflows`};
  }
  return {peak, powers: fround(powers)};
}

function run(walk) {
  let step = walk.next();
  while (!step.done) step = walk.next();
  return step.value;
}

KINDS.softmax = {
  loops: {out: "softmax_forward"},
  words: () => "softmax: scores become probabilities that sum to 1",
  forward(op, [x]) {
    const {peak, powers} = run(powersOf(x));
    return x.data.map((score) => fround(Math.exp(fround(score - peak))) / powers);
  },

  // loop: softmax_forward 5e3d1edf
  * walkOut(op, [x], c) {
    const {peak, powers} = yield* powersOf(x, "powers += out[n, c]", {});
    const power = fround(Math.exp(fround(x.data[c] - peak)));
    yield {line: "out[n, c] = out[n, c] / rounded(powers, x)", at: {n: 0, peak, powers, c}, acc: fround(power / powers), says: `${short(power)} / ${short(powers)}`};
  },
};

KINDS.cross_entropy = {
  loops: {out: "cross_entropy_forward", read: "cross_entropy_backward"},
  words: () => "cross-entropy: how surprised the network is by the right class, in nats",
  forward(op, [x]) {
    const {peak, powers} = run(powersOf(x));
    return Float32Array.of(fround(fround(Math.log(powers)) + fround(peak - x.data[op.args.target])));
  },
  backward(op, [x], out, dout) {
    const {peak, powers} = run(powersOf(x));
    const dx = x.data.map((score, c) => fround(fround(Math.exp(fround(score - peak))) / powers) - (c === op.args.target ? 1 : 0));
    return {reads: [dx.map((d) => d * dout[0])], weights: {}};
  },

  // loop: cross_entropy_forward 7b6d2920
  * walkOut(op, [x]) {
    const target = op.args.target, {peak, powers} = yield* powersOf(x, "powers += exp(x[n, c] - peak)", {target});
    const score = x.data[target];
    yield {line: "loss[n] = log(rounded(powers, x)) + (peak - score)", at: {n: 0, target, peak, powers, score}, acc: fround(fround(Math.log(powers)) + fround(peak - score)),
           b: {read: 0, index: target, value: score}, product: fround(peak - score), says: `log(${short(powers)}) + (${short(peak)} - ${short(score)})`};
  },

  // loop: cross_entropy_backward a07dba11
  * walkRead(op, [x], out, dout, read, c) {
    const target = op.args.target, {peak, powers} = yield* powersOf(x, "powers += dx[n, c]", {target});
    const probability = fround(fround(Math.exp(fround(x.data[c] - peak))) / powers), right = c === target;
    yield {line: "dx[n, c] = (dx[n, c] / rounded(powers, x) - where(target[n] == c, even + (1 - smoothing), even)) * share[n]",
           at: {n: 0, target, powers, c}, acc: fround(probability - (right ? 1 : 0)),
           says: `the probability ${short(probability)} less ${right ? "1, for this is the right class: its score should rise" : "0, for this is a wrong class: its score should fall"}`};
  },
};
