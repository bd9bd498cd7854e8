"use strict";
// What each layer makes of an example that one picks.

function unpackMaps(maps, classes) {
  return maps.layers.map((layer, n) => ({ ...layer, array: numbers(layer.values),
    last: n === maps.layers.length - 1 && layer.shape[0] === classes.length }));
}

/** Examples to pick from, in several places; `show(k)` is called with the one that is picked. */
function drawPicks(places, examples, classes, partWord, show) {
  const bars = places.map((place) => {
    const buttons = examples.rows.map((row, k) => element("button", { type: "button", class: "pick", onclick: () => choose(k),
      title: nameOf(row, partWord) }, drawExample(examples, k, 44), element("span", {}, row.y === row.p ? classes[row.y] : `✗ ${classes[row.p]}`)));
    place.replaceChildren(...buttons);
    return buttons;
  });

  function choose(k) {
    bars.forEach((buttons) => buttons.forEach((button, other) => button.setAttribute("aria-pressed", other === k)));
    show(k);
  }

  choose(0);
}

function drawLayer(layer, k, classes) {
  const values = part(layer.array, k);
  const dead = new Set(layer.dead);
  const kind = layer.kind === "input" ? " as the network gets it: (x − mean) / std" : ` ${layer.kind}`;
  const shown = layer.shown.length > 1 && layer.shown[0] < layer.channels ? `, the first ${layer.shown[0]} channels` : "";
  const note = `${layer.shape.join("×")}${shown} · ±${layer.limit.toPrecision(3)}${dead.size ? ` · ${dead.size} dead` : ""}`;
  return element("figure", { class: "layer" },
    element("figcaption", {}, element("b", {}, layer.name), kind, element("small", {}, note)),
    element("div", { class: "scroll" }, mapSheet(values, layer, dead, classes)));
}

function mapSheet(values, layer, dead, classes) {
  const sides = values.shape;
  if (sides.length === 1) return numberRow(values, dead, layer.last ? classes : []);
  if (sides.length === 2) {
    const [C, L] = sides;
    const scale = Math.max(1, Math.min(12, (Math.min(document.body.clientWidth, 1120) - 130) / L));
    const tall = Math.max(5, Math.min(24, Math.floor(240 / C)));
    const rows = element("span", { class: "rows" }, sheet([signedTile(values, C, L, 127)], { columns: 1, scale, tall }));
    for (const c of dead) {
      const mark = element("span", { class: "deadrow" }, "dead");
      mark.style.top = `${(c + 0.5) * tall}px`;
      rows.append(mark);
    }
    return rows;
  }
  const [H, W] = sides.slice(-2);
  const tiles = values.length / (H * W);
  const made = Array.from({ length: tiles }, (_, k) => signedTile(values.subarray(k * H * W, (k + 1) * H * W), H, W, 127));
  const frames = sides.length === 4 ? sides[1] : 1;
  const size = Math.max(48, Math.min(tiles <= 8 ? 112 : 72, 4 * Math.max(H, W)));
  const scale = size / Math.max(H, W);
  const fit = Math.max(1, Math.floor((Math.min(document.body.clientWidth, 1120) - 60) / (size + 4)));
  const columns = frames > 1 ? frames : Math.min(tiles, fit);
  const labels = made.map((_, k) => (dead.has(Math.floor(k / frames)) && k % frames === 0 ? "dead" : ""));
  return sheet(made, { columns, scale, labels });
}

/** The numbers of a dense layer: cells in lines, the dead ones crossed out. */
function numberRow(values, dead, names) {
  const row = element("div", { class: "cells" });
  values.forEach((value, k) => {
    const cell = element("span", { class: dead.has(k) ? "dead" : "", title: dead.has(k) ? `${k}: dead` : `${k}` }, dead.has(k) ? "dead" : names[k] ?? "");
    if (names.length && Math.abs(value) > 70) cell.style.color = "#ffffff";
    cell.style.backgroundColor = css(SIGNED[Math.round(127.5 + (127.5 * value) / 127)]);
    row.append(cell);
  });
  return row;
}
