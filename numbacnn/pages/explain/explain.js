"use strict";
// The page: images to choose or draw, the answer, the network as maps, and what is chosen in them.

const pageRun = pageData("run"), pageLoops = pageData("loops");
const state = {
  network: readNetwork(pageRun), trained: null, images: pageRun.images.map((image) => ({...image, pixels: unpack(image.pixels).data, numbers: readStored(image.stored)})),
  image: null, target: 0, pass: null, mode: "out", chosen: null, history: [], classes: pageRun.classes, lr: pageRun.lr, canvases: [],

  choose(chosen, keep = true) {
    if (this.chosen !== null && keep) this.history.push(this.chosen);
    this.chosen = chosen;
    if (chosen.what !== "weight") setMode(chosen.what);
    else setMode("grad");
    panel.show(this);
    const box = byId("panel").getBoundingClientRect();
    if (box.top > window.innerHeight - 120) byId("panel").parentElement.scrollIntoView({block: "start"});  // the answer to a click must be seen
  },

  back() {
    if (this.history.length) this.choose(this.history.pop(), false);
  },

  /** Mark in the maps the number that is chosen and those that a step reads. */
  mark(step) {
    state.marked = step;
    document.querySelectorAll(".op").forEach((card, k) => card.classList.toggle("chosen", this.chosen !== null && k === this.chosen.op));
    state.canvases.forEach((canvas) => { if (canvas.visible) canvas.draw(); });
  },
};
state.base = state.original = state.network;  // the base is the original, or what it is in training

const byId = (id) => document.getElementById(id);

/** Show the numbers or the gradients; the panel goes along, so that it never shows the other ones. */
function turn(mode) {
  const {chosen} = state;
  if (chosen !== null && chosen.what !== mode && chosen.what !== "weight") state.choose({...chosen, what: mode});
  else setMode(mode);
}

function setMode(mode) {
  if (state.mode === mode) return;
  state.mode = mode;
  byId("forward").setAttribute("aria-pressed", mode === "out");
  byId("backward").setAttribute("aria-pressed", mode === "grad");
  document.querySelectorAll(".op .what").forEach((line) => { line.textContent = scaleInWords(state.network.ops[Number(line.dataset.op)]); });
  state.canvases.forEach((canvas) => { if (canvas.visible) canvas.draw(); });
}

// ---------------------------------------------------------------- the image and the answer

function show(image) {
  state.image = image;
  document.querySelectorAll("#images button").forEach((button) => button.setAttribute("aria-pressed", button.image === image));
  byId("sketch").hidden = image.drawn !== true;
  if (image.pixels === null) {
    byId("answer").replaceChildren(element("p", {}, "Draw a large digit. Until then the network below shows the previous image."));
    return;
  }
  state.network = state.base;
  byId("learned").hidden = true;
  byId("learn").setAttribute("aria-pressed", "false");
  const input = normalized(image.pixels, pageRun.shape, pageRun.normalize);
  state.target = !pageRun.whole ? image.stored.target : image.label === null ? predictedClass(input) : image.label;
  byId("target").value = String(state.target);
  compute(input);
}

function predictedClass(input) {
  const scores = runNetwork(state.network, input, 0).outs[state.network.scores];
  return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
}

function compute(input = state.pass.outs[0]) {
  state.pass = runNetwork(state.network, input, state.target, state.image.numbers);
  showAnswer();
  document.querySelectorAll(".op .does").forEach((line) => { line.textContent = doesInWords(state.network.ops[Number(line.dataset.op)]); });
  document.querySelectorAll(".op .what").forEach((line) => { line.textContent = scaleInWords(state.network.ops[Number(line.dataset.op)]); });
  if (state.chosen !== null) panel.show(state);
  state.canvases.forEach((canvas) => { if (canvas.visible) canvas.draw(); });
}

const percent = (part) => `${(100 * part).toFixed(1)} %`;

