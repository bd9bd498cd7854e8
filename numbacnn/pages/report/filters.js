"use strict";
// Filters of one convolution before training, after an epoch that a slider chooses, and the difference.

const FULL = 32767;
const ACROSS = 8; // filters side by side

/** Pixels that one of three sheets side by side may be wide. */
function room() {
  const whole = document.getElementById("filter-sheets").clientWidth;
  return whole > 800 ? whole / 3 - 32 : whole;
}

/** A whole number of screen pixels for a weight, so that `columns` pictures of `wide` weights fit. */
function scaleFor(columns, wide, gap, largest) {
  return Math.max(2, Math.floor(Math.min(largest / wide, (room() / columns - gap) / wide)));
}

function drawFilters(layers, shownEpoch) {
  const sheets = document.getElementById("filter-sheets");
  const words = document.getElementById("filter-words");
  const slider = document.getElementById("filter-slider");

  function choose(number) {
    const layer = layers[number];
    layer.array ??= numbers(layer.values);
    const last = layer.epochs.indexOf(shownEpoch) < 0 ? layer.epochs.length - 1 : layer.epochs.indexOf(shownEpoch);
    const readout = element("output", {});
    const range = element("input", { type: "range", min: 0, max: layer.epochs.length - 1, value: last, "aria-label": "Epoch of the filters" });
    const show = () => {
      const k = Number(range.value);
      readout.textContent = layer.epochs[k] ? `after epoch ${layer.epochs[k]}` : "before training";
      draw(layer, k);
    };
    range.addEventListener("input", show);
    const player = play(range, show);
    slider.replaceChildren(...(layer.epochs.length > 2 ? [player, range, readout] : [readout]));
    show();
  }

  function draw(layer, k) {
    const before = part(layer.array, 0), after = part(layer.array, k);
    const difference = Int32Array.from(after, (value, n) => value - before[n]);
    difference.shape = after.shape;
    const name = layer.epochs[k] ? `after epoch ${layer.epochs[k]}` : "before training";
    const [size, moved] = layer.norms[k];
    const parts = [["before training", before, layer.norms[0][0]], [name, after, size], ["difference", difference, moved]];
    sheets.replaceChildren(...parts.map(([title, values, norm]) => element("figure", {},
      element("figcaption", {}, title, element("small", {}, ` norm ${norm.toFixed(2)}`)), filterSheet(values, layer))));
    words.textContent = describe(layer);
  }

  function describe(layer) {
    const [OC, IC, ...sides] = layer.shape;
    const shown = layer.shown[0] < OC || layer.shown[1] < IC ? ` The first ${layer.shown[0]} filters with ${counted(layer.shown[1], "channel")} are shown.` : "";
    const lines = OC > 1 && sides.length > 1 && (sides.length === 3 || (IC > 1 && IC !== 3)) ? ` A row is a filter, a column ${sides.length === 3 ? "a slice, channel after channel" : "an input channel"}.` : "";
    const rows = sides.length === 1 && IC > 1 ? " Each row of a filter is an input channel, each column a step." : "";
    const beyond = layer.beyond ? ` ${counted(layer.beyond, "weight")} of all epochs are larger and drawn as ${layer.limit.toPrecision(2)}.` : "";
    const limit = layer.limit.toPrecision(2);
    const scale = IC === 3 && sides.length === 2 ? `white is ${limit} in all three colors, black -${limit}` : `the darkest orange is ${limit}, the darkest blue -${limit}`;
    return `${layer.name}: ${counted(OC, "filter")} of ${[IC, ...sides].join("×")}; ${scale}.${lines}${rows}${shown}${beyond}`;
  }

  choices(document.getElementById("filter-layers"), layers.map((layer) => layer.name), choose);
}

/** One channel: a grid of filters. Three: in color. More: one row per filter, one column per channel. */
function filterSheet(values, layer) {
  const [OC, IC, ...sides] = values.shape;
  if (sides.length === 1) {
    const tiles = Array.from({ length: OC }, (_, oc) => signedTile(part(values, oc), IC, sides[0], FULL));
    return sheet(tiles, { columns: Math.min(OC, ACROSS), scale: scaleFor(Math.min(OC, ACROSS), sides[0], 4, 56), tall: Math.max(4, Math.min(18, Math.floor(56 / IC))), gap: 6 });
  }
  const depth = sides.length === 3 ? sides[0] : 1;
  const [KH, KW] = sides.slice(-2);
  if (layer.shape[1] === 3 && depth === 1) {
    const tiles = Array.from({ length: OC }, (_, oc) => colorTile(part(values, oc), KH, KW));
    return sheet(tiles, { columns: Math.min(OC, ACROSS), scale: scaleFor(Math.min(OC, ACROSS), KW, 6, 64), gap: 6 });
  }
  const slices = IC * depth;
  const size = KH * KW;
  const tiles = Array.from({ length: OC * slices }, (_, k) => signedTile(values.subarray(k * size, (k + 1) * size), KH, KW, FULL));
  const columns = slices === 1 ? Math.min(OC, ACROSS) : slices;
  const gap = slices === 1 ? 6 : 2;
  return sheet(tiles, { columns, scale: scaleFor(columns, KW, gap, slices === 1 ? 64 : 32), gap });
}

function colorTile(values, KH, KW) {
  const size = KH * KW;
  return tile(KH, KW, (k) => [0, 1, 2].map((c) => Math.round(127.5 + (127.5 * Math.max(-FULL, Math.min(FULL, values[c * size + k]))) / FULL)));
}

/** A button that moves a slider from its beginning to its end. */
function play(range, show) {
  let timer = null;
  const button = element("button", { type: "button", onclick: toggle }, "▶ play");
  function stop() {
    clearInterval(timer);
    timer = null;
    button.textContent = "▶ play";
  }
  function toggle() {
    if (timer) return stop();
    if (range.value === range.max) range.value = 0;
    button.textContent = "❚❚ stop";
    show();
    timer = setInterval(() => {
      if (!range.isConnected || range.value === range.max) return stop();
      range.value = Number(range.value) + 1;
      return show();
    }, 500);
    return undefined;
  }
  return button;
}
