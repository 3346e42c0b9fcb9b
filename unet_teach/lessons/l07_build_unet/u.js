// The U as a drawing that fits its page: boxes by level, arrows, skips, what goes wrong in red.
import { arrow, swallow, within } from "../../drawing/web/hands.js";
import { fill, h, svg, whenSized } from "../../drawing/web/html.js";
import { fixed } from "../../drawing/web/numbers.js";

const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
const LEFT = 330, RIGHT = 410, SAID = 172; // px, of the corners
const SLANT = 10; // degrees: a box is seen a little from the side

// 40144896 bytes as "40.1" MB.
export function amount(number, unit, digits) {
  return number ? fixed(number / unit, Math.min(4, Math.max(0, digits - 1 - Math.floor(Math.log10(number / unit))))) : "0";
}
function short(number) { // 36928 as "37k"
  const [size, prefix] = PREFIXES.find(([least]) => number >= least) || [1, ""];
  return amount(number, size, 2) + prefix;
}

// Marks, [tag, attributes, ...words or marks], into a parent; its nodes are kept, and only what
// differs is written.
function put(parent, marks) {
  marks.forEach(([tag, attributes, ...inner], i) => {
    const old = parent.childNodes[i], is = old?.tagName === tag;
    const node = is ? old : parent.insertBefore(svg(tag), old ?? null), was = node.was || {};
    for (const name in was) if (attributes[name] === undefined) node.removeAttribute(name);
    for (const name in attributes) if (was[name] !== attributes[name]) node.setAttribute(name, attributes[name]);
    node.was = attributes;
    if (Array.isArray(inner[0] ?? [])) put(node, inner);
    else if (node.textContent !== inner[0]) node.textContent = inner[0];
  });
  while (parent.childNodes.length > marks.length) parent.lastChild.remove();
}

