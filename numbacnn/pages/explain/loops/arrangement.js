"use strict";
// Operations that only put numbers elsewhere; nothing is computed, so there is no loop to step through.

/** A kind that moves numbers: from(op, i) says where the result's number i comes from, {read, index}, or null for a zero. */
function moving(words, from) {
  return {
    loops: {}, words,
    forward(op, xs) {
      return Float32Array.from({length: count(op.shape)}, (_, i) => {
        const source = from(op, i, xs);
        return source === null ? op.args.value || 0 : source.index === undefined ? source.value : xs[source.read].data[source.index];
      });
    },
    backward(op, xs, out, dout) {
      const reads = xs.map((x) => new Float32Array(x.data.length));
      dout.forEach((d, i) => {
        const source = from(op, i, xs);
        if (source !== null && source.index !== undefined) reads[source.read][source.index] = d;
      });
      return {reads, weights: {}};
    },
    * walkOut(op, xs, i) {
      const source = from(op, i, xs);
      if (source === null || source.index === undefined) {
        yield {line: "", at: {i}, acc: source ? source.value : op.args.value || 0, says: "a number that was added here, not one of the image's"};
      } else {
        const value = xs[source.read].data[source.index];
        yield {line: "", at: {i}, acc: value, b: {...source, value}, product: value, says: "the same number in another place: nothing is computed"};
      }
    },
    * walkRead(op, xs, out, dout, read, index) {
      for (let i = 0; i < dout.length; i++) {
        const source = from(op, i, xs);
        if (source !== null && source.read === read && source.index === index) {
          yield {line: "", at: {i}, acc: dout[i], b: {grad: true, index: i, value: dout[i]}, product: dout[i],
                 says: "the same number in another place, so the same gradient"};
          return;
        }
      }
      yield {line: "", at: {}, acc: 0, says: "this number is taken away here: nothing depends on it"};
    },
  };
}

const same = (op, i) => ({read: 0, index: i});

KINDS.flatten = moving((op) => `flatten: all maps one after the other in one row of ${count(op.shape)} numbers`, same);
KINDS.view = moving((op) => `the same numbers as ${op.shape.slice(1).join(" × ")}`, same);
KINDS.reshape = KINDS.view;
KINDS.squeeze = KINDS.view;
KINDS.unsqueeze = KINDS.view;
KINDS.identity = moving((op) => /Dropout/.test(op.type) ? "dropout: does nothing when the network predicts; in training it sets numbers to zero at random (see “as in training”)"
  : "hands on what it gets", same);
KINDS.clone = moving(() => "a copy", same);

const taken = moving((op) => `the same numbers in another order, or some of them: ${op.shape.slice(1).join(" × ")}`,
  (op, i) => ({read: 0, index: op.args.places === null ? i : op.args.places.data[i]}));
KINDS.transpose = taken;
KINDS.permute = taken;
KINDS.index = taken;

KINDS.pad = moving((op) => {
  const words = op.args.pairs.map(([before, behind]) => before || behind ? `${before} before and ${behind} behind` : null).filter(Boolean);
  return `${op.args.pairs.some((pair) => pair.some((n) => n < 0)) ? "taken away (where below zero)" : "zeros"}: ${words.join(", ")}`;
}, (op, i, xs) => {
  const at = place(i, op.shape.slice(1));
  let index = 0;
  for (let k = 0; k < at.length; k++) {
    const here = at[k] - op.args.pairs[k][0], extent = xs[0].shape[k];
    if (here < 0 || here >= extent) return null;
    index = index * extent + here;
  }
  return {read: 0, index};
});

KINDS.cat = moving((op) => op.reads.length > 1 ? `${op.reads.length} branches side by side` : "maps of zeros are put beside", (op, i, xs) => {
  let read = 0;
  for (const part of op.args.parts) {  // channels lie one after the other, so parts do too
    const own = part.read === null ? part.size : xs[part.read].data.length;
    if (i < own) return part.read === null ? {read: 0, value: 0} : {read: part.read, index: i};
    i -= own;
    read += 1;
  }
  return null;
});
