"use strict";
// Embedding: words, as whole numbers, become rows of a table (numbacnn/kernels/embedding.py).

KINDS.embedding = {
  loops: {out: "embedding_forward", weight: "embedding_backward"},
  words: (op) => `embedding: each word becomes the ${op.weights.weight.shape[1]} numbers of its row in a table of ${op.weights.weight.shape[0]}`,

  forward(op, [x]) {
    const D = op.weights.weight.shape[1];
    return Float32Array.from({length: count(op.shape)}, (_, i) => op.weights.weight.data[x.data[Math.floor(i / D)] * D + i % D]);
  },

  backward(op, [x], out, dout) {
    const D = op.weights.weight.shape[1], dweight = new Float32Array(op.weights.weight.data.length);
    dout.forEach((d, i) => {
      const row = x.data[Math.floor(i / D)];
      if (row !== op.args.padding_idx) dweight[row * D + i % D] = fround(dweight[row * D + i % D] + d);
    });
    return {reads: [null], weights: {weight: dweight}};
  },

  // loop: embedding_forward a6475dd9
  * walkOut(op, [x], index) {
    const D = op.weights.weight.shape[1], w = Math.floor(index / D), d = index % D, row = x.data[w], value = op.weights.weight.data[row * D + d];
    yield {line: "out[n, w, d] = weight[numbers[n, w], d]", at: {n: 0, w, d}, acc: value, product: value, a: {weight: "weight", index: row * D + d, value},
           b: {read: 0, index: w, value: row}, says: `number ${d} of row ${row}: nothing is computed`, sign: "of row"};
  },

  // loop: embedding_backward ef1ec1cb
  * walkWeight(op, [x], out, dout, name, index) {
    const D = op.weights.weight.shape[1], [row, d] = place(index, [D]);
    let acc = 0;
    yield {line: "dweight[row, d] = 0", at: {row, d}, acc};
    for (let w = 0; w < x.data.length; w++) {
      if (x.data[w] !== row || row === op.args.padding_idx) continue;
      acc = fround(acc + dout[w * D + d]);
      yield {line: "dweight[numbers[n, w], d] += dout[n, w, d]", at: {n: 0, w, d}, acc, b: {grad: true, index: w * D + d, value: dout[w * D + d]}};
    }
    if (acc === 0) yield {line: "dweight[row, d] = 0", at: {row, d}, acc, says: "this word does not stand in the sentence (or only fills it up)"};
  },
};
