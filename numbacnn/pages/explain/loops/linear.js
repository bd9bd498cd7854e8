"use strict";
// The dense layer: the loops of numbacnn/kernels/linear.py over one image.

KINDS.linear = {
  loops: {out: "linear_forward", read: "linear_backward_input", weight: "linear_backward_weight", bias: "linear_backward_bias"},

  words(op) {
    const [OC, IC] = op.weights.weight.shape;
    return `dense layer: ${OC} units, each tied to all ${IC} numbers before it`;
  },

  forward(op, [x]) {
    const [OC, IC] = op.weights.weight.shape, weight = op.weights.weight.data, bias = op.weights.bias, out = new Float32Array(OC);
    for (let oc = 0; oc < OC; oc++) {
      let acc = bias ? bias.data[oc] : 0;
      for (let ic = 0; ic < IC; ic++) acc = fround(acc + weight[oc * IC + ic] * x.data[ic]);
      out[oc] = acc;
    }
    return out;
  },

  backward(op, [x], out, dout) {
    const [OC, IC] = op.weights.weight.shape, weight = op.weights.weight.data;
    const dx = new Float32Array(IC), dweight = new Float32Array(OC * IC);
    for (let ic = 0; ic < IC; ic++) {
      let acc = 0;
      for (let oc = 0; oc < OC; oc++) acc = fround(acc + weight[oc * IC + ic] * dout[oc]);
      dx[ic] = acc;
    }
    for (let oc = 0; oc < OC; oc++) {
      for (let ic = 0; ic < IC; ic++) dweight[oc * IC + ic] = dout[oc] * x.data[ic];
    }
    return {reads: [dx], weights: {weight: dweight, bias: Float32Array.from(dout)}};
  },

  // loop: linear_forward 7a907d6f
  * walkOut(op, [x], oc) {
    const [, IC] = op.weights.weight.shape, {weight, bias} = op.weights;
    let acc = bias ? bias.data[oc] : 0;
    yield {line: "acc = bias[oc]", at: {n: 0, oc}, acc, plain: bias ? {weight: "bias", index: oc, value: acc} : null};
    for (let ic = 0; ic < IC; ic++) {
      const w = oc * IC + ic;
      acc = fround(acc + weight.data[w] * x.data[ic]);
      yield {line: "acc += weight[oc, ic] * x[n, ic]", at: {n: 0, oc, ic}, acc, a: {weight: "weight", index: w, value: weight.data[w]},
             b: {read: 0, index: ic, value: x.data[ic]}, cell: {flat: ic}};
    }
    yield {line: "out[n, oc] = acc", at: {n: 0, oc}, acc};
  },

  // loop: linear_backward_input b9b9c102
  * walkRead(op, [x], out, dout, read, ic) {
    const [OC, IC] = op.weights.weight.shape, weight = op.weights.weight.data;
    let acc = 0;
    yield {line: "acc = zero(dx)", at: {n: 0, ic}, acc};
    for (let oc = 0; oc < OC; oc++) {
      const w = oc * IC + ic;
      acc = fround(acc + weight[w] * dout[oc]);
      yield {line: "acc += weight[ic, oc] * dout[n, oc]", at: {n: 0, ic, oc}, acc, a: {weight: "weight", index: w, value: weight[w]},
             b: {grad: true, index: oc, value: dout[oc]}, cell: {flat: oc}};
    }
    yield {line: "dx[n, ic] = acc", at: {n: 0, ic}, acc};
  },

  // loop: linear_backward_weight fc65e37b
  // loop: linear_backward_bias aae24bd6
  * walkWeight(op, [x], out, dout, name, index) {
    if (name === "bias") {
      yield {line: "acc = zero(dout)", at: {oc: index}, acc: 0};
      yield {line: "acc += dout[n, oc]", at: {oc: index, n: 0}, acc: dout[index], b: {grad: true, index, value: dout[index]}, cell: {flat: 0}};
      yield {line: "dbias[oc] = total(acc)", at: {oc: index}, acc: dout[index]};
      return;
    }
    const [oc, ic] = place(index, [op.weights.weight.shape[1]]), acc = fround(dout[oc] * x.data[ic]);
    yield {line: "acc = zero(dweight)", at: {oc, ic}, acc: 0};
    yield {line: "acc += dout[n, oc] * x[n, ic]", at: {oc, ic, n: 0}, acc, a: {grad: true, index: oc, value: dout[oc]},
           b: {read: 0, index: ic, value: x.data[ic]}, cell: {flat: 0}};
    yield {line: "dweight[oc, ic] = acc", at: {oc, ic}, acc};
  },
};
