// Lesson 08: how a signal (or its gradient) fares by layer, and how the numbers of one layer are
// spread, for three initialisations and one's own at once.
import { axes } from "../../drawing/web/axes.js";
import { choice, play as player, slider, toggle } from "../../drawing/web/controls.js";
import { h } from "../../drawing/web/html.js";
import { stage } from "../../drawing/web/stage.js";
import { css } from "../../drawing/web/theme.js";

const SHADES = { small: "bad", xavier: "accent", he: "good", own: "signal-own" };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk, signal } = play;
    const { inits, starts, layers, powers, sizes, edges, titles } = given, stops = Array.from({ length: layers }, (_, i) => i + 1);

    // ------------------------------------------------------------------ what a hand does
    function moved(layer, ended) { reel.stop(); talk.stroke({ layer }, ended); }
    const along = () => talk.settings.way === "gradients" ? stops.toReversed() : stops;
    const reel = player({ ...words, play: words.through }, () => play.next("layer", along()), { pace: 220, signal });
    const way = play.lever(choice, "way", ["activations", "gradients"].map(name => [name, words[name]]));
    play.along.way = now => ({ layer: now === "gradients" ? 1 : layers }); // the end, where starts differ most
    const marks = given.marks.map(([words, name], i) =>
      h("span", { onclick: () => talk.ask({ init: starts[i] }) }, words, h("small", {}, name)));
    const init = h("div", { class: "signal-start" }, play.lever(slider, "init", starts, name => words[name]),
      h("div", { "aria-hidden": true }, ...marks));

    // ------------------------------------------------------------------ what is seen
    const x = { low: 0.5, high: layers + 5, ticks: [1, 5, 10, 15, 20].map(n => [n, String(n)]) };
    const curve = axes({ label: words.curve, x, height: 300,
      y: { low: powers[0][0], high: powers.at(-1)[0], ticks: powers, log: true },
      handle: { stops, value: talk.settings.layer, moved, label: words.layer, text: String }, signal });
    const names = inits.map(name => h("span", { class: "signal-name", "data-init": name }));
    curve.element.append(...names);
    const rows = inits.map(name => {
      const note = h("span", { class: "signal-note" }), chart = axes({ label: titles[name], height: 92, signal,
        x: { low: edges[0], high: edges.at(-1), ticks: sizes, log: true, title: words.size },
        y: { low: 0, high: 255 } });
      const element = h("div", { class: "signal-row", "data-init": name },
        h("p", {}, h("i", { style: `background:var(--${SHADES[name]})` }), h("b", {}, titles[name]), " ", note), chart.element);
      return { name, note, chart, element };
    });
    const [caption, headline, key, spread] = ["caption", "headline", "key", "spread"].map(name => h("p", { class: `signal-${name}` }));
    play.add(h("p", {}, words.lead),
      h("div", { class: "unet-row" }, way, play.lever(toggle, "batch_norm"), play.lever(toggle, "relu"), reel.element), init,
      h("div", { class: "signal-sides" },
        h("div", { class: "signal-curve" }, caption, curve.element, headline, key, play.back),
        h("div", {}, spread, ...rows.map(row => row.element))));
    const reached = new Set(); // starts where the lever was stay until Reset
    play.back.lastChild.addEventListener("click", () => reached.clear());
    el.addEventListener("click", () => draw(talk.answer), { signal }); // if it ended the play, lines are whole again

    const asked = settings => { reached.add(settings.init); curve.set(settings.layer); };
    function draw(found) {
      const { settings, measured, theory, heights } = found, isBack = settings.way === "gradients";
      const plays = reel.element.textContent === words.pause && settings.layer !== along().at(-1);
      const isPassed = ([layer]) => !plays || (isBack ? layer >= settings.layer : layer <= settings.layer);
      const points = (array, i) => [...array.data.subarray(i * layers, (i + 1) * layers)].map((v, l) => [l + 1, v]);
      const shade = name => css(colour(SHADES[name])), chosen = inits.indexOf(found.line), seen = [...found.seen, ...reached];
      const lines = Object.keys(found.now).map((name, i) => (
        { name, i, points: points(measured, i), colour: shade(name), dash: found.dashes[i] })).filter(line => seen.includes(line.name));
      const room = Math.round(2080 / Math.max(170, (curve.element.clientWidth || 600) - 164)); // layers, for names
      [x.low, x.high, x.title] = isBack ? [0.5 - room, layers + 0.5, words.backwards] : [0.5, layers + 0.5 + room, words.onwards];
      asked(settings);
      curve.draw({ dots: lines.map(line => ({ at: line.points[settings.layer - 1], colour: line.colour })),
        lines: [{ name: "band", points: [[0.5, 1], [layers + 0.5, 1]] },
          { name: "theory", colour: css(colour("faint")), dash: "5 5", points: points(theory, chosen) },
          ...lines.map(line => ({ ...line, points: line.points.filter(isPassed) }))] });
      Object.assign(curve.element.dataset, { now: JSON.stringify(found.now), way: settings.way, plays });
      // which start is the right one is to be found
      marks.forEach((mark, i) => { mark.lastChild.style.visibility = !i || reached.has(starts[i]) ? "" : "hidden"; });
      let free = 260; // each line is named beside its end, or above the name that is there
      const end = line => curve.up(line.points[isBack ? 0 : layers - 1][1]) - 8;
      rows.forEach(({ element }, i) => { element.hidden = names[i].hidden = !lines.some(line => line.i === i); });
      for (const { i, name, ...line } of lines.toSorted((a, b) => end(b) - end(a))) {
        const { note, chart, element } = rows[i], bins = edges.length - 1;
        const bars = [...heights.data.subarray(i * bins, (i + 1) * bins)];
        chart.draw({ bars: bars.flatMap((high, k) => high ? [[edges[k], edges[k + 1], high, line.colour]] : []) });
        free = Math.min(Math.max(end(line), 2), free - 16 * found.ends[name].split("\n").length);
        names[i].textContent = found.ends[name];
        names[i].setAttribute("style", `top:${free}px; color:${line.colour}; --wide:${layers / (layers + room)}`);
        note.textContent = found.notes[name];
        Object.assign(element.dataset, { chosen: name === found.line, heights: JSON.stringify(bars) });
      }
      for (const [name, element] of Object.entries({ caption, headline, key, spread })) element.textContent = found[name];
      play.say(found.said);
    }
    return play.show(draw, asked);
  },
};
