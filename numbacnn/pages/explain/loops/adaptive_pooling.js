"use strict";
// Adaptive average pooling, which covers the whole map with as many windows as are wanted: numbacnn/kernels/adaptive_pooling.py.

/** The rows, or columns, of a window: from begin to before end. */
const adaptiveWindow = (window, windows, extent) => ({begin: Math.floor(window * extent / windows), end: Math.ceil((window + 1) * extent / windows)});

function adaptiveOf(op, x, oh, ow) {
  const [, , H, W] = x.shape, [, , OH, OW] = op.shape, rows = adaptiveWindow(oh, OH, H), columns = adaptiveWindow(ow, OW, W);
  return {H, W, top: rows.begin, bottom: rows.end, left: columns.begin, right: columns.end,
          size: (rows.end - rows.begin) * (columns.end - columns.begin)};
}

KINDS.adaptive_avg_pool2d = {
  loops: {out: "adaptive_avg_pool2d_forward", read: "adaptive_avg_pool2d_backward"},

  words: (op) => count(op.shape.slice(2)) === 1 ? "global average pooling: the mean of each map" : `average pooling to ${op.shape.slice(2).join(" × ")}`,

  forward(op, [x]) {
    const [, , OH, OW] = op.shape;
    return Float32Array.from({length: count(op.shape)}, (_, k) => {
      const [c, oh, ow] = place(k, [OH, OW]), {H, W, top, bottom, left, right, size} = adaptiveOf(op, x, oh, ow);
      let acc = 0;
      for (let ih = top; ih < bottom; ih++) for (let iw = left; iw < right; iw++) acc = fround(acc + x.data[(c * H + ih) * W + iw]);
      return acc / size;
    });
  },

  backward(op, [x], out, dout) {
    const [, , OH, OW] = op.shape, dx = new Float32Array(x.data.length);
    dout.forEach((d, k) => {
      const [c, oh, ow] = place(k, [OH, OW]), {H, W, top, bottom, left, right, size} = adaptiveOf(op, x, oh, ow), part = fround(d / size);
      for (let ih = top; ih < bottom; ih++) {
        for (let iw = left; iw < right; iw++) dx[(c * H + ih) * W + iw] = fround(dx[(c * H + ih) * W + iw] + part);
      }
    });
    return {reads: [dx], weights: {}};
  },

  // loop: adaptive_avg_pool2d_forward 66d1a754
  * walkOut(op, [x], index) {
    const [, , OH, OW] = op.shape, [c, oh, ow] = place(index, [OH, OW]), {H, W, top, bottom, left, right, size} = adaptiveOf(op, x, oh, ow);
    let acc = 0;
    yield {line: "acc = zero(x)", at: {n: 0, c, oh, top, bottom, ow, left, right}, acc};
    for (let ih = top; ih < bottom; ih++) {
      for (let iw = left; iw < right; iw++) {
        const i = (c * H + ih) * W + iw;
        acc = fround(acc + x.data[i]);
        yield {line: "acc += x[n, c, ih, iw]", at: {n: 0, c, oh, ow, ih, iw}, acc, b: {read: 0, index: i, value: x.data[i]},
               cell: {group: 0, row: ih - top, column: iw - left}};
      }
    }
    yield {line: "out[n, c, oh, ow] = acc / ((bottom - top) * (right - left))", at: {n: 0, c, oh, top, bottom, ow, left, right}, acc: fround(acc / size),
           says: `divided by ${size} numbers`};
  },

  // loop: adaptive_avg_pool2d_backward 3ace7278
  * walkRead(op, [x], out, dout, read, index) {
    const [, , H, W] = x.shape, [, , OH, OW] = op.shape, [c, ih, iw] = place(index, [H, W]);
    let acc = 0;
    yield {line: "dx[n, c, ih, iw] = zero(dx)", at: {n: 0, c, ih, iw}, acc};
    for (let oh = 0; oh < OH; oh++) {
      for (let ow = 0; ow < OW; ow++) {
        const {top, bottom, left, right, size} = adaptiveOf(op, x, oh, ow), d = (c * OH + oh) * OW + ow;
        if (ih < top || ih >= bottom || iw < left || iw >= right) continue;
        const part = fround(dout[d] / size);
        acc = fround(acc + part);
        yield {line: "dx[n, c, ih, iw] += part", at: {n: 0, c, oh, top, bottom, ow, left, right, part, ih, iw}, acc,
               b: {grad: true, index: d, value: dout[d]}, product: part, says: `its part of the gradient: divided by ${size} numbers`};
      }
    }
  },
};
