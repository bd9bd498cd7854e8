"use strict";
// Dropout in training: the loops of numbacnn/kernels/dropout.py, with the same mask: a function of the seed and the place.

/** A number in [0, 1): 24 bits of splitmix64 (Steele, Lea & Flood 2014, figure 16), as numbacnn/simd/random.py draws it. */
function uniform(place, seed) {
  const word = (1n << 64n) - 1n;
  let z = seed + (BigInt(place) + 1n) * 0x9E3779B97F4A7C15n & word;
  z = (z ^ z >> 30n) * 0xBF58476D1CE4E5B9n & word;
  z = (z ^ z >> 27n) * 0x94D049BB133111EBn & word;
  return Number((z ^ z >> 31n) >> 40n) / (1 << 24);
}

function dropping(loop, words, indexOf, drawLine) {
  const kept = (op, u, number) => u < op.args.p ? 0 : fround(fround(op.args.scale) * number);
  const apply = (op, numbers) => numbers.map((number, i) => kept(op, uniform(indexOf(op, i), BigInt(op.args.seed)), number));
  function* walk(op, i, number, term) {
    const u = uniform(indexOf(op, i), BigInt(op.args.seed)), p = fround(op.args.p), stays = u >= op.args.p;
    yield {line: drawLine, at: {n: 0, u, p}, acc: 0, says: `the random number ${short(u)} depends on the seed and the place alone`};
    const acc = kept(op, u, number);
    yield {line: "out[n, c, h, w] = where(u < p, zero(x), scale * x[n, c, h, w])", at: {n: 0, u, p, scale: op.args.scale}, acc, nothing: !stays,
           a: {value: fround(op.args.scale)}, b: term,
           says: stays ? `u is at least p = ${short(p)}: it stays, times 1 / (1 − p) = ${short(op.args.scale)}, so that the mean stays too` : `u is below p = ${short(p)}: zero`};
  }
  return {
    loops: {out: `${loop}_forward`, read: `${loop}_forward`}, words,
    forward: (op, [x]) => apply(op, x.data),
    backward: (op, xs, out, dout) => ({reads: [apply(op, dout)], weights: {}}),
    walkOut: (op, [x], i) => walk(op, i, x.data[i], {read: 0, index: i, value: x.data[i]}),
    walkRead: (op, xs, out, dout, read, i) => walk(op, i, dout[i], {grad: true, index: i, value: dout[i]}),
  };
}

const share = (op) => `${(100 * op.args.p).toFixed(0)} %`;

// loop: dropout_forward 8bc186ba
KINDS.dropout = dropping("dropout", (op) => `dropout in training: ${share(op)} of the numbers are set to zero at random, the others are multiplied by 1 / (1 − p)`,
  (op, i) => i, "u = uniform(image[n], C * H * W, (c * H + h) * W + w, seed)");
// loop: dropout2d_forward 89e5e429
KINDS.dropout2d = dropping("dropout2d", (op) => `dropout in training: ${share(op)} of the maps are set to zero at random, the others are multiplied by 1 / (1 − p)`,
  (op, i) => channelOf(op, i), "u = uniform(image[n], C, c, seed)");
KINDS.dropout1d = KINDS.dropout2d;
KINDS.dropout3d = KINDS.dropout2d;
