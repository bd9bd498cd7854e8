"use strict";
// Batch normalization (numbacnn/kernels/batch_norm.py): in use with the mean and variance that training has left behind, in training
// with those of the batch, which is this one image.

const channelOf = (op, i) => Math.floor(i / count(op.shape.slice(2)));

/** Mean, variance and scale of channel c. */
function channelStatistics(op, x, c) {
  const pixels = count(op.shape.slice(2)), W = op.shape.length > 2 ? op.shape[op.shape.length - 1] : 1, {weight, mean} = op.weights;
  const found = op.args.training ? statisticsOf(x.data.subarray(c * pixels, (c + 1) * pixels)) : {mean: mean.data[c], var: op.weights.var.data[c]};
  const spread = fround(Math.sqrt(fround(found.var + op.args.eps)));
  return {...found, pixels, W, spread, scale: fround(weight.data[c] / spread)};
}

const allStatistics = (op, x) => Array.from({length: op.shape[1]}, (_, c) => channelStatistics(op, x, c));

/** The gradient of a pixel where mean and variance are those of the batch. */
function movedDx(op, found, dweight, dbias, number, d) {
  const part = fround(1 / found.pixels), moved = fround(dbias + fround(fround(dweight / found.spread) * fround(number - found.mean)));
  return {moved, dx: fround(found.scale * fround(d - fround(part * moved)))};
}

KINDS.batch_norm = {
  loops: {out: "batch_norm_forward", read: (op) => op.args.training ? "batch_norm_backward_input" : "batch_norm_backward_input_fixed",
          weight: "batch_norm_backward_weight", bias: "batch_norm_backward_weight"},
  words: (op) => `batch normalization: each of ${op.shape[1]} maps less its mean, divided by its standard deviation, ${op.args.training
    ? "those of the batch, as in training; the batch is this one image" : "both as training found them"}`,

  forward(op, [x]) {
    const found = allStatistics(op, x), bias = op.weights.bias.data;
    return x.data.map((number, i) => {
      const c = channelOf(op, i);
      return fround(bias[c] + fround(found[c].scale * fround(number - found[c].mean)));
    });
  },

  backward(op, [x], out, dout) {
    const C = op.shape[1], found = allStatistics(op, x), weights = {weight: new Float32Array(C), bias: new Float32Array(C)};
    for (let c = 0; c < C; c++) {
      const sums = channelSums(x, dout, c, found[c]);
      weights.weight[c] = sums.weight;
      weights.bias[c] = sums.bias;
    }
    return {reads: [dout.map((d, i) => {
      const c = channelOf(op, i);
      return op.args.training ? movedDx(op, found[c], weights.weight[c], weights.bias[c], x.data[i], d).dx : d * found[c].scale;
    })], weights};
  },

  // loop: batch_norm_forward_statistics cb1f6fbb
  // loop: batch_norm_forward 46311870
  * walkOut(op, [x], i) {
    const c = channelOf(op, i), {weight, bias} = op.weights, found = channelStatistics(op, x, c), {scale, mean, pixels} = found, value = x.data[i];
    if (op.args.training) {
      const loop = "batch_norm_forward_statistics";
      yield {loop, line: "mean[c] = total(acc) / count[c]", at: {c}, acc: found.mean, says: `the sum of the ${pixels} numbers of this map, ${short(found.sum)}, divided by ${pixels}`};
      yield {loop, line: "square[c] = total(spread)", at: {c}, acc: fround(found.var * pixels),
             says: `the sum of the square distances from the mean; divided by ${pixels} it is the variance ${short(found.var)}`};
    }
    yield {line: "scale = weight[c] / sqrt(var[c] + eps)", at: {c, scale}, acc: scale, plain: {weight: "weight", index: c, value: weight.data[c]},
           says: `${short(weight.data[c])} / √(${short(found.var)} + ${op.args.eps})`};
    const acc = fround(bias.data[c] + fround(scale * fround(value - mean)));
    yield {line: "out[n, c, h, w] = bias[c] + scale * (x[n, c, h, w] - mean[c])", at: {c, scale, n: 0}, acc, b: {read: 0, index: i, value},
           product: acc, says: `${short(bias.data[c])} + ${short(scale)} · (${short(value)} - ${short(mean)})`};
  },

  // loop: batch_norm_backward_input_fixed 16ac7f79
  // loop: batch_norm_backward_input 64189f3e
  * walkRead(op, [x], out, dout, read, i) {
    const c = channelOf(op, i), found = channelStatistics(op, x, c), {scale, spread} = found;
    if (!op.args.training) {
      yield {line: "scale = weight[c] / sqrt(var[c] + eps)", at: {c, scale}, acc: scale};
      yield {line: "dx[n, c, h, w] = dout[n, c, h, w] * scale", at: {c, scale, n: 0}, acc: fround(dout[i] * scale), a: {value: scale},
             b: {grad: true, index: i, value: dout[i]}};
      return;
    }
    const sums = channelSums(x, dout, c, found);
    const {moved, dx} = movedDx(op, found, sums.weight, sums.bias, x.data[i], dout[i]), share = fround(1 / found.pixels);
    yield {line: "s = sqrt(var[c] + eps)", at: {c, s: spread}, acc: spread};
    yield {line: "moved = dbias[c] + dweight[c] / s * (x[n, c, h, w] - mean[c])", at: {c, s: spread, moved}, acc: moved,
           says: "this number also moves the mean and the variance of its map, and so all the others"};
    yield {line: "dx[n, c, h, w] = present[n] * (weight[c] / s * (dout[n, c, h, w] - share * moved))", at: {c, s: spread, n: 0, moved, share}, acc: dx, product: dx,
           b: {grad: true, index: i, value: dout[i]}, says: `${short(scale)} · (${short(dout[i])} − ${short(share)} · ${short(moved)})`};
  },

  // loop: batch_norm_backward_weight 0c43f4a3
  * walkWeight(op, [x], out, dout, name, c) {
    yield* channelWeight(op, x, dout, name, c, channelStatistics(op, x, c));
  },
};

/** The gradients of the weight and the bias of channel c, as the walk below finds them. */
function channelSums(x, dout, c, {mean, spread, pixels}) {
  let along = 0, acc = 0;
  for (let i = c * pixels; i < (c + 1) * pixels; i++) {
    along += dout[i] * fround(x.data[i] - mean);
    acc += dout[i];
  }
  return {weight: fround(fround(along) / spread), bias: fround(acc)};
}

/** The walk to the gradient of the weight, or bias, of channel c. */
function* channelWeight(op, x, dout, name, c, {mean, spread, pixels, W}) {
  const along = name === "weight";
  let acc = 0;
  yield {line: along ? "along = wide_zero(x)" : "acc = wide_zero(x)", at: {c}, acc};
  for (let k = 0; k < pixels; k++) {
    const i = c * pixels + k, at = {c, n: 0, h: Math.floor(k / W), w: k % W}, distance = fround(x.data[i] - mean);
    acc += along ? dout[i] * distance : dout[i];
    yield {line: along ? "along += dout[n, c, h, w] * (x[n, c, h, w] - mean[c])" : "acc += dout[n, c, h, w]", at, acc,
           a: along ? {read: 0, index: i, value: distance} : undefined, b: {grad: true, index: i, value: dout[i]},
           cell: {group: 0, row: at.h, column: at.w}};
  }
  if (along) yield {line: "dweight[c] = total(along) / sqrt(var[c] + eps)", at: {c}, acc: fround(fround(acc) / spread)};
  else yield {line: "dbias[c] = total(acc)", at: {c}, acc: fround(acc)};
}
