// Numbers from 0 to 1 as bars that move; each carries its number, exact and as it is read.
import { h } from "./html.js";

// rows: [name, words, tick]; a tick is a number to compare with. set("v_rand", 0.8061, "0.806")
export function bars(rows) {
  const parts = new Map();
  const element = h("div", { class: "unet-bars" }, ...rows.map(([name, words, tick]) => {
    const value = h("span", { class: "unet-bar-value" }), bar = h("span", { class: "unet-bar" });
    const row = h("div", { class: "unet-bar-row", "data-name": name },
      h("span", { class: "unet-bar-name" }, words), h("span", { class: "unet-track" }, bar,
        tick == null ? null : h("i", { class: "unet-tick", style: `left:${100 * tick}%`, "data-tick": tick })), value);
    parts.set(name, { row, bar, value });
    return row;
  }));
  function set(name, number, text) {
    const { row, bar, value } = parts.get(name);
    row.dataset.value = number;
    value.textContent = text;
    bar.style.transform = `scaleX(${number})`;
  }
  return { element, set };
}
