// Lesson 09: a network as boxes with their maps, as a U or in rows; lines say what goes where.
import { fill, h, svg } from "../../drawing/web/html.js";
import { grey, heat, signed, thumbnail } from "../../drawing/web/image.js";
import { css } from "../../drawing/web/theme.js";

const GAP = 6, SCISSORS = 28, MOST = 84, LEAST = 30, TALKS = 58; // px; a box this wide has words

// Maps come as 0 to 248 between the ends of their scale, and 255 where they are no number.
const SCALES = { grey: grey(0, 248), heat: heat(0, 248), signed: signed(124) }, tables = {};
for (const [kind, scale] of Object.entries(SCALES))
  tables[kind] = Array.from({ length: 249 }, (_, n) => scale(kind === "signed" ? n - 124 : n));
export const colours = (kind, warning) => n => (n === 255 ? warning : tables[kind][n]);

// A map that is painted anew, of whatever shape; the cross of the chosen place lies over it.
export function map({ kind, shape, data }, colour, cross = true) {
  const [rows, columns] = shape, shown = thumbnail({ rows, columns });
  const of = colours(kind, colour("warning"));
  shown.paint(i => of(data[i]));
  return h("span", { class: "net-map", style: `aspect-ratio: ${columns} / ${rows}` }, shown.element,
    cross ? h("i") : null);
}

export function network(play, { open, cut }) {
  const { given, words, colour } = play, U = given.layout === "u";
  const lines = svg("svg", { class: "net-lines", "aria-hidden": "true" });
  const starts = [];
  given.boxes.reduce((at, box) => (starts.push(at), at + box.thumb[0] * box.thumb[1]), 0);
  const boxes = given.boxes.map((box, i) => {
    const frame = h("span", { class: "net-frame" }), value = h("span", { class: "net-value" });
    const button = h("button", { type: "button", class: "net-box", "data-box": i,
      onclick: () => open(box.name) }, frame, h("span", { class: "net-word" }, box.word), value);
    return { ...box, button, frame, value };
  });
  const scissors = U ? boxes.flatMap(box => box.skips.map(skip => ({ skip, box, a: skip[0],
    button: h("button", { type: "button", class: "net-cut", onclick: () => cut(skip) }, "✂") }))) : [];
  const group = (level, side) => {
    const found = boxes.filter(b => b.level === level && b.side === side).map(b => b.button);
    return found.length ? h("div", { class: `net-${side}` }, ...found) : null;
  };
  const rows = U ? Array.from({ length: 1 + Math.max(...boxes.map(b => b.level)) }, (_, level) =>
    h("div", { class: "net-row" }, ...["down", "bottom", "up"].map(side => group(level, side))))
    : [h("div", { class: "net-row net-flow" }, ...boxes.map(b => b.button))];
  const element = h("div", { class: "net", role: "group", "aria-label": words.network }, lines, ...rows,
    ...scissors.map(s => s.button));

  function fit() {
    const room = element.clientWidth;
    if (!room) return;
    const most = U ? Math.max(...rows.map(row => row.querySelectorAll(".net-box").length)) : 12;
    const wide = Math.max(LEAST, Math.min(MOST, Math.floor((room - SCISSORS) / most) - GAP));
    const spare = room - SCISSORS - most * (wide + GAP), step = Math.min(44, spare / 2 / rows.length);
    element.style.setProperty("--box", `${U ? wide : Math.max(wide, TALKS)}px`);
    rows.forEach((row, level) => { row.style.paddingInline = U ? `${Math.max(0, step * level)}px` : ""; });
    element.classList.toggle("net-silent", U && wide < TALKS);
    join();
  }
  // Lines: straight to the next, an arc over what lies between, down or up to another row.
  function join() {
    const { clientWidth: w, clientHeight: hgt } = element, edge = element.getBoundingClientRect();
    lines.setAttribute("viewBox", `0 0 ${w} ${hgt}`);
    const place = boxes.map(box => {
      const at = box.frame.getBoundingClientRect(), x = at.left - edge.left, y = at.top - edge.top;
      const foot = box.button.getBoundingClientRect().bottom - edge.top; // below its words
      return { x, y, right: x + at.width, foot, middle: x + at.width / 2 };
    });
    const parts = [];
    boxes.forEach((box, i) => box.parents.forEach(p => {
      const a = place[p], b = place[i], skip = box.skips.find(s => named(boxes[p], s[0]));
      const isCut = skip && cuts.has(String(skip)), level = Math.abs(a.y - b.y) < 12;
      const up = Math.min(a.y, b.y) - 10, half = a.y < b.y ? b.y - 8 : a.y - 8;
      const path = level && p === i - 1 ? `M${a.right} ${a.y + 14}H${b.x}`
        : level ? `M${a.middle} ${a.y}V${up}H${b.middle}V${b.y}`
          : a.y < b.y ? `M${a.middle} ${a.foot}V${half}H${b.middle}V${b.y}`
            : `M${a.middle} ${a.y}V${half}H${b.middle}V${b.foot}`;
      parts.push(svg("path", { d: path, class: isCut ? "net-gone" : box.parents.length > 1 && p !== i - 1
        ? "net-skip" : "", stroke: css(colour(isCut ? "bad" : skip ? "accent" : "faint")) }));
      const tool = scissors.find(s => s.skip === skip);
      if (tool) {
        const [left, right] = [...rows[box.level].children].map(e => e.getBoundingClientRect());
        tool.button.style.left = `${((right ? left.right + right.left : 2 * left.right) / 2) - edge.left - 12}px`;
        tool.button.style.top = `${up - 12}px`;
      }
    }));
    lines.replaceChildren(...parts);
  }
  const named = (box, name) => box.steps.some(([step]) => step === name);
  const seen = new ResizeObserver(fit);
  seen.observe(element);
  play.signal.addEventListener("abort", () => seen.disconnect());

  let cuts = new Set();
  // Maps and lines are drawn anew only where they are others: pointing changes values alone.
  function draw(found, isNew) {
    cuts = new Set(found.settings.cuts.map(String));
    const sizes = found.changed.map(i => boxes[i].thumb[0] * boxes[i].thumb[1]);
    const changed = new Map(found.changed.map((i, n) =>
      [i, sizes.slice(0, n).reduce((sum, size) => sum + size, 0)]));
    boxes.forEach((box, i) => {
      if (isNew) {
        const size = box.thumb[0] * box.thumb[1], moved = changed.has(i);
        const start = moved ? changed.get(i) : starts[i];
        const data = (moved ? found.changed_maps : given.thumbs).data.subarray(start, start + size);
        box.frame.replaceChildren(map({ kind: box.scale, shape: box.thumb, data }, colour));
        box.button.classList.toggle("net-changed", moved);
      }
      box.button.setAttribute("aria-pressed", i === found.box);
      box.value.textContent = box.value.dataset.value = found.values[i];
      box.button.setAttribute("aria-label", fill(words.box,
        { word: box.word, name: box.name, shape: box.shape.join(" × "), value: found.values[i] }));
    });
    for (const { skip, button } of scissors) {
      const isCut = cuts.has(String(skip));
      button.setAttribute("aria-pressed", isCut);
      button.setAttribute("aria-label", fill(isCut ? words.mend : words.cut, { a: skip[0], b: skip[1] }));
    }
    if (isNew) fit();
  }
  return { element, draw };
}
