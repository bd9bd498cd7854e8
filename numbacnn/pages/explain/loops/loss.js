"use strict";
// Scores become probabilities, and one number that says how wrong they are: numbacnn/kernels/softmax.py and loss.py.

/** The sum of exp(x - x_max), term by term, in float64 and rounded at its end; shared by both loops. */
function* expsOf(x, line, at) {
  const x_max = Math.max(...x.data);
  let exp_sum = 0;
  for (let c = 0; c < x.data.length; c++) {
    const power = fround(Math.exp(fround(x.data[c] - x_max)));
    exp_sum += power;
    yield {line, at: {n: 0, ...at, x_max, c}, acc: exp_sum, b: {read: 0, index: c, value: x.data[c]}, product: power,
           says: `exp(${short(x.data[c])} - ${short(x_max)}) = ${short(power)}; the largest score is taken off first, so that no exponential overflows`};
  }
  return {x_max, exp_sum: fround(exp_sum)};
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
    const {x_max, exp_sum} = run(expsOf(x));
    return x.data.map((score) => fround(Math.exp(fround(score - x_max))) / exp_sum);
  },

  // loop: softmax_forward 4a8d6e38
  * walkOut(op, [x], c) {
    const {x_max, exp_sum} = yield* expsOf(x, "exp_sum += out[n, c]", {});
    const power = fround(Math.exp(fround(x.data[c] - x_max)));
    yield {line: "out[n, c] = out[n, c] / rounded(exp_sum, x)", at: {n: 0, x_max, exp_sum, c}, acc: fround(power / exp_sum), says: `${short(power)} / ${short(exp_sum)}`};
  },
};

KINDS.cross_entropy = {
  loops: {out: "cross_entropy_forward", read: "cross_entropy_backward"},
  words: () => "cross-entropy: how surprised the network is by the right class, in nats",
  forward(op, [x]) {
    const {x_max, exp_sum} = run(expsOf(x));
    return Float32Array.of(fround(fround(Math.log(exp_sum)) + fround(x_max - x.data[op.args.target])));
  },
  backward(op, [x], out, dout) {
    const {x_max, exp_sum} = run(expsOf(x));
    const dx = x.data.map((score, c) => fround(fround(Math.exp(fround(score - x_max))) / exp_sum) - (c === op.args.target ? 1 : 0));
    return {reads: [dx.map((d) => d * dout[0])], weights: {}};
  },

  // loop: cross_entropy_forward 31cbddd1
  * walkOut(op, [x]) {
    const target = op.args.target, {x_max, exp_sum} = yield* expsOf(x, "exp_sum += exp(x[n, c] - x_max)", {target});
    const score = x.data[target];
    yield {line: "loss[n] = log(rounded(exp_sum, x)) + (x_max - score)", at: {n: 0, target, x_max, exp_sum, score}, acc: fround(fround(Math.log(exp_sum)) + fround(x_max - score)),
           b: {read: 0, index: target, value: score}, product: fround(x_max - score), says: `log(${short(exp_sum)}) + (${short(x_max)} - ${short(score)})`};
  },

  // loop: cross_entropy_backward cd6bf811
  * walkRead(op, [x], out, dout, read, c) {
    const target = op.args.target, {x_max, exp_sum} = yield* expsOf(x, "exp_sum += dx[n, c]", {target});
    const probability = fround(fround(Math.exp(fround(x.data[c] - x_max))) / exp_sum), right = c === target;
    yield {line: "dx[n, c] = (dx[n, c] / rounded(exp_sum, x) - where(target[n] == c, even + (1 - smoothing), even)) * weight[n]",
           at: {n: 0, target, exp_sum, c}, acc: fround(probability - (right ? 1 : 0)),
           says: `the probability ${short(probability)} less ${right ? "1, for this is the right class: its score should rise" : "0, for this is a wrong class: its score should fall"}`};
  },
};
