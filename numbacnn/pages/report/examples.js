"use strict";
// One example as a picture, frames, curves or words, and what the network says of it.

/** The examples of a pack, unpacked once. */
function unpackExamples(pack) {
  return { ...pack, values: pack.kind === "tokens" ? pack.values : numbers(pack.values) };
}

/** How one example looks; `size` is the length of its longer side in pixels. */
function drawExample(examples, k, size) {
  if (examples.kind === "tokens") return element("span", { class: "words" }, examples.values[k].join(" "));
  const values = part(examples.values, k);
  if (examples.kind === "series") return drawSeries(values, size);
  const [C, ...sides] = values.shape;
  if (examples.kind === "video") return drawFrames(values, C, ...sides, size);
  return scaled(C === 3 || C === 1 ? [colored(values, C, ...sides, 0, 1)] : Array.from({ length: C }, (_, c) => colored(values.subarray(c * sides[0] * sides[1]), 1, ...sides, 0, 1)), size);
}

/** Frame number t of T as a tile, gray or in color. */
function colored(values, C, H, W, t, T) {
  const plane = H * W;
  return tile(H, W, (p) => [0, 1, 2].map((c) => values[((C === 3 ? c : 0) * T + t) * plane + p]));
}

function drawFrames(values, C, T, H, W, size) {
  return scaled(Array.from({ length: T }, (_, t) => colored(values, C, H, W, t, T)), size / 2);
}

/** Tiles side by side, each with a longer side of `size`. */
function scaled(tiles, size) {
  return element("span", { class: "picture" }, ...tiles.map((canvas) => {
    const factor = size / Math.max(canvas.width, canvas.height);
    canvas.style.width = `${Math.round(canvas.width * factor)}px`;
    canvas.style.height = `${Math.round(canvas.height * factor)}px`;
    return canvas;
  }));
}

function drawSeries(values, size) {
  const [C, L] = values.shape;
  const wide = 2 * size, high = size;
  let largest = 1e-9;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const drawing = shape("svg", { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, class: "series" },
    shape("line", { x1: 0, x2: wide, y1: high / 2, y2: high / 2, stroke: "#dddddd" }));
  for (let c = 0; c < C; c++) {
    const points = Array.from({ length: L }, (_, l) => `${((wide * l) / Math.max(1, L - 1)).toFixed(1)},${((high / 2) * (1 - (0.95 * values[c * L + l]) / largest)).toFixed(1)}`);
    drawing.append(shape("polyline", { points: points.join(" "), fill: "none", "stroke-width": 1.2,
      stroke: css(ORDERED[Math.round((255 * c) / Math.max(1, C - 1))]) }));
  }
  return drawing;
}

function nameOf(row, partWord) {
  return row.file === null ? `${partWord} number ${row.index}` : row.file;
}

/** A card with the example, what it is, what it was taken for, and the largest probabilities. */
function card(examples, k, classes, partWord, { size = 84, bars = 3 } = {}) {
  const row = examples.rows[k];
  const right = row.y === row.p;
  const shown = row.probabilities.slice(0, bars);
  if (!shown.some(([c]) => c === row.y)) shown.push(row.probabilities.find(([c]) => c === row.y));
  return element("figure", { class: right ? "example" : "example wrong" },
    drawExample(examples, k, size),
    element("figcaption", {},
      element("span", { class: "verdictline" }, right ? `✓ ${classes[row.y]}` : `✗ ${classes[row.p]}, truly ${classes[row.y]}`),
      ...shown.map(([c, value]) => element("span", { class: c === row.y ? "bar truth" : "bar" }, barOf(value),
        element("span", { class: "barname" }, classes[c]), element("span", { class: "barvalue" }, percent(value)))),
      element("span", { class: "quiet where" }, nameOf(row, partWord), ` · loss ${row.loss.toFixed(2)}`)));
}

function barOf(value) {
  const bar = element("span", { class: "barfill" });
  bar.style.width = `${(100 * value).toFixed(1)}%`;
  return bar;
}

/** Cards in a place, a few at first. */
function gallery(place, examples, indices, classes, partWord, options = {}) {
  const first = options.first ?? 12;
  const show = (many) => {
    place.replaceChildren(...indices.slice(0, many).map((k) => card(examples, k, classes, partWord, options)));
    if (many < indices.length) place.append(element("button", { type: "button", class: "more", onclick: () => show(indices.length) }, `all ${indices.length}`));
  };
  show(first);
  if (!indices.length) place.append(element("p", {}, "There are none."));
}
