"use strict";
// The confusion matrix: counts, colored by the share of a row or, of errors alone, by their number; a cell opens its examples.

const MANY = 30; // classes; of more, cells are small and have no numbers

function drawConfusion(errors, examples, partWord) {
  const { matrix, classes } = errors;
  const table = document.getElementById("confusion-table");
  const cell = document.getElementById("cell");
  const totals = matrix.map((row) => row.reduce((sum, one) => sum + one, 0));
  const mostErrors = Math.max(1, ...matrix.flatMap((row, a) => row.filter((_, p) => p !== a)));
  table.classList.toggle("dense", classes.length > MANY);

  function colorOf(a, p, alone) {
    if (alone) return a === p ? [240, 240, 240] : ORANGES[Math.round((255 * matrix[a][p]) / mostErrors)];
    return BLUES[Math.round((255 * matrix[a][p]) / Math.max(1, totals[a]))];
  }

  function draw(alone) {
    const head = element("tr", {}, element("td", { class: "corner" }, "true ↓ taken for →"), ...classes.map((name) => element("th", { scope: "col", title: name }, element("span", {}, name))));
    table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...matrix.map((row, a) => element("tr", {},
      element("th", { scope: "row", title: classes[a] }, element("span", {}, classes[a])), ...row.map((count, p) => cellOf(a, p, count, alone))))));
    document.getElementById("confusion-words").textContent = alone
      ? `Errors alone: the darkest cell has ${counted(mostErrors, "error")}. The diagonal is left out.`
      : "A cell is colored by its share of all examples of its row. Click a cell to see them.";
  }

  function cellOf(a, p, count, alone) {
    const color = colorOf(a, p, alone);
    const place = element("td", { class: a === p ? "right" : "" });
    place.style.backgroundColor = css(color);
    if (!count || (alone && a === p)) return place;
    const button = element("button", { type: "button", onclick: () => open(a, p), title: `${counted(count, "time")}: true ${classes[a]}, taken for ${classes[p]}`,
      "aria-label": `true ${classes[a]}, taken for ${classes[p]}: ${count}` }, classes.length > MANY ? "" : String(count));
    button.style.color = color[0] * 0.3 + color[1] * 0.59 + color[2] * 0.11 < 140 ? "#ffffff" : "#222222";
    place.append(button);
    return place;
  }

  function open(a, p) {
    const members = examples.rows.flatMap((row, k) => (row.y === a && row.p === p ? [k] : []));
    const count = matrix[a][p];
    const all = members.length === count ? "" : `, ${members.length} of them here`;
    const place = element("div", { class: "gallery" });
    const heading = a === p ? `${classes[a]}, classified right` : `${classes[a]}, taken for ${classes[p]}`;
    cell.replaceChildren(element("h4", {}, heading), element("p", { class: "quiet" },
      `${counted(count, "time")}, ${percent(count / totals[a])} of all ${classes[a]}${all}.`), place);
    gallery(place, examples, members, classes, partWord, { first: 6 });
  }

  choices(document.getElementById("confusion-choice"), ["all, by share of the row", "errors alone"], (k) => draw(k === 1));
  const worst = errors.confused[0];
  if (worst) open(worst.actual, worst.predicted);
  else cell.replaceChildren(element("p", {}, "No errors at all. Click a cell of the diagonal to see its examples."));
}
