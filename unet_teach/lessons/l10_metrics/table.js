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
    const at = new Map(counts.map(([i, j, pixels]) => [`${i} ${j}`, pixels]));
    rows.forEach((row, i) => {
      row.classList.toggle("wall-bad", bad.has(i + 1));
      row.replaceChildren(h("th", { scope: "row" }, String(i + 1)), ...shown.map((_segment, j) => {
        const pixels = at.get(`${i} ${j}`), with_others = neurons[j].length > 1 && bad.has(i + 1);
        if (!pixels) return h("td", {});
        const share = pixels / given.sizes[i], colours = colour(with_others ? "loud" : "accent");
        const wash = mixed(colours, paper, with_others ? 1 : 0.1 + 0.22 * share);
        return h("td", { "data-count": pixels, style: `background:${css(wash)};color:${css(ink)}` },
          String(pixels));
      }), ...(loses ? [h("td", lost[i] ? { "data-count": lost[i] } : {}, lost[i] ? String(lost[i]) : "")] : []));
    });
    const left = segments.length - shown.length;
    more.textContent = left > 0 ? fill(words.more, { n: left }) : "";
  }
  return { element, draw,
    light: neurons => rows.forEach((row, i) => row.classList.toggle("wall-lit", neurons.includes(i + 1))) };
}
