"use strict";
// The panel: how the chosen number comes about, played through the loop step by step.

/** An element with properties, attributes (as data) and children; text is always text. */
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(properties).forEach(([name, value]) => {
    if (name.startsWith("aria-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  });
  made.append(...children);
  return made;
}

const panel = {
  walk: null, at: 0, timer: null,

  /** Show what is chosen; the walk stands at its end, where the number is known. */
  show(state) {
    this.stop();
    this.state = state;
    this.walk = walkOf(state.network, state.pass, state.chosen);
    this.at = Math.max(0, (this.walk.steps || []).length - 1);
    const root = document.getElementById("panel");
    root.classList.remove("empty");
    root.replaceChildren(...this.parts());
    root.scrollTop = 0;
    if ((this.walk.steps || []).length) this.move(this.at);
    else state.mark({});
  },

  /** Close the sheet; it stays closed until a number is chosen. */
  close() {
    this.stop();
    document.getElementById("panel").classList.add("empty");
    this.state.chosen = this.walk = null;
    this.state.mark({});
  },

  parts() {
    const {chosen} = this.state, steps = this.walk.steps || [];
    const head = [
      element("button", {id: "close", onclick: () => this.close(), "aria-label": "close"}, "✕"),
      element("div", {className: "row"},
        element("button", {id: "back", disabled: this.state.history.length === 0, onclick: () => this.state.back(), "aria-label": "back to the number before"}, "←"),
        element("h2", {id: "title"}, titleOf(this.state)), ...this.neighbors()),
      element("p", {}, element("span", {className: "num value", id: "value"}, short(this.walk.value)), ` ${this.exactly()}`),
      element("p", {}, meaningOf(this.state, this.walk)),
    ];
    if (!steps.length) return head;
    this.slider = element("input", {type: "range", min: 0, max: steps.length - 1, value: this.at, "aria-label": "step of the loop",
                                    oninput: () => this.move(Number(this.slider.value))});
    this.playButton = element("button", {id: "play", onclick: () => this.toggle()}, "▶ play");
    const player = element("div", {className: "player"}, element("div", {className: "row"},
      element("button", {id: "first", onclick: () => this.move(0), "aria-label": "first step"}, "|◀"),
      element("button", {id: "previous", onclick: () => this.move(this.at - 1), "aria-label": "step back"}, "◀"),
      this.playButton,
      element("button", {id: "next", onclick: () => this.move(this.at + 1), "aria-label": "step"}, "step ▶"),
      element("button", {id: "last", onclick: () => this.move(steps.length - 1), "aria-label": "last step"}, "▶|"),
      element("span", {id: "count", className: "small num"})), this.slider);
    this.now = element("div", {className: "now", id: "now"});
    this.sum = element("canvas", {"aria-label": "the running sum, step by step", role: "img"});
    this.grids = element("div", {className: "triple"});
    this.loop = element("div");
    const course = steps.length < 3 ? [] : [element("figure", {}, this.sum, element("figcaption", {}, this.isSum() ? "the running sum, step by step" : "the number so far, step by step"))];
    return [...head, player, this.now, this.grids, this.loop, ...course, ...this.largestTerms(), ...this.update()];
  },

  /** Buttons that lead to the numbers beside this one: a square can be smaller than a finger. */
  neighbors() {
    const {chosen, network} = this.state, op = network.ops[chosen.op];
    const layout = layoutOf(chosen.what === "weight" ? [1, ...op.weights[chosen.name].shape] : op.shape), {tile, row, column} = layout.where(chosen.index);
    const to = (name, sign, r, c) => {
      const inside = r >= 0 && r < layout.rows && c >= 0 && c < layout.columns && layout.index(tile, r, c) >= 0;
      return element("button", {disabled: !inside, "aria-label": `the number ${name}`, onclick: () => this.state.choose({...chosen, index: layout.index(tile, r, c)}, false)}, sign);
    };
    if (layout.rows * layout.columns < 2) return [];
    return [element("span", {className: "neighbors", role: "group", "aria-label": "neighbors"}, to("at the left", "◂", row, column - 1), to("above", "▴", row - 1, column),
      to("below", "▾", row + 1, column), to("at the right", "▸", row, column + 1))];
  },

  /** All digits that a float32 has, where the short form leaves some out. */
  exactly() {
    const value = this.walk.value, exact = value === undefined ? "" : String(Number(value.toPrecision(9))).replace("-", "−");
    return value === undefined || exact === short(value) ? "" : `(exactly ${exact})`;
  },

  /** Whether the number is the sum of the products of its steps, and not the largest of them, a quotient or a root. */
  isSum() {
    const {steps, value} = this.walk;
    if (steps[0].part.op.kind.startsWith("max_pool") && this.state.chosen.what === "out") return false;
    const products = steps.filter((step) => step.a !== undefined || step.b !== undefined).map(productOf);
    const start = steps[0].plain ? steps[0].plain.value : 0, size = products.reduce((sum, product) => sum + Math.abs(product), Math.abs(start));
    return Math.abs(products.reduce((sum, product) => sum + product, start) - value) <= 1e-4 * size && size > 0;
  },

  /** The terms that count most, each leading to its step; only a sum has any. */
  largestTerms() {
    if (!this.isSum()) return [];
    const terms = this.walk.steps.map((step, k) => ({k, step, product: step.b === undefined ? undefined : productOf(step)}))
      .filter(({step, product}) => product !== undefined && !step.nothing && step.cell !== undefined);
    if (terms.length < 2) return [];
    const sums = [1, -1].map((sign) => terms.reduce((sum, {product}) => product * sign > 0 ? sum + product : sum, 0));
    const list = (sign) => terms.filter(({product}) => product * sign > 0).sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, 5)
      .map(({k, step, product}) => element("button", {className: "num", onclick: () => { this.move(k); document.getElementById("now").scrollIntoView({block: "nearest"}); }},
        `${short(product)} = ${this.termText(step)}`));
    return [element("h3", {}, "What made this number"), element("p", {id: "why-sign"}, this.whySign(terms, sums)),
            element("div", {className: "terms"},
              element("div", {}, element("div", {className: "small plus"}, `upward: ${short(sums[0])} in all`), ...list(1)),
              element("div", {}, element("div", {className: "small minus"}, `downward: ${short(sums[1])} in all`), ...list(-1)))];
  },

  /** Why the number has its sign: how much pushed it up, how much down, and of a gradient what that means. */
  whySign(terms, [up, down]) {
    const value = this.walk.value, number = (sign) => terms.filter(({product}) => product * sign > 0).length, {plain} = this.walk.steps[0];
    const balance = `${number(1)} terms push it up by ${short(up)}, ${number(-1)} push it down by ${short(-down)}${plain ? `, and it began with the bias ${short(plain.value)}` : ""}`;
    const side = value > 0 ? "above zero" : value < 0 ? "below zero" : "zero";
    const signs = this.state.chosen.what !== "weight" ? "" : " A term pushes down where the input of the weight and the gradient of the output it contributes to have different signs: "
      + "there a larger weight would move the output in the direction that lowers the loss.";
    return `It is ${side}: ${balance}.${signs}`;
  },

  /** For a weight: what a step of training makes of it. */
  update() {
    const {chosen, network, lr} = this.state;
    if (chosen.what !== "weight" || this.walk.value === undefined) return [];
    const w = network.ops[chosen.op].weights[chosen.name].data[chosen.index], dw = this.walk.value, after = fround(w - fround(lr * dw));
    return [element("h3", {}, "What one step of training does with it"),
            element("p", {}, element("span", {className: "num", id: "update"}, `w − lr · dw = ${short(w)} − ${lr} · ${short(dw)} = ${short(after)}`)),
            element("p", {}, dw === 0 ? "The gradient is zero: this example does not change this weight."
              : after === w ? `With a step size of ${lr} the step is too small to change it.`
              : `The gradient is ${dw > 0 ? "above" : "below"} zero: the loss would ${dw > 0 ? "grow" : "fall"} if this weight grew, so the step makes it ${dw > 0 ? "smaller" : "larger"}.`),
            loopView("sgd_update", "param[i] = param[i] - lr * step")];
  },

  /** The two numbers of a step in words. */
  termText(step) {
    return [step.a, step.b].filter(Boolean).map((term) => `${short(term.value)} (${this.termName(step, term)})`).join(step.sign === "+" ? " + " : " × ");
  },

  termName(step, term) {
    const op = step.part.op, {ops} = this.state.network;
    if (term.weight) return `${term.weight}[${place(term.index, op.weights[term.weight].shape.slice(1)).join(", ")}]`;
    if (term.grad) return `gradient of ${op.name}, ${whereIn(this.state, op, term.index)}`;
    if (term.read !== undefined) {
      let from = ops[op.reads[term.read]];
      if (from.kind === "flatten") from = ops[from.reads[0]];  // the same numbers, where they lay in their maps
      return `${from.name}, ${whereIn(this.state, from, term.index)}`;
    }
    return "a constant";
  },

  /** Buttons that lead to the numbers of a step. */
  links(step) {
    const op = step.part.op, found = [];
    [step.a, step.b, step.plain].filter(Boolean).forEach((term) => {
      if (term.weight && op.trained.includes(term.weight)) found.push([`gradient of this weight`, {op: op.index, what: "weight", name: term.weight, index: term.index}]);
      else if (term.grad) found.push([`where this gradient comes from`, {op: op.index, what: "grad", index: term.index}]);
      else if (term.read !== undefined) found.push([`where ${short(term.value)} comes from`, {op: op.reads[term.read], what: "out", index: term.index}]);
    });
    return found.map(([text, chosen]) => element("button", {onclick: () => this.state.choose(chosen)}, `${text} →`));
  },

  /** Go to a step: all parts of the panel show it. */
  move(to) {
    const steps = this.walk.steps;
    if (!steps || !steps.length) return;
    this.at = Math.max(0, Math.min(steps.length - 1, to));
    const step = steps[this.at], product = productOf(step), loop = step.loop || step.part.loop;
    this.slider.value = this.at;
    document.getElementById("count").textContent = `step ${this.at + 1} of ${steps.length}`;
    const lines = [];
    if (step.a && step.b && step.product === undefined) lines.push(`${this.termText(step)} = ${short(product)}`);
    else if (step.a || step.b) lines.push(this.termText(step));
    else if (step.plain) lines.push(`${short(step.plain.value)} (${this.termName(step, step.plain)})`);
    if (step.says) lines.push(step.says);
    if (step.skipped) lines.push(step.skipped);
    this.now.replaceChildren(...lines.map((line) => element("div", {className: "num small"}, line)),
      element("div", {className: "num"}, "so far: ", element("b", {id: "so-far"}, short(step.acc))), element("div", {className: "row links"}, ...this.links(step)));
    this.loop.replaceChildren(...(loop ? [element("div", {className: "indices num"}, ...Object.entries(step.at).map(([name, value]) =>
      element("span", {}, element("b", {}, name), ` = ${Number.isInteger(value) ? value : short(value)}`))), loopView(loop, step.line)]
      : [element("p", {className: "small soft"}, "The program has no loop of its own for this: it only moves numbers, or NumPy computes it.")]));
    const running = this.loop.querySelector(".running");
    if (running !== null) {  // the running line stands in the middle
      running.parentElement.scrollTop = running.offsetTop - running.parentElement.clientHeight / 2;
    }
    drawWindow(this.grids, this.state, steps, this.at);
    drawSum(this.sum, steps, this.at);
    this.state.mark(step);
  },

  toggle() {
    if (this.timer !== null) { this.stop(); return; }
    if (this.at >= this.walk.steps.length - 1) this.move(0);
    this.playButton.textContent = "⏸ pause";
    const wait = Math.max(40, Math.min(700, 20000 / this.walk.steps.length));
    this.timer = setInterval(() => {
      this.move(this.at + 1);
      if (this.at >= this.walk.steps.length - 1) this.stop();
    }, wait);
  },

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.playButton) this.playButton.textContent = "▶ play";
  },
};

/** The text of a loop with the running line marked. */
function loopView(name, line) {
  const loop = pageLoops[name], view = element("div", {className: "loop num", role: "region", "aria-label": `the loop ${name}`, tabIndex: 0});
  loop.lines.forEach((text) => {
    const running = line !== "" && codeOf(text) === line;
    const indent = text.match(/^ */)[0], row = element("span", {className: running ? "running" : ""}, element("span", {className: "indent"}, indent), text.trim() || " ");
    row.style.setProperty("--depth", indent.length / 4);  // a deep line is wrapped, not pushed out of sight
    view.append(row);
  });
  const block = element("div", {}, element("div", {className: "small soft"}, `the loop that runs, numbacnn/kernels/${loop.file}`), view);
  return block;
}

const codeOf = (text) => text.replace(/\s+#.*$/, "").trim();
