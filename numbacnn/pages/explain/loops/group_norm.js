"use strict";
// Group, layer and instance normalization: the loops of numbacnn/kernels/group_norm.py over one image, the same with other groups.

/** Mean and variance of some numbers, in two passes; the sums are float64, as in the loops. */
function statisticsOf(numbers) {
  let sum = 0, square = 0;
  for (const number of numbers) sum += number;
  const mean = fround(fround(sum) / numbers.length);
  for (const number of numbers) square += fround(number - mean) * fround(number - mean);
  return {sum, mean, var: fround(fround(square) / numbers.length)};
}

/** The group that number i lies in: {g, c, begin, M, W, numbers' mean and var, rstd}. */
function groupOf(op, x, g) {
  const C = op.shape[1], pixels = count(op.shape.slice(2)), M = C / op.args.groups * pixels, W = op.shape.length > 2 ? op.shape[op.shape.length - 1] : 1;
  const found = statisticsOf(x.data.subarray(g * M, (g + 1) * M));
  return {...found, g, M, W, pixels, begin: g * M, rstd: fround(1 / fround(Math.sqrt(fround(found.var + op.args.eps))))};
}

const scaleOf = (op, c) => op.weights.weight === undefined ? 1 : op.weights.weight.data[c];
const shiftOf = (op, c) => op.weights.bias === undefined ? 0 : op.weights.bias.data[c];
const unitOf = (group, number) => fround(fround(number - group.mean) * group.rstd);

/** The two sums of the backward pass over a group, divided by the size of it. */
function groupSums(op, x, dout, group) {
  let acc = 0, along = 0;
  for (let i = group.begin; i < group.begin + group.M; i++) {
    const d = fround(scaleOf(op, Math.floor(i / group.pixels)) * dout[i]);
    along += d * unitOf(group, x.data[i]);
    acc += d;
  }
  return {acc: fround(fround(acc) / group.M), along: fround(fround(along) / group.M)};
}

const groupDx = (op, group, sums, c, number, d) => fround(group.rstd * fround(fround(scaleOf(op, c) * d) - fround(sums.acc + fround(unitOf(group, number) * sums.along))));

