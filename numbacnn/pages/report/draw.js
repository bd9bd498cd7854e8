"use strict";
// What all parts of the page share: elements, and numbers drawn as colors.

/** A typed array that knows its shape. */
function numbers(packed) {
  const { shape: sides, data } = unpack(packed);
  data.shape = sides;
  return data;
}

/** The part of an array that belongs to index k of its first axis. */
function part(array, k) {
  const size = array.length / array.shape[0];
  const inner = array.subarray(k * size, (k + 1) * size);
  inner.shape = array.shape.slice(1);
  return inner;
}

/** An element; text is always text, never markup. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** The same for SVG. */
function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function percent(value, digits = 1) {
  return value === null ? "–" : `${(100 * value).toFixed(digits)} %`;
}

function counted(number, thing) {
  return `${number.toLocaleString("en")} ${number === 1 ? thing : `${thing}s`}`;
}

/** A row of buttons of which one is pressed; `choose(k)` is called for the first one and for each that is clicked. */
function choices(place, names, choose, pressed = 0) {
  const buttons = names.map((name, k) => element("button", { type: "button", onclick: () => press(k) }, name));
  function press(k) {
    buttons.forEach((button, other) => button.setAttribute("aria-pressed", other === k));
    choose(k);
  }
  place.replaceChildren(...buttons);
  press(pressed);
}

/** Colors between given ones, as 256 triples. */
function ramp(...colors) {
  const stops = colors.map((color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, k) => {
    const place = (k / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    return stops[low].map((value, c) => Math.round(value + (place - low) * (stops[low + 1][c] - value)));
  });
}

const SIGNED = ramp("#174a7c", "#6ea6d4", "#f7f7f7", "#ee9a54", "#a8480a"); // blue, white, orange: told apart by the color-blind
const BLUES = ramp("#ffffff", "#9ecae1", "#3182bd", "#08306b");
const ORANGES = ramp("#ffffff", "#fdae6b", "#d94801", "#7f2704");
const ORDERED = ramp("#440154", "#3b528b", "#21918c", "#5ec962"); // first to last layer

function css(color) {
  return `rgb(${color.join(" ")})`;
}

/** Pixels of one tile, `color(k)` giving those of pixel k, as a canvas of its own. */
function tile(height, width, color) {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let k = 0; k < width * height; k++) pixels.data.set([...color(k), 255], 4 * k);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Values from -full to full in blue, white and orange. */
function signedTile(values, height, width, full) {
  return tile(height, width, (k) => SIGNED[Math.round(127.5 + (127.5 * Math.max(-full, Math.min(full, values[k]))) / full)]);
}

/** Tiles in a grid on one sharp canvas, a number `scale` pixels wide and `tall` high; `labels[k]` is written on tile k. */
function sheet(tiles, { columns, scale, tall = scale, gap = 4, labels = [] }) {
  const width = Math.max(...tiles.map((one) => one.width)) * scale;
  const height = Math.max(...tiles.map((one) => one.height)) * tall;
  const rows = Math.ceil(tiles.length / columns);
  const sharp = 2;
  const whole = [columns * (width + gap) - gap, rows * (height + gap) - gap];
  const canvas = element("canvas", { class: "sheet", width: whole[0] * sharp, height: whole[1] * sharp });
  canvas.style.width = `${whole[0]}px`;
  const context = canvas.getContext("2d");
  context.scale(sharp, sharp);
  context.imageSmoothingEnabled = false;
  tiles.forEach((one, k) => {
    const left = (k % columns) * (width + gap);
    const top = Math.floor(k / columns) * (height + gap);
    context.drawImage(one, left, top, one.width * scale, one.height * tall);
    context.strokeStyle = "#cccccc";
    context.lineWidth = 0.5;
    context.strokeRect(left, top, one.width * scale, one.height * tall);
    if (labels[k]) {
      context.font = "bold 12px system-ui, sans-serif";
      const wide = context.measureText(labels[k]).width + 6;
      context.fillStyle = "#222222";
      context.fillRect(left, top, wide, 16);
      context.fillStyle = "#ffffff";
      context.fillText(labels[k], left + 3, top + 12);
    }
  });
  return canvas;
}
