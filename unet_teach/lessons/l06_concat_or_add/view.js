// Lesson 06: skip and map from below, what the next convolution can make of them, and the price.
import { choice, slider } from "../../drawing/web/controls.js";
import { arrow, swallow } from "../../drawing/web/hands.js";
import { h, svg, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";

const WAYS = ["concat", "add", "none"], FROM = ["skip", "below"], BARS = 4;
const READS = { skip: ["skip"], below: ["below"], sum: FROM }; // what a weight weighs
const STOPS = Array.from({ length: 21 }, (_, i) => (i - 10) / 10);
// Eight rows of blocks: the skip's four, and four from below; the row of the first that goes on.
const STEP = 23.5, WIDE = 26, HIGH = 15, RIGHT = 94, FIRST = { concat: 0, add: 2, none: 4 };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, shade = grey();
    const weight = { skip: 1, below: 1, sum: 1 };
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
    const left = FROM.map(figure), mixed = figure();
    const levers = Object.keys(READS).map(name => slider(words[`weight_${name}`], STOPS, 1, now => { weight[name] = now; mix(); }).element);
    const flow = h("div", { class: "join-flow" }, h("div", {}, ...left.map(({ element }) => element)), frame, h("div", {}, mixed.element, ...levers));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-row" }, ways, h("span", { class: "join-level" }, words.level, levels), play.back),
      h("div", { class: "join-sides" },
        h("div", {}, headline, flow, said, h("p", { class: "join-keys unet-faint" }, words.keys)),
        h("div", {}, price, inAll, learned, h("p", { class: "unet-faint" }, words.seen))));

    const slab = (x, row, name, more = {}) =>
      svg("rect", { x, y: 10 + STEP * row, width: WIDE, height: HIGH, class: `join-${name}`, ...more });
    // A block that a hand can click.
    const block = (x, row, i, name) => [slab(x, row, name), ...(i === picked ? [slab(x, row, "ring")] : []),
      slab(x, row - 0.15, "hit", { height: STEP, onclick() { picked = i; sketch(); } })];
    function line(from, to, name, i) {
      const [a, b] = [from, to].map(row => 10 + STEP * row + HIGH / 2);
      return svg("path", { class: `join-line join-${name}${i === picked ? " join-lit" : ""}`, d: `M${WIDE + 1} ${a}C60 ${a} 60 ${b} ${RIGHT - 1} ${b}` });
    }
    // A map, or what a 1 × 1 convolution with these weights makes of both: black to white.
    function show({ map, name, caption }, title, text, terms) {
      const { maps, ends } = given, { level } = answer.settings, { shape } = maps[level].skip[picked];
      const sum = new Float32Array(shape[0] * shape[1]);
      for (const [times, from] of terms) {
        const [low, high] = ends[level][from][picked];
        maps[level][from][picked].data.forEach((part, n) => { sum[n] += times * (low + ((high - low) * part) / 255); });
      }
      const least = Math.min(...sum), scale = 255 / (Math.max(...sum) - least || 1);
      tell(name, title);
      tell(caption, text);
      map.element.setAttribute("aria-label", `${title} ${text}`);
      map.paint(n => shade(Math.round((sum[n] - least) * scale)), ...shape);
    }
    const mix = () => show(mixed, answer.labels.joined, words.mixed,
      answer.weights.flatMap(name => READS[name].map(from => [weight[name], from])));
    function sketch() {
      const { reads, labels, lost, settings, weights } = answer, row = k => FIRST[settings.merge] + k;
      drawing.replaceChildren(
        ...reads.flatMap((read, k) => read.map(([name, i]) => line(FROM.indexOf(name) * BARS + i, row(k), name, i))),
        ...FROM.flatMap((name, half) => [0, 1, 2, 3].flatMap(i => block(0, half * BARS + i, i, name))),
        ...reads.flatMap((read, k) => block(RIGHT, row(k), k % BARS, read[1] ? "sum" : read[0][0])));
      FROM.forEach((name, half) => show(left[half], labels[name], half ? "" : lost, [[1, name]]));
      Object.keys(READS).forEach((name, i) => { levers[i].hidden = !weights.includes(name); });
      mix();
      flow.classList.toggle("join-lost", lost !== "");
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
