// Lesson 06: skip and map from below, the way they are joined, what goes on, and its price.
import { choice } from "../../drawing/web/controls.js";
import { arrow, swallow } from "../../drawing/web/hands.js";
import { h, svg, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";

const WAYS = ["concat", "add", "none"], FROM = ["skip", "below"], BARS = 4;
// The upper half is the skip's, the lower one is from below; each holds four bars.
const HALF = 100, TOP = 15, STEP = 19, WIDE = 26, HIGH = 15, RIGHT = 94, MIDDLE = 57;

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, shade = grey();
    let answer = talk.answer, picked = 0;

    const ways = play.lever(choice, "merge", WAYS.map(way => [way, words[way]]));
    const levels = play.lever(choice, "level", [0, 1, 2, 3].map(n => [n, String(n)]));
    const drawing = svg("svg", { viewBox: "0 0 120 200", preserveAspectRatio: "none", "aria-hidden": "true" });
    const frame = h("div", { class: "join-map", role: "application", tabindex: 0,
      "aria-label": words.map, "aria-description": words.keys, onkeydown(event) {
        const [down, right] = arrow(event) || [0, 0];
        const bar = { Home: 0, End: BARS - 1 }[event.key] ?? (picked + down + right + BARS) % BARS;
        if (bar === picked) return;
        swallow(event);
        picked = bar;
        sketch();
      } }, drawing);
    const said = h("p", { class: "join-said", "aria-live": "polite" }), headline = h("p", { class: "join-headline" });
    const price = h("table", { class: "join-table" }), inAll = h("p", { class: "join-all" }), learned = h("p", { class: "join-learned" });
    const figure = () => { // a name above a map, and what has become of it below
      const map = thumbnail({ label: " " }), name = h("b"), caption = h("figcaption");
      return { map, name, caption, element: h("figure", {}, name, map.element, caption) };
    };
    const left = FROM.map(figure), joined = FROM.map(figure);
    const [start, end] = [left, joined].map(all => h("div", {}, ...all.map(({ element }) => element)));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-row" }, ways, h("span", { class: "join-level" }, words.level, levels), play.back),
      h("div", { class: "join-sides" },
        h("div", {}, headline, h("div", { class: "join-flow" }, start, frame, end),
          said, h("p", { class: "join-keys unet-faint" }, words.keys)),
        h("div", {}, price, inAll, learned, h("p", { class: "unet-faint" }, words.seen))));

    // ------------------------------------------------------------------ what is seen
    const slab = (x, y, name, more = {}) => svg("rect", { x, y, width: WIDE, height: HIGH, class: `join-${name}`, ...more });
    // A bar that a hand can click.
    const bar = (x, y, i, name, more) => [slab(x, y, name, more), ...(i === picked ? [slab(x, y, "ring")] : []),
      slab(x, y - 2, "hit", { height: STEP, onclick() { picked = i; sketch(); } })];
    function show({ map, name, caption, element }, title, from, text) {
      const found = given.maps[answer.settings.level][from][picked];
      element.dataset.shows = from;
      tell(name, title);
      tell(caption, text);
      map.element.setAttribute("aria-label", `${title} ${text}`);
      map.paint(n => shade(found.data[n]), ...found.shape);
    }
    function sketch() {
      const { reads, labels, settings } = answer, lines = [], parts = [], tops = { add: [MIDDLE], none: [HALF], concat: [0, HALF] };
      const place = k => tops[settings.merge][Math.floor(k / BARS)] + TOP + (k % BARS) * STEP;
      FROM.forEach((name, half) => {
        for (let i = 0; i < BARS; i += 1) {
          const y = half * HALF + TOP + i * STEP, k = reads.findIndex(read => read.some(([from, n]) => from === name && n === i));
          parts.push(...bar(0, y, i, name, { opacity: k < 0 ? 0.25 : 1 }));
          if (k < 0) continue;
          const a = y + HIGH / 2, b = place(k) + HIGH / 2;
          lines.push(svg("path", { class: `join-line join-${name}${i === picked ? " join-lit" : ""}`, d: `M${WIDE + 1} ${a}C60 ${a} 60 ${b} ${RIGHT - 1} ${b}` }));
        }
        show(left[half], labels[name], name, half ? "" : answer.lost);
      });
      reads.forEach((read, k) => parts.push(...bar(RIGHT, place(k), k % BARS, read[1] ? "sum" : read[0][0])));
      drawing.replaceChildren(...lines, ...parts);
      left[0].element.classList.toggle("join-lost", answer.lost !== "");
      end.className = `join-${settings.merge}`;
      joined.forEach((one, i) => {
        const held = answer.joined[i];
        one.element.hidden = !held;
        if (held) show(one, i ? "" : labels.joined, held.map, held.caption);
      });
      tell(said, answer.bars[picked]);
      frame.dataset.reads = JSON.stringify(reads);
    }
    return play.show(found => {
      answer = found;
      sketch();
      tell(headline, found.headline);
      tell(inAll, found.in_all);
      tell(learned, found.learned);
      const names = ["megabytes", "next"], cell = (name, { text, value, part, most }) =>
        h("td", { "data-cost": name, "data-value": value }, text, h("i", { style: `--part:${100 * part}%;--most:${100 * most}%` }));
      price.replaceChildren(h("thead", {}, h("tr", {}, ...["row", ...names].map(name => h("th", { scope: "col" }, words[name])))),
        h("tbody", {}, ...found.table.map((row, level) => h("tr", { class: level === found.settings.level ? "join-now" : "" },
          h("th", { scope: "row" }, String(level)), ...names.map(name => cell(name, row[name]))))));
      play.say(found.said);
    });
  },
};
