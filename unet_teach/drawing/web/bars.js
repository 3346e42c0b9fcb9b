// Numbers from 0 to 1 as bars that move; each carries its number, exact and as it is read.
import { h } from "./html.js";

// rows: [name, words]. set("v_rand", 0.8061, "0.806")
export function bars(rows) {
  const parts = new Map();
  const element = h("div", { class: "unet-bars" }, ...rows.map(([name, words]) => {
    const value = h("span", { class: "unet-bar-value" }), bar = h("span", { class: "unet-bar" });
    const row = h("div", { class: "unet-bar-row", "data-name": name },
      h("span", { class: "unet-bar-name" }, words), h("span", { class: "unet-track" }, bar), value);
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
