"use strict";
// The pass of training: dropout draws a mask, batch normalization measures the batch. What is another operation there, Python has said.

/** The network as it computes in training; other seeds give another mask. */
function networkInTraining(network, changes, seeds = new Map()) {
  const ops = network.ops.map((op) => {
    const change = changes[op.index];
    if (change === undefined) return op;
    return {...op, kind: change.kind, args: {...change.args, ...(seeds.has(op.index) ? {seed: seeds.get(op.index)} : {})}};
  });
  return {...network, ops};
}

/** 63 random bits, as text. */
const anySeed = () => [...crypto.getRandomValues(new Uint32Array(2))].reduce((seed, part) => seed << 32n | BigInt(part), 0n) >> 1n;

function otherSeeds(changes) {
  return new Map(Object.entries(changes).filter(([, {args}]) => args.seed !== undefined).map(([k]) => [Number(k), String(anySeed())]));
}

/** What differs from the pass in use, in words. */
function trainingInWords(changes) {
  const kinds = Object.values(changes).map(({kind}) => kind), says = [];
  if (kinds.some((kind) => kind.startsWith("dropout"))) says.push("dropout sets numbers to zero at random and multiplies the others by 1 / (1 − p)");
  if (kinds.includes("batch_norm")) says.push("batch normalization takes mean and variance from the batch, which is this one image here; in a batch of many images they would be those of all of them");
  return `This is the pass of training, not the one that predict makes: ${says.join("; ")}. Press again to go back.`;
}
