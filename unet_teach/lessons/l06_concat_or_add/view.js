// Lesson 06: the channels of skip and map from below, the way they are joined, and its price.
import { choice } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { fixed, whole } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";

const WIDE = 90, HIGH = 12, STEP = 15, RIGHT = 230, TOPS = { skip: 24, below: 172 }, MIDDLE = 158;
const WAYS = ["concat", "add", "none"], SLABS = 8;
const COSTS = { joined: 0, megabytes: 1, next: 0, network: 0, operations: 1 }; // and their digits

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, talk } = play;
    let answer = talk.answer, picked = null, before = "";

    const ways = choice(words.merge, WAYS.map(way => [way, words[way]]), talk.settings.merge,
      merge => talk.ask({ merge }));
    const levels = choice(words.level, [0, 1, 2, 3].map(n => [n, String(n)]), talk.settings.level,
      level => talk.ask({ level: Number(level) }));
    const drawing = svg("svg", { viewBox: "0 0 330 304", "aria-hidden": "true" });
    const frame = h("div", { class: "join-map", role: "application", tabindex: 0,
      "aria-label": words.map, "aria-description": words.keys, onkeydown(event) {
        const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const count = answer.reads.length;
        pick(((picked ?? (step > 0 ? -1 : 0)) + step + count) % count);
      } }, drawing);
    const headline = h("p", { class: "join-headline" }), said = h("p", { class: "join-said", "aria-live": "polite" });
    const cells = {};
    const rows = Object.keys(COSTS).map(key => h("tr", {}, h("th", { scope: "row" }, words[key]),
      ...WAYS.map(way => cells[key + way] = h("td", { "data-way": way, "data-cost": key, onclick: () => talk.ask({ merge: way }) },
        h("span"), h("i")))));
    const head = h("tr", {}, h("td"), ...WAYS.map(way => h("th", { scope: "col", "data-way": way }, words[`short_${way}`])));
    const table = h("table", { class: "join-table" }, h("thead", {}, head), h("tbody", {}, ...rows));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-row" }, ways.element, h("span", { class: "join-level" }, words.level, levels.element)),
      h("div", { class: "join-sides" },
        h("div", {}, frame, said),
        h("div", {}, headline, table, play.back)));

    // ------------------------------------------------------------------ what is seen
    const slab = (x, y, width, name, more = {}) =>
      svg("rect", { x, y, width, height: HIGH, rx: 2, class: `join-${name}`, ...more });
    const label = (x, y, text, anchor = "start") => svg("text", { x, y, "text-anchor": anchor }, text);
    function span(i, count, size) { // the channels of one slab among so many
      return { from: (i * size) / count + 1, to: ((i + 1) * size) / count };
    }
    function pick(i) { picked = i; sketch(); }
    function sketch(flows = false) {
      const { reads, channels, costs, settings } = answer, { joined } = costs[settings.merge];
      const top = MIDDLE - (reads.length * STEP) / 2, lines = [], parts = [];
      for (const [name, y] of Object.entries(TOPS)) {
        parts.push(label(4, y - 8, `${words[name]} · ${channels}`));
        const used = reads.some(sources => sources.some(([source]) => source === name));
        for (let i = 0; i < SLABS; i++) parts.push(slab(4, y + i * STEP, WIDE, name, { opacity: used ? 1 : 0.25 }));
      }
      parts.push(label(RIGHT + WIDE, top - 8, fill(words.channels, { n: joined }), "end"));
      reads.forEach((sources, i) => {
        const y = top + i * STEP, wide = WIDE / sources.length;
        sources.forEach(([name, j], part) => {
          const kind = `join-line join-${name}${picked === i ? " join-lit" : ""}${flows ? " join-flows" : ""}`;
          const from = TOPS[name] + j * STEP + HIGH / 2, to = y + HIGH / 2;
          const path = svg("path", { class: kind, d: `M${WIDE + 8} ${from}C${WIDE + 70} ${from} ${RIGHT - 60} ${to} ${RIGHT - 5} ${to}` });
          lines.push(path);
          parts.push(slab(RIGHT + part * wide, y, wide, name));
          if (picked === i) parts.push(slab(4, TOPS[name] + j * STEP, WIDE, "ring"));
        });
        if (picked === i) parts.push(slab(RIGHT, y, WIDE, "ring"));
        parts.push(svg("rect", { class: "join-hit", x: RIGHT - 10, y: y - 1.5, width: WIDE + 20, height: STEP, onclick: () => pick(i) }));
      });
      drawing.replaceChildren(...lines, ...parts);
      const what = picked === null ? [] : reads[picked].map(([name, j]) =>
        fill(words.of, { ...span(j, SLABS, channels), name: words[name] }));
      said.textContent = picked === null ? `${fill(words.bars, { n: channels / SLABS })} ${words.keys}`
        : fill(words.reads, { ...span(picked, reads.length, joined), what: what.join(words.plus) });
      frame.dataset.reads = JSON.stringify(reads);
    }
    return play.show(found => {
      const key = found.settings.merge, flows = before !== key;
      before = key;
      answer = found;
      if (picked !== null && picked >= found.reads.length) picked = null;
      ways.set(key);
      levels.set(found.settings.level);
      sketch(flows);
      headline.textContent = found.headline;
      for (const [name, digits] of Object.entries(COSTS))
        for (const way of WAYS) {
          const cell = cells[name + way], value = found.costs[way][name];
          cell.firstChild.textContent = digits ? fixed(value, digits) : whole(value, words);
          cell.dataset.value = value;
          cell.lastChild.style.transform = `scaleX(${value / found.most[name]})`;
        }
      table.querySelectorAll("[data-way]").forEach(cell =>
        cell.classList.toggle("join-now", cell.dataset.way === key));
      play.say(found.said);
    });
  },
};
