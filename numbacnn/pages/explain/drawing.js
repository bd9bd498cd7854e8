"use strict";
// Numbers as colors: white is zero, orange above it, blue below; and how numbers are written.

const PLUS = [198, 90, 17], MINUS = [33, 102, 172], EMPTY = [236, 238, 241];

/** Red, green and blue of a number on a scale that ends at -most and most; gray from black to white if `gray` is {low, high}. */
function colorOf(value, most, gray) {
  if (value === null || value === undefined) return EMPTY;
  if (gray) {
    const level = Math.max(0, Math.min(255, Math.round(255 * (value - gray.low) / (gray.high - gray.low || 1))));
    return [level, level, level];
  }
  const part = most > 0 ? Math.min(1, Math.abs(value) / most) : 0, end = value > 0 ? PLUS : MINUS;
  return end.map((channel) => Math.round(255 + (channel - 255) * Math.sqrt(part)));
}

/** A number as people read it: three or four digits that count. */
function short(value) {
  if (value === undefined || value === null) return "–";
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞");
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1000 ? value.toFixed(0) : size >= 100 ? value.toFixed(1) : size >= 10 ? value.toFixed(2)
    : size >= 0.001 ? value.toFixed(4) : value.toExponential(2);
  return text.replace(/-/g, "−");
}

/** The largest absolute value. */
function largest(numbers) {
  let most = 0;
  for (const number of numbers) if (Math.abs(number) > most) most = Math.abs(number);
  return most;
}

/**
 * Give a canvas the size of tiles of numbers side by side, as many in a row as fit, and remember where they lie. Nothing is drawn yet.
 * layout: {tiles, rows, columns, cell, tall (the height of a cell), width, together (a row holds a multiple of so many)}
 */
function placeTiles(canvas, layout) {
  const {tiles, rows, columns, cell, tall = cell, width} = layout, gap = tiles > 1 ? Math.max(3, Math.min(8, cell)) : 0;
  const tileWidth = columns * cell, fitting = Math.max(1, Math.min(tiles, Math.floor((width + gap) / (tileWidth + gap))));
  const perRow = layout.together > 1 && fitting >= layout.together ? fitting - fitting % layout.together : fitting;
  const lines = Math.ceil(tiles / perRow), w = perRow * (tileWidth + gap) - gap, h = lines * (rows * tall + gap) - gap;
  canvas.style.width = `${w}px`;
  canvas.style.height = `${h}px`;
  canvas.layout = {...layout, tall, perRow, gap, tileWidth, w, h};
}

/**
 * Draw tiles of numbers where placeTiles lays them.
 * layout: what placeTiles takes, and {value(tile, row, column), most, gray, digits, marks: [{tile, row, column, color}]}
 */
function drawTiles(canvas, layout) {
  placeTiles(canvas, layout);
  const {tiles, rows, columns, value, most, gray, cell, tall, perRow, gap, tileWidth, w, h, marks = []} = canvas.layout;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const corner = (tile) => [tile % perRow * (tileWidth + gap), Math.floor(tile / perRow) * (rows * tall + gap)];
  for (let tile = 0; tile < tiles; tile++) {
    const [left, top] = corner(tile);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const number = value(tile, row, column), [r, g, b] = colorOf(number, most, gray);
        pen.fillStyle = `rgb(${r},${g},${b})`;
        pen.fillRect(left + column * cell, top + row * tall, cell + 0.3, tall + 0.3);
        if (layout.digits && Math.min(cell, tall) >= 34 && number !== null && number !== undefined) {
          pen.fillStyle = r * 0.3 + g * 0.59 + b * 0.11 > 120 ? "#1d2329" : "#ffffff";
          pen.font = `${Math.floor(cell / 3.6)}px ui-monospace, Menlo, Consolas, monospace`;
          pen.textAlign = "center";
          pen.textBaseline = "middle";
          pen.fillText(tiny(number), left + (column + 0.5) * cell, top + (row + 0.5) * tall);
        }
      }
    }
    pen.strokeStyle = "#b9c1c8";
    pen.lineWidth = 1;
    pen.strokeRect(left + 0.5, top + 0.5, tileWidth - 1, rows * tall - 1);
  }
  for (const mark of marks) {
    const [left, top] = corner(mark.tile), away = (Math.max(cell, 5) - cell) / 2, above = (Math.max(tall, 5) - tall) / 2;
    pen.strokeStyle = mark.color || "#0b7a75";
    pen.lineWidth = cell >= 12 ? 3 : 2;
    pen.strokeRect(left + mark.column * cell - away, top + mark.row * tall - above, cell + 2 * away, tall + 2 * above);
  }
}

/** Which number lies under a pointer: {tile, row, column}, or null between the tiles. */
function underPointer(canvas, event) {
  const {tiles, rows, columns, cell, tall, perRow, gap, tileWidth} = canvas.layout, box = canvas.getBoundingClientRect();
  const x = (event.clientX - box.left) * canvas.clientWidth / box.width, y = (event.clientY - box.top) * canvas.clientHeight / box.height;
  const across = Math.floor(x / (tileWidth + gap)), down = Math.floor(y / (rows * tall + gap)), tile = down * perRow + across;
  const column = Math.floor((x - across * (tileWidth + gap)) / cell), row = Math.floor((y - down * (rows * tall + gap)) / tall);
  return tile >= 0 && tile < tiles && across < perRow && column >= 0 && column < columns && row >= 0 && row < rows ? {tile, row, column} : null;
}

/** A number in the room of a cell. */
function tiny(value) {
  if (value === 0) return "0";
  const size = Math.abs(value), text = size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 0.005 ? value.toFixed(2) : "~0";
  return text.replace("-", "−").replace(/^(−?)0\./, "$1.");
}

/** How an array of this shape is laid out: {tiles, rows, columns, index(tile, row, column), where(index)}. */
function layoutOf(shape) {
  const extents = shape.slice(1);
  if (extents.length <= 1) {
    const all = extents.length ? extents[0] : 1, columns = Math.min(all, all > 40 ? 24 : 12);
    return {tiles: 1, rows: Math.ceil(all / columns), columns, index: (t, r, c) => r * columns + c < all ? r * columns + c : -1,
            where: (i) => ({tile: 0, row: Math.floor(i / columns), column: i % columns})};
  }
  const columns = extents[extents.length - 1], rows = extents[extents.length - 2], tiles = count(extents.slice(0, -2));
  return {tiles, rows, columns, index: (t, r, c) => (t * rows + r) * columns + c,
          where: (i) => ({tile: Math.floor(i / (rows * columns)), row: Math.floor(i / columns) % rows, column: i % columns})};
}

/** A place in words, counted from 0 as in the loop. */
function placeInWords(shape, index) {
  const extents = shape.slice(1);
  if (extents.length === 0) return "";
  if (extents.length === 1) return `number ${index}`;
  const at = place(index, extents.slice(1)), names = {2: ["map", "step"], 3: ["map", "row", "column"], 4: ["map", "frame", "row", "column"]}[extents.length];
  return at.map((value, k) => `${names[k]} ${value}`).join(", ");
}
