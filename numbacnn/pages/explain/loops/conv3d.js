"use strict";
// Convolution of films and volumes: the loops of numbacnn/kernels/conv3d.py over one of them. The bias is the loop of a convolution of images.

/** The extents and settings by the names of the loop. */
function conv3dExtents(op, x) {
  const [, IC, D, H, W] = x.shape, [OC, perGroup, KD, KH, KW] = op.weights.weight.shape, [, , OD, OH, OW] = op.shape;
  const {stride, padding, dilation, groups} = op.args, taps = KD * KH * KW;
  return {IC, D, H, W, OC, perGroup, KD, KH, KW, OD, OH, OW, stride, padding, dilation, outs: OC / groups, taps};
}

/** The places from which output o of an axis reads, [[tap, place], ...], those inside only. */
function tapsOf(o, K, extent, stride, padding, dilation) {
  const found = [];
  for (let k = 0; k < K; k++) {
    const i = o * stride - padding + k * dilation;
    if (i >= 0 && i < extent) found.push([k, i]);
  }
  return found;
}

/** The outputs that read place i of an axis, [[tap, output], ...], the last tap first. */
function readersAlong(i, K, outputs, stride, padding, dilation) {
  const found = [];
  for (let k = K - 1; k >= 0; k--) {
    const o = (i + padding - k * dilation) / stride;
    if (Number.isInteger(o) && o >= 0 && o < outputs) found.push([k, o]);
  }
  return found;
}

KINDS.conv3d = {
  loops: {out: "conv3d_forward", read: "conv3d_backward_input", weight: "conv3d_backward_weight"},

  words(op) {
    const [OC, IC, KD, KH, KW] = op.weights.weight.shape;
    return `convolution in time and space: ${OC} filters of ${KD} frames of ${KH} × ${KW} over ${IC} map${IC > 1 ? "s" : ""}`;
  },

  forward(op, xs) {
    const out = new Float32Array(count(op.shape));
    for (let i = 0; i < out.length; i++) for (const step of conv3dOut(op, xs, i)) out[i] = step.acc;
    return out;
  },

  backward(op, xs, out, dout) {
    const dx = new Float32Array(xs[0].data.length), dweight = new Float32Array(op.weights.weight.data.length);
    for (let i = 0; i < dx.length; i++) for (const step of conv3dRead(op, xs, dout, i)) dx[i] = step.acc;
    for (let i = 0; i < dweight.length; i++) for (const step of conv3dWeight(op, xs, dout, i)) dweight[i] = step.acc;
    const each = count(op.shape.slice(2)), dbias = new Float32Array(op.shape[1]);
    dout.forEach((d, i) => { const oc = Math.floor(i / each); dbias[oc] = fround(dbias[oc] + d); });
    return {reads: [dx], weights: {weight: dweight, bias: dbias}};
  },

  // loop: conv3d_forward b98a267d
  * walkOut(op, xs, index) {
    const [oc, od, oh, ow] = place(index, op.shape.slice(2)), {bias} = op.weights, [x] = xs, {perGroup, KH, KW} = conv3dExtents(op, x);
    let acc = bias ? bias.data[oc] : 0;
    yield {line: "acc = bias[oc]", at: {n: 0, oc, od, oh, ow}, acc, plain: bias ? {weight: "bias", index: oc, value: acc} : null};
    for (const {w, i, kd, kh, kw, id, ih, iw, ic, acc: sum} of conv3dOut(op, xs, index)) {
      if (w === undefined) continue;
      acc = sum;
      yield {line: "acc += weight[oc, ic, kd, kh, kw] * x[n, ic, id, ih, iw]", at: {n: 0, oc, od, oh, ow, kd, kh, kw, id, ih, iw, ic}, acc,
             a: {weight: "weight", index: w, value: op.weights.weight.data[w]}, b: {read: 0, index: i, value: x.data[i]},
             cell: {group: kd * perGroup + ic, row: kh, column: kw}};
    }
    yield {line: "out[n, oc, od, oh, ow] = acc", at: {n: 0, oc, od, oh, ow}, acc};
  },

  // loop: conv3d_backward_input e9c32659
  * walkRead(op, xs, out, dout, read, index) {
    const [ic, id, ih, iw] = place(index, xs[0].shape.slice(2)), {outs} = conv3dExtents(op, xs[0]);
    let acc = 0;
    yield {line: "acc = zero(dx)", at: {n: 0, ic, id, ih, iw}, acc};
    for (const {w, i, kd, kh, kw, od, oh, ow, oc, acc: sum} of conv3dRead(op, xs, dout, index)) {
      acc = sum;
      yield {line: "acc += weight[ic, oc, kd, kh, kw] * dout[n, oc, od, oh, ow]", at: {n: 0, ic, id, ih, iw, kd, od, kh, oh, kw, ow, oc}, acc,
             a: {weight: "weight", index: w, value: op.weights.weight.data[w]}, b: {grad: true, index: i, value: dout[i]},
             cell: {group: kd * outs + oc % outs, row: kh, column: kw}};
    }
    yield {line: "dx[n, ic, id, ih, iw] = acc", at: {n: 0, ic, id, ih, iw}, acc};
  },

  // loop: conv3d_backward_weight dc073b7e
  * walkWeight(op, xs, out, dout, name, index) {
    if (name === "bias") {
      const each = count(op.shape.slice(2)), W = op.shape[4];
      let acc = 0;
      for (let k = 0; k < each; k++) {
        const i = index * each + k;
        acc = fround(acc + dout[i]);
        yield {line: "", at: {oc: index}, acc, b: {grad: true, index: i, value: dout[i]}, cell: {group: 0, row: Math.floor(k / W), column: k % W},
               says: "the bias is added to every output of its map, so its gradient is the sum of theirs"};
      }
      return;
    }
    const [oc, ic, kd, kh, kw] = place(index, op.weights.weight.shape.slice(1));
    let acc = 0;
    yield {line: "acc = zero(dweight)", at: {oc, ic, kd, kh, kw}, acc};
    for (const {d, i, od, oh, ow, id, ih, iw, acc: sum} of conv3dWeight(op, xs, dout, index)) {
      acc = sum;
      yield {line: "acc += dout[n, oc, od, oh, ow] * x[n, ic, id, ih, iw]", at: {oc, ic, kd, kh, kw, od, id, oh, ih, n: 0, ow, iw}, acc,
             a: {grad: true, index: d, value: dout[d]}, b: {read: 0, index: i, value: xs[0].data[i]}, cell: {group: od, row: oh, column: ow}};
    }
    yield {line: "dweight[oc, ic, kd, kh, kw] = total(acc)", at: {oc, ic, kd, kh, kw}, acc};
  },
};