function showAnswer() {
  const probabilities = state.pass.outs[state.network.softmax], {image, classes} = state;
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]), [first, second] = order;
  const label = image.label, right = label === null ? "" : label === first ? " ✓ right" : ` ✗ it is ${classes[label]}`;
  const bars = element("div", {className: "bars"});
  order.slice(0, 10).sort((a, b) => a - b).forEach((c) => {
    const bar = element("div", {className: "bar"});
    bar.style.height = `${Math.max(1, 56 * probabilities[c])}px`;
    bars.append(element("button", {className: c === first ? "first" : "", title: `how the probability of ${classes[c]} comes about`,
                                   onclick: () => state.choose({op: state.network.softmax, what: "out", index: c})},
      element("span", {className: "num part"}, percent(probabilities[c])), bar, element("span", {className: "class"}, `${label === c ? "✓ " : ""}${classes[c]}`)));
  });
  const why = element("div", {},
    element("p", {className: "verdict"}, "It reads ", element("b", {id: "prediction"}, classes[first]), ` (${percent(probabilities[first])})${right}`),
    element("p", {className: "small"}, `Second: ${classes[second]} (${percent(probabilities[second])}). Loss against ${classes[state.target]}: `,
      element("span", {className: "num", id: "loss"}, short(state.pass.outs[state.network.loss][0])), "."),
    ...whyLines(state.target !== first ? state.target : second, first));
  byId("answer").replaceChildren(why, bars);
}

/** Which units before the scores speak for one class and against another. */
function whyLines(other, first) {
  const op = state.network.ops[state.network.scores];
  if (op.kind !== "linear" || !canStep(op, state.pass)) return [];
  const [, IC] = op.weights.weight.shape, w = op.weights.weight.data, x = state.pass.outs[op.reads[0]], bias = op.weights.bias;
  const parts = Array.from(x, (value, ic) => ({ic, part: (w[first * IC + ic] - w[other * IC + ic]) * value})).sort((a, b) => b.part - a.part);
  const gap = state.pass.outs[op.index][first] - state.pass.outs[op.index][other], name = (c) => state.classes[c];
  const links = (list) => list.filter(({part}) => part !== 0).map(({ic, part}) => element("button", {
    onclick: () => state.choose({op: op.reads[0], what: "out", index: ic})}, `unit ${ic}: ${short(x[ic])} × ${short(part / x[ic])} = ${short(part)}`));
  return [element("details", {className: "small", open: state.image.label !== null && state.image.label !== first},
    element("summary", {}, `Why ${name(first)} and not ${name(other)}?`),
    element("p", {}, `The score of ${name(first)} is ${short(gap)} above that of ${name(other)}${bias ? ` (${short(bias.data[first] - bias.data[other])} of it are the biases)` : ""}. `
      + `These numbers of ${state.network.ops[op.reads[0]].name} contribute most: each times the difference of its two weights. Follow one back to the numbers that made it:`),
    element("div", {className: "row"}, ...links(parts.slice(0, 4))),
    element("p", {}, `These contribute most to ${name(other)}:`), element("div", {className: "row"}, ...links(parts.slice(-3).reverse())),
    ...speakingPixels(other, first),
    element("p", {}, "Which pixels would have to change: ", element("button", {onclick: () => {
      setMode("grad");
      document.querySelector(".op").scrollIntoView({block: "start"});
    }}, "gradients at the image"), ` Where the gradient is orange, a lighter pixel raises the loss against ${name(state.target)}; where it is blue, it lowers it.`))];
}

