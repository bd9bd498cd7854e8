"use strict";
// Upsampling, and any other size by reading off what lies below: the loops of numbacnn/kernels/upsampling.py.

/** The last pixel at or before output o, and how far o lies beyond it. */
function below(o, [step, start, unit]) {
  const at = Math.max(o * step + start, 0);
  return {pixel: Math.floor(at / unit), beyond: fround(at % unit / unit)};
}

/** The pixels that output (oh, ow) is read off, with their parts, in the order of the loop: {i, j, ih, iw, part, index}. */
function partsBelow(op, x, c, oh, ow) {
  const [, , H, W] = x.shape, row = below(oh, op.args.rows), column = below(ow, op.args.columns), found = [];
  const reach = op.args.mode === "nearest" ? 1 : 2;
  for (let i = 0; i < reach; i++) {
    for (let j = 0; j < reach; j++) {
      const ih = Math.min(row.pixel + i, H - 1), iw = Math.min(column.pixel + j, W - 1);
      const part = reach === 1 ? 1 : fround(fround(Math.abs(1 - i - row.beyond)) * fround(Math.abs(1 - j - column.beyond)));
      found.push({i, j, ih, iw, u: row.beyond, v: column.beyond, part, index: (c * H + ih) * W + iw});
    }
  }
  return found;
}

function upsampled(name, words, line, backLine) {
  return {
    loops: {out: `${name}_forward`, read: `${name}_backward`},
    words: (op) => `${words}: to ${op.shape.slice(2).join(" × ")}`,

    forward(op, [x]) {
      return Float32Array.from({length: count(op.shape)}, (_, k) => {
        const [c, oh, ow] = place(k, op.shape.slice(2));
        return partsBelow(op, x, c, oh, ow).reduce((acc, {part, index}) => fround(acc + part * x.data[index]), 0);
      });
    },

    backward(op, [x], out, dout) {
      const dx = new Float32Array(x.data.length);
      dout.forEach((d, k) => {
        const [c, oh, ow] = place(k, op.shape.slice(2));
        partsBelow(op, x, c, oh, ow).forEach(({part, index}) => { dx[index] = fround(dx[index] + fround(part * d)); });
      });
      return {reads: [dx], weights: {}};
    },

    * walkOut(op, [x], k) {
      const [c, oh, ow] = place(k, op.shape.slice(2)), parts = partsBelow(op, x, c, oh, ow);
      if (parts.length === 1) {
        const [{ih, iw, index}] = parts, value = x.data[index];
        yield {line, at: {n: 0, c, oh, ih, ow, iw}, acc: value, b: {read: 0, index, value}, product: value, says: "the pixel below: nothing is computed"};
        return;
      }
      let acc = 0;
      yield {line: "acc = zero(x)", at: {n: 0, c, oh, ow, u: parts[0].u, v: parts[0].v}, acc};
      for (const {i, j, ih, iw, u, v, part, index} of parts) {
        acc = fround(acc + part * x.data[index]);
        yield {line, at: {n: 0, c, oh, ow, u, v, i, j, ih, iw}, acc, a: {value: part}, b: {read: 0, index, value: x.data[index]}, cell: {group: 0, row: i, column: j},
               says: "the nearer a pixel lies, the larger its part"};
      }
      yield {line: "out[n, c, oh, ow] = acc", at: {n: 0, c, oh, ow}, acc};
    },

    * walkRead(op, [x], out, dout, read, pixel) {
      const [c, ih, iw] = place(pixel, x.shape.slice(2)), [, , OH, OW] = op.shape;
      let acc = 0;
      yield {line: "dx[n, c, ih, iw] = zero(dx)", at: {n: 0, c, ih, iw}, acc};
      for (let oh = 0; oh < OH; oh++) {
        for (let ow = 0; ow < OW; ow++) {
          for (const {i, j, part, index} of partsBelow(op, x, c, oh, ow)) {
            if (index !== pixel) continue;
            const d = (c * OH + oh) * OW + ow, sent = fround(part * dout[d]);
            acc = fround(acc + sent);
            yield {line: backLine, at: {n: 0, c, oh, ow, ih, iw, ...(part === 1 ? {} : {i, j, part: sent})}, acc, b: {grad: true, index: d, value: dout[d]}, product: sent,
                   says: part === 1 ? "this output took the pixel as it is" : `this output took ${short(part)} of the pixel`};
          }
        }
      }
    },
  };
}

// loop: nearest2d_forward 2b1940a2
// loop: nearest2d_backward c752de33
KINDS.interpolate_nearest = upsampled("nearest2d", "nearest pixel", "out[n, c, oh, ow] = x[n, c, ih, iw]", "dx[n, c, ih, iw] += dout[n, c, oh, ow]");
// loop: bilinear2d_forward 9ebd744f
// loop: bilinear2d_backward 9670d900
KINDS.interpolate_bilinear = upsampled("bilinear2d", "bilinear interpolation, a mean of the four pixels around", "acc += abs(1 - i - u) * abs(1 - j - v) * pixel",
  "dx[n, c, min(ih + i, H - 1), min(iw + j, W - 1)] += part");