/** The products of one output in the order of the loop, each with the sum so far. */
function* conv3dOut(op, [x], index) {
  const {D, H, W, perGroup, KD, KH, KW, OD, OH, OW, stride, padding, dilation, outs} = conv3dExtents(op, x);
  const [oc, od, oh, ow] = place(index, [OD, OH, OW]), first = Math.floor(oc / outs) * perGroup, {weight, bias} = op.weights;
  const rows = tapsOf(oh, KH, H, stride[1], padding[1], dilation[1]), columns = tapsOf(ow, KW, W, stride[2], padding[2], dilation[2]);
  let acc = bias ? bias.data[oc] : 0;
  yield {acc};
  for (const [kd, id] of tapsOf(od, KD, D, stride[0], padding[0], dilation[0])) {
    for (const [kh, ih] of rows) {
      for (const [kw, iw] of columns) {
        for (let ic = 0; ic < perGroup; ic++) {
          const w = (((oc * perGroup + ic) * KD + kd) * KH + kh) * KW + kw, i = (((first + ic) * D + id) * H + ih) * W + iw;
          acc = fround(acc + weight.data[w] * x.data[i]);
          yield {w, i, kd, kh, kw, id, ih, iw, ic, acc};
        }
      }
    }
  }
}

/** The products that make the gradient of one number that is read. */
function* conv3dRead(op, [x], dout, index) {
  const {D, H, W, perGroup, KD, KH, KW, OD, OH, OW, stride, padding, dilation, outs} = conv3dExtents(op, x);
  const [ic, id, ih, iw] = place(index, [D, H, W]), group = Math.floor(ic / perGroup), weight = op.weights.weight.data;
  const rows = readersAlong(ih, KH, OH, stride[1], padding[1], dilation[1]), columns = readersAlong(iw, KW, OW, stride[2], padding[2], dilation[2]);
  let acc = 0;
  for (const [kd, od] of readersAlong(id, KD, OD, stride[0], padding[0], dilation[0])) {
    for (const [kh, oh] of rows) {
      for (const [kw, ow] of columns) {
        for (let oc = group * outs; oc < (group + 1) * outs; oc++) {
          const w = (((oc * perGroup + ic % perGroup) * KD + kd) * KH + kh) * KW + kw, i = ((oc * OD + od) * OH + oh) * OW + ow;
          acc = fround(acc + weight[w] * dout[i]);
          yield {w, i, kd, kh, kw, od, oh, ow, oc, acc};
        }
      }
    }
  }
}

/** The pairs of number and gradient that make the gradient of one weight. */
function* conv3dWeight(op, [x], dout, index) {
  const {D, H, W, perGroup, KD, KH, KW, OD, OH, OW, stride, padding, dilation, outs} = conv3dExtents(op, x);
  const [oc, ic, kd, kh, kw] = place(index, [perGroup, KD, KH, KW]), first = Math.floor(oc / outs) * perGroup;
  let acc = 0;
  for (let od = 0; od < OD; od++) {
    const id = od * stride[0] - padding[0] + kd * dilation[0];
    if (id < 0 || id >= D) continue;
    for (let oh = 0; oh < OH; oh++) {
      const ih = oh * stride[1] - padding[1] + kh * dilation[1];
      if (ih < 0 || ih >= H) continue;
      for (let ow = 0; ow < OW; ow++) {
        const iw = ow * stride[2] - padding[2] + kw * dilation[2];
        if (iw < 0 || iw >= W) continue;
        const d = ((oc * OD + od) * OH + oh) * OW + ow, i = (((first + ic) * D + id) * H + ih) * W + iw;
        acc = fround(acc + dout[d] * x.data[i]);
        yield {d, i, od, oh, ow, id, ih, iw, acc};
      }
    }
  }
}
