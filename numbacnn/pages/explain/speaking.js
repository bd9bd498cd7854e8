"use strict";
// Which pixels spoke for one class and against another: gradient x input of the difference of their scores.

/**
 * What each number of the input adds to score `first` - score `other`, if the network were linear there: its gradient times its distance
 * from the darkest. The loss against `other` less that against `first` is the difference of the scores, so two passes are enough.
 */
function partsOfPixels(other, first) {
  const input = state.pass.outs[0], against = (target) => runNetwork(state.network, input, target).grads[0];
  const [low, high] = [against(other), against(first)], dark = input.reduce((a, b) => Math.min(a, b));
  state.network.ops[state.network.loss].args.target = state.target;  // runNetwork has moved it
  return input.map((number, i) => (low[i] - high[i]) * (number - dark));
}

/** A button, and once it is pressed the picture of the pixels that spoke. */
function speakingPixels(other, first) {
  if (!pageRun.whole || pageRun.kind !== "images") return [];
  const name = (c) => state.classes[c], box = element("div", {id: "speaking"});
  const show = () => {
    const parts = partsOfPixels(other, first), canvas = element("canvas", {role: "img", "aria-label": `pixels that spoke for ${name(first)} and against ${name(other)}`});
    const layout = layoutOf(pageRun.ops[0].shape), cell = Math.max(2, Math.min(10, Math.floor(280 / layout.columns)));
    box.replaceChildren(canvas, element("p", {}, `Orange pixels spoke for ${name(first)}, blue ones for ${name(other)}: the gradient of the difference of their scores times `
      + "how much lighter than the darkest the pixel is. Click one to see its gradient of the loss. The map would be exact if the network were linear here."));
    drawTiles(canvas, {...layout, cell, width: 300, most: largest(parts), value: (t, r, c) => parts[layout.index(t, r, c)]});
    canvas.addEventListener("click", (event) => {
      const under = underPointer(canvas, event);
      if (under !== null) state.choose({op: 0, what: "grad", index: layout.index(under.tile, under.row, under.column)});
    });
  };
  return [element("p", {}, element("button", {id: "speak", onclick: show}, `which pixels spoke for ${name(first)} and against ${name(other)}`)), box];
}
