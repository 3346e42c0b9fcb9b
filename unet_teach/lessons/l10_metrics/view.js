// Lesson 10: a map whose walls can be erased and drawn, four bars, and the contingency table.
import { bars } from "../../drawing/web/bars.js";
import { choice, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { css, mixed, PALETTE, rgb } from "../../drawing/web/theme.js";
import { contingencyTable } from "./table.js";

const MOUSE = 1.6, FINGER = 13; // how far a wall may be from a mouse in pixels, from a finger in CSS px

const TINTS = PALETTE.filter(colour => !["#E69F00", "#D55E00"].includes(colour)); // those say: merged

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [rows, columns] = given.truth.shape, truth = given.truth.data;
    let tool = "erase", touches = null, lit = [], flashed = "", answer = talk.answer;
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
      if (tool === "draw") return isWhite(index(place)) || touches !== null ? place : null;
      const reach = touch ? FINGER / map.cell : MOUSE, [top, left] = place.map(n => Math.ceil(n - reach));
      let best = null, least = reach ** 2 + 1e-9;
      for (let row = Math.max(top, 0); row <= Math.min(place[0] + reach, rows - 1); row++)
        for (let column = Math.max(left, 0); column <= Math.min(place[1] + reach, columns - 1); column++) {
          const away = (row - place[0]) ** 2 + (column - place[1]) ** 2;
          if (away < least && !isWhite(index([row, column]))) [best, least] = [[row, column], away];
        }
      return best;
    }
    function change(at) {
      const place = meant(at, touches);
      if (!place || isWhite(index(place)) === (tool === "erase")) return;
      flipped.has(index(place)) ? flipped.delete(index(place)) : flipped.add(index(place));
      map.dot(place, colour(tool === "erase" ? "loud" : "ink"));
      talk.stroke({ flipped: [...flipped].sort((a, b) => a - b) });
    }
    function drop(calledOff) { touches = null; talk.letGo(calledOff); }
    const map = pixels({
      rows, columns, label: words.map, keys: words.keys, most: 504, signal: play.signal,
      hands: {
        point: pointAt,
        leave: () => { light([]); hint.textContent = words.point; },
        start(place, touch) { touches = touch; change(place); },
        over: change, end: drop, cancel: () => drop(true),
        // To the next wall; 0 where there is none: to the first.
        key: (event, here) => event.key.toLowerCase() === "n"
          && given.middles[given.wall.data[index(here)] % given.middles.length],
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
    const tools = choice(words.map, [["erase", words.erase], ["draw", words.draw]], tool, now => { tool = now; });
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
        h("div", { class: "wall-scores" }, verdict, scores.element, wrong, play.lever(toggle, "thinned")),
        h("div", { class: "wall-reasons" }, table.element, formula)));

    function draw(found) {
      answer = found;
      if (touches === null) flipped = new Set(found.settings.flipped);
      paint(found);
      overlay(found);
      verdict.textContent = found.verdict;
      verdict.classList.toggle("wall-bad", found.merged.length > 0);
      verdict.classList.toggle("wall-odd", found.found !== given.sizes.length);
      scores.set("right", 1 - found.wrong, percent(1 - found.wrong, 2));
      for (const [name, digits] of [["dice", 4], ["v_rand", 3], ["v_info", 3]])
        scores.set(name, found[name], fixed(found[name], digits));
      const told = number => whole(number, words), { sums } = found;
      const pixels = fill(words.of_pixels, { n: told(found.wrong_pixels), all: told(truth.length) });
      tell(wrong, `${words.wrong} ${percent(found.wrong, 2)} · ${pixels}`, { value: found.wrong });
      formula.replaceChildren(h("span", { class: "unet-faint" }, words.formula), h("br"),
        `= 2 × ${told(sums.both)} / (${told(sums.truth)} + ${told(sums.segments)}) = `, h("b", {}, fixed(found.v_rand, 3)));
      table.draw(found, colour);
      play.say(found.said);
    }
    function paint(found) {
      const ink = colour("ink"), paper = colour("paper"), loud = colour("loud"), bad = new Set(found.merged.flat());
      const tints = [ink, ...found.owner.map(owner => bad.has(owner) ? mixed(loud, paper, 0.85)
        : mixed(rgb(hues[owner]), paper, play.isDark() ? 0.42 : 0.3))];
      const grown = tints.map(tint => mixed(tint, ink, 0.62)); // was wall, until it was thinned
      const region = found.regions.data, white = found.white.data;
      map.paint(i => region[i] && !white[i] ? grown[region[i]] : tints[region[i]]);
      map.frame.dataset.merged = JSON.stringify(found.merged);
    }
    function overlay({ merged, owner, pieces, regions }) {
      const key = JSON.stringify(merged), bad = new Set(merged.flat()), region = regions.data;
      const stroke = css(colour("bad")), thick = { "stroke-width": 2.5 };
      const few = flipped.size > 60 ? new Set() : flipped; // are ringed; of many the map itself tells
      legend.lastChild.style.visibility = pieces.length ? "" : "hidden"; // its room stays
      const names = Object.fromEntries(merged.flatMap(group =>
        group.map(neuron => [neuron, group.length < 4 ? group.join("+") : neuron])));
      map.overlay(
        map.ring(i => few.has(i), { stroke, ...thick }),
        map.ring(i => bad.has(owner[region[i] - 1]), { class: key === flashed ? "wall-merged" : "wall-flash", stroke }),
        map.ring(i => pieces.includes(region[i]), { class: "wall-cut" }),
        map.ring(i => lit.includes(truth[i]), { stroke: css(colour("accent")), ...thick }),
        ...given.centres.map(([row, column], i) =>
          svg("text", { x: column + 0.5, y: row + 0.5 }, String(names[i + 1] ?? i + 1))));
      if (key !== flashed) setTimeout(() => { flashed = key; }, 900);
    }
    return play.show(draw, settings => { if (touches === null) flipped = new Set(settings.flipped); });
  },
};
