// Lesson 11: two cells that are dragged apart, the weights between them, and who pulls there.
import { axes } from "../../drawing/web/axes.js";
import { bars } from "../../drawing/web/bars.js";
import { slider, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { colourBar, heat } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { outline, pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { css } from "../../drawing/web/theme.js";

const LOSSES = ["cross_entropy", "class_weights", "weight_map", "dice"];
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [rows, columns] = talk.answer.levels.shape, scale = heat(0, 255), middle = columns / 2;
    let answer = talk.answer, gap = talk.settings.gap, held = null;

    // ------------------------------------------------------------------ what a hand does
    function widen(to, step = true) {
      const next = Math.min(Math.max(to, 0), given.widest);
      if (next === gap) return;
      gap = next;
      overlay();
      const moved = talk.ask({ gap }, { step });
      if (held) held.moved ||= moved;
    }
    const map = pixels({
      rows, columns, label: words.map, keys: words.keys, most: 588, signal: play.signal,
      hands: {
        start: ([, column]) => { held = { column, gap, side: column < middle ? -1 : 1, moved: false }; },
        over: ([, column]) => widen(held.gap + held.side * (column - held.column), !held.moved),
        end: () => { held = null; },
        cancel() { const { moved } = held; held = null; if (moved) talk.undo(); },
      },
    });
    map.frame.addEventListener("keydown", event => { // before the grid's own keys
      if (!(event.key in KEYS) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      widen(gap + KEYS[event.key]);
    }, { capture: true, signal: play.signal });
    const lever = (name, text) => slider(words[name], given[name], talk.settings[name],
      value => talk.ask({ [name]: value }), text);
    const levers = { w0: lever("w0", n => fixed(n, 1)), sigma: lever("sigma", n => fixed(n, 1)) };
    const balance = toggle(words.balance, talk.settings.balance, now => talk.ask({ balance: now }));

    // ------------------------------------------------------------------ what is seen
    const ticks = [0, 5, 10, 15, 20].map(n => [n, String(n)]), top = given.highest;
    const curve = axes({ label: words.line, height: 170, signal: play.signal,
      x: { low: 0, high: columns, ticks: [0, 20, 40, 60, 80].map(n => [n, String(n)]), title: words.along },
      y: { low: 0, high: top, ticks } });
    const pulls = bars(LOSSES.map(name => [name, words[name]]));
    const headline = h("p", { class: "pull-headline" }), asked = h("p", { class: "pull-asked" });
    const whose = h("div", {}, asked, pulls.element);
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "pull-sides" },
        h("div", {}, map.element, colourBar(words.weight, scale, "0", fill(words.more, { n: top })), curve.element),
        h("div", {}, headline, h("p", { class: "pull-formula" }, words.formula), levers.w0.element,
          levers.sigma.element, balance.element, h("div", { class: "pull-whose" }, whose), play.back)));

    function overlay() { // cells go with the hand, before the answer is there
      const cells = answer.cells.data, more = (gap - answer.settings.gap) / 2;
      const one = (cell, side) => svg("path", { d: outline(rows, columns, i => cells[i] === cell),
        transform: `translate(${side * more} 0)`, class: "pull-cell" });
      const y = rows / 2, name = (n, x) => svg("text", { x, y: y - 4, class: "pull-name" }, fill(words.cell, { n }));
      const wide = Math.max(gap, 0.5), edge = Math.floor((columns - gap) / 2);
      map.overlay(one(1, -1), one(2, 1),
        svg("path", { class: "pull-line", d: `M0 ${y}H${columns}` }),
        name(1, middle - gap / 2 - 14), name(2, middle + gap / 2 + 14),
        svg("path", { class: "pull-gap", d: `M${edge} 4h${wide}M${edge} 2.5v3M${edge + wide} 2.5v3` }),
        svg("text", { x: edge + wide / 2, y: rows - 3, class: "pull-name" }, fill(words.gap, { n: gap })));
      map.frame.dataset.gap = gap;
    }
    function draw(found) {
      answer = found;
      if (!held) gap = found.settings.gap;
      for (const name in levers) levers[name].set(found.settings[name]);
      balance.set(found.settings.balance);
      map.paint(i => scale(found.levels.data[i]));
      overlay();
      const cells = found.cells.data.subarray((rows / 2) * columns, (rows / 2 + 1) * columns);
      const wash = css(colour("line"));
      curve.draw({
        bars: [...cells].flatMap((cell, i) => (cell ? [[i, i + 1, top / 24, wash]] : [])),
        lines: [{ name: "w", colour: css(colour("bad")),
          points: [...found.profile.data].flatMap((w, i) => [[i, w], [i + 1, w]]) }],
      });
      headline.textContent = found.headline;
      headline.dataset.wall = JSON.stringify(found.wall);
      asked.textContent = fill(words.pulls, { area: percent(found.area, 1) });
      whose.classList.toggle("pull-none", !(LOSSES[0] in found.shares));
      for (const name of LOSSES) {
        const share = found.shares[name];
        pulls.set(name, share ?? 0, share === undefined ? "–" : percent(share, 1));
      }
      play.say(found.said);
    }
    return play.show(draw, settings => { if (!held) gap = settings.gap; });
  },
};