export function drawing(words, signal, choose) {
  const picture = svg("svg", { tabindex: 0, role: "application", "aria-label": words.picture });
  const element = h("div", { class: "u-drawing" }, picture);
  const pulse = svg("circle", { class: "u-pulse", r: 7, visibility: "hidden" });
  const marks = svg("g");
  picture.append(marks, pulse);
  let last = null, items = [], hover = null, width = 0;

  // ------------------------------------------------------------------ hands and keys
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
    if (item?.part === hover) return;
    hover = item?.part;
    for (const one of items) marks.childNodes[one.part].classList.toggle("u-hover", one === item);
  });
  picture.addEventListener("click", event => {
    const item = under(event);
    if (item) choose("skip" in item ? { skip: item.skip } : { box: item.box }, true);
  });
  picture.addEventListener("keydown", event => {
    const { found, chosen } = last, [across, along] = arrow(event) || [];
    if (!along && !across) return;
    swallow(event);
    const count = along ? found.boxes.length : found.skips.length;
    const now = along ? chosen.box ?? 3 * chosen.skip + 2 : chosen.skip ?? -across;
    const next = within(now + (along || across), 0, count - 1);
    choose(along ? { box: next } : { skip: next }, true);
  });
  whenSized(element, () => {
    if (!last || element.clientWidth === width) return;
    width = element.clientWidth;
    draw(last.found, last);
  }, signal);

  // ------------------------------------------------------------------ where things are
  function layout(found, width) {
    const depth = found.skips.length, columns = 4 * depth + 4, cell = (width - 8) / columns;
    const tallest = Math.min(Math.max(1.9 * cell, 58), 88), first = found.totals.size;
    const wide = cell >= 34, label = wide ? 15 : 13;
    const tall = i => Math.max(12, tallest * Math.sqrt((found.sizes[i] ?? 0) / first));
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
      const height = tall(i), y = rows[level], room = (height + slant) / 2 + label; // to the ends of its words
      return { x: 4 + cell * (column + 0.5), y, face, thick, height, level, slant, head: y - room, foot: y + room };
    });
    // What is said of a box stands in the two lower corners of a wide page.
    const below = boxes.filter(box => width >= 1080 && (box.x - face < LEFT || box.x + face > width - RIGHT))
      .map(box => box.foot + SAID);
    return { boxes, cell, wide, height: Math.max(y - 6, ...below) };
  }

  // ------------------------------------------------------------------ what is drawn
  function draw(found, { chosen, shown, at, picture: url }) {
    width ||= element.clientWidth || 900;
    const depth = found.skips.length;
    last = { found, chosen, shown, at, picture: url };
    const { boxes, cell, wide, height } = layout(found, width), failing = found.failing ?? Infinity;
    const pale = i => i >= failing || (at !== null && i > at);
    const parts = [], costs = Math.max(...(found[shown] || [1]));
    items = [];
    const path = (d, look) => ["path", { d, class: look }];
    const text = (x, y, said, look) => ["text", { x, y, class: look }, said];
    const look = (of, is, i) => `${of} ${is ? "u-chosen" : ""} ${pale(i) ? "u-pale" : ""}`;
    // Along a row boxes touch; between rows an arrow, down or up.
    boxes.forEach((box, i) => {
      const before = boxes[i - 1];
      if (!before || before.level === box.level) return;
      const down = box.level > before.level, x = before.x;
      const start = down ? before.foot + 3 : before.head - 3, end = down ? box.head - 3 : box.foot + 3;
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
      const mark = ["g", { class: look("u-skip", chosen.skip === level, arrives) },
        path(`M${left} ${y}H${right}M${right - 7} ${y - 5}L${right} ${y}L${right - 7} ${y + 5}`, skip.used ? "" : "u-unused"),
        text((left + right) / 2, y - 8, said)];
      items.push({ skip: level, x: (left + right) / 2, y, width: room, height: 14, part: parts.length });
      parts.push(mark);
    });
    boxes.forEach((box, i) => {
      const [kind, level, way] = found.boxes[i], { face, thick, slant } = box;
      const left = box.x - (face + thick) / 2, top = box.y - box.height / 2;
      const turn = `translate(${left} ${top + slant / 2}) skewY(${-SLANT})`;
      const tint = kind === "image" || kind === "last" ? `u-${kind}` : `u-${way}`;
      const shape = [["rect", { width: face, height: box.height, class: tint }]];
      if (kind === "merged" && found.skips[level].used && found.channels[i] > found.skips[level].channels)
        shape.push(["rect", { width: face / 2, height: box.height, class: "u-down" }]);
      if (url) shape.push(["image", { href: url(i), width: face, height: box.height, preserveAspectRatio: "none" }]);
      shape.push(["rect", { width: face, height: box.height, class: "u-frame" }]);
      const [x1, y1] = [left + face, top - slant / 2];
      const side = path(`M${x1} ${y1}l${thick} ${slant / 3}v${box.height}l${-thick} ${-slant / 3}z`, tint);
      const size = found.sizes[i] === null ? "–" : `${found.sizes[i]}²`;
      const value = found[shown][i], marked = chosen.box === i;
      const unit = { operations: [1e9, "GFLOP"], memory: [1e6, "MB"] }[shown];
      const said = shown === "sizes" ? size : shown === "fields" ? `${value}²` : !unit ? short(value)
        : amount(value, unit[0], 2) + (cell >= 5 * unit[1].length + 36 || marked && shown === "memory" ? ` ${unit[1]}` : "");
      const ends = kind === "image" || kind === "last" || level && (i === 3 * level + 2 && way === "down"
        || i === 3 * (2 * depth - level) + 2) || i === 2;
      const seen = wide || marked || (ends && !(chosen.box !== undefined && boxes[chosen.box].level === level
        && Math.abs(boxes[chosen.box].x - box.x) < 40));
      const words = seen ? [
        text(box.x, top - slant / 2 - 3, String(found.channels[i]), "u-channels"),
        text(Math.min(Math.max(box.x, 15), width - 15), box.foot - 3, said, "u-size")] : [];
      if (!["sizes", "fields"].includes(shown)) {
        const long = Math.max(value ? 1.5 : 0, (0.92 * cell * value) / costs);
        words.push(["rect", { class: "u-cost", x: box.x - long / 2, y: box.foot + 1, width: long, height: 5 }]);
      }
      const mark = ["g", { class: look(url ? `u-box of-${tint}` : "u-box", marked, i), "data-box": i },
        ["title", {}, `${found.channels[i]} × ${size}`], side, ["g", { transform: turn }, ...shape], ...words];
      items.push({ box: i, x: box.x, y: box.y, width: face + thick, height: box.height, part: parts.length });
      parts.push(mark);
    });
    const [from, to, y] = width >= 1080 ? [boxes[2].x + 0.6 * cell, boxes[boxes.length - 4].x - 0.6 * cell, 16]
      : [8, width - 8, height - 16]; // where there is no box
    for (const [way, x, anchor, tint] of [["contracting", from, "start", "u-down"], ["expanding", to, "end", "u-up"]])
      parts.push(["rect", { x: x === to ? x - 11 : x, y: y - 10, width: 11, height: 11, class: tint }],
        ["text", { class: "u-way", x: x === to ? x - 16 : x + 16, y, style: `text-anchor:${anchor}` }, words[way]]);
    if (found.failing !== undefined) {
      const box = boxes[found.failing], before = boxes[Math.max(0, found.failing - 1)];
      parts.push(["text", { class: "u-note", x: Math.min(before.x + 12, width - 6.8 * found.note.length - 14),
        y: Math.min(height - 2, (before.y + box.y) / 2 + 4) }, `✗ ${found.note}`]);
    }
    const on = boxes[at ?? 0];
    pulse.style.transform = `translate(${on.x}px, ${on.y}px)`;
    pulse.setAttribute("visibility", at === null ? "hidden" : "visible");
    element.classList.toggle("u-narrow", !wide);
    const size = `0 0 ${width} ${height}`;
    if (picture.getAttribute("viewBox") !== size) picture.setAttribute("viewBox", size);
    put(marks, parts);
  }
  return { element, draw };
}
