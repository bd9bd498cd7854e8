"use strict";
// The network as maps: one card an operation, each number a square that can be chosen.

/** What the colors of an operation mean now. */
function scaleInWords(op) {
  const numbers = state.mode === "out" ? state.pass.outs[op.index] : state.pass.grads[op.index];
  if (op.kind === "softmax" && state.mode === "grad") return "no gradient is computed here: it goes from the loss straight to the scores";
  if (numbers === null || numbers === undefined) {
    return pageRun.whole ? "no gradient comes here: the loss does not depend on it" : state.mode === "out" ? "left out of this page: too many numbers"
      : "no gradient here: the loss does not depend on it, or it is left out of this page";
  }
  const most = largest(numbers);
  if (most === 0) return state.mode === "out" ? "all zero" : "the gradient is zero everywhere";
  if (numbers.length === 1) return `${state.mode === "out" ? "the number" : "the gradient"} is ${short(numbers[0])}`;
  return `${state.mode === "out" ? "numbers" : "gradients"} from ${short(numbers.reduce((a, b) => Math.min(a, b)))} to ${short(numbers.reduce((a, b) => Math.max(a, b)))}`;
}

/** What an operation does, and how many numbers it makes. */
function doesInWords(op) {
  const words = op.kind === "input" ? `${{images: "the image", video: "the film, frame by frame", series: "the series", tokens: "the words, as numbers,"}[pageRun.kind]} as the network reads it`
    : op.known ? KINDS[op.kind].words(op) + (op.steps ? "" : "; its weights are left out, so it cannot be stepped through")
    : `${op.kind}: the page cannot step through this operation`;
  return ` · ${words} · ${op.shape.slice(1).join(" × ") || "1"}`;
}

function buildNetwork() {
  const box = byId("network"), watcher = new IntersectionObserver((entries) => entries.forEach(({target, isIntersecting}) => {
    target.visible = isIntersecting;
    if (isIntersecting && state.pass !== null) target.draw();
  }), {rootMargin: "200px"});
  state.network.ops.forEach((op) => {
    const card = element("section", {className: "op card", "aria-label": op.name});
    const does = element("span", {className: "does small soft"}, doesInWords(op));
    does.dataset.op = op.index;
    const scale = element("p", {className: "what small soft"});
    scale.dataset.op = op.index;
    const canvas = element("canvas", {tabIndex: 0, role: "application", "aria-label": `${op.name}: ${op.shape.slice(1).join(" × ") || 1} numbers`});
    card.append(element("h3", {}, op.name), does, scale, canvas);
    listen(canvas, card, layoutOf(op.shape), () => state.mode === "out" ? state.pass.outs[op.index] : state.pass.grads[op.index],
      (index) => ({op: op.index, what: state.mode, index}), op);
    state.canvases.push(canvas);
    watcher.observe(canvas);
    const weight = op.weights.weight;
    if (weight !== undefined && weight.shape.length === 4 && weight.data !== undefined && op.trained.includes("weight")) addFilters(card, op, weight, watcher);
    box.append(card);
  });
  const placeAll = () => state.canvases.forEach((canvas) => canvas.place());  // so nothing moves when a map is drawn for the first time
  placeAll();
  window.addEventListener("resize", () => {
    placeAll();
    state.canvases.forEach((canvas) => { if (canvas.visible) canvas.draw(); });
  });
}

const channels = (count, which) => `${count} ${which} channel${count === 1 ? "" : "s"}`;

/** The filters of a convolution, to be chosen weight by weight. */
function addFilters(card, op, weight, watcher) {
  const [OC, IC, KH, KW] = weight.shape, tiles = OC * IC;
  const layout = {tiles, together: IC, rows: KH, columns: KW, index: (t, r, c) => (t * KH + r) * KW + c,
                  where: (i) => ({tile: Math.floor(i / (KH * KW)), row: Math.floor(i / KW) % KH, column: i % KW})};
  const canvas = element("canvas", {tabIndex: 0, role: "application", "aria-label": `weights of ${op.name}`});
  const part = element("details", {className: "weights small", open: tiles <= 128}, element("summary", {},
    `its weights, ${KH} × ${KW} each (${channels(OC, "output")} × ${channels(IC, "input")}): click a weight for its gradient`), canvas);
  card.append(part);
  listen(canvas, card, layout, () => state.mode === "out" ? state.network.ops[op.index].weights.weight.data : state.pass.weightGrads[op.index].weight || null,
    (index) => ({op: op.index, what: "weight", name: "weight", index}), op, Math.max(4, Math.min(9, Math.floor(44 / KW))));
  state.canvases.push(canvas);
  watcher.observe(canvas);
}

