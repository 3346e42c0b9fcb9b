// Lesson 10: a map whose walls can be erased and drawn, four bars, and the contingency table.
import { bars } from "../../drawing/web/bars.js";
import { choice, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { outline, pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { css, mixed, PALETTE, rgb } from "../../drawing/web/theme.js";
import { contingencyTable } from "./table.js";

const MOUSE = 1.6, FINGER = 13; // how far a wall may be from a mouse in pixels, from a finger in CSS px

const TINTS = PALETTE.filter(colour => !["#E69F00", "#D55E00"].includes(colour)); // those say: merged

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [rows, columns] = given.truth.shape, truth = given.truth.data;
    let tool = "erase", stroke = null, lit = [], flashed = "", answer = talk.answer;
    let flipped = new Set(talk.settings.flipped);

    const hues = []; // of each neuron, another one than its neighbours have
    given.sizes.forEach((_, i) => {
      const near = given.walls.filter(wall => wall.includes(i + 1)).flat().map(n => hues[n]);
      hues[i + 1] = TINTS.find(tint => !near.includes(tint)) ?? TINTS[0];
    });
    const isWhite = place => (truth[place] > 0) !== flipped.has(place);
    const index = ([row, column]) => row * columns + column;

    // ------------------------------------------------------------------ what a hand does
    // The black pixel that a hand means: walls are thin, and a finger is wide.
    function meant(place, touch) {
      if (tool === "draw") return isWhite(index(place)) || stroke ? place : null;
      const reach = touch ? FINGER / map.cell : MOUSE, far = Math.ceil(reach);
      let best = null, least = reach ** 2 + 1e-9;
      for (let dr = -far; dr <= far; dr++)
        for (let dc = -far; dc <= far; dc++) {
          const [row, column] = [place[0] + dr, place[1] + dc], away = dr * dr + dc * dc;
          if (row < 0 || column < 0 || row >= rows || column >= columns) continue;
          if (away < least && !isWhite(index([row, column]))) [best, least] = [[row, column], away];
        }
      return best;
    }
    function change(place, first) {
      if (!place || isWhite(index(place)) === (tool === "erase")) return first;
      flipped.has(index(place)) ? flipped.delete(index(place)) : flipped.add(index(place));
      map.dot(place, colour(tool === "erase" ? "loud" : "ink"));
      const changed = talk.ask({ flipped: [...flipped].sort((a, b) => a - b) }, { step: first });
      return first && !changed;
    }
    const map = pixels({
      rows, columns, label: words.map, keys: words.keys, most: 504, signal: play.signal,
      hands: {
        point: pointAt,
        leave: () => { light([]); hint.textContent = words.point; },
        start(place, touch) {
          stroke = { first: true, touch };
          stroke.first = change(meant(place, touch), true);
        },
        over(place) { stroke.first = change(meant(place, stroke.touch), stroke.first); },
        end: () => { stroke = null; },
        cancel() { const { first } = stroke; stroke = null; if (!first) talk.undo(); },
        key(event, here) {
          if (event.key.toLowerCase() !== "n") return null;
          const now = given.wall.data[index(here)]; // 0 where there is no wall: to the first
          return given.middles[now % given.middles.length];
        },
      },
    });
    const hint = h("p", { class: "wall-hint", "aria-hidden": "true" }, words.point); // beside the map, not over it
    function pointAt(place, touch) {
      const near = tool === "erase" && meant(place, touch) || place;
      const i = index(near), wall = given.wall.data[i], v = fixed(given.price.data[i], 3);
      const [a, b] = wall ? given.walls[wall - 1] : [truth[i]];
      light(wall ? [a, b] : a ? [a] : []);
      const said = wall ? fill(words.wall, { a, b, v })
        : a ? fill(words.inside, { a }) : fill(words.crossing, { v });
      hint.textContent = said;
      if (map.frame.matches(":focus-visible")) play.say(said);
    }
    function light(neurons) {
      if (String(neurons) === String(lit)) return;
      lit = neurons;
      overlay(answer);
      table.light(lit);
    }

    // ------------------------------------------------------------------ what is seen
    const tools = choice(words.map, [["erase", words.erase], ["draw", words.draw]], tool,
      now => { tool = now; });
    const thinned = toggle(words.thinned, talk.settings.thinned, now => talk.ask({ thinned: now }));
    const named = key => h("span", {}, words[key], h("small", {}, words[`${key}_asks`]));
    const scores = bars([["right", words.right], ["dice", words.dice],
      ["v_rand", named("v_rand")], ["v_info", named("v_info")]]);
    const wrong = h("p", { class: "wall-wrong" }), verdict = h("p", { class: "wall-verdict" });
    const formula = h("p", { class: "wall-formula" });
    const legend = h("div", { class: "wall-legend" }, ...["wall", "was", "one", "changed", "piece"].map(key =>
      h("span", {}, h("i", { class: `wall-${key}` }), words[`legend_${key}`])));
    const table = contingencyTable(words, given, light);
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-sides" },
        h("div", {}, h("div", { class: "unet-row" }, tools.element, play.back), map.element, hint, legend),
        h("div", { class: "wall-scores" }, verdict, scores.element, wrong, thinned.element),
        h("div", { class: "wall-reasons" }, table.element, formula)));

    const merged = () => new Set((answer.merged || []).flat());
    function draw(found) {
      answer = found;
      if (!stroke) flipped = new Set(found.settings.flipped);
      thinned.set(found.settings.thinned);
      paint(found);
      overlay(found);
      const all = truth.length;
      verdict.textContent = found.verdict;
      verdict.classList.toggle("wall-bad", found.merged.length > 0);
      verdict.classList.toggle("wall-odd", found.found !== given.sizes.length);
      scores.set("right", 1 - found.wrong, percent(1 - found.wrong, 2));
      scores.set("dice", found.dice, fixed(found.dice, 4));
      scores.set("v_rand", found.v_rand, fixed(found.v_rand, 3));
      scores.set("v_info", found.v_info, fixed(found.v_info, 3));
      wrong.textContent = `${words.wrong} ${percent(found.wrong, 2)} · ` + fill(words.of_pixels,
        { n: whole(found.wrong_pixels, words), all: whole(all, words) });
      wrong.dataset.value = found.wrong;
      const { both, truth: rowSums, segments } = found.sums;
      formula.replaceChildren(h("span", { class: "unet-faint" }, words.formula),
        h("br"), `= 2 × ${whole(both, words)} / (${whole(rowSums, words)} + `
        + `${whole(segments, words)}) = `, h("b", {}, fixed(found.v_rand, 3)));
      table.draw(found, colour);
      play.say(found.said);
    }
    function paint(found) {
      const ink = colour("ink"), paper = colour("paper"), loud = colour("loud"), bad = merged();
      const dark = play.isDark(), tints = [ink, ...found.owner.map(owner => bad.has(owner) ? mixed(loud, paper, 0.85)
        : mixed(rgb(hues[owner]), paper, dark ? 0.42 : 0.3))];
      const grown = tints.map(tint => mixed(tint, ink, 0.62)); // was wall, until it was thinned
      const region = found.regions.data, white = found.white.data;
      map.paint(i => region[i] && !white[i] ? grown[region[i]] : tints[region[i]]);
      map.frame.dataset.merged = JSON.stringify(found.merged);
    }
    function overlay(found) {
      // A few pixels are ringed; of many the map itself tells.
      const changed = flipped.size > 60 ? "" : outline(rows, columns, i => flipped.has(i));
      const parts = [svg("path", { d: changed, stroke: css(colour("bad")), "stroke-width": 2.5 })];
      const key = JSON.stringify(found.merged), bad = merged();
      if (bad.size) {
        const around = outline(rows, columns, i => bad.has(found.owner[found.regions.data[i] - 1]));
        const flash = key !== flashed ? "wall-flash" : "wall-merged";
        parts.push(svg("path", { d: around, class: flash, stroke: css(colour("bad")) }));
      }
      if (key !== flashed) setTimeout(() => { flashed = key; }, 900);
      const cut = outline(rows, columns, i => found.pieces.includes(found.regions.data[i]));
      parts.push(svg("path", { d: cut, class: "wall-cut" }));
      legend.lastChild.style.visibility = cut ? "" : "hidden"; // its room stays
      if (lit.length)
        parts.push(svg("path", { d: outline(rows, columns, i => lit.includes(truth[i])),
          stroke: css(colour("accent")), "stroke-width": 2.5 }));
      const names = Object.fromEntries(found.merged.flatMap(group =>
        group.map(neuron => [neuron, group.length < 4 ? group.join("+") : neuron])));
      given.centres.forEach(([row, column], i) => parts.push(
        svg("text", { x: column + 0.5, y: row + 0.5 }, String(names[i + 1] ?? i + 1))));
      map.overlay(...parts);
    }
    return play.show(draw, settings => { if (!stroke) flipped = new Set(settings.flipped); });
  },
};
