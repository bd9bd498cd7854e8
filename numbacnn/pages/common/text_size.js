"use strict";
// Text that a projector shows: three sizes to choose from. Maps and charts are laid out anew.

const TEXT_SIZES = [{name: "usual text", factor: 1}, {name: "large text", factor: 1.3}, {name: "text for a projector", factor: 1.7}];

function chooseTextSize(factor) {
  document.documentElement.style.setProperty("--text-size", factor);
  document.querySelectorAll("#text-size button").forEach((button) => button.setAttribute("aria-pressed", String(button.factor === factor)));
  window.dispatchEvent(new Event("resize"));
}

TEXT_SIZES.forEach(({name, factor}) => {
  const button = document.createElement("button");
  button.textContent = "A";
  button.title = name;
  button.factor = factor;
  button.setAttribute("aria-label", name);
  button.style.fontSize = `${12 + 6 * (factor - 1) / 0.3 / 1.2}px`;
  button.addEventListener("click", () => chooseTextSize(factor));
  document.getElementById("text-size").append(button);
});
chooseTextSize(1);