function buildChooser() {
  const box = byId("images");
  const drawable = pageRun.drawable ? [{drawn: true, name: "draw your own", label: null, pixels: null, numbers: readStored(null)}] : [];
  [...state.images, ...drawable].forEach((image) => {
    const button = element("button", {image, className: image.label !== null && image.label !== undefined && image.prediction !== image.label ? "wrong" : "",
                                      onclick: () => show(image), "aria-pressed": "false"});
    if (pageRun.kind === "tokens") {
      button.append(element("span", {className: "words"}, sentenceOf(image.pixels)));
    } else if (image.pixels !== null) {
      const canvas = element("canvas", {"aria-hidden": "true"});
      drawExample(canvas, image.pixels, pageRun.shape);
      button.append(canvas);
    } else {
      button.id = "draw";
      button.append(element("span", {"aria-hidden": "true"}, "✎"));
    }
    button.append(image.name);
    if (image.label !== null && image.prediction !== undefined) {
      button.append(element("span", {}, image.prediction === image.label ? `✓ ${state.classes[image.label]}` : `✗ ${state.classes[image.label]}, read as ${state.classes[image.prediction]}`));
    }
    box.append(button);
  });
  state.classes.forEach((name, c) => byId("target").append(element("option", {value: String(c)}, name)));
}

/** An example as it looks: a picture, the middle frame of a film, the first channel of a series as a curve. */
function drawExample(canvas, pixels, shape) {
  if (pageRun.kind === "series") {
    const width = 90, height = 56, line = [...pixels.slice(0, shape[1])], low = Math.min(...line), span = Math.max(...line) - low || 1;
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    line.forEach((value, k) => pen.lineTo(k * (width - 4) / (line.length - 1) + 2, height - 4 - (value - low) * (height - 8) / span));
    pen.stroke();
    return;
  }
  const [H, W] = shape.slice(-2), frame = pageRun.kind === "video" ? Math.floor(shape[1] / 2) * H * W : 0;
  drawPicture(canvas, pageRun.kind === "video" ? pixels.slice(frame) : pixels, [pageRun.kind === "video" ? 1 : shape[0], H, W]);
  canvas.style.width = canvas.style.height = "56px";
}

const wordOf = (token) => pageRun.vocabulary === null ? String(token) : pageRun.vocabulary[token];
const sentenceOf = (tokens) => [...tokens].filter((token) => token !== 0).map(wordOf).join(" ");

/** A picture of bytes (1 or 3 channels) as it looks. */
function drawPicture(canvas, pixels, [C, H, W]) {
  [canvas.width, canvas.height] = [W, H];
  const pen = canvas.getContext("2d"), picture = pen.createImageData(W, H);
  for (let i = 0; i < H * W; i++) {
    for (let k = 0; k < 3; k++) picture.data[4 * i + k] = pixels[(C >= 3 ? k : 0) * H * W + i];
    picture.data[4 * i + 3] = 255;
  }
  pen.putImageData(picture, 0, 0);
}

// ---------------------------------------------------------------- your own digit

function buildPad() {
  if (!pageRun.drawable) return;
  const pad = byId("pad"), pen = pad.getContext("2d", {willReadFrequently: true});
  let last = null;
  const wipe = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, pad.width, pad.height); };
  const at = (event) => { const box = pad.getBoundingClientRect(); return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height]; };
  wipe();
  const line = (to) => {
    pen.strokeStyle = "#000";
    pen.lineWidth = 20;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...(last || to));
    pen.lineTo(...to);
    pen.stroke();
    last = to;
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); last = null; line(at(event)); });
  pad.addEventListener("pointermove", (event) => { if (last !== null && event.buttons) line(at(event)); });
  pad.addEventListener("pointerup", () => { last = null; readPad(); });
  byId("wipe").addEventListener("click", () => {
    wipe();
    byId("sketch-says").textContent = "Draw a digit, large.";
    byId("read").width = 0;
    byId("draw").image.pixels = null;
    show(byId("draw").image);
  });
  byId("framed").addEventListener("change", readPad);
  byId("sketch-says").textContent = "Draw a digit, large.";
}

/** The gray levels of the pad. */
function padLevels() {
  const pad = byId("pad"), {data} = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
  return {H: pad.height, W: pad.width, data: Float32Array.from({length: pad.width * pad.height}, (_, i) => data[4 * i])};
}

