"use strict";
// Convolution: the loops of numbacnn/kernels/conv.py over one image, all at once and number by number.
// Beside each walk stands the loop it follows and a hash of its text; a test fails when the loop has changed.

/** The extents and settings of a convolution by the names of the loop. */
function convExtents(op, x) {
  const [, IC, H, W] = x.shape, [OC, perGroup, KH, KW] = op.weights.weight.shape, [, , OH, OW] = op.shape;
  const {stride, padding, dilation, groups} = op.args;
  return {IC, H, W, OC, perGroup, KH, KW, OH, OW, stride, padding, dilation, groups, outs: OC / groups};
}

KINDS.conv2d = {
  loops: {out: "conv2d_forward", read: "conv2d_backward_input", weight: "conv2d_backward_weight", bias: "conv2d_backward_bias"},

  words(op) {
    const {stride, padding, dilation, groups} = op.args, [OC, IC, KH, KW] = op.weights.weight.shape;
    const extra = [];
    if (stride.some((s) => s !== 1)) extra.push(`every ${stride.join(" × ")}. place`);
    if (padding.some((p) => p !== 0)) extra.push(`${padding.join(" × ")} zeros around the image`);
    if (dilation.some((d) => d !== 1)) extra.push(`taps ${dilation.join(" × ")} apart`);
    if (groups !== 1) extra.push(`in ${groups} groups`);
    return `convolution: ${OC} filters of ${KH} × ${KW} over ${IC} map${IC > 1 ? "s" : ""}` + extra.map((e) => `, ${e}`).join("");
  },

  forward(op, [x]) {
    const {IC, H, W, OC, perGroup, KH, KW, OH, OW, stride, padding, dilation, outs} = convExtents(op, x);
    const weight = op.weights.weight.data, bias = op.weights.bias, out = new Float32Array(OC * OH * OW);
    for (let oc = 0; oc < OC; oc++) {
      const first = Math.floor(oc / outs) * perGroup;
      for (let oh = 0; oh < OH; oh++) {
        for (let ow = 0; ow < OW; ow++) {
          let acc = bias ? bias.data[oc] : 0;
          for (let kh = 0; kh < KH; kh++) {
            const ih = oh * stride[0] - padding[0] + kh * dilation[0];
            if (ih < 0 || ih >= H) continue;
            for (let kw = 0; kw < KW; kw++) {
              const iw = ow * stride[1] - padding[1] + kw * dilation[1];
              if (iw < 0 || iw >= W) continue;
              for (let ic = 0; ic < perGroup; ic++) {
                acc = fround(acc + weight[((oc * perGroup + ic) * KH + kh) * KW + kw] * x.data[((first + ic) * H + ih) * W + iw]);
              }
            }
          }
          out[(oc * OH + oh) * OW + ow] = acc;
        }
      }
    }
    return out;
  },

  backward(op, [x], out, dout) {
    const {H, W, OC, perGroup, KH, KW, OH, OW, stride, padding, dilation, outs} = convExtents(op, x);
    const weight = op.weights.weight.data, dx = new Float32Array(x.data.length), dweight = new Float32Array(weight.length);
    const dbias = new Float32Array(OC);
    for (let ic = 0; ic < x.shape[1]; ic++) {
      const group = Math.floor(ic / perGroup);
      for (let ih = 0; ih < H; ih++) {
        for (let iw = 0; iw < W; iw++) {
          let acc = 0;
          for (let kh = KH - 1; kh >= 0; kh--) {
            const oh = (ih + padding[0] - kh * dilation[0]) / stride[0];
            if (!Number.isInteger(oh) || oh < 0 || oh >= OH) continue;
            for (let kw = KW - 1; kw >= 0; kw--) {
              const ow = (iw + padding[1] - kw * dilation[1]) / stride[1];
              if (!Number.isInteger(ow) || ow < 0 || ow >= OW) continue;
              for (let oc = group * outs; oc < (group + 1) * outs; oc++) {
                acc = fround(acc + weight[((oc * perGroup + ic % perGroup) * KH + kh) * KW + kw] * dout[(oc * OH + oh) * OW + ow]);
              }
            }
          }
          dx[(ic * H + ih) * W + iw] = acc;
        }
      }
    }
    for (let oc = 0; oc < OC; oc++) {
      const first = Math.floor(oc / outs) * perGroup;
      for (let ic = 0; ic < perGroup; ic++) {
        for (let kh = 0; kh < KH; kh++) {
          for (let kw = 0; kw < KW; kw++) {
            let acc = 0;
            for (let oh = 0; oh < OH; oh++) {
              const ih = oh * stride[0] - padding[0] + kh * dilation[0];
              if (ih < 0 || ih >= H) continue;
              for (let ow = 0; ow < OW; ow++) {
                const iw = ow * stride[1] - padding[1] + kw * dilation[1];
                if (iw >= 0 && iw < W) acc = fround(acc + dout[(oc * OH + oh) * OW + ow] * x.data[((first + ic) * H + ih) * W + iw]);
              }
            }
            dweight[((oc * perGroup + ic) * KH + kh) * KW + kw] = acc;
          }
        }
      }
      let acc = 0;
      for (let i = oc * OH * OW; i < (oc + 1) * OH * OW; i++) acc = fround(acc + dout[i]);
      dbias[oc] = acc;
    }
    return {reads: [dx], weights: {weight: dweight, bias: dbias}};
  },

  // loop: conv2d_forward 1adc1978
  * walkOut(op, [x], index) {
    const {H, W, perGroup, KH, KW, OH, OW, stride, padding, dilation, outs} = convExtents(op, x);
    const [oc, oh, ow] = place(index, [OH, OW]), first = Math.floor(oc / outs) * perGroup, {weight, bias} = op.weights;
    let acc = bias ? bias.data[oc] : 0, at = {n: 0, oc, oh, ow};
    yield {line: "acc = bias[oc]", at, acc, plain: bias ? {weight: "bias", index: oc, value: acc} : null};
    for (let kh = 0; kh < KH; kh++) {
      for (let kw = 0; kw < KW; kw++) {
        const ih = oh * stride[0] - padding[0] + kh * dilation[0], iw = ow * stride[1] - padding[1] + kw * dilation[1];
        at = {n: 0, oc, oh, ow, kh, kw, ih, iw};
        if (ih < 0 || ih >= H || iw < 0 || iw >= W) {
          yield {line: "if 0 <= ih < H and 0 <= iw < W:", at, acc, skipped: "this tap lies outside the image: a zero, so it is left out",
                 cell: {row: kh, column: kw}};
          continue;
        }
        for (let ic = 0; ic < perGroup; ic++) {
          const w = ((oc * perGroup + ic) * KH + kh) * KW + kw, i = ((first + ic) * H + ih) * W + iw;
          acc = fround(acc + weight.data[w] * x.data[i]);
          yield {line: "acc += weight[oc, ic, kh, kw] * x[n, ic, ih, iw]", at: {...at, ic}, acc,
                 a: {weight: "weight", index: w, value: weight.data[w]}, b: {read: 0, index: i, value: x.data[i]},
                 cell: {group: ic, row: kh, column: kw}};
        }
      }
    }
    yield {line: "out[n, oc, oh, ow] = acc", at: {n: 0, oc, oh, ow}, acc};
  },

  // loop: conv2d_backward_input cfc6b679
  * walkRead(op, [x], out, dout, read, index) {
    const {H, W, perGroup, KH, KW, OH, OW, stride, padding, dilation, outs} = convExtents(op, x);
    const [ic, ih, iw] = place(index, [H, W]), group = Math.floor(ic / perGroup), weight = op.weights.weight.data;
    let acc = 0;
    yield {line: "acc = zero(dx)", at: {n: 0, ic, ih, iw}, acc};
    for (let kh = KH - 1; kh >= 0; kh--) {
      const oh = (ih + padding[0] - kh * dilation[0]) / stride[0];
      if (!Number.isInteger(oh) || oh < 0 || oh >= OH) {
        yield {line: "if h_rest == 0 and 0 <= oh < OH:", at: {n: 0, ic, ih, iw, kh}, acc,
               skipped: Number.isInteger(oh) ? "no output there" : "the stride leads from no output to here"};
        continue;
      }
      for (let kw = KW - 1; kw >= 0; kw--) {
        const ow = (iw + padding[1] - kw * dilation[1]) / stride[1];
        if (!Number.isInteger(ow) || ow < 0 || ow >= OW) {
          yield {line: "if w_rest == 0 and 0 <= ow < OW:", at: {n: 0, ic, ih, iw, kh, oh, kw}, acc, cell: {row: kh, column: kw},
                 skipped: Number.isInteger(ow) ? "no output there" : "the stride leads from no output to here"};
          continue;
        }
        for (let oc = group * outs; oc < (group + 1) * outs; oc++) {
          const w = ((oc * perGroup + ic % perGroup) * KH + kh) * KW + kw, i = (oc * OH + oh) * OW + ow;
          acc = fround(acc + weight[w] * dout[i]);
          yield {line: "acc += weight[ic, oc, kh, kw] * dout[n, oc, oh, ow]", at: {n: 0, ic, ih, iw, kh, oh, kw, ow, oc}, acc,
                 a: {weight: "weight", index: w, value: weight[w]}, b: {grad: true, index: i, value: dout[i]},
                 cell: {group: oc - group * outs, row: kh, column: kw}};
        }
      }
    }
    yield {line: "dx[n, ic, ih, iw] = acc", at: {n: 0, ic, ih, iw}, acc};
  },

  // loop: conv2d_backward_weight 4d8779b4
  // loop: conv2d_backward_bias 0c8cd5b3
  * walkWeight(op, [x], out, dout, name, index) {
    const {H, W, perGroup, KH, KW, OH, OW, stride, padding, dilation, outs} = convExtents(op, x);
    let acc = 0;
    if (name === "bias") {
      yield {line: "acc = zero(dout)", at: {oc: index}, acc};
      for (let oh = 0; oh < OH; oh++) {
        for (let ow = 0; ow < OW; ow++) {
          const i = (index * OH + oh) * OW + ow;
          acc = fround(acc + dout[i]);
          yield {line: "acc += dout[n, oc, oh, ow]", at: {oc: index, n: 0, oh, ow}, acc, b: {grad: true, index: i, value: dout[i]},
                 cell: {group: 0, row: oh, column: ow}};
        }
      }
      yield {line: "dbias[oc] = total(acc)", at: {oc: index}, acc};
      return;
    }
    const [oc, ic, kh, kw] = place(index, [perGroup, KH, KW]), first = Math.floor(oc / outs) * perGroup;
    yield {line: "acc = zero(dweight)", at: {oc, ic, kh, kw}, acc};
    for (let oh = 0; oh < OH; oh++) {
      const ih = oh * stride[0] - padding[0] + kh * dilation[0];
      if (ih < 0 || ih >= H) {
        yield {line: "if 0 <= ih < H:", at: {oc, ic, kh, kw, oh, ih}, acc,
               skipped: "this row lies outside the image: zeros"};
        continue;
      }
      for (let ow = 0; ow < OW; ow++) {
        const iw = ow * stride[1] - padding[1] + kw * dilation[1], at = {oc, ic, kh, kw, oh, ih, n: 0, ow, iw};
        if (iw < 0 || iw >= W) {
          yield {line: "if 0 <= iw < W:", at, acc, cell: {row: oh, column: ow}, skipped: "this pixel lies outside the image: a zero"};
          continue;
        }
        const d = (oc * OH + oh) * OW + ow, i = ((first + ic) * H + ih) * W + iw;
        acc = fround(acc + dout[d] * x.data[i]);
        yield {line: "acc += dout[n, oc, oh, ow] * x[n, ic, ih, iw]", at, acc, a: {grad: true, index: d, value: dout[d]},
               b: {read: 0, index: i, value: x.data[i]}, cell: {group: 0, row: oh, column: ow}};
      }
    }
    yield {line: "dweight[oc, ic, kh, kw] = total(acc)", at: {oc, ic, kh, kw}, acc};
  },
};
