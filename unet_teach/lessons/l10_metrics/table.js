// The contingency table: a row for each neuron, a column for each segment, pixels in both.
import { fill, h } from "../../drawing/web/html.js";
import { css, mixed } from "../../drawing/web/theme.js";

const MOST = 15; // columns that are looked at; a map can be broken into hundreds

export function contingencyTable(words, given, light) {
  const rows = given.sizes.map((_size, i) => h("tr", {
    "data-neuron": i + 1, onpointerenter: () => light([i + 1]), onpointerleave: () => light([]) }));
  const head = h("tr", {}), more = h("p", { class: "unet-faint" });
  const element = h("div", { class: "wall-table", tabindex: 0, role: "region", "aria-label": words.table },
    h("p", { class: "wall-caption", "aria-hidden": "true" }, words.table),
    h("table", { "aria-label": words.table }, h("thead", {}, head), h("tbody", {}, ...rows)), more);

  function draw(found, colour) {
    const { segments, neurons, counts, lost } = found.table, shown = segments.slice(0, MOST);
    const loses = lost.some(Boolean), paper = colour("paper"), ink = colour("ink");
    const bad = new Set(found.merged.flat());
    head.replaceChildren(h("th", { scope: "col" }, h("span", { class: "unet-hidden" }, words.neuron)),
      ...shown.map((_segment, j) => h("th", { scope: "col" },
        h("span", { class: "unet-hidden" }, words.segment), String(j + 1))),
      ...(loses ? [h("th", { scope: "col" }, words.lost)] : []));
    const cell = (pixels, style) => h("td", { "data-count": pixels || null, style }, String(pixels || ""));
    rows.forEach((row, i) => {
      const isBad = bad.has(i + 1);
      row.classList.toggle("wall-bad", isBad);
      row.replaceChildren(h("th", { scope: "row" }, String(i + 1)), ...shown.map((_segment, j) => {
        const pixels = counts.find(one => one[0] === i && one[1] === j)?.[2];
        if (!pixels) return cell(0);
        const wash = neurons[j].length > 1 && isBad ? colour("loud")
          : mixed(colour("accent"), paper, 0.1 + 0.22 * pixels / given.sizes[i]);
        return cell(pixels, `background:${css(wash)};color:${css(ink)}`);
      }), ...(loses ? [cell(lost[i])] : []));
    });
    const left = segments.length - shown.length;
    more.textContent = left > 0 ? fill(words.more, { n: left }) : "";
  }
  return { element, draw,
    light: neurons => rows.forEach((row, i) => row.classList.toggle("wall-lit", neurons.includes(i + 1))) };
}
