// Lesson 00: a threshold that is dragged on a histogram; the map, its regions, three curves.
import { axes } from "../../drawing/web/axes.js";
import { choice } from "../../drawing/web/controls.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { grey } from "../../drawing/web/image.js";
import { fixed, whole } from "../../drawing/web/numbers.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { css, mixed, rgb } from "../../drawing/web/theme.js";

// The regions have the same colours on a dark page: they lie beside a micrograph.
const MERGED = rgb("#E69F00"), MISSED = rgb("#C2006B"), WALL = [31, 36, 48], WHITE = [255, 255, 255];
const LIT = "#00A8FF", shade = grey();
const PAIR = ["#0072B2", "#009E73"].map(colour => rgb(colour)); // A and B, while they are apart
const TINTS = ["#CC79A7", "#F0E442", "#8A94A6", "#56B4E9", "#B8A98C"].map(colour => rgb(colour));
const SCORES = { accuracy: "accent", dice: "good", v_rand: "bad" }; // and their colours
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1].map(tick => [tick, fixed(tick, 1)]);

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [rows, columns] = given.truth.shape, truth = given.truth.data;
    let picked = null, answer = talk.answer, groups = new Set();

    // ------------------------------------------------------------------ what a hand does
    const handle = { stops: given.steps, value: talk.settings.threshold, label: words.threshold,
      text: t => fixed(t, 3), moved: (threshold, ended) => talk.stroke({ threshold }, ended) };
    function start([row, column]) {
      const place = row * columns + column;
      picked = picked === place ? null : place;
      overlay([]);
    }
    const [map, cells] = [words.map, words.regions].map(label =>
      pixels({ rows, columns, label, keys: words.keys, most: 384, hands: { start }, signal: play.signal }));
    const source = play.lever(choice, "source", Object.keys(given.maps).map(key => [key, words[key]]));

    // ------------------------------------------------------------------ what is seen
    const heights = { low: 0, high: 1 }, names = {};
    const x = { low: 0, high: 1, ticks: TICKS, title: words.threshold };
    const histogram = axes({ label: words.histogram, x: { ...x, title: "" }, y: heights, height: 150,
      handle, signal: play.signal });
    const curves = axes({ label: words.scores, x, height: 170, signal: play.signal,
      y: { low: 0, high: 1, ticks: [[0, "0"], [0.5, "0.5"], [1, "1"]] } });
    const key = (name, ...more) => h("span", { class: `threshold-${name}` }, h("i"), words[name], ...more);
    for (const name in SCORES) names[name] = h("b", { "data-name": name });
    const above = h("span"), verdict = h("p", { class: "threshold-verdict" });
    const about = h("span", { class: "threshold-about", "aria-live": "polite" });
    const of = h("span", { class: "threshold-what" });
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "threshold-sides" },
        h("div", {}, source, map.element),
        h("div", {}, h("div", { class: "threshold-above unet-faint" }, above), cells.element),
        h("div", {}, verdict, h("div", { class: "threshold-keys" }, about, key("together"), key("missed")),
          h("div", { class: "threshold-keys" }, of, key("membrane"), key("inside")), histogram.element,
          h("p", { class: "unet-faint" }, words.opinions),
          h("div", { class: "threshold-keys" }, ...Object.keys(SCORES).map(name => key(name, names[name]))),
          curves.element)));

    function chart({ threshold: t, source: now }) {
      const { inside, membrane } = given.histograms[now], { steps } = given, both = inside.map((n, i) => n + membrane[i]);
      const ink = css(mixed(colour("ink"), colour("paper"), 0.75)), pale = css(colour("line"));
      heights.high = Math.max(...both);
      histogram.draw({ bars: [...both.map((n, i) => [steps[i], steps[i + 1], n, pale]),
        ...membrane.map((n, i) => [steps[i], steps[i + 1], n, ink])] });
      const lines = Object.entries(SCORES).map(([name, shade]) => ({ name, colour: css(colour(shade)),
        points: given.curves[now][name].map((v, i) => [steps[i], v]) }));
      curves.draw({ cursor: t, lines, dots: lines.map(line => ({ ...line, at: line.points[steps.indexOf(t)] })) });
      histogram.set(t);
      above.textContent = fill(words.above, { t: fixed(t, 3) });
      of.textContent = now === "grey" ? words.value : words.probability;
    }
    function draw(found) {
      answer = found;
      chart(found.settings);
      tell(verdict, found.verdict, { good: found.good });
      for (const name in SCORES) tell(names[name], fixed(found[name], 3), { value: found[name] });
      const { data } = given.maps[found.settings.source];
      map.paint(i => shade(data[i]));
      paint(found);
      overlay(found.merged.filter(group => !groups.has(String(group))));
      groups = new Set(found.merged.map(String));
      cells.frame.dataset.merged = JSON.stringify(found.merged);
      play.say(found.said);
    }
    function paint({ regions, owner, held }) {
      const seen = new Set();
      let joined = 0;
      const tints = [WALL, ...owner.map((cell, i) => {
        if (held[i] > 1) return mixed(MERGED, WHITE, [0.95, 0.7, 0.5][joined++ % 3]);
        const first = !seen.has(cell), name = given.pair.indexOf(cell);
        seen.add(cell);
        if (first && name >= 0) return mixed(PAIR[name], WHITE, 0.75);
        return mixed(TINTS[(first ? cell : i) % TINTS.length], WHITE, 0.4); // splinters have their own
      })];
      cells.paint(i => {
        const region = regions.data[i];
        return region && held[region - 1] > 1 && !truth[i] ? MISSED : tints[region];
      });
    }
    // What has just run together flashes; the region that was clicked is outlined.
    function overlay(fresh) {
      const { regions, held, sizes } = answer, at = new Set(fresh.flat());
      const flashing = new Set(regions.data.filter((region, i) => region && held[region - 1] > 1 && at.has(truth[i])));
      const region = picked === null ? 0 : regions.data[picked];
      for (const picture of [map, cells]) {
        const parts = given.places.map(([row, column], i) =>
          svg("text", { x: column + 0.5, y: row + 0.5 }, words.pair.split(" ")[i]));
        if (region)
          parts.unshift(picture.ring(i => regions.data[i] === region, { class: "threshold-lit", stroke: LIT }));
        if (flashing.size && picture === cells)
          parts.unshift(picture.ring(i => flashing.has(regions.data[i]), { class: "threshold-flash", stroke: "#FFF" }));
        picture.overlay(...parts);
      }
      tell(about, picked === null ? words.click : !region ? words.picked_wall
        : fill(held[region - 1] > 1 ? words.picked_more : words.picked,
          { n: whole(sizes[region - 1], words), k: held[region - 1] }), { region });
    }
    return play.show(draw, ({ threshold }) => histogram.set(threshold));
  },
};
