// Light or dark, as the page is now: JupyterLab's and the book's own variables (look.css).
import { whenSized } from "./html.js";

const asked = new Map(); // making a canvas to ask costs a millisecond: each colour is asked once
let pen = null;

// Any CSS colour as [red, green, blue].
export function rgb(colour) {
  if (!asked.has(colour)) {
    pen ||= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    asked.set(colour, Array.from(pen.getImageData(0, 0, 1, 1).data.slice(0, 3)));
  }
  return asked.get(colour);
}

export function mixed(one, other, share) {
  return one.map((channel, i) => Math.round(channel * share + other[i] * (1 - share)));
}

export const css = colour => `rgb(${colour.join(" ")})`;

// Black or white: what can be read on a colour.
export const inkOn = ([red, green, blue]) =>
  0.3 * red + 0.59 * green + 0.11 * blue > 120 ? "#111" : "#FFF";

// The colours of the field's palette: readable by the colour-blind, see drawing/style.py.
export const PALETTE = ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00"];

// Gives colour("ink") as [red, green, blue]; calls `redraw` when the page changes its theme.
export function theme(box, redraw, signal) {
  const known = new Map(); // asking a page for a style is slow while it is being changed
  let last = "";
  function colour(name) {
    if (!box.isConnected) return [128, 128, 128]; // before the page has it, it has no colours
    if (!known.has(name))
      known.set(name, rgb(getComputedStyle(box).getPropertyValue(`--${name}`)));
    return known.get(name);
  }
  function read() {
    if (!box.isConnected) { last = ""; return; } // and anew once it is
    known.clear();
    const [red, green, blue] = colour("paper");
    box.dataset.theme = 0.3 * red + 0.59 * green + 0.11 * blue < 128 ? "dark" : "light";
    known.clear(); // look.css has other colours for a dark page
    const now = `${colour("paper")} ${colour("ink")}`;
    if (now !== last) redraw();
    last = now;
  }
  // A page changes an attribute first and loads the new style sheet later.
  const soon = () => [0, 100, 500, 1500].forEach(delay => setTimeout(read, delay));
  const attributes = new MutationObserver(soon);
  for (const element of [document.documentElement, document.body])
    attributes.observe(element, {
      attributeFilter: ["class", "data-theme", "data-jp-theme-name", "data-mode"],
    });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon, { signal });
  whenSized(box, () => last || read(), signal); // a view is drawn before it is in the page
  signal.addEventListener("abort", () => attributes.disconnect());
  return colour;
}
