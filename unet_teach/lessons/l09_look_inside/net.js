// Lesson 09: a network as boxes with their maps, as a U or in rows; lines say what goes where.
import { fill, h, svg, whenSized } from "../../drawing/web/html.js";
import { css } from "../../drawing/web/theme.js";
import { sheet } from "./sheet.js";

const GAP = 6, SCISSORS = 28, WORDS = 46; // px: between boxes, for ✂, over and under a box
const MOST = 120, LEAST = 30, TALKS = 58; // px; a box of the last width has words

export function network(play, { open, cut }) {
  const { given, words, colour } = play, U = given.layout === "u";
  const lines = svg("svg", { class: "net-lines", "aria-hidden": "true" });
  const starts = [];
  given.boxes.reduce((at, box) => (starts.push(at), at + box.thumb[0] * box.thumb[1]), 0);
  const boxes = given.boxes.map((box, i) => {
    const frame = h("span", { class: "net-frame", style: `aspect-ratio: ${box.thumb[1]} / ${box.thumb[0]}` });
    const value = h("span", { class: "net-value" });
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
  const maps = sheet(element, colour);

  // As large as the width allows, and so that the whole U is in the window.
  function fit() {
    const room = element.clientWidth;
    if (!room) return;
    const counts = rows.map(row => row.querySelectorAll(".net-box").length), most = U ? Math.max(...counts) : 12;
    const whole = U ? Math.max(TALKS, Math.min(MOST, 0.7 * window.innerHeight / rows.length - WORDS)) : MOST;
    const wide = Math.max(LEAST, Math.min(whole, Math.floor((room - SCISSORS) / most) - GAP));
    // Each level further in than the one above, as far as its boxes leave room.
    const step = Math.min(44, ...counts.slice(1).map((n, i) => (room - SCISSORS - n * (wide + GAP)) / 2 / (i + 1)));
    element.style.setProperty("--box", `${U ? wide : Math.max(wide, TALKS)}px`);
    rows.forEach((row, level) => { row.style.paddingInline = U ? `${Math.max(0, step * level)}px` : ""; });
    element.classList.toggle("net-silent", U && wide < TALKS);
    join();
    maps.draw(boxes.map((box, i) => [box.frame, { kind: box.scale, shape: box.thumb, data: data[i] }]));
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
      const up = Math.min(a.y, b.y) - 8, half = Math.max(a.y, b.y) - 14;
      const path = level && p === i - 1 ? `M${a.right} ${a.y + 14}H${b.x}`
        : level ? `M${a.middle} ${a.y}V${up}H${b.middle}V${b.y}`
          : a.y < b.y ? `M${a.middle} ${a.foot}V${half}H${b.middle}V${b.y}`
            : `M${a.middle} ${a.y}V${half}H${b.middle}V${b.foot}`;
      parts.push(svg("path", { d: path, class: isCut ? "net-gone" : box.parents.length > 1 && p !== i - 1
        ? "net-skip" : "", stroke: css(colour(isCut ? "bad" : skip ? "accent" : "faint")) }));
      const tool = scissors.find(s => s.skip === skip);
      if (tool) {
        const [left, right] = [...rows[box.level].children].map(e => e.getBoundingClientRect());
        tool.button.style.left = `${left.right - edge.left + (right ? 4 : -12)}px`; // clear of the words above
        tool.button.style.top = `${up - 14}px`;
      }
    }));
    lines.replaceChildren(...parts);
  }
  const named = (box, name) => box.steps.some(([step]) => step === name);
  whenSized(element, fit, play.signal);

  let cuts = new Set(), data = [];
  // Maps and lines are drawn anew only where they are others: pointing changes values alone.
  function draw(found, isNew) {
    boxes.forEach((box, i) => {
      if (box.value.dataset.value === found.values[i]) return; // what is written anew is laid out anew
      box.value.textContent = box.value.dataset.value = found.values[i];
      box.button.setAttribute("aria-label", fill(words.box,
        { word: box.word, name: box.name, shape: box.shape.join(" × "), value: found.values[i] }));
    });
    if (!isNew) return;
    cuts = new Set(found.settings.cuts.map(String));
    let at = 0;
    data = boxes.map((box, i) => {
      const size = box.thumb[0] * box.thumb[1], moved = found.changed.includes(i), start = moved ? at : starts[i];
      if (moved) at += size;
      box.button.classList.toggle("net-changed", moved);
      return (moved ? found.changed_maps : given.thumbs).data.subarray(start, start + size);
    });
    for (const { skip, button } of scissors) {
      const isCut = cuts.has(String(skip));
      button.setAttribute("aria-pressed", isCut);
      button.setAttribute("aria-label", fill(isCut ? words.mend : words.cut, { a: skip[0], b: skip[1] }));
    }
    fit();
  }
  return { element, draw, cross: maps.cross, focus: i => boxes[i]?.button.focus(), // press: none if it is −1
    press: opened => boxes.forEach(({ button }, i) => button.setAttribute("aria-pressed", i === opened)) };
}
