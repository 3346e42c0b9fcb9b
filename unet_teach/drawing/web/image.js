// Maps of numbers as pictures: which colour a number has, and which number a colour means.
// A scale goes from a number to [red, green, blue]; what lies beyond its ends has their colour.
import { within } from "./hands.js";
import { h } from "./html.js";
import { css, mixed, rgb } from "./theme.js";

const VIRIDIS = ["#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725"];
const SIGNED = ["#00507D", "#56B4E9", "#F5F5F5", "#F0803C", "#8F3300"]; // below zero, zero, above

function along(colours, low, high) {
  const stops = colours.map(colour => rgb(colour)), last = stops.length - 1;
  const known = []; // of whole numbers, as most maps hold them: one is asked for again and again
  const found = number => {
    const at = within((number - low) / (high - low || 1), 0, 1) * last, below = Math.min(Math.floor(at), last - 1);
    return mixed(stops[below + 1], stops[below], at - below);
  };
  const scale = number => Number.isInteger(number) ? known[number] ??= found(number) : found(number);
  return Object.assign(scale, { low, high });
}

export const grey = (low = 0, high = 255) => along(["#000000", "#FFFFFF"], low, high);
export const heat = (low = 0, high = 1) => along(VIRIDIS, low, high);
export const signed = most => along(SIGNED, -most, most);

// A scale with the numbers of its ends; `words` says what the numbers are.
export function colourBar(words, scale, low, high) {
  const steps = Array.from({ length: 17 }, (_, i) =>
    css(scale(scale.low + ((scale.high - scale.low) * i) / 16)));
  return h("div", { class: "unet-colours" }, h("span", { class: "unet-faint" }, words),
    h("span", {}, low), h("i", { style: `background:linear-gradient(90deg,${steps.join()})` }),
    h("span", {}, high));
}

// Gives paint(i => the colour of number i): a pixel of the canvas for each number of the map.
// Where a map has another size than the one before, so has the canvas.
export function painter(canvas) {
  const context = canvas.getContext("2d");
  return (colourOf, rows = canvas.height, columns = canvas.width) => {
    if (canvas.height !== rows) canvas.height = rows;
    if (canvas.width !== columns) canvas.width = columns;
    const image = context.createImageData(columns, rows), { data } = image;
    for (let at = 0; at < data.length; at += 4) {
      const colour = colourOf(at / 4);
      data[at] = colour[0];
      data[at + 1] = colour[1];
      data[at + 2] = colour[2];
      data[at + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  };
}

// A small picture without hands; the page enlarges it. Give it a width by CSS.
export function thumbnail({ rows = 1, columns = 1, label = "" }) {
  const element = h("canvas", { class: "unet-map", width: columns, height: rows,
    ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) });
  return { element, paint: painter(element) };
}
