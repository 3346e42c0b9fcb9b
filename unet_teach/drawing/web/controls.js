// Levers: one of several, yes or no, a slider that stops where it may, and play.
import { button } from "./stage.js";
import { h } from "./html.js";

let count = 0;

// One of several; options are [value, words]. Radio buttons: arrow keys move among them.
export function choice(label, options, value, chosen) {
  const name = `unet-choice-${++count}`;
  const inputs = options.map(([key]) => h("input", {
    type: "radio", name, value: key, checked: key === value, onchange: () => chosen(key) }));
  const element = h("fieldset", { class: "unet-choice" },
    h("legend", { class: "unet-hidden" }, label),
    ...options.map(([, words], i) => h("label", {}, inputs[i], h("span", {}, words))));
  return { element, set: key => inputs.forEach(e => { e.checked = e.value === String(key); }) };
}

export function toggle(label, value, chosen) {
  const input = h("input", { type: "checkbox", checked: value, onchange: () => chosen(input.checked) });
  return { element: h("label", { class: "unet-toggle" }, input, h("span", {}, label)),
    set: now => { input.checked = now; } };
}

// A slider over the values that work, in order; it takes the width there is. `text` says a value
// in words. For one that goes anywhere give every value.
export function slider(label, stops, value, moved, text = String) {
  const place = now => Math.max(0, stops.findIndex(stop => stop === now));
  const output = h("output", {}, text(value));
  const input = h("input", { type: "range", min: 0, max: stops.length - 1, step: 1,
    "aria-label": label, oninput: () => { said(); moved(stops[input.valueAsNumber]); } });
  function said() {
    output.textContent = text(stops[input.valueAsNumber]);
    input.setAttribute("aria-valuetext", output.textContent);
    input.dataset.value = JSON.stringify(stops[input.valueAsNumber]);
  }
  function set(now) { input.value = place(now); said(); }
  set(value);
  return { element: h("label", { class: "unet-slider" }, h("span", {}, label), input, output),
    set, input };
}

// Step through something at a pace; it stops at the end, at a press, when another control of the
// view is used, and when the view goes.
// Who asked for less motion steps by hand: a press is one step.
export function play(words, step, { pace = 400, signal } = {}) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  const element = button(words.play, () => timer ? stop() : still.matches ? step() : start());
  const other = event => {
    if (!element.contains(event.target) && event.target.closest("button, input, label")) stop();
  };
  function start() {
    element.closest(".unet-view").addEventListener("click", other, { signal });
    element.textContent = words.pause;
    timer = setInterval(() => { if (step() === false) stop(); }, pace);
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    element.textContent = words.play;
  }
  signal?.addEventListener("abort", stop);
  return { element, stop };
}
