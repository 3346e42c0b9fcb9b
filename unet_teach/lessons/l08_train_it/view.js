// Lesson 08: how a signal (or its gradient) fares by layer, and how the numbers of one layer are
// spread, for three initialisations at once.
import { axes } from "../../drawing/web/axes.js";
import { choice, play as player, toggle } from "../../drawing/web/controls.js";
import { fill, h } from "../../drawing/web/html.js";
import { stage } from "../../drawing/web/stage.js";
import { css } from "../../drawing/web/theme.js";

const SHADES = { small: "bad", xavier: "accent", he: "good" };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk, signal } = play;
    const { inits, layers, powers, edges } = given, stops = Array.from({ length: layers }, (_, i) => i + 1);
    let begun = false;

    // ------------------------------------------------------------------ what a hand does
    function moved(layer, ended) {
      reel.stop();
      talk.ask({ layer }, { step: !begun }); // a whole stroke is one step
      begun = !ended;
    }
    const isBack = () => talk.settings.way === "gradients";
    function next() { // the way that it goes: gradients come back
      const on = isBack() ? -1 : 1, last = isBack() ? 1 : layers, now = talk.settings.layer;
      const layer = now === last ? layers + 1 - last : now + on;
      talk.ask({ layer }, { step: now === last });
      return layer !== last;
    }
    const reel = player(words, next, { pace: 220, signal });
    const lever = name => toggle(words[name], talk.settings[name], now => talk.ask({ [name]: now }));
    const levers = { relu: lever("relu"), batch_norm: lever("batch_norm") };
    const way = choice(words.way, ["activations", "gradients"].map(name => [name, words[name]]),
      talk.settings.way, name => talk.ask({ way: name }));
    const choose = init => talk.ask({ init });
    const init = choice(words.init, inits.map(name => [name, words[`short_${name}`]]), talk.settings.init, choose);

    // ------------------------------------------------------------------ what is seen
    const ends = list => ({ low: list[0][0], high: list.at(-1)[0], ticks: list });
    const x = { low: 0.5, high: layers + 0.5, title: words.layer, ticks: [1, 5, 10, 15, 20].map(n => [n, String(n)]) };
    const curve = axes({ label: words.curve, x, y: { ...ends(powers), log: true }, height: 300,
      handle: { stops, value: talk.settings.layer, moved, label: words.layer, text: String }, signal });
    const rows = inits.map(name => {
      const note = h("span", { class: "signal-note" }), chart = axes({ label: words[name], height: 96, signal,
        x: { low: edges[0], high: edges.at(-1), ticks: [-3, -2, -1, 0, 1, 2, 3].map(n => [n, String(n).replace("-", "−")]) },
        y: { low: 0, high: 255 } });
      const element = h("div", { class: "signal-row", "data-init": name, onclick: () => choose(name) },
        h("p", {}, h("i", { style: `background:var(--${SHADES[name]})` }), h("b", {}, words[name]), " · ", note), chart.element);
      return { name, note, chart, element };
    });
    const headline = h("p", { class: "signal-headline" }), spread = h("p");
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-row" }, way.element, levers.relu.element, levers.batch_norm.element),
      h("div", { class: "signal-sides" },
        h("div", {}, h("div", { class: "unet-row" }, reel.element, init.element), headline,
          h("p", { class: "unet-faint" }, words.curve), curve.element, h("p", { class: "unet-faint" }, words.key)),
        h("div", {}, spread, ...rows.map(row => row.element), h("p", { class: "unet-faint" }, words.scale))));

    // Before the answer is there: what the hand did.
    function asked(settings) {
      curve.set(settings.layer);
      init.set(settings.init);
      way.set(settings.way);
      for (const row of rows) row.element.dataset.chosen = row.name === settings.init;
      spread.textContent = fill(words[`spread_${settings.way}`], { n: settings.layer });
    }
    function draw(found) {
      const { settings, measured, theory, heights } = found, number = settings.layer - 1;
      asked(settings);
      for (const name in levers) levers[name].set(settings[name]);
      const points = (array, i) => [...array.data.subarray(i * layers, (i + 1) * layers)].map((v, l) => [l + 1, v]);
      const shade = name => css(colour(SHADES[name])), chosen = inits.indexOf(settings.init);
      curve.draw({
        lines: [...inits.map((name, i) => ({ name, colour: shade(name), points: points(measured, i) })),
          { name: "theory", colour: css(colour("ink")), dash: "5 5", points: points(theory, chosen) }],
        dots: inits.map((name, i) => ({ at: points(measured, i)[number], colour: shade(name) })),
      });
      curve.element.dataset.now = JSON.stringify(found.now);
      for (const [i, { name, note, chart, element }] of rows.entries()) {
        const bins = edges.length - 1, bars = [...heights.data.subarray(i * bins, (i + 1) * bins)];
        chart.draw({ bars: bars.flatMap((top, k) => top ? [[edges[k], edges[k + 1], top, shade(name)]] : []) });
        note.textContent = found.notes[name];
        element.dataset.heights = JSON.stringify(bars);
      }
      headline.textContent = found.headline;
      play.say(found.said);
    }
    return play.show(draw, asked);
  },
};
