"use strict";
// Which pixels mattered: one row per method, with the same map of random weights, and what happens when the pixels go.

const HEAT = ramp("#ffffff", "#fdd9a8", "#f08a3c", "#a8480a", "#3d1500");

/** A map from 0 to 255; a series is one row, a film a tile a frame. */
function heatTiles(values, size) {
  const sides = values.shape;
  if (sides.length === 1) return [tile(1, sides[0], (k) => HEAT[values[k]])];
  const [H, W] = sides.slice(-2);
  return Array.from({ length: values.length / (H * W) }, (_, k) => {
    const made = tile(H, W, (p) => HEAT[values[k * H * W + p]]);
    made.style.width = `${size}px`;
    made.style.height = `${Math.round((size * H) / W)}px`;
    return made;
  });
}

function heatFigure(title, values, empty = false) {
  const tiles = heatTiles(values, 96);
  const single = values.shape.length === 1;
  if (single) tiles[0].classList.add("strip");
  return element("figure", {}, element("span", { class: "picture" }, ...tiles), element("figcaption", {}, empty ? "no positive evidence" : title));
}

/** What is drawn for the example k; `drawn` is that example itself. */
function drawPixels(pixels, k, drawn, place) {
  if (k >= pixels.examples) {
    place.replaceChildren(drawn, element("p", {}, `The network is large, so this is shown for the first ${pixels.examples} examples only.`));
    return;
  }
  const compared = element("div", { class: "heats" }, drawn, heatFigure("edges of the image", part(numbers(pixels.edges), k)), heatFigure("random numbers", part(numbers(pixels.noise), k)));
  place.replaceChildren(compared, ...pixels.methods.map((method) => methodRow(method, k)));
}

function methodRow(method, k) {
  const details = [method.layer && `of the layer ${method.layer}, ${method.sides.join("×")}`,
    method.error !== null && `completeness error at most ${method.error.toPrecision(2)}`].filter(Boolean).join(" · ");
  const chart = element("div", { class: "deletion" });
  const lines = [{ name: "this map", values: method.deletion, color: VALIDATION }, { name: "edges", values: method.edge_deletion, color: TRAIN, dash: "7 4" },
    { name: "random order", values: method.random_deletion, color: QUIET, dash: "2 3" }];
  lineChart(chart, { epochs: method.removed.map((value) => 100 * value), lines, band: { values: method.random_deletion, spread: method.spread },
    floor: 0, xLabel: "% of the pixels removed", xName: (value) => `${short(value)} % removed`, words: (value) => percent(value, 0) });
  return element("div", { class: "method" },
    element("h4", {}, method.title, element("small", {}, `a large number: ${method.meaning}${details ? ` · ${details}` : ""}`)),
    element("div", { class: "heats" },
      heatFigure("trained weights", part(numbers(method.map), k), method.empty[k]),
      ...method.random.map((one, s) => heatFigure(`${one.all ? "all layers random" : s === 0 ? `${one.stage} random` : `from the top to ${one.stage} random`}: ${method.correlation[s][k].toFixed(2)}`, part(numbers(one.map), k))),
      chart),
    element("p", { class: method.useful === false ? "verdict useless" : "verdict" }, method.verdict));
}
