// Lesson 06: a U whose skips are cut and weakened by hand, and what becomes of the mask.
import { bars } from "../../drawing/web/bars.js";
import { slider } from "../../drawing/web/controls.js";
import { fill, h, tell } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { button, stage } from "../../drawing/web/stage.js";
import { mixed, rgb } from "../../drawing/web/theme.js";

// As in the pair's other pictures, on both themes: wall, inside, neuron A, neuron B, both in one.
const KINDS = ["#1F2430", "#E1E5EA", "#0072B2", "#009E73", "#E69F00"].map(colour => rgb(colour));
const GONE = rgb("#D55E00"), NEW = rgb("#CC79A7"), CHANGED = 8; // wall that went, wall that came

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, { stops } = given;
    const [rows, columns] = given.image.shape;
    let gains = [...talk.settings.gains];

    // ------------------------------------------------------------------ what a hand does
    const changed = (level, gain) => ({ gains: gains.map((old, i) => (i === level ? gain : old)) });
    function skip(level) {
      const knob = slider(fill(words.skip, { level }), stops, gains[level], gain => talk.stroke(changed(level, gain)),
        gain => fill(gain ? words.times : words.gone, { n: gain }));
      const scissors = button("", () => talk.ask(changed(level, gains[level] ? 0 : 1)));
      const box = side => h("span", { class: `cut-box cut-${side}` }, given.channels[level]);
      return { knob, scissors, row: h("div", { class: "cut-row", style: `--level:${level}`, role: "group",
        "aria-label": fill(words.skip, { level }) }, box("down"), scissors, knob.element, box("up")) };
    }
    const skips = gains.map((_gain, level) => skip(level));

    // ------------------------------------------------------------------ what is seen
    const picture = name => thumbnail({ rows, columns, label: words[name] });
    const shots = Object.fromEntries(["now", "before"].map(name => [name, picture(name)]));
    const shown = name => h("figure", { class: `cut-${name}` }, h("figcaption", {}, words[name]), shots[name].element);
    const headline = h("p", { class: "cut-headline" }), share = h("p", { class: "cut-changed-words" });
    const scores = bars(["v_rand", "accuracy"].map(name => [name, words[name], given.before[name]]));
    const keys = Object.fromEntries(["wall", "a", "b", "both", "gone", "new"].map(key =>
      [key, h("span", {}, h("i", { class: `cut-is-${key}` }), words[`legend_${key}`])]));
    const legend = h("div", { class: "cut-legend" }, ...Object.values(keys));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "cut-sides" },
        h("div", {}, h("div", { class: "cut-u", role: "group", "aria-label": words.u },
          ...skips.map(({ row }) => row), h("div", { class: "cut-bottom" }, h("span", { class: "cut-box" }, words.bottom))),
        headline, scores.element,
        h("div", { class: "cut-legend" }, h("span", {}, h("i", { class: "cut-is-whole" }), words.whole)), share, play.back),
        h("div", {}, h("div", { class: "cut-shots" }, shown("now"), shown("before")), legend)));

    function draw() {
      skips.forEach(({ knob, scissors, row }, level) => {
        const now = gains[level];
        row.classList.toggle("cut-off", now === 0);
        row.style.setProperty("--gain", now / stops.at(-1));
        knob.set(now);
        scissors.textContent = now ? words.scissors : words.mend;
      });
    }
    const tints = KINDS.map(colour => Array.from({ length: 256 }, (_, grey) => mixed(colour, [grey, grey, grey], 0.62)));
    const paint = (picture, data) => picture.paint(i => {
      const kind = data[i] % CHANGED;
      return data[i] === kind ? tints[kind][given.image.data[i]] : kind ? GONE : NEW;
    });
    paint(shots.before, given.before.map.data);
    return play.show(found => {
      gains = [...found.settings.gains];
      draw();
      paint(shots.now, found.map.data);
      if (headline.dataset.verdict !== JSON.stringify(found.verdict)) {
        const frame = shots.now.element;
        frame.classList.remove("cut-flash");
        void frame.offsetWidth; // so that the animation begins again
        frame.classList.toggle("cut-flash", found.verdict !== "apart");
      }
      tell(headline, found.headline, { verdict: JSON.stringify(found.verdict) });
      headline.classList.toggle("cut-bad", found.verdict !== "apart");
      scores.set("v_rand", found.v_rand, fixed(found.v_rand, 3));
      scores.set("accuracy", found.accuracy, fixed(found.accuracy, 3));
      for (const part of [keys.gone, keys.new]) part.hidden = !found.changed;
      tell(share, fill(words.share, { n: percent(found.changed, 1) }));
      play.say(found.said);
    }, settings => {
      gains = [...settings.gains];
      draw();
    });
  },
};
