"use strict";
// Pooling: the loops of numbacnn/kernels/pooling.py over one image. A max-pooling keeps which tap of its window has won.

/** The pixels of a window in reading order, those inside the image only: {kh, kw, ih, iw, i}. */
function* windowPixels(op, x, c, oh, ow) {
  const [, , H, W] = x.shape, {kernel, stride, padding} = op.args, dilation = op.args.dilation;
  for (let kh = 0; kh < kernel[0]; kh++) {
    for (let kw = 0; kw < kernel[1]; kw++) {
      const ih = oh * stride[0] - padding[0] + kh * dilation[0], iw = ow * stride[1] - padding[1] + kw * dilation[1];
      if (ih >= 0 && ih < H && iw >= 0 && iw < W) yield {kh, kw, ih, iw, i: (c * H + ih) * W + iw};
    }
  }
}

/** The winner of a window: {tap, i, value}; of equal pixels the first in reading order. */
function winner(op, x, c, oh, ow) {
  let best = {tap: 0, i: -1, value: -Infinity};
  for (const {kh, kw, i} of windowPixels(op, x, c, oh, ow)) {
    const pixel = x.data[i];
    if (best.i < 0 || pixel > best.value || Number.isNaN(pixel)) best = {tap: 1 + kh * op.args.kernel[1] + kw, i, value: pixel};
  }
  return best;
}

/** The windows (oh, ow) that a pixel lies in, in the order of the loop, with its tap there. */
function* windowsOf(op, x, ih, iw) {
  const [, , OH, OW] = op.shape, {kernel, stride, padding, dilation} = op.args;
  for (let oh = 0; oh < OH; oh++) {
    const kh = (ih + padding[0] - oh * stride[0]) / dilation[0];
    if (!Number.isInteger(kh) || kh < 0 || kh >= kernel[0]) continue;
    for (let ow = 0; ow < OW; ow++) {
      const kw = (iw + padding[1] - ow * stride[1]) / dilation[1];
      if (Number.isInteger(kw) && kw >= 0 && kw < kernel[1]) yield {oh, ow, kh, kw};
    }
  }
}

KINDS.max_pool2d = {
  loops: {out: "max_pool2d_forward", read: "max_pool2d_backward"},

  words: (op) => `max-pooling: the largest of each ${op.args.kernel.join(" × ")} window`,

  forward(op, [x]) {
    const [, C, OH, OW] = op.shape, out = new Float32Array(C * OH * OW);
    for (let i = 0; i < out.length; i++) {
      const [c, oh, ow] = place(i, [OH, OW]);
      out[i] = winner(op, x, c, oh, ow).value;
    }
    return out;
  },

  backward(op, [x], out, dout) {
    const [, , OH, OW] = op.shape, dx = new Float32Array(x.data.length);
    for (let i = 0; i < dout.length; i++) {
      const [c, oh, ow] = place(i, [OH, OW]), won = winner(op, x, c, oh, ow).i;
      if (won >= 0) dx[won] = fround(dx[won] + dout[i]);
    }
    return {reads: [dx], weights: {}};
  },

  // loop: max_pool2d_forward 41f2f0b3
  * walkOut(op, [x], index) {
    const [, , OH, OW] = op.shape, [c, oh, ow] = place(index, [OH, OW]);
    let largest = -Infinity, empty = true;
    yield {line: "largest = zero(x) - inf", at: {n: 0, oh, ow, c}, acc: largest};
    for (const {kh, kw, ih, iw, i} of windowPixels(op, x, c, oh, ow)) {
      const pixel = x.data[i], wins = empty || pixel > largest || Number.isNaN(pixel), was = largest;
      if (wins) largest = pixel;
      yield {line: empty ? "largest = pixel" : "largest = where(wins, pixel, largest)", at: {n: 0, oh, ow, c, kh, ih, kw, iw},
             acc: largest, b: {read: 0, index: i, value: pixel}, cell: {group: 0, row: kh, column: kw},
             says: empty ? "the first pixel wins without a comparison" :
               wins ? `larger than ${short(was)}: it wins` : `not larger than ${short(was)}: it loses`};
      empty = false;
    }
    yield {line: "out[n, c, oh, ow] = largest", at: {n: 0, oh, ow, c}, acc: largest};
  },

  // loop: max_pool2d_backward a5604e19
  * walkRead(op, [x], out, dout, read, index) {
    const [, , H, W] = x.shape, [, , OH, OW] = op.shape, [c, ih, iw] = place(index, [H, W]);
    let acc = 0;
    yield {line: "dx[n, c, ih, iw] = zero(dx)", at: {n: 0, ih, iw, c}, acc};
    for (const {oh, ow, kh, kw} of windowsOf(op, x, ih, iw)) {
      const won = winner(op, x, c, oh, ow).i === index, d = (c * OH + oh) * OW + ow;
      if (won) acc = fround(acc + dout[d]);
      yield {line: "dx[n, c, ih, iw] += where(won, dout[n, c, oh, ow], zero(dout))", at: {n: 0, oh, ow, kh, ih, kw, iw, c}, acc,
             b: {grad: true, index: d, value: dout[d]}, nothing: !won,
             says: won ? "this pixel has won the window: it takes all of its gradient"
               : "another pixel has won this window: nothing comes from there"};
    }
  },
};

