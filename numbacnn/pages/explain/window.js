"use strict";
// Pictures in the panel: the numbers that are multiplied, laid out as they lie in the maps, and the running sum.

/** Where the terms of a walk are drawn: {groups, rows, columns, at(step) -> {group, row, column}}. */
function windowOf(state, steps) {
  const cells = steps.filter((step) => step.cell !== undefined);
  if (!cells.length) return null;
  const {ops} = state.network;
  if (cells[0].cell.flat !== undefined) {
    const op = cells[0].part.op, term = cells[0].b, read = term.read !== undefined ? ops[op.reads[term.read]] : op;
    const shape = read.kind === "flatten" && term.read !== undefined ? ops[read.reads[0]].shape : read.shape, layout = layoutOf(shape);
    return {groups: layout.tiles, rows: layout.rows, columns: layout.columns,
            at: ({cell}) => { const {tile, row, column} = layout.where(cell.flat); return {group: tile, row, column}; }};
  }
  const most = (key) => 1 + Math.max(...cells.map(({cell}) => cell[key] || 0));
  return {groups: most("group"), rows: most("row"), columns: most("column"), at: ({cell}) => ({group: cell.group || 0, row: cell.row, column: cell.column})};
}

/** The window of a step: its two numbers and their product at every place; of several maps the one the step is in, then all products. */
function drawWindow(box, state, steps, current) {
  const window_ = windowOf(state, steps);
  if (window_ === null) { box.replaceChildren(); return; }
  const {groups, rows, columns} = window_, values = new Map(), key = (g, r, c) => (g * rows + r) * columns + c;
  let here = null;
  steps.forEach((step, k) => {
    if (step.cell === undefined) return;
    const {group, row, column} = window_.at(step);
    if (k === current) here = {tile: group, row, column};
    if (step.skipped === undefined) values.set(key(group, row, column), {step, done: k <= current});
  });
  const group = here === null ? 0 : here.tile, width = Math.min(box.clientWidth || 320, 600), first = [...values.values()][0].step;
  const kinds = first.a ? ["a", "b", "product"] : ["b"];
  const cell = Math.max(2, Math.min(44, Math.floor((width - 24) / kinds.length / columns)));
  const figures = kinds.map((kind) => {
    const read = ({step}) => kind === "product" ? productOf(step) : step[kind].value;
    const number = (t, r, c) => { const found = values.get(key(group, r, c)); return found === undefined || kind === "product" && !found.done ? null : read(found); };
    const canvas = element("canvas", {role: "img", "aria-label": captionOf(state, first, kind)}), all = [...values.values()].map(read);
    drawTiles(canvas, {tiles: 1, rows, columns, value: number, most: largest(all), cell, width, digits: true,
                       marks: here ? [{...here, tile: 0}] : []});
    return element("figure", {}, canvas, element("figcaption", {}, captionOf(state, first, kind)));
  });
  if (groups > 1) {
    const canvas = element("canvas", {role: "img", "aria-label": "all products"}), all = [...values.values()].map(({step}) => productOf(step));
    drawTiles(canvas, {tiles: groups, rows, columns, most: largest(all), cell: Math.max(3, Math.min(12, Math.floor(60 / columns))), width,
      value: (t, r, c) => { const found = values.get(key(t, r, c)); return found === undefined || !found.done ? null : productOf(found.step); },
      marks: here ? [here] : []});
    figures.push(element("figure", {}, canvas, element("figcaption", {}, `the products of all ${groups} maps; above: map ${group}`)));
  }
  box.replaceChildren(...figures);
}

function captionOf(state, step, kind) {
  if (kind === "product") return "products";
  const term = step[kind], op = step.part.op;
  if (term.weight) return `weights of ${op.name}`;
  if (term.grad) return `gradients at ${op.name}`;
  const from = state.network.ops[op.reads[term.read]];
  return `numbers of ${from.kind === "flatten" ? state.network.ops[from.reads[0]].name : from.name}`;
}

/** The running sum as a line, with zero and the current step. */
function drawSum(canvas, steps, current) {
  const width = Math.min(600, canvas.parentElement ? canvas.parentElement.clientWidth || 320 : 320), height = 70, ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  const pen = canvas.getContext("2d"), sums = steps.map((step) => Number.isFinite(step.acc) ? step.acc : 0);
  const low = Math.min(0, ...sums), high = Math.max(0, ...sums), span = high - low || 1;
  const x = (k) => 4 + k * (width - 8) / Math.max(1, steps.length - 1), y = (sum) => height - 6 - (sum - low) * (height - 12) / span;
  pen.scale(ratio, ratio);
  pen.strokeStyle = "#b9c1c8";
  pen.beginPath();
  pen.moveTo(0, y(0));
  pen.lineTo(width, y(0));
  pen.stroke();
  pen.strokeStyle = "#5b6670";
  pen.lineWidth = 2;
  pen.beginPath();
  sums.slice(0, current + 1).forEach((sum, k) => { if (k) pen.lineTo(x(k), y(sum)); else pen.moveTo(x(k), y(sum)); });
  pen.stroke();
  pen.fillStyle = "#0b7a75";
  pen.beginPath();
  pen.arc(x(current), y(sums[current]), 4, 0, 7);
  pen.fill();
}