function readPad() {
  const found = prepared(padLevels(), pageRun.shape.slice(1), byId("framed").checked);
  byId("sketch-says").textContent = found.error || `Preparation: ${found.steps.join(", ")}. ${byId("framed").checked
    ? "The training images were prepared in the same way." : "It is only scaled down: the network has never seen digits that are off-center or thinner; see what it makes of them."}`;
  if (!found.error) {
    const read = byId("read"), [, H, W] = pageRun.shape;
    read.style.width = `${Math.round(96 * W / H)}px`;
    drawPicture(read, found.pixels, pageRun.shape);
    document.querySelector("#images #draw").image.pixels = found.pixels;
    show(document.querySelector("#images #draw").image);
  }
}

// ---------------------------------------------------------------- begin

function learn() {
  const on = byId("learn").getAttribute("aria-pressed") === "true", before = state.pass, {loss, softmax} = state.network;
  byId("learn").setAttribute("aria-pressed", String(!on));
  byId("learned").hidden = on;
  state.network = on ? state.base : afterStep(state.network, state.pass, state.lr);
  compute();
  if (on) return;
  byId("learned").textContent = `After one step of w − ${state.lr} · dw on every weight: the loss against ${state.classes[state.target]} goes from `
    + `${short(before.outs[loss][0])} to ${short(state.pass.outs[loss][0])}, its probability from ${percent(before.outs[softmax][state.target])} to `
    + `${percent(state.pass.outs[softmax][state.target])}. The page shows the network after that step; press again to take it back.`;
}

/** Take the step size that was typed; what is not a number above zero is put back. */
function takeStepSize() {
  const typed = Number(byId("lr").value), on = byId("learn").getAttribute("aria-pressed") === "true";
  if (!(typed > 0 && Number.isFinite(typed))) byId("lr").value = String(state.lr);
  else if (typed !== state.lr) {
    if (on) learn();  // back, and the step of the new size
    state.lr = typed;
    if (on) learn();
    else if (state.chosen !== null) panel.show(state);
  }
}

/** Show the pass of training, with another mask if `seeds` are given, or the one in use. */
function train(on, seeds) {
  byId("training").setAttribute("aria-pressed", String(on));
  byId("training-says").hidden = !on;
  byId("training-says").textContent = trainingInWords(pageRun.training);
  byId("redraw").hidden = !on || otherSeeds(pageRun.training).size === 0;
  byId("learn").setAttribute("aria-pressed", "false");
  byId("learned").hidden = true;
  state.network = state.base = on ? networkInTraining(state.original, pageRun.training, seeds) : state.original;
  compute();
}

function onKey(event) {
  if (/^(input|select|textarea)$/i.test(event.target.tagName) && event.target.type !== "range") return;
  const does = {" ": () => panel.walk && panel.toggle(), n: () => panel.move(panel.at + 1), p: () => panel.move(panel.at - 1), b: () => state.back()}[event.key];
  if (does === undefined || event.ctrlKey || event.metaKey || event.altKey || event.key === " " && event.target.tagName === "BUTTON") return;
  event.preventDefault();
  if (event.key === "b" || panel.walk && panel.walk.steps) does();
}

buildChooser();
buildNetwork();
buildPad();
byId("forward").addEventListener("click", () => turn("out"));
byId("backward").addEventListener("click", () => turn("grad"));
byId("target").addEventListener("change", () => { state.target = Number(byId("target").value); compute(); });
byId("lr").addEventListener("change", takeStepSize);
byId("training-choice").hidden = Object.keys(pageRun.training).length === 0;
byId("training").addEventListener("click", () => train(state.base === state.original));
byId("redraw").addEventListener("click", () => train(true, otherSeeds(pageRun.training)));
byId("learn").addEventListener("click", learn);
document.addEventListener("keydown", onKey);
new ResizeObserver(() => document.documentElement.style.setProperty("--modes", `${byId("modes").offsetHeight}px`)).observe(byId("modes"));  // it may wrap
byId("panel").classList.add("empty");
byId("panel").append(element("p", {className: "soft"}, "Click any small square in the network, or a bar of the answer, to see how that number comes about."));
byId("target").disabled = byId("learning").hidden = !pageRun.whole;
show(state.images[0]);
