"use strict";
// Line charts and the reliability diagram, as SVG that the page draws itself.

const HIGH = 250, LEFT = 56, RIGHT = 10, TOP = 12, BOTTOM = 40;
const TRAIN = "#1f5fa8", VALIDATION = "#d1601f", BEST = "#2b8a3e", QUIET = "#666666";

/** About five round numbers from low to high. */
function ticks(low, high) {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}

/** Powers of ten, and if there are few also twice and five times them. */
function powers(low, high) {
  const all = [];
  for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++) {
    for (const factor of high / low > 500 ? [1] : [1, 2, 5]) all.push(factor * 10 ** k);
  }
  return all.filter((one) => one >= low * 0.999 && one <= high * 1.001);
}

function short(value) {
  if (value === 0) return "0";
  return Math.abs(value) < 0.001 ? value.toExponential(0) : String(+value.toPrecision(3));
}

function emptyChart(label, wide) {
  return shape("svg", { viewBox: `0 0 ${wide} ${HIGH}`, width: wide, height: HIGH, role: "img", "aria-label": label, class: "chart" });
}

/** Draws into a place as wide as it is, and again when that changes. */
function fitted(place, draw) {
  let drawn = 0;
  new ResizeObserver(() => {
    const wide = Math.max(240, place.clientWidth);
    if (wide === drawn) return;
    drawn = wide;
    place.replaceChildren(...draw(wide));
  }).observe(place);
}

function text(x, y, words, attributes = {}) {
  return shape("text", { x, y, fill: QUIET, "font-size": 13, ...attributes }, words);
}

/** Grid lines with their numbers. */
function drawAxes(chart, wide, { x, y, xTicks, yTicks, yWords, xWords = short, xLabel }) {
  for (const tick of yTicks) {
    chart.append(shape("line", { x1: LEFT, x2: wide - RIGHT, y1: y(tick), y2: y(tick), stroke: "#e4e4e4" }),
      text(LEFT - 6, y(tick) + 4, yWords(tick), { "text-anchor": "end" }));
  }
  for (const tick of xTicks) chart.append(text(x(tick), HIGH - BOTTOM + 18, xWords(tick), { "text-anchor": "middle" }));
  chart.append(text((LEFT + wide - RIGHT) / 2, HIGH - 4, xLabel, { "text-anchor": "middle" }));
}

/**
 * Lines over epochs, with a readout of the epoch under the pointer.
 * lines: [{name, values (null where there is none), color, dash}]; best: {epoch, line} to mark with a star.
 */
function lineChart(place, what) {
  fitted(place, (wide) => drawLines(wide, what));
}

function drawLines(wide, { epochs, lines, best, band, words = short, log = false, floor, ceiling, xLabel = "epoch", xName = (epoch) => `epoch ${epoch}` }) {
  const values = lines.flatMap((line) => line.values).filter((value) => value !== null && (!log || value > 0));
  if (!values.length) return [element("p", {}, "There is nothing to draw.")];
  let low = floor ?? Math.min(...values), high = ceiling ?? Math.max(...values);
  if (low === high) high = low + (Math.abs(low) || 1) * 0.1;
  if (log) { low /= 1.2; high *= 1.2; }
  const first = epochs[0], last = epochs.at(-1);
  const x = (epoch) => LEFT + 8 + ((wide - LEFT - RIGHT - 16) * (last === first ? 0.5 : (epoch - first) / (last - first)));
  const along = (value) => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
  const y = (value) => HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * along(value);
  const chart = emptyChart(`${lines.map((line) => line.name).join(", ")} by ${xLabel}`, wide);
  const yTicks = log ? powers(low, high) : ticks(low, high);
  drawAxes(chart, wide, { x, y, xTicks: ticks(first, last).filter(Number.isInteger), yTicks, yWords: (value) => words(value, yTicks), xLabel });
  if (band) drawBand(chart, epochs, band, x, y);
  for (const line of lines) {
    const points = epochs.map((epoch, k) => [epoch, line.values[k]]).filter(([, value]) => value !== null && (!log || value > 0));
    chart.append(shape("polyline", { points: points.map(([epoch, value]) => `${x(epoch)},${y(value)}`).join(" "), fill: "none",
      stroke: line.color, "stroke-width": 2, "stroke-dasharray": line.dash || "none", "stroke-linejoin": "round" }));
    if (points.length < 40 && !band) {
      chart.append(...points.map(([epoch, value]) => shape("circle", { cx: x(epoch), cy: y(value), r: 2.5, fill: line.color })));
    }
  }
  const mark = shape("line", { y1: TOP, y2: HIGH - BOTTOM, stroke: "#999999", visibility: "hidden" });
  chart.append(mark);
  if (best) drawStar(chart, x(best.epoch), y(best.value));
  const readout = element("p", { class: "readout" });
  const say = (k) => {
    readout.textContent = `${xName(epochs[k])}: ` + lines.map((line) => `${line.name} ${line.values[k] === null ? "–" : words(line.values[k])}`).join(" · ");
    mark.setAttribute("x1", x(epochs[k]));
    mark.setAttribute("x2", x(epochs[k]));
  };
  chart.addEventListener("pointermove", (event) => {
    const at = event.clientX - chart.getBoundingClientRect().left;
    const near = epochs.map((epoch) => Math.abs(x(epoch) - at));
    say(near.indexOf(Math.min(...near)));
    mark.setAttribute("visibility", "visible");
  });
  chart.addEventListener("pointerleave", () => mark.setAttribute("visibility", "hidden"));
  say(best ? epochs.indexOf(best.epoch) : band ? Math.floor(epochs.length / 5) : epochs.length - 1);
  return [legend(lines), chart, readout];
}