KINDS.group_norm = {
  loops: {out: "group_norm_forward", read: "group_norm_backward_input", weight: "group_norm_backward_weight", bias: "group_norm_backward_weight"},

  words(op) {
    const G = op.args.groups, C = op.shape[1];
    const over = op.kind === "layer_norm" ? `all ${C} numbers` : G === C ? "each map" : G === 1 ? `all ${C} maps` : `each of ${G} groups of ${C / G} maps`;
    return `${op.kind.replace("_norm", " normalization")}: ${over} of this image: less the mean, divided by the standard deviation${op.weights.weight ? ", then times a weight and plus a bias" : ""}`;
  },

  forward(op, [x]) {
    const out = new Float32Array(x.data.length);
    for (let g = 0; g < op.args.groups; g++) {
      const group = groupOf(op, x, g);
      for (let i = group.begin; i < group.begin + group.M; i++) {
        const c = Math.floor(i / group.pixels);
        out[i] = fround(shiftOf(op, c) + scaleOf(op, c) * unitOf(group, x.data[i]));
      }
    }
    return out;
  },

  backward(op, [x], out, dout) {
    const C = op.shape[1], dx = new Float32Array(x.data.length), weights = {weight: new Float32Array(C), bias: new Float32Array(C)};
    for (let g = 0; g < op.args.groups; g++) {
      const group = groupOf(op, x, g), sums = groupSums(op, x, dout, group);
      for (let i = group.begin; i < group.begin + group.M; i++) dx[i] = groupDx(op, group, sums, Math.floor(i / group.pixels), x.data[i], dout[i]);
      for (let c = group.begin / group.pixels; c < (group.begin + group.M) / group.pixels; c++) {
        for (const name of ["weight", "bias"]) for (const {acc} of groupWeight(op, x, dout, name, c, group)) weights[name][c] = acc;
      }
    }
    return {reads: [dx], weights: op.weights.weight === undefined ? {} : weights};
  },

  // loop: group_norm_forward e8b438da
  * walkOut(op, [x], i) {
    const pixels = count(op.shape.slice(2)), c = Math.floor(i / pixels), group = groupOf(op, x, Math.floor(i / (x.data.length / op.args.groups))), {g, M} = group;
    const at = {n: 0, g}, value = x.data[i], unit = unitOf(group, value);
    yield {line: "mean[n, g] = rounded(acc, x) / (channels * H * W)", at, acc: group.mean, says: `the sum of the ${M} numbers of group ${g}, ${short(group.sum)}, divided by ${M}`};
    yield {line: "var[n, g] = rounded(square, x) / (channels * H * W)", at, acc: group.var, says: "the mean square distance from the mean"};
    yield {line: "rstd = 1 / sqrt(var[n, g] + eps)", at, acc: group.rstd, says: `1 / √(${short(group.var)} + ${op.args.eps})`};
    const acc = fround(shiftOf(op, c) + scaleOf(op, c) * unit);
    yield {line: "out[n, c, h, w] = bias[c] + weight[c] * ((x[n, c, h, w] - mean[n, g]) * rstd)", at: {...at, c}, acc, b: {read: 0, index: i, value}, product: acc,
           says: `${short(shiftOf(op, c))} + ${short(scaleOf(op, c))} · ((${short(value)} − ${short(group.mean)}) · ${short(group.rstd)})`};
  },

  // loop: group_norm_backward_input c9dcd95e
  * walkRead(op, [x], out, dout, read, i) {
    const pixels = count(op.shape.slice(2)), c = Math.floor(i / pixels), group = groupOf(op, x, Math.floor(i / (x.data.length / op.args.groups))), {g, M, rstd} = group;
    const sums = groupSums(op, x, dout, group), at = {n: 0, g, rstd};
    yield {line: "rstd = 1 / sqrt(var[n, g] + eps)", at, acc: rstd};
    yield {line: "from_mean = rounded(acc, x) / (channels * H * W)", at, acc: sums.acc, says: `the mean of weight · gradient over the ${M} numbers of the group: this number also moves their mean`};
    yield {line: "from_var = rounded(along, x) / (channels * H * W)", at, acc: sums.along, says: "the mean of weight · gradient · unit: this number also moves their variance"};
    const unit = unitOf(group, x.data[i]);
    yield {line: "unit = (x[n, c, h, w] - mean[n, g]) * rstd", at: {...at, c, unit}, acc: unit};
    yield {line: "dx[n, c, h, w] = rstd * (weight[c] * dout[n, c, h, w] - (from_mean + unit * from_var))", at: {...at, c, unit}, acc: groupDx(op, group, sums, c, x.data[i], dout[i]),
           b: {grad: true, index: i, value: dout[i]}, product: groupDx(op, group, sums, c, x.data[i], dout[i]),
           says: `${short(rstd)} · (${short(scaleOf(op, c))} · ${short(dout[i])} − (${short(sums.acc)} + ${short(unit)} · ${short(sums.along)}))`};
  },

  // loop: group_norm_backward_weight df9622c0
  * walkWeight(op, [x], out, dout, name, c) {
    const group = groupOf(op, x, Math.floor(c / (op.shape[1] / op.args.groups)));
    yield* groupWeight(op, x, dout, name, c, group);
  },
};
KINDS.layer_norm = KINDS.group_norm;
KINDS.instance_norm = KINDS.group_norm;

/** The walk to the gradient of the weight, or bias, of channel c. */
function* groupWeight(op, x, dout, name, c, group) {
  const {pixels, W} = group, along = name === "weight";
  let acc = 0;
  yield {line: along ? "along = wide_zero(x)" : "acc = wide_zero(x)", at: {c, g: group.g}, acc};
  for (let k = 0; k < pixels; k++) {
    const i = c * pixels + k, unit = unitOf(group, x.data[i]), at = {c, g: group.g, n: 0, h: Math.floor(k / W), w: k % W};
    acc += along ? dout[i] * unit : dout[i];
    yield {line: along ? "along += dout[n, c, h, w] * ((x[n, c, h, w] - mean[n, g]) * rstd)" : "acc += dout[n, c, h, w]", at, acc,
           a: along ? {read: 0, index: i, value: unit} : undefined, b: {grad: true, index: i, value: dout[i]}, cell: {group: 0, row: at.h, column: at.w},
           says: along ? `the number is ${short(x.data[i])}; less the mean, divided by the standard deviation: ${short(unit)}` : undefined};
  }
  yield {line: along ? "dweight[c] = total(along)" : "dbias[c] = total(acc)", at: {c}, acc: fround(acc)};
}
