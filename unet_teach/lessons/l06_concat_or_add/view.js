// Lesson 06: skip and map from below, what the next convolution can make of them, and the price.
import { choice, slider } from "../../drawing/web/controls.js";
import { arrow, swallow } from "../../drawing/web/hands.js";
import { h, svg, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";

const WAYS = ["concat", "add", "none"], FROM = ["skip", "below"], BARS = 4;
const READS = { skip: ["skip"], below: ["below"], sum: FROM }; // what a weight weighs
const minus = n => String(n).replace("-", "−");
// Eight rows of blocks: the skip's four, and four from below; the row of the first that goes on.
const ONES = { skip: 1, below: 1, sum: 1 }, STEP = 23.5, WIDE = 26, HIGH = 15, RIGHT = 94, FIRST = { concat: 0, add: 2, none: 4 };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, shade = grey();
    let answer = talk.answer, now = talk.settings, kept = ONES; // the weights side by side

    const drawing = svg("svg", { viewBox: "0 0 120 200", preserveAspectRatio: "none", "aria-hidden": "true" });
    const frame = h("div", { class: "join-map", role: "application", tabindex: 0,
      "aria-label": words.map, "aria-description": words.keys, onkeydown(event) {
        const [down, right] = arrow(event) || [0, 0];
        const { block } = talk.settings, next = { Home: 0, End: BARS - 1 }[event.key] ?? (block + down + right + BARS) % BARS;
        if (next !== block) { swallow(event); talk.ask({ block: next }); }
      } }, drawing);
    const [headline, said, pale, inAll, learned] = ["headline", "said", "pale", "all", "learned"].map(name =>
      h("p", { class: `join-${name}`, "aria-live": name === "said" ? "polite" : false }));
    const price = h("table", { class: "join-table" }), names = ["megabytes", "next"];
    const figure = () => { // a name above a map, and what has become of it below
      const map = thumbnail({ label: " " }), name = h("b"), caption = h("figcaption");
      return { map, name, caption, element: h("figure", {}, name, map.element, caption) };
    };
    const left = FROM.map(figure), mixed = figure();
    const levers = Object.keys(READS).map(name => [name, play.lever(slider, name, given.stops, minus)]);
    play.along.merge = way => way === "concat" ? kept : ONES;
    for (const name in READS) play.glides[name] = given.stops[1] - given.stops[0];
    const flow = h("div", { class: "join-flow" }, h("div", {}, ...left.map(({ element }) => element)), frame, h("div", {}, h("div", { class: "join-levers" }, ...levers.map(([, lever]) => lever)), mixed.element));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-row" }, play.lever(choice, "merge", WAYS.map(way => [way, words[way]])), h("span", { class: "join-level" },
        words.level, play.lever(choice, "level", [0, 1, 2, 3].map(n => [n, String(n)]))), play.back),
      h("div", { class: "join-sides" },
        h("div", {}, headline, flow, said, h("p", { class: "unet-faint" }, words.blocks), h("p", { class: "join-keys unet-faint" }, words.keys)),
        h("div", {}, price, pale, inAll, learned, h("p", { class: "unet-faint" }, words.seen))));

    const slab = (x, row, name, more = {}) =>
      svg("rect", { x, y: 10 + STEP * row, width: WIDE, height: HIGH, class: `join-${name}`, ...more });
    const block = (x, row, i, name) => [slab(x, row, x === RIGHT && i === now.block ? `${name} join-read` : name), ...(i === now.block ? [slab(x, row, "ring")] : []),
      slab(x, row - 0.15, "hit", { height: STEP, onclick: () => talk.ask({ block: i }) })];
    const line = (a, b, name, i) => svg("path", { class: `join-line join-${name}${i === now.block ? " join-lit" : ""}`,
      d: `M${WIDE + 1} ${a}C60 ${a} 60 ${b} ${RIGHT - 1} ${b}` });
    // A map, or what a 1 × 1 convolution with these weights makes of both; the greys are each picture's own.
    function show({ map, name, caption }, title, text, terms) {
      const drawn = from => [given.maps, given.ends].map(all => all[answer.settings.level][from][now.block]), { shape } = drawn("skip")[0];
      const total = new Float32Array(shape[0] * shape[1]);
      for (const [times, from] of terms) {
        const [{ data }, [low, high]] = drawn(from);
        data.forEach((one, n) => { total[n] += times * (low + ((high - low) * one) / 255); });
      }
      [[name, title], [caption, text]].forEach(one => tell(...one));
      map.element.setAttribute("aria-label", `${title} ${text}`);
      const [least, most] = [Math.min, Math.max].map(end => total.reduce((a, b) => end(a, b)));
      map.paint(n => shade(Math.round((255 * (total[n] - least)) / (most - least || 1))), ...shape);
    }
    function sketch() {
      const { reads, labels, lost, settings, weights, told, clear, best } = answer, is = name => Math.abs(now[weights.includes("sum") ? "sum" : name]), row = k => FIRST[settings.merge] + k, middle = at => 10 + STEP * at + HIGH / 2;
      drawing.replaceChildren(
        ...reads.flatMap((read, k) => read.map(([name, i]) => line(middle(FROM.indexOf(name) * BARS + i), middle(row(k)), name, i))),
        ...FROM.flatMap((name, half) => [0, 1, 2, 3].flatMap(i => block(0, half * BARS + i, i, name))),
        ...reads.flatMap((read, k) => block(RIGHT, row(k), k % BARS, read[1] ? "sum" : read[0][0])));
      FROM.forEach((name, half) => show(left[half], labels[name], half ? "" : lost, [[1, name]]));
      levers.forEach(([name, lever]) => { lever.hidden = !weights.includes(name); });
      show(mixed, labels.mixed, told, weights.flatMap(name => READS[name].map(from => [now[name], from])));
      flow.style = `--skip-is:${is("skip")};--below-is:${is("below")};--ring:${given.ring};--clear:${100 * clear}%;--best:${100 * best}%`;
      flow.classList.toggle("join-lost", lost !== ""); if (settings.merge === "concat") kept = { ...ONES, skip: now.skip, below: now.below };
      tell(said, answer.bars[now.block]);
      frame.dataset.reads = JSON.stringify(reads);
    }
    return play.show(found => {
      answer = found;
      now = found.settings;
      sketch();
      price.dataset.merge = found.settings.merge;
      [[headline, found.headline], [pale, found.pale], [inAll, found.in_all], [learned, found.learned]].forEach(one => tell(...one));
      price.replaceChildren(h("thead", {}, h("tr", {}, ...["row", ...names].map(name => h("th", { scope: "col" }, words[name])))),
        h("tbody", {}, ...found.table.map((row, level) => h("tr", { class: level === found.settings.level ? "join-now" : "", onclick: () => talk.ask({ level }) },
          h("th", { scope: "row" }, String(level)), ...names.map(name => h("td", { "data-cost": name, "data-value": row[name].value },
            row[name].text, h("i", { style: `--part:${100 * row[name].part}%;--most:${100 * row[name].most}%` })))))));
      play.say(found.said);
    }, asked => { // a weight or a block needs no answer
      if (["merge", "level"].every(name => asked[name] === now[name]) && given.maps[0].skip[asked.block]) { now = asked; sketch(); }
    });
  },
};
