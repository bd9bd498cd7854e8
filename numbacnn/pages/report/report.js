"use strict";
// Puts the parts together.

const data = pageData("report");
const PART_WORDS = { val: "validation", test: "test", train: "training" };
const partWord = PART_WORDS[data.part];

function column(name) {
  return data.rows.map((row) => row[name] ?? null);
}

function drawCourse() {
  const epochs = column("epoch");
  const best = data.rows.find((row) => row.epoch === data.best);
  const star = (name) => best && { epoch: best.epoch, value: best[name] };
  const pair = (name) => [{ name: "training", values: column(`train_${name}`), color: TRAIN },
    { name: "validation", values: column(`val_${name}`), color: VALIDATION, dash: "7 4" }];
  lineChart(document.getElementById("loss-chart"), { epochs, lines: pair("loss"), best: star("val_loss"), floor: 0 });
  lineChart(document.getElementById("accuracy-chart"), { epochs, lines: pair("accuracy"), best: star("val_accuracy"),
    words: (value, yTicks) => percent(value, !yTicks ? 2 : yTicks[1] - yTicks[0] < 0.01 ? 1 : 0) });
  lineChart(document.getElementById("rate-chart"), { epochs, lines: [{ name: "learning rate", values: column("learning_rate"), color: QUIET }], floor: 0 });
}

if (data.rows.length) drawCourse();
if (data.movement) {
  lineChart(document.getElementById("movement-chart"), { epochs: data.movement.epochs, lines: layerLines(data.movement.lines), log: true });
}
if (data.dead) {
  lineChart(document.getElementById("dead-chart"), { epochs: data.dead.epochs, lines: layerLines(data.dead.lines), floor: 0,
    ceiling: Math.max(0.1, ...data.dead.lines.flatMap((line) => line.values)), words: (value, yTicks) => percent(value, yTicks ? 0 : 1) });
}
if (data.errors) {
  const examples = unpackExamples(data.errors.examples);
  const { classes } = data.errors;
  drawConfusion(data.errors, examples, partWord);
  gallery(document.getElementById("worst"), examples, data.errors.worst, classes, partWord);
  gallery(document.getElementById("uncertain"), examples, data.errors.uncertain, classes, partWord);
  reliabilityChart(document.getElementById("reliability-chart"), data.errors.reliability);
}
if (data.filters.length) drawFilters(data.filters, data.epoch);
if (data.fields && data.fields.length) drawFields(data.fields, document.getElementById("fields"));
if (data.maps) {
  const { classes } = data.errors;
  const examples = unpackExamples(data.maps);
  const layers = unpackMaps(data.maps, classes);
  const places = ["map-picks", ...(data.pixels ? ["pixel-picks"] : [])].map((id) => document.getElementById(id));
  drawPicks(places, examples, classes, partWord, (k) => {
    document.getElementById("map-example").replaceChildren(card(examples, k, classes, partWord, { size: 112, bars: 5 }));
    document.getElementById("map-layers").replaceChildren(...layers.map((layer) => drawLayer(layer, k, classes)));
    if (data.pixels) drawPixels(data.pixels, k, card(examples, k, classes, partWord, { size: 96 }), document.getElementById("pixel-rows"));
  });
}
document.documentElement.dataset.drawn = "yes";