/** A place in words; of scores and probabilities the class. */
function whereIn({network, classes}, op, index) {
  return op.index === network.scores || op.index === network.softmax ? `class ${classes[index]}` : placeInWords(op.shape, index);
}

/** What is chosen, in words. */
function titleOf({network, chosen, classes}) {
  const op = network.ops[chosen.op];
  if (chosen.what === "weight") {
    const at = place(chosen.index, op.weights[chosen.name].shape.slice(1)).join(", ");
    return `Gradient of ${op.name}.${chosen.name}[${at}]`;
  }
  return [`${chosen.what === "grad" ? "Gradient at " : ""}${op.name}`, whereIn({network, classes}, op, chosen.index)].filter(Boolean).join(", ");
}

const PAST_SOFTMAX = "No gradient is computed here: the program's loss takes the scores and works out the probabilities itself, so the gradient goes from the loss straight to the scores.";

/** What the number is, in a sentence or two. */
function meaningOf({network, pass, chosen, classes, image}, {steps = [], value}) {
  const op = network.ops[chosen.op], terms = steps.filter((step) => step.a && step.b && step.product === undefined).length;
  if (chosen.what === "weight") {
    return value === undefined ? "This weight is not trained, or the page does not have the numbers: it shows no gradient of it."
      : `How the loss changes with this weight, which is ${short(op.weights[chosen.name].data[chosen.index])}: the sum of ${terms || "all"} products of an input of the weight `
        + "and the gradient at the output it contributes to. Where both have the same sign the sum goes up, else down.";
  }
  if (chosen.what === "grad") {
    if (op.kind === "softmax") return PAST_SOFTMAX;
    if (value === undefined) return `The loss does not depend on this number${pageRun.whole ? "" : ", or its gradient is left out of this page"}.`;
    return op.kind === "cross_entropy" ? "The backward pass begins here: the gradient of the loss with respect to itself is 1."
      : `The number itself is ${short(pass.outs[op.index][chosen.index])}. If it grew a little, the loss would ${value > 0 ? "grow" : value < 0 ? "fall" : "not change"}`
        + `${value === 0 ? "." : ` by ${short(Math.abs(value))} times that.`}${unsteppedReaders({network, pass, chosen})}`;
  }
  if (op.kind === "input") return inputMeaning(image, chosen.index);
  if (value === undefined) return "This number is left out of this page: there are too many.";
  if (!canStep(op, pass)) return `The page cannot step through this operation (${op.kind})${op.stored ? "; the number is the engine's own" : ""}.`;
  if (op.kind === "softmax") return `The probability that the network gives to ${classes[chosen.index]}.`;
  if (op.index === network.scores) return `The score of ${classes[chosen.index]}: ${terms} products of a weight and a number before it${op.weights.bias ? ", and a bias" : ""}. The largest score wins.`;
  if (op.kind.startsWith("max_pool") && steps.length) {
    const won = steps.filter((step) => step.b !== undefined && step.b.value === value)[0], from = network.ops[op.reads[0]];
    if (won) return `The largest number of its window: that of ${from.name}, ${whereIn({network, classes}, from, won.b.index)}. The others have no part in it.`;
  }
  if (terms > 1) return `The sum of ${terms} products of a weight and a number before it${op.weights.bias ? ", beginning with the bias" : ""}.`;
  return KINDS[op.kind].words(op);
}

/** Which operations read a number without that the page can show what they send back. */
function unsteppedReaders({network, pass, chosen}) {
  const names = network.readers[chosen.op].map(({reader}) => network.ops[reader]).filter((by) => !canStep(by, pass)).map((by) => by.name);
  return names.length ? ` The page cannot step through ${names.join(", ")}, so what comes from there is only part of the number.` : "";
}

function inputMeaning(image, index) {
  const {normalize, shape, kind} = pageRun, c = Math.floor(index / count(shape.slice(1)));
  if (kind === "tokens") return `The number of the word "${wordOf(image.pixels[index])}" in the vocabulary: the network looks its row up in a table.`;
  if (kind === "series") {
    return `The value is ${short(image.pixels[index])}. The network reads (value − mean) / standard deviation of the training series, which is `
      + `${short(image.pixels[index])} · ${short(normalize.scale[c])} − ${short(normalize.offset[c])}.`;
  }
  return `The pixel is ${image.pixels[index]} of 255. The network reads (pixel / 255 − mean) / standard deviation of the training images, `
    + `which is ${image.pixels[index]} · ${short(normalize.scale[c])} − ${short(normalize.offset[c])}.`;
}
