// Lesson 12: nine arrows to drag; the net they bend, and image and labels read along it.
import { choice, play as player, slider } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { button, stage } from "../../drawing/web/stage.js";
import { rgb } from "../../drawing/web/theme.js";
import { outline } from "../../drawing/web/pixels.js";
import { wipe } from "../../drawing/web/wipe.js";

const BAD = rgb("#D55E00"), WALL = [31, 36, 48], INSIDE = [255, 255, 255];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    const { side, margin, far, knots } = given, wide = side + 2 * margin;
    let answer = talk.answer, held = null, begun = false, tip = null;

    // ------------------------------------------------------------------ what a hand does
    const half = number => Math.floor(2 * number + 0.5) / 2;
    const within = (number, most) => Math.min(Math.max(number, -most), most);
    // What a hand adds to vector k, so that its tip comes to a place.
    function drag(k, place, step) {
      const was = ["right", "down"].map(axis => answer.settings[axis + k]);
      const [right, down] = [0, 1].map(axis =>
        within(half(place[axis] - knots[k][axis] - answer.vectors[k][axis] + was[axis]), far));
      const moved = { [`right${k}`]: right, [`down${k}`]: down };
      talk.ask(moved, { step });
      if (model.get("refused")) talk.ask({ ...still, ...moved }, { step }); // one arrow at a time is recorded
      if (shafts.querySelector(".bend-place")) play.refusal.hide(); // dots say where it can be
    }
    function placed(event) { // where in the image a finger is, not beyond what is shown
      const edge = board.getBoundingClientRect();
      return [(event.clientX - edge.left) / edge.width, (event.clientY - edge.top) / edge.height]
        .map(share => Math.min(Math.max(share, 0), 1) * wide - margin - 0.5);
    }
    const grips = knots.map((knot, k) => {
      const grip = h("div", { class: "bend-grip", role: "slider", tabindex: 0,
        "aria-label": fill(words.arrow, { n: k + 1 }), "aria-description": words.keys,
        onpointerdown(event) {
          if (event.button) return;
          grip.setPointerCapture(event.pointerId);
          [held, begun, tip] = [k, false, placed(event)];
          arrows();
        },
        onpointermove(event) {
          if (held !== k) return;
          tip = placed(event);
          arrows(); // at once; the rest follows when it is answered
          drag(k, tip, !begun);
          begun = true;
        },
        onpointerup: drop, onpointercancel: drop,
        onkeydown(event) {
          if (!KEYS[event.key]) return;
          event.preventDefault();
          event.stopPropagation();
          const step = event.shiftKey ? 5 : 1;
          drag(k, KEYS[event.key].map((n, axis) => knot[axis] + answer.vectors[k][axis] + step * n), true);
        } });
      return grip;
    });
    function drop() { held = null; arrows(); }

    // ------------------------------------------------------------------ what is seen
    const micrograph = thumbnail({ rows: wide, columns: wide });
    const net = svg("g", { class: "bend-net" }), shafts = svg("g", { class: "bend-shafts" });
    const lines = svg("svg", { viewBox: `${-margin - 0.5} ${-margin - 0.5} ${wide} ${wide}`, "aria-hidden": "true" },
      svg("path", { class: "bend-outside", // mirrored, so dimmed
        d: `M${-margin - 0.5} ${-margin - 0.5}h${wide}v${wide}h${-wide}ZM-0.5 -0.5v${side}h${side}v${-side}Z` }),
      svg("rect", { class: "bend-frame", x: -0.5, y: -0.5, width: side, height: side }), net, shafts);
    const board = h("div", { class: "bend-board", role: "group", "aria-label": words.board },
      micrograph.element, lines, ...grips);
    const [image, labels] = [words.first, words.second].map(label => thumbnail({ rows: side, columns: side, label }));
    const line = svg("path", { class: "bend-labels" }), tails = svg("g");
    const drawn = svg("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" }, line, tails);
    const both = wipe({ first: h("div", { class: "bend-new" }, image.element, drawn),
      second: labels.element, at: 0.7, words, signal: play.signal });
    const sigma = slider(words.strength, given.strengths, talk.settings.sigma, n => talk.ask({ sigma: n }));
    const run = player(words, () => {
      const next = given.strengths.indexOf(talk.settings.sigma) + 1;
      talk.ask({ sigma: given.strengths[next % given.strengths.length] });
      return next + 1 < given.strengths.length;
    }, { pace: 600, signal: play.signal });
    const still = Object.fromEntries(knots.flatMap((_, k) => [[`right${k}`, 0], [`down${k}`, 0]]));
    const dice = button(words.dice, () =>
      talk.ask({ ...still, seed: (talk.settings.seed + 1) % given.draws }));
    const mask = choice(words.mask, ["nearest", "bilinear", "own"].map(how => [how, words[how]]),
      talk.settings.mask, how => talk.ask({ mask: how }));
    const verdict = h("p", { class: "bend-verdict" }), amount = h("span");
    const stretch = h("p", { class: "bend-key" }, amount, h("i"), words.wrong);
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "bend-sides" },
        h("div", {}, h("p", { class: "unet-faint" }, words.read), board),
        h("div", {}, h("p", { class: "unet-faint" }, words.bent), both.element, verdict, stretch,
          h("div", { class: "unet-row" }, dice, run.element), sigma.element,
          h("div", { class: "unet-row" }, words.labels_by, mask.element), play.back)));

    function arrows() {
      const parts = grips.flatMap((grip, k) => {
        const [x, y] = knots[k], [right, down] = answer.vectors[k];
        const [toX, toY] = held === k && tip ? tip : [x + right, y + down];
        const across = n => `${(100 * (within(n - side / 2, wide / 2) + wide / 2 + 0.5)) / wide}%`;
        grip.style.left = across(toX);
        grip.style.top = across(toY);
        grip.setAttribute("aria-valuenow", right);
        grip.setAttribute("aria-valuetext", fill(words.tip, { right: fixed(right, 1), down: fixed(down, 1) }));
        grip.dataset.vector = JSON.stringify(answer.vectors[k]);
        return [svg("path", { d: `M${x} ${y}L${toX} ${toY}` }), svg("circle", { cx: x, cy: y, r: 1 })];
      });
      // A recording has some places only, of an arrow of the first settings.
      const first = model.get("first"), few = held !== null && model.get("refused") !== undefined
        && ["sigma", "seed", "mask"].every(name => answer.settings[name] === first[name]);
      const places = !few ? [] : given.dragged.map(place =>
        ["right", "down"].map((axis, i) => knots[held][i] + answer.vectors[held][i] - answer.settings[axis + held] + place[i]));
      shafts.replaceChildren(...places.map(([cx, cy]) => svg("circle", { cx, cy, r: 1.1, class: "bend-place" })), ...parts);
      tails.replaceChildren(...knots.map(([x, y], k) =>
        svg("circle", { cx: x + 0.5, cy: y + 0.5, r: k === held ? 3 : 1 })));
    }
    function draw(found) {
      answer = found;
      const shade = grey(...given.range), folded = found.folded.data, classes = found.classes.data;
      micrograph.paint(i => shade(given.around.data[i]));
      image.paint(i => folded[i] ? BAD : shade(found.image.data[i]));
      labels.paint(i => folded[i] || classes[i] === 2 ? BAD : classes[i] ? INSIDE : WALL);
      line.setAttribute("d", outline(side, side, i => classes[i] === 0));
      const [n] = found.net.shape, at = (row, column) =>
        [0, 1].map(axis => found.net.data[2 * (row * n + column) + axis] / 10).join(" ");
      const all = [...Array(n).keys()];
      net.replaceChildren(...all.flatMap(i => [
        svg("path", { d: `M${all.map(j => at(i, j)).join("L")}` }),
        svg("path", { d: `M${all.map(j => at(j, i)).join("L")}` })]));
      arrows();
      sigma.set(found.settings.sigma);
      mask.set(found.settings.mask);
      verdict.textContent = found.verdict;
      verdict.classList.toggle("bend-bad", !found.fits);
      amount.textContent = fill(words.stretch, { n: percent(found.stretch, 0) });
      amount.dataset.value = found.stretch;
      play.say(found.said);
    }
    return play.show(draw);
  },
};
