// Maps of numbers as pictures: which colour a number has, and which number a colour means.
// A scale goes from a number to [red, green, blue]; what lies beyond its ends has their colour.
import { h } from "./html.js";
import { css, mixed, rgb } from "./theme.js";

const VIRIDIS = ["#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725"];
const SIGNED = ["#00507D", "#56B4E9", "#F5F5F5", "#F0803C", "#8F3300"]; // below zero, zero, above

function along(colours, low, high) {
  const stops = colours.map(colour => rgb(colour)), last = stops.length - 1;
  const scale = number => {
    const at = Math.min(Math.max((number - low) / (high - low || 1), 0), 1) * last;
    const below = Math.min(Math.floor(at), last - 1);
    return mixed(stops[below + 1], stops[below], at - below);
  };
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

// The colour of each number, into the data of a canvas.
export function paintInto({ data }, colourOf) {
  for (let at = 0; at < data.length; at += 4) {
    const colour = colourOf(at / 4);
    data[at] = colour[0];
    data[at + 1] = colour[1];
    data[at + 2] = colour[2];
    data[at + 3] = 255;
  }
}

// A small picture without hands: a pixel of the canvas is a number of the map, and the page
// enlarges it. Give it a width by CSS.
export function thumbnail({ rows, columns, label = "" }) {
  const element = h("canvas", { class: "unet-map", width: columns, height: rows,
    ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) });
  const context = element.getContext("2d"), image = context.createImageData(columns, rows);
  function paint(colourOf) { paintInto(image, colourOf); context.putImageData(image, 0, 0); }
  return { element, paint };
}
