"use strict";
// Max-pooling of films and volumes: the loops of numbacnn/kernels/pooling3d.py over one of them.

/** The pixels of a window in reading order: {kd, kh, kw, id, ih, iw, i}. */
function* windowPixels3d(op, x, c, od, oh, ow) {
  const [, , D, H, W] = x.shape, {kernel, stride, padding, dilation} = op.args;
  for (const [kd, id] of tapsOf(od, kernel[0], D, stride[0], padding[0], dilation[0])) {
    for (const [kh, ih] of tapsOf(oh, kernel[1], H, stride[1], padding[1], dilation[1])) {
      for (const [kw, iw] of tapsOf(ow, kernel[2], W, stride[2], padding[2], dilation[2])) {
        yield {kd, kh, kw, id, ih, iw, i: ((c * D + id) * H + ih) * W + iw};
      }
    }
  }
}

/** The winner of window k: {i, value}. */
function winner3d(op, x, k) {
  const [c, od, oh, ow] = place(k, op.shape.slice(2));
  let best = {i: -1, value: -Infinity};
  for (const {i} of windowPixels3d(op, x, c, od, oh, ow)) {
    if (best.i < 0 || x.data[i] > best.value || Number.isNaN(x.data[i])) best = {i, value: x.data[i]};
  }
  return best;
}

KINDS.max_pool3d = {
  loops: {out: "max_pool3d_forward", read: "max_pool3d_backward"},
  words: (op) => `max-pooling: the largest of each window of ${op.args.kernel[0]} frame${op.args.kernel[0] > 1 ? "s" : ""} of ${op.args.kernel.slice(1).join(" × ")}`,
  forward: (op, [x]) => Float32Array.from({length: count(op.shape)}, (_, k) => winner3d(op, x, k).value),

  backward(op, [x], out, dout) {
    const dx = new Float32Array(x.data.length);
    dout.forEach((d, k) => {
      const {i} = winner3d(op, x, k);
      if (i >= 0) dx[i] = fround(dx[i] + d);
    });
    return {reads: [dx], weights: {}};
  },

  // loop: max_pool3d_forward d7950310
  * walkOut(op, [x], index) {
    const [c, od, oh, ow] = place(index, op.shape.slice(2));
    let largest = -Infinity, empty = true;
    yield {line: "largest = zero(x) - inf", at: {n: 0, od, oh, ow, c}, acc: largest};
    for (const {kd, kh, kw, id, ih, iw, i} of windowPixels3d(op, x, c, od, oh, ow)) {
      const pixel = x.data[i], wins = empty || pixel > largest || Number.isNaN(pixel), was = largest;
      if (wins) largest = pixel;
      yield {line: empty ? "largest = pixel" : "largest = where(wins, pixel, largest)", at: {n: 0, od, oh, ow, c, kd, id, kh, ih, kw, iw}, acc: largest,
             b: {read: 0, index: i, value: pixel}, cell: {group: kd, row: kh, column: kw},
             says: empty ? "the first pixel wins without a comparison" : wins ? `larger than ${short(was)}: it wins` : `not larger than ${short(was)}: it loses`};
      empty = false;
    }
    yield {line: "out[n, c, od, oh, ow] = largest", at: {n: 0, od, oh, ow, c}, acc: largest};
  },

  // loop: max_pool3d_backward cccfa3b2
  * walkRead(op, [x], out, dout, read, index) {
    const [, , D, H, W] = x.shape, [c, id, ih, iw] = place(index, [D, H, W]), [, , OD, OH, OW] = op.shape, {kernel, stride, padding, dilation} = op.args;
    let acc = 0;
    yield {line: "dx[n, c, id, ih, iw] = zero(dx)", at: {n: 0, id, ih, iw, c}, acc};
    const along = (i, K, O, k) => readersAlong(i, K, O, stride[k], padding[k], dilation[k]).reverse();
    for (const [kd, od] of along(id, kernel[0], OD, 0)) {
      for (const [kh, oh] of along(ih, kernel[1], OH, 1)) {
        for (const [kw, ow] of along(iw, kernel[2], OW, 2)) {
          const d = ((c * OD + od) * OH + oh) * OW + ow, won = winner3d(op, x, d).i === index;
          if (won) acc = fround(acc + dout[d]);
          yield {line: "dx[n, c, id, ih, iw] += where(won, dout[n, c, od, oh, ow], zero(dout))", at: {n: 0, od, oh, ow, c, kd, id, kh, ih, kw, iw}, acc,
                 b: {grad: true, index: d, value: dout[d]}, nothing: !won,
                 says: won ? "this pixel has won the window: it takes all of its gradient" : "another pixel has won this window: nothing comes from there"};
        }
      }
    }
  },
};