/** Draw a canvas when asked, and choose what is clicked, tapped or reached by arrow keys. */
function listen(canvas, card, layout, numbers, chosenOf, op, cell) {
  let cursor = 0;
  const isChosen = () => state.chosen !== null && state.chosen.op === op.index && chosenOf(0).what === state.chosen.what && chosenOf(0).name === state.chosen.name;
  const placing = () => {
    const width = Math.max(120, card.clientWidth - 34);
    const size = cell || Math.max(layout.tiles > 40 ? 2 : 3, Math.min(22, Math.floor((layout.tiles === 1 ? Math.min(width, 330) : 100) / layout.columns)));
    const tall = layout.rows === 1 && layout.columns > 24 ? 12 : layout.tiles === 1 && layout.columns > 60 ? Math.max(size, 6) : size;  // series
    return {...layout, tall, cell: size, width};
  };
  canvas.place = () => placeTiles(canvas, placing());
  canvas.draw = () => {
    const found = numbers(), marks = [];
    if (document.activeElement === canvas) marks.push({...layout.where(cursor), color: "#1d2329"});
    if (isChosen()) marks.push(layout.where(state.chosen.index));
    else if (chosenOf(0).what !== "weight") marks.push(...marksOf(op, layout));
    const gray = op.kind === "input" && state.mode === "out" && op.shape[1] === 1 ? {low: Math.min(...found), high: Math.max(...found)} : undefined;
    drawTiles(canvas, {...placing(), value: (t, r, c) => { const i = layout.index(t, r, c); return found && i >= 0 ? found[i] : null; },
                       most: found ? largest(found) : 0, gray, marks, digits: true});
  };
  const choose = (index) => { cursor = index; state.choose(chosenOf(index)); };
  canvas.addEventListener("click", (event) => {
    const under = underPointer(canvas, event), index = under === null ? -1 : layout.index(under.tile, under.row, under.column);
    if (index < 0) return;
    choose(index);
    const above = window.innerHeight * 0.17;  // on a narrow screen the panel covers what lies below
    if (window.matchMedia("(max-width: 900px)").matches && event.clientY > 1.6 * above) window.scrollBy(0, event.clientY - above);
  });
  canvas.addEventListener("keydown", (event) => {
    const {tile, row, column} = layout.where(cursor), move = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
    if (event.key === "Enter") choose(cursor);
    if (move === undefined) return;
    event.preventDefault();
    let [t, r, c] = [tile, row + move[0], column + move[1]];
    if (c < 0 || c >= layout.columns) [t, c] = [t + move[1], c < 0 ? layout.columns - 1 : 0];
    if (t < 0 || t >= layout.tiles || r < 0 || r >= layout.rows || layout.index(t, r, c) < 0) return;
    cursor = layout.index(t, r, c);
    canvas.draw();
  });
  canvas.addEventListener("pointermove", (event) => {  // what a square is, before it is chosen
    const under = underPointer(canvas, event), index = under === null ? -1 : layout.index(under.tile, under.row, under.column), found = numbers();
    const chosen = chosenOf(Math.max(0, index));
    canvas.title = index < 0 ? "" : `${titleOf({...state, chosen})}: ${found ? short(found[index]) : "–"}`;
  });
  canvas.addEventListener("focus", () => canvas.draw());
  canvas.addEventListener("blur", () => canvas.draw());
}

/** What the running step reads in this operation. */
function marksOf(op, layout) {
  const step = state.marked, found = [];
  if (step === undefined || step.part === undefined) return found;
  [step.a, step.b].filter(Boolean).forEach((term) => {
    const at = term.grad ? step.part.op.index : term.read !== undefined ? step.part.op.reads[term.read] : null;
    const shown = term.grad ? "grad" : "out";
    if (at === op.index && (shown === state.mode || term.read !== undefined)) found.push({...layout.where(term.index), color: "#b8860b"});
  });
  return found;
}