/** How many pixels an average divides by. */
function windowSize(op, x, oh, ow) {
  const [, , H, W] = x.shape, {kernel, stride, padding} = op.args;
  if (op.args.divisor) return op.args.divisor;
  const top = oh * stride[0] - padding[0], left = ow * stride[1] - padding[1];
  if (op.args.count_include_pad) {
    return (Math.min(top + kernel[0], H + padding[0]) - top) * (Math.min(left + kernel[1], W + padding[1]) - left);
  }
  return (Math.min(top + kernel[0], H) - Math.max(top, 0)) * (Math.min(left + kernel[1], W) - Math.max(left, 0));
}

KINDS.avg_pool2d = {
  loops: {out: "avg_pool2d_forward", read: "avg_pool2d_backward"},

  words: (op) => op.args.divisor === 1 ? `the sum of each ${op.args.kernel.join(" × ")} window`
    : `average pooling: the mean of each ${op.args.kernel.join(" × ")} window`,

  forward(op, [x]) {
    const [, C, OH, OW] = op.shape, out = new Float32Array(C * OH * OW);
    for (let k = 0; k < out.length; k++) {
      const [c, oh, ow] = place(k, [OH, OW]);
      let acc = 0;
      for (const {i} of windowPixels(op, x, c, oh, ow)) acc = fround(acc + x.data[i]);
      out[k] = acc / windowSize(op, x, oh, ow);
    }
    return out;
  },

  backward(op, [x], out, dout) {
    const [, , OH, OW] = op.shape, dx = new Float32Array(x.data.length);
    for (let k = 0; k < dout.length; k++) {
      const [c, oh, ow] = place(k, [OH, OW]), part = fround(dout[k] / windowSize(op, x, oh, ow));
      for (const {i} of windowPixels(op, x, c, oh, ow)) dx[i] = fround(dx[i] + part);
    }
    return {reads: [dx], weights: {}};
  },

  // loop: avg_pool2d_forward 915f6674
  * walkOut(op, [x], index) {
    const [, , OH, OW] = op.shape, [c, oh, ow] = place(index, [OH, OW]), size = windowSize(op, x, oh, ow);
    let acc = 0;
    yield {line: "acc = zero(x)", at: {n: 0, oh, ow, size, c}, acc};
    for (const {kh, kw, ih, iw, i} of windowPixels(op, x, c, oh, ow)) {
      acc = fround(acc + x.data[i]);
      yield {line: "acc += x[n, c, ih, iw]", at: {n: 0, oh, ow, size, c, kh, kw, ih, iw}, acc, b: {read: 0, index: i, value: x.data[i]},
             cell: {group: 0, row: kh, column: kw}};
    }
    yield {line: "out[n, c, oh, ow] = acc / size", at: {n: 0, oh, ow, size, c}, acc: fround(acc / size), says: `divided by ${size}`};
  },

  // loop: avg_pool2d_backward 66e97d50
  * walkRead(op, [x], out, dout, read, index) {
    const [, , H, W] = x.shape, [, , OH, OW] = op.shape, [c, ih, iw] = place(index, [H, W]);
    let acc = 0;
    yield {line: "dx[n, c, ih, iw] = zero(dx)", at: {n: 0, ih, iw, c}, acc};
    for (const {oh, ow, kh, kw} of windowsOf(op, x, ih, iw)) {
      const d = (c * OH + oh) * OW + ow, size = windowSize(op, x, oh, ow), part = fround(dout[d] / size);
      acc = fround(acc + part);
      yield {line: "dx[n, c, ih, iw] += part", at: {n: 0, oh, ow, size, c, kh, kw, ih, iw, part}, acc,
             b: {grad: true, index: d, value: dout[d]}, product: part, says: `its part of the gradient: divided by ${size}`};
    }
  },
};