/** The spread around a line. */
function drawBand(chart, epochs, { values, spread }, x, y) {
  const side = (sign) => epochs.map((epoch, k) => `${x(epoch)},${y(Math.max(0, values[k] + sign * spread[k]))}`);
  chart.append(shape("polygon", { points: [...side(1), ...side(-1).reverse()].join(" "), fill: "#cccccc", opacity: 0.6 }));
}

function drawStar(chart, x, y) {
  const points = Array.from({ length: 10 }, (_, k) => {
    const radius = k % 2 ? 4 : 9, angle = (Math.PI * k) / 5 - Math.PI / 2;
    return `${x + radius * Math.cos(angle)},${y + radius * Math.sin(angle)}`;
  });
  chart.append(shape("polygon", { points: points.join(" "), fill: BEST, stroke: "#ffffff" }));
}

function legend(lines) {
  if (lines.length < 2) return element("div", { class: "legend" }, "\u00a0");
  return element("ul", { class: "legend" }, ...lines.map((line) => {
    const dash = shape("svg", { viewBox: "0 0 24 8", width: 24, height: 8, "aria-hidden": "true" },
      shape("line", { x1: 0, x2: 24, y1: 4, y2: 4, stroke: line.color, "stroke-width": 2.5, "stroke-dasharray": line.dash || "none" }));
    return element("li", {}, dash, line.name);
  }));
}

/** Lines in the order of the layers get colors in an order as well. */
function layerLines(lines) {
  return lines.map((line, k) => ({ ...line, color: css(ORDERED[Math.round((255 * k) / Math.max(1, lines.length - 1))]),
    dash: k % 2 ? "6 3" : undefined }));
}

/** Bars of accuracy over confidence, the diagonal, and how many there are in each bin. */
function reliabilityChart(place, bins) {
  fitted(place, (wide) => drawReliability(wide, bins));
}

function drawReliability(wide, { edges, count, confidence, accuracy }) {
  const chart = emptyChart("accuracy over confidence, bin by bin", wide);
  const side = [LEFT + 8, wide - RIGHT - 20];
  const x = (value) => side[0] + (side[1] - side[0]) * value;
  const y = (value) => HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * value;
  const tenths = [0, 0.2, 0.4, 0.6, 0.8, 1];
  drawAxes(chart, wide, { x, y, xTicks: tenths, yTicks: tenths, yWords: (value) => percent(value, 0), xWords: (value) => percent(value, 0), xLabel: "largest probability" });
  const readout = element("p", { class: "readout" }, "Point at a bar to read it.");
  count.forEach((members, m) => {
    if (!members) return;
    const bar = shape("rect", { x: x(edges[m]) + 1, width: x(edges[m + 1]) - x(edges[m]) - 2, y: y(accuracy[m]),
      height: Math.max(1, y(0) - y(accuracy[m])), fill: TRAIN, opacity: members < 10 ? 0.35 : 0.85 });
    chart.append(bar, shape("line", { x1: x(edges[m]), x2: x(edges[m + 1]), y1: y(confidence[m]), y2: y(confidence[m]), stroke: VALIDATION,
      "stroke-width": 2.5 }));
    bar.addEventListener("pointerenter", () => {
      readout.textContent = `${percent(edges[m], 0)} to ${percent(edges[m + 1], 0)}: ${members.toLocaleString("en")} of them, sure by ` +
        `${percent(confidence[m])}, right ${percent(accuracy[m])}`;
    });
  });
  chart.append(shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), stroke: QUIET, "stroke-dasharray": "4 4" }));
  return [legend([{ name: "share of correct answers (pale: fewer than 10)", color: TRAIN }, { name: "mean probability", color: VALIDATION }]), chart, readout];
}
