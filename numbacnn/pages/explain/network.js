"use strict";
// The network of the page: its operations, and one image on its way through them and back.

/** The operations as Python wrote them, with unpacked weights; softmax and loss stand at the end. */
function readNetwork(described) {
  described.ops.forEach(({args}) => { if (args.places) args.places = unpack(args.places); });
  const ops = described.ops.map((op) => ({...op, weights: Object.fromEntries(Object.entries(op.weights).map(
    ([name, weight]) => [name, weight.data === undefined ? weight : unpack(weight)]))}));  // some have a shape only
  const scores = ops.length - 1, classes = ops[scores].shape[1];
  ops.push({name: "probabilities", kind: "softmax", reads: [scores], shape: [1, classes], args: {}, weights: {}, trained: [], known: true, steps: true});
  ops.push({name: "loss", kind: "cross_entropy", reads: [scores], shape: [1], args: {target: 0}, weights: {}, trained: [], known: true, steps: true});
  ops.forEach((op, index) => { op.index = index; });
  return {ops, scores, softmax: scores + 1, loss: scores + 2, readers: ops.map((_, k) => readersOf(ops, k)),
          before: new Set(ops.filter((op) => op.stored).flatMap((op) => op.reads))};
}

/** What the engine has computed for an example, as typed arrays by the number of the operation; empty where the page computes all. */
function readStored(stored) {
  const arrays = (part) => new Map(stored === null ? [] : Object.entries(stored[part]).map(([k, array]) => [Number(k), unpack(array).data]));
  return {outs: arrays("outs"), grads: arrays("grads")};
}

/** Which operations read the result of operation k, and as which of their operands; softmax sends no gradient. */
function readersOf(ops, k) {
  const found = [];
  ops.forEach((op, reader) => op.reads.forEach((read, which) => {
    if (read === k && op.kind !== "softmax") found.push({reader, which});
  }));
  return found;
}

/** Whether the page can step through an operation; of an image also, whether the numbers that it reads are there. */
function canStep(op, pass) {
  return op.steps && (pass === undefined || op.reads.every((read) => pass.outs[read] !== null));
}

/** (pixel - mean) / std as the network is fed, from bytes. */
function normalized(pixels, shape, normalize) {
  const each = count(shape.slice(1));
  if (normalize === null) return Float32Array.from(pixels);  // words have no scale
  return Float32Array.from(pixels, (pixel, i) => {
    const c = Math.floor(i / each);
    return fround(fround(pixel * fround(normalize.scale[c])) - fround(normalize.offset[c]));
  });
}

/**
 * One pass: the result of every operation, and from the loss back the gradient at each and of each weight. What the page does not
 * compute comes from `stored`; it is null where that has no place in the page, and so is what would need it.
 */
function runNetwork(network, input, target, stored = readStored(null)) {
  const {ops} = network, outs = [input], grads = ops.map(() => null), weightGrads = ops.map(() => ({})), missing = new Set();
  ops[network.loss].args.target = target;
  const shown = (k) => ({shape: ops[k].shape, data: outs[k]});
  for (const op of ops.slice(1)) {
    if (op.stored) outs.push(stored.outs.get(op.index) || null);
    else outs.push(op.reads.some((read) => outs[read] === null) ? null : KINDS[op.kind].forward(op, op.reads.map(shown)));
  }
  grads[network.loss] = Float32Array.of(1);
  for (let k = ops.length - 1; k >= 0; k--) {
    const op = ops[k];
    if (network.before.has(k)) grads[k] = stored.grads.get(k) || null;
    else if (missing.has(k)) grads[k] = null;  // a part of it would be a wrong number
    if (k === 0) break;
    if (op.stored) laterWeightGrads(weightGrads, op, () => KINDS[op.kind].backward(op, op.reads.map(shown), outs[k], grads[k]).weights,
                                    canStep(op, {outs}) && grads[k] !== null);
    if (op.kind === "softmax" || op.stored) continue;
    if (grads[k] === null || !canStep(op, {outs})) {
      if (grads[k] !== null || missing.has(k) || network.before.has(k)) op.reads.forEach((read) => missing.add(read));
      continue;
    }
    const parts = KINDS[op.kind].backward(op, op.reads.map(shown), outs[k], grads[k]);
    op.reads.forEach((read, which) => {
      const dx = parts.reads[which];
      if (dx === null) return;  // whole numbers have no gradient
      if (grads[read] === null) grads[read] = dx;
      else grads[read] = grads[read].map((d, i) => d + dx[i]);
    });
    weightGrads[k] = parts.weights;
  }
  return {outs, grads, weightGrads, target, shown};
}

