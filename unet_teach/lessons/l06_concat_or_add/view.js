// Lesson 06: the channels of skip and map from below, the way they are joined, and its price.
import { choice } from "../../drawing/web/controls.js";
import { arrow, swallow } from "../../drawing/web/hands.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";

const WIDE = 96, HIGH = 23, STEP = 27, RIGHT = 222, TOPS = { skip: 24, below: 166 }, MIDDLE = 152;
const WAYS = ["concat", "add", "none"], BARS = 4, NO_BAR = 8; // bars 0 to 3 are the skip's, 4 to 7 from below

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, shade = grey();
    let answer = talk.answer, picked = 0;

    const ways = play.lever(choice, "merge", WAYS.map(way => [way, words[way]]));
    const levels = play.lever(choice, "level", [0, 1, 2, 3].map(n => [n, String(n)]));
    const drawing = svg("svg", { viewBox: "0 0 330 278", "aria-hidden": "true" });
    const frame = h("div", { class: "join-map", role: "application", tabindex: 0,
      "aria-label": words.map, "aria-description": words.keys, onkeydown(event) {
        const [down, right] = arrow(event) || [0, 0], count = NO_BAR + 1;
        const bar = { Home: 0, End: NO_BAR - 1, Escape: NO_BAR }[event.key] ?? (picked + down + right + count) % count;
        if (bar === picked) return;
        swallow(event);
        picked = bar;
        sketch();
      } }, drawing);
    const said = h("p", { class: "join-said", "aria-live": "polite" }), headline = h("p", { class: "join-headline" });
    const used = h("p", { class: "join-used" }), table = h("table", { class: "join-table" });
    const figures = ["skip", "below", "joined"].map(name => { // real maps, and the sum of two
      const map = thumbnail({ label: name }), caption = h("figcaption");
      return { map, caption, element: h("figure", { "data-map": name }, map.element, caption) };
    });
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-row" }, ways, h("span", { class: "join-level" }, words.level, levels), play.back),
      h("div", { class: "join-sides" },
        h("div", {}, headline, frame, said, h("p", { class: "join-keys unet-faint" }, words.keys)),
        h("div", {}, h("div", { class: "join-seen" }, ...figures.map(({ element }) => element)),
          h("p", { class: "unet-faint" }, words.seen), table),
        used));

    // ------------------------------------------------------------------ what is seen
    const slab = (x, y, width, name, more = {}) =>
      svg("rect", { x, y, width, height: HIGH, rx: 2, class: `join-${name}`, ...more });
    const label = (x, y, text, anchor = "start") => svg("text", { x, y, "text-anchor": anchor }, text);
    const isLit = (i, { bars } = answer) => i === picked || (bars[i].joined >= 0 && bars[i].joined === bars[picked].joined);
    // A bar that a hand can click: once to choose it, one on the left again to let go of it.
    const bar = (x, y, i, ...slabs) => [...slabs, ...(isLit(i) ? [slab(x, y, WIDE, "ring")] : []),
      slab(x - 4, y - 2, WIDE + 8, "hit", { height: STEP, onclick() { picked = i === picked && x < RIGHT ? NO_BAR : i; sketch(); } })];
    function sketch() {
      const { reads, bars, labels, settings } = answer, top = MIDDLE - (reads.length * STEP) / 2;
      const lines = [], parts = [label(RIGHT + WIDE, top - 8, labels.joined, "end")];
      for (const [name, y] of Object.entries(TOPS)) parts.push(label(4, y - 8, labels[name]));
      bars.slice(0, NO_BAR).forEach(({ joined }, i) => {
        const name = i < BARS ? "skip" : "below", y = TOPS[name] + (i % BARS) * STEP;
        parts.push(...bar(4, y, i, slab(4, y, WIDE, name, { opacity: joined < 0 ? 0.25 : 1 })));
        if (joined < 0) return;
        const from = y + HIGH / 2, to = top + joined * STEP + HIGH / 2;
        lines.push(svg("path", { class: `join-line join-${name}${isLit(i) ? " join-lit" : ""}`,
          d: `M${WIDE + 8} ${from}C${WIDE + 70} ${from} ${RIGHT - 60} ${to} ${RIGHT - 5} ${to}` }));
      });
      reads.forEach((sources, k) => {
        const y = top + k * STEP, first = bars.findIndex(({ joined }) => joined === k);
        parts.push(...bar(RIGHT, y, first, slab(RIGHT, y, WIDE, sources[1] ? "sum" : sources[0][0])));
      });
      drawing.replaceChildren(...lines, ...parts);
      tell(said, bars[picked].said);
      figures.forEach(({ map, caption, element }, i) => {
        const found = given.maps[settings.level][bars[picked].maps[i]]?.[picked % BARS];
        element.classList.toggle("join-empty", !found);
        tell(caption, fill(bars[picked].captions[i], { n: given.shown[settings.level][picked % BARS] }));
        element.dataset.shows = bars[picked].maps[i];
        map.element.setAttribute("aria-label", caption.textContent);
        map.paint(n => found ? shade(found.data[n]) : [0, 0, 0], ...(found ? found.shape : [1, 1]));
      });
      frame.dataset.reads = JSON.stringify(reads);
    }
    return play.show(found => {
      if (found.settings.merge === "none" && answer.settings.merge !== "none" && picked < BARS) picked += BARS; // what goes on
      answer = found;
      sketch();
      tell(headline, found.headline);
      used.replaceChildren(h("b", {}, found.used), ...found.heard.map(({ text, part }, level) => h("span", { "data-heard": part,
        style: `--heard:${100 * part}%`, class: level === found.settings.level ? "join-now" : "" }, text)));
      const now = way => (way === found.settings.merge ? "join-now" : false);
      const cell = (row, way, { text, value, part }) =>
        h("td", { "data-way": way, "data-cost": row, "data-value": value, class: now(way) }, text,
          part ? h("i", { style: `width:${100 * part}%` }) : null);
      const head = h("tr", {}, h("td"), ...WAYS.map(way => h("th", { scope: "col", class: now(way) }, words[way])));
      table.replaceChildren(h("thead", {}, head), ...found.table.map(({ title, rows }) => h("tbody", {},
        h("tr", {}, h("th", { scope: "rowgroup", colspan: 4 }, title)),
        ...rows.map(row => h("tr", {}, h("th", { scope: "row" }, row.words),
          ...WAYS.map((way, i) => cell(row.name, way, row.cells[i])))))));
      play.say(found.said);
    });
  },
};
