// The U as a drawing that fits its page: boxes by level, arrows, skips, what goes wrong in red.
import { fill, h, svg } from "../../drawing/web/html.js";
import { fixed } from "../../drawing/web/numbers.js";

const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
const SLANT = 10; // degrees: a box is seen a little from the side

// 36928 as "36.9 k", or with two digits "37k".
export function short(number, digits) {
  for (const [size, prefix] of PREFIXES)
    if (number >= size) {
      const value = number / size, left = String(Math.trunc(value)).length;
      return `${fixed(value, Math.max(0, digits - left))}${digits > 2 ? " " : ""}${prefix}`;
    }
  return String(number);
}

export function drawing(words, signal, choose) {
  const picture = svg("svg", { tabindex: 0, role: "application", "aria-label": words.picture });
  const element = h("div", { class: "u-drawing" }, picture);
  const pulse = svg("circle", { class: "u-pulse", r: 7, visibility: "hidden" });
  let last = null, items = [], hover = null;

  // ------------------------------------------------------------------ hands and keys
  const name = item => JSON.stringify(item && ("skip" in item ? { skip: item.skip } : { box: item.box }));
  function under(event) { // the nearest box or skip, so that a finger finds a narrow one
    const edge = picture.getBoundingClientRect();
    const x = event.clientX - edge.left, y = event.clientY - edge.top;
    let best = null, least = 20;
    for (const item of items) {
      const far = Math.hypot(Math.max(0, Math.abs(x - item.x) - item.width / 2),
        Math.max(0, Math.abs(y - item.y) - item.height / 2)) + ("skip" in item ? 3 : 0);
      if (far < least) [best, least] = [item, far];
    }
    return best;
  }
  picture.addEventListener("pointermove", event => {
    const item = under(event);
    if (name(item) === name(hover)) return;
    hover = item;
    for (const one of items) one.mark.classList.toggle("u-hover", one === item);
  });
  picture.addEventListener("click", event => {
    const item = under(event);
    if (item) choose(JSON.parse(name(item)), true);
  });
  picture.addEventListener("keydown", event => {
    const { found, chosen } = last, along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!along && !across) return;
    event.preventDefault();
    const count = along ? found.boxes.length : found.skips.length;
    const now = along ? chosen.box ?? 3 * chosen.skip + 2 : chosen.skip ?? -across;
    const next = Math.min(Math.max(now + (along || across), 0), count - 1);
    choose(along ? { box: next } : { skip: next }, true);
  });
  new ResizeObserver(() => { if (last && element.clientWidth !== last.width) draw(last.found, last); })
    .observe(element);

  // ------------------------------------------------------------------ where things are
  function layout(found, width) {
    const depth = found.skips.length, columns = 4 * depth + 4, cell = (width - 8) / columns;
    const tallest = Math.min(Math.max(1.9 * cell, 58), 88), first = found.totals.size;
    const wide = cell >= 34, label = wide ? 15 : 13;
    const size = i => found.sizes[i] ?? 0;
    const tall = i => Math.max(12, tallest * Math.sqrt(size(i) / first));
    const place = found.boxes.map(([_kind, level, path], i) => {
      const n = path === "down" ? i - 3 * level : i - 3 * (2 * depth - level);
      return { level, column: path === "down" ? 2 * level + n : 2 * depth + 2 + 2 * (depth - 1 - level) + n };
    });
    const most = Math.max(...found.channels), face = (wide ? 0.66 : 0.82) * cell; // on a phone boxes almost touch
    const slant = face * Math.tan((SLANT * Math.PI) / 180);
    const rows = [];
    let y = 6;
    for (let level = 0; level <= depth; level++) {
      const height = Math.max(...place.map((p, i) => p.level === level ? tall(i) : 0)) + slant;
      rows.push(y + label + height / 2);
      y += height + 2 * label + 18;
    }
    const boxes = place.map(({ level, column }, i) => {
      const thick = 2 + 0.2 * cell * Math.sqrt(found.channels[i] / most);
      return { x: 4 + cell * (column + 0.5), y: rows[level], face, thick, height: tall(i), level, slant };
    });
    return { boxes, cell, wide, label, height: y - 6 };
  }

  // ------------------------------------------------------------------ what is drawn
  function draw(found, { chosen, shown, at, picture: url }) {
    const width = element.clientWidth || 900, depth = found.skips.length;
    last = { found, chosen, shown, at, picture: url, width };
    const { boxes, cell, wide, label, height } = layout(found, width), failing = found.failing ?? Infinity;
    const pale = i => i >= failing || (at !== null && i > at);
    const parts = [], costs = Math.max(...(found[shown] || [1]));
    items = [];
    const path = (d, look) => svg("path", { d, class: look });
    // Along a row boxes touch; between rows an arrow, down or up.
    boxes.forEach((box, i) => {
      const before = boxes[i - 1];
      if (!before || before.level === box.level) return;
      const down = box.level > before.level, x = before.x;
      const [from, to] = [before, box].map(one => one.height / 2 + one.slant / 2 + label + 3);
      const start = before.y + (down ? from : -from), end = box.y + (down ? -to : to);
      const tip = down ? -5 : 5;
      parts.push(path(`M${x} ${start}V${end}M${x - 4} ${end + tip}L${x} ${end}L${x + 4} ${end + tip}`,
        i === failing ? "u-wrong" : `u-flow ${pale(i) ? "u-pale" : ""}`));
    });
    found.skips.forEach((skip, level) => {
      const start = boxes[3 * level + 2], arrives = 3 * (2 * depth - level), end = boxes[arrives];
      const left = start.x + cell * 0.5 + 2, right = end.x - cell * 0.5 - 2, y = start.y;
      const how = !skip.used ? "" : skip.crop ? fill(words.crops, skip) : skip.pad ? fill(words.pads, skip) : words.copies;
      const sizes = skip.crop ? `${skip.size}² → ${skip.kept}²` : `${skip.size}²`;
      const room = right - left, said = !skip.used || found.problem ? "" : room > 155 ? `${how}: ${sizes}`
        : room > 6.6 * how.length ? how : "";
      const mark = svg("g", { class: `u-skip ${chosen.skip === level ? "u-chosen" : ""} ${pale(arrives) ? "u-pale" : ""}` },
        path(`M${left} ${y}H${right}M${right - 7} ${y - 5}L${right} ${y}L${right - 7} ${y + 5}`, skip.used ? "" : "u-unused"),
        svg("text", { x: (left + right) / 2, y: y - 8 }, said));
      items.push({ skip: level, x: (left + right) / 2, y, width: room, height: 14, mark });
      parts.push(mark);
    });
    boxes.forEach((box, i) => {
      const [kind, level, way] = found.boxes[i], { face, thick, slant } = box;
      const half = box.height / 2, left = box.x - (face + thick) / 2, top = box.y - half;
      const turn = `translate(${left} ${top + slant / 2}) skewY(${-SLANT})`;
      const tint = kind === "image" || kind === "last" ? `u-${kind}` : `u-${way}`;
      const shape = [svg("rect", { width: face, height: box.height, class: tint })];
      if (kind === "merged" && found.skips[level].used && found.channels[i] > found.skips[level].channels)
        shape.push(svg("rect", { width: face / 2, height: box.height, class: "u-down" }));
      if (url) shape.push(svg("image", { href: url(i), width: face, height: box.height, preserveAspectRatio: "none" }));
      shape.push(svg("rect", { width: face, height: box.height, class: "u-frame" }));
      const [x1, y1] = [left + face, top - slant / 2];
      const side = svg("path", { d: `M${x1} ${y1}l${thick} ${slant / 3}v${box.height}l${-thick} ${-slant / 3}z`, class: tint });
      const size = found.sizes[i] === null ? "–" : `${found.sizes[i]}²`;
      const value = found[shown][i], marked = chosen.box === i;
      const text = shown === "sizes" ? size : shown === "fields" ? `${value}²` : short(value, 2);
      const ends = kind === "image" || kind === "last" || level && (i === 3 * level + 2 && way === "down"
        || i === 3 * (2 * depth - level) + 2) || i === 2;
      const seen = wide || marked || (ends && !(chosen.box !== undefined && boxes[chosen.box].level === level
        && Math.abs(boxes[chosen.box].x - box.x) < 40));
      const words = seen ? [
        svg("text", { x: box.x, y: top - slant / 2 - 3, class: "u-channels" }, String(found.channels[i])),
        svg("text", { x: Math.min(Math.max(box.x, 15), width - 15), y: box.y + half + slant / 2 + label - 3, class: "u-size" }, text)] : [];
      if (!["sizes", "fields"].includes(shown)) {
        const long = Math.max(value ? 1.5 : 0, (0.92 * cell * value) / costs);
        words.push(svg("rect", { class: "u-cost", x: box.x - long / 2, y: box.y + half + slant / 2 + label + 1, width: long, height: 5 }));
      }
      const mark = svg("g", { class: `u-box ${marked ? "u-chosen" : ""} ${pale(i) ? "u-pale" : ""}`, "data-box": i },
        svg("title", {}, `${found.channels[i]} × ${size}`), side, svg("g", { transform: turn }, ...shape), ...words);
      items.push({ box: i, x: box.x, y: box.y, width: face + thick, height: box.height, mark });
      parts.push(mark);
    });
    for (const [way, x, anchor] of [["contracting", 8, "start"], ["expanding", width - 8, "end"]]) {
      const swatch = anchor === "start" ? x : x - 11; // in the corners, where there is no box
      parts.push(svg("rect", { x: swatch, y: height - 26, width: 11, height: 11, class: way === "contracting" ? "u-down" : "u-up" }),
        svg("text", { class: "u-way", x: anchor === "start" ? x + 16 : x - 16, y: height - 16, style: `text-anchor:${anchor}` }, words[way]));
    }
    if (found.failing !== undefined) {
      const box = boxes[found.failing], before = boxes[Math.max(0, found.failing - 1)];
      parts.push(svg("text", { class: "u-note", x: Math.min(before.x + 12, width - 6.8 * found.note.length - 14),
        y: Math.min(height - 2, (before.y + box.y) / 2 + 4) }, `✗ ${found.note}`));
    }
    const on = boxes[at ?? 0];
    pulse.style.transform = `translate(${on.x}px, ${on.y}px)`;
    pulse.setAttribute("visibility", at === null ? "hidden" : "visible");
    element.classList.toggle("u-narrow", !wide);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("height", height);
    picture.replaceChildren(...parts, pulse);
  }
  return { element, draw };
}