/** The gradients of a large layer's weights: computed when they are shown. */
function laterWeightGrads(weightGrads, op, compute, can) {
  let found = null;
  if (can) Object.defineProperty(weightGrads, op.index, {get: () => { found = found || compute(); return found; }});
}

/** The network after one step of gradient descent: w - lr * dw for every trained weight. */
function afterStep(network, pass, lr) {
  const ops = network.ops.map((op, k) => ({...op, args: {...op.args}, weights: Object.fromEntries(Object.entries(op.weights).map(([name, weight]) => {
    const dw = op.trained.includes(name) ? pass.weightGrads[k][name] : undefined;
    return [name, dw === undefined ? weight : {shape: weight.shape, data: weight.data.map((w, i) => w - fround(lr * dw[i]))}];
  }))}));
  return {...network, ops};
}

/** The loop that computes the result, the gradient of what is read, or that of a weight. */
function loopOf(op, what) {
  const loop = KINDS[op.kind].loops[what];
  return typeof loop === "function" ? loop(op) : loop;
}

/** The walk through the loop for what is chosen: {parts: [{op, loop, steps}], value}. */
function walkOf(network, pass, chosen) {
  const {ops} = network, op = ops[chosen.op], xs = (of) => of.reads.map(pass.shown);
  if (chosen.what === "out") {
    const out = pass.outs[op.index];
    if (op.kind === "input" || out === null || !canStep(op, pass)) return {parts: [], value: out === null ? undefined : out[chosen.index]};
    return whole([{op, loop: loopOf(op, "out"), steps: [...KINDS[op.kind].walkOut(op, xs(op), chosen.index)]}],
                 pass.outs[op.index][chosen.index]);
  }
  if (chosen.what === "weight") {
    const grads = pass.weightGrads[op.index][chosen.name];
    if (grads === undefined) return {parts: [], value: undefined};
    const steps = [...KINDS[op.kind].walkWeight(op, xs(op), pass.outs[op.index], pass.grads[op.index], chosen.name, chosen.index)];
    return whole([{op, loop: loopOf(op, chosen.name), steps}], grads[chosen.index]);
  }
  const parts = network.readers[op.index].map(({reader, which}) => {
    const by = ops[reader];
    if (!canStep(by, pass) || pass.grads[reader] === null || KINDS[by.kind].walkRead === undefined) return {op: by, steps: []};
    return {op: by, loop: loopOf(by, "read"),
            steps: [...KINDS[by.kind].walkRead(by, xs(by), pass.outs[reader], pass.grads[reader], which, chosen.index)]};
  });
  return whole(parts, pass.grads[op.index] === null ? undefined : pass.grads[op.index][chosen.index]);
}

/** The walks of several readers one after the other: each goes on from the sum of those before it. */
function whole(parts, value) {
  let before = 0;
  const steps = parts.flatMap((part, k) => {
    const own = part.steps.map((step) => ({...step, part, acc: k ? fround(before + step.acc) : step.acc}));
    if (own.length) before = own[own.length - 1].acc;
    return own;
  });
  return {parts, steps, value};
}

/** What a step adds to the sum: the product of its two numbers, or what it says itself. */
function productOf(step) {
  if (step.skipped !== undefined || step.nothing) return 0;
  if (step.product !== undefined) return step.product;
  if (step.a !== undefined && step.b !== undefined) return step.a.value * step.b.value;
  return step.b === undefined ? undefined : step.b.value;
}
