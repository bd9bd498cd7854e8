"use strict";
// Receptive fields: the measured gradient, and a frame around what the sizes of the windows promise.

function drawFields(fields, place) {
  place.replaceChildren(...fields.map((field) => {
    const values = numbers(field.measured);
    const [H, W] = values.shape.length === 1 ? [1, values.shape[0]] : values.shape;
    const scale = (values.shape.length === 1 ? 260 : 132) / W;
    const tall = values.shape.length === 1 ? 28 : scale;
    const canvas = sheet([tile(H, W, (k) => HEAT[values[k]])], { columns: 1, scale, tall });
    if (field.promised) {
      const [rows, columns] = values.shape.length === 1 ? [[0, 1], field.promised[0]] : field.promised;
      const context = canvas.getContext("2d");
      context.strokeStyle = "#1f5fa8";
      context.lineWidth = 2;
      context.strokeRect(columns[0] * scale + 1, rows[0] * tall + 1, (columns[1] - columns[0]) * scale - 2, (rows[1] - rows[0]) * tall - 2);
    }
    return element("figure", {}, element("figcaption", {}, field.name), canvas, element("p", { class: "quiet" }, fieldWords(field)));
  }));
}

function fieldWords(field) {
  if (field.silent) return "No gradient comes back from here: the output is silent on these examples.";
  const mass = `nine tenths of the gradient lie on ${field.pixels} of ${field.of}`;
  if (!field.promised) return mass;
  const sides = field.promised.map(([first, end]) => end - first).join("×");
  return `promised ${sides}; ${mass}; ${field.outside === 0 ? "none outside" : `${percent(field.outside, 2)} outside`}`;
}
