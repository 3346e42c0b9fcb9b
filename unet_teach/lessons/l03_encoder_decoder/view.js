// Lesson 03: a depth that is dragged on a chart; the image and its copy under a wipe, and a thin
// wall of both, magnified.
import { axes } from "../../drawing/web/axes.js";
import { play as player, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { same } from "../../drawing/web/talk.js";
import { css } from "../../drawing/web/theme.js";
import { wipe } from "../../drawing/web/wipe.js";

const KINDS = { none: ["bad", 0], concat: ["good", 1] }; // colour, and the first depth

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [rows, columns] = given.image.shape, [top, left, side] = given.inset;
    const depths = given.means.none.map((_, depth) => depth), deepest = depths.length - 1;
    let shown = null, turn = 0;

    // ------------------------------------------------------------------ what a hand does
    function moved(depth, ended) {
      curves(depth, talk.settings.skips);
      talk.stroke({ depth }, ended);
    }
    const chart = axes({ label: words.chart, signal: play.signal, height: 210,
      x: { low: -0.4, high: deepest + 0.4, ticks: depths.map(d => [d, String(d)]), title: words.depth },
      y: { low: 0, high: 0.5, ticks: [0, 0.25, 0.5].map(y => [y, percent(y, 0)]) },
      handle: { stops: depths, value: talk.settings.depth, moved, label: words.depth } });
    const run = player(words, () => play.next("depth", depths.slice(talk.settings.skips ? 1 : 0)),
      { pace: 900, signal: play.signal });

    // ------------------------------------------------------------------ what is seen
    const [image, copy] = [words.first, words.second].map(label => thumbnail({ rows, columns, label }));
    const both = wipe({ first: image.element, second: copy.element, words, at: 0.4, signal: play.signal });
    both.element.append(svg("svg", { class: "neck-frame", viewBox: `0 0 ${columns} ${rows}`, "aria-hidden": "true" },
      svg("rect", { x: left, y: top, width: side, height: side })));
    const walls = [words.first, words.second].map(name => { // and its two ends
      const map = thumbnail({ rows: side, columns: side, label: name }), says = h("span");
      const ends = svg("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" },
        ...given.ends.map(([y, x]) => svg("circle", { cx: x + 0.5, cy: y + 0.5, r: 0.8 })));
      return { map, says, element: h("figure", {}, h("div", {}, map.element, ends),
        h("figcaption", {}, name, h("br"), says)) };
    });
    const verdict = h("p", { class: "neck-verdict" });
    const key = name => h("span", { class: `neck-${name}` }, h("i"), words[name]);
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-sides" },
        h("div", {}, both.element),
        h("div", {}, verdict,
          h("p", { class: "unet-faint" }, words.inset),
          h("div", { class: "neck-walls" }, ...walls.map(one => one.element)),
          h("div", { class: "neck-keys" }, h("span", { class: "unet-faint" }, words.lost), key("none"), key("concat")),
          chart.element,
          h("div", { class: "unet-row" }, run.element, play.lever(toggle, "skips"), play.back))));

    function curves(depth, withSkips) {
      const lines = [], dots = [];
      for (const [name, [shade, first]] of Object.entries(KINDS)) {
        const ink = css(colour(shade)), chosen = (name === "concat") === withSkips;
        lines.push({ name, colour: ink, dash: chosen ? null : "3 4",
          points: given.means[name].map((lost, i) => [i + first, lost]) });
        if (chosen)
          given.losses[name].forEach((seeds, i) => seeds.forEach(lost =>
            dots.push({ at: [i + first, lost], colour: ink })));
      }
      chart.draw({ lines, dots, cursor: depth });
      chart.set(depth);
    }
    function draw(found) {
      // Under a new copy lies the image: it is seen to turn into what is left of it.
      if (shown && !same(shown, found.settings)) copy.element.dataset.turn = ++turn % 2;
      shown = found.settings;
      const shade = grey(...given.range), was = given.image.data, now = found.image.data;
      image.paint(i => shade(was[i]));
      copy.paint(i => shade(now[i]));
      [[was, given.contrast], [now, found.contrast]].forEach(([data, contrast], which) => {
        const { map, says } = walls[which];
        map.paint(i => shade(data[(top + Math.floor(i / side)) * columns + left + (i % side)]));
        tell(says, fill(words.wall, { now: fixed(contrast, 0) }), { value: contrast });
      });
      curves(found.settings.depth, found.settings.skips);
      tell(verdict, found.verdict, { lost: found.lost });
      play.say(found.said);
    }
    return play.show(draw);
  },
};
