// Lesson 05: a window that is dragged over the skip, and its walls over those from below.
import { slider } from "../../drawing/web/controls.js";
import { within } from "../../drawing/web/hands.js";
import { fill, h, svg, tell, whenSized } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { mixed, rgb } from "../../drawing/web/theme.js";

// On both themes the same: they are inks on the white of a map.
const WINDOW = rgb("#0072B2"), BELOW = rgb("#D55E00"), FRAME = "#E69F00";

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [side] = given.grey.shape, grey = given.grey.data, wall = given.wall.data;
    let answer = talk.answer, held = null, now = { ...talk.settings };
    const first = model.get("first"), hasMoved = () => now.top !== first.top || now.left !== first.left;
    let tries = 0, isTold = false;

    // ------------------------------------------------------------------ what a hand does
    const corner = () => (side - now.skip) / 2; // of the skip, in the picture
    function moveTo(top, left) {
      [top, left] = [top, left].map(n => within(n, 0, Math.max(0, now.skip - now.below)));
      if (top === now.top && left === now.left) return;
      now = { ...now, top, left };
      show();
      talk.stroke({ top, left }, !held);
    }
    function drop(calledOff) {
      [held, tries] = [null, tries + 1];
      talk.letGo(calledOff);
      show(); // and where it belongs is seen
    }
    const map = pixels({
      rows: side, columns: side, label: words.map, keys: words.keys, most: 440, signal: play.signal,
      hands: {
        start([row, column]) { // a window that is grabbed keeps its place under the hand
          const at = [row - corner() - now.top, column - corner() - now.left];
          const inside = at.every(n => n >= 0 && n < now.below);
          held = inside ? at : [now.below >> 1, now.below >> 1];
          if (!inside) drag([row, column]);
        },
        over: drag, end: drop, cancel: () => drop(true),
        arrow([down, right], far) { tries++; moveTo(now.top + far * down, now.left + far * right); },
        enter: () => answer.problem || moveTo(answer.first, answer.first),
      },
    });
    function drag([row, column]) { moveTo(row - corner() - held[0], column - corner() - held[1]); }

    // ------------------------------------------------------------------ what is seen
    const both = thumbnail({ label: words.overlay }), small = thumbnail({ label: words.below });
    const sheet = picture => h("div", { class: "crop-sheet" }, picture.element), stacked = sheet(both);
    whenSized(map.frame, () => { stacked.style.width = map.frame.style.width; }, play.signal);
    const size = n => fill(words.size, { n });
    const verdict = h("p", { class: "crop-verdict" }), begins = h("p", { class: "crop-begins" });
    const share = h("b"), meter = h("i");
    const legend = h("div", { class: "crop-legend" }, ...["skip", "below", "both", "place"].map(name =>
      h("span", {}, h("i", { class: `crop-${name}` }), words[`legend_${name}`])));
    const titled = (title, ...parts) => h("div", {}, h("div", { class: "unet-faint" }, title), ...parts);
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "crop-sides" },
        titled(words.skip_map, map.element),
        titled(words.below, h("div", { class: "crop-goes" }, sheet(small))),
        titled(words.stacked, stacked, play.problem, verdict, h("p", { class: "crop-met" }, share, h("span", {}, meter))),
        h("div", {}, legend, begins, play.lever(slider, "skip", given.skips, size),
          play.lever(slider, "below", given.belows, size), play.back)));

    function show() { // of what the hand has now; the numbers come with the answer
      const first = corner(), { skip, below, top, left } = now, lower = answer.below;
      // Dashes would give the answer away: only where nobody seeks it, or has found it, or long sought.
      const isHome = top === left && 2 * top === skip - below, outside = mixed(colour("wash"), colour("paper"), 0.5);
      isTold = hasMoved() && (isTold || !held && (isHome || !tries || tries > 3));
      const isSkip = n => n >= first && n < first + skip;
      map.paint(i => isSkip(Math.floor(i / side)) && isSkip(i % side) ? [grey[i], grey[i], grey[i]] : outside);
      const place = (skip - below) / 2, rect = (x, y, kind, more = {}) =>
        svg("rect", { x, y, width: below, height: below, class: kind, ...more });
      map.overlay(
        ...(isTold ? [rect(first + place, first + place, "crop-home")] : []),
        rect(first + left, first + top, "crop-under"),
        rect(first + left, first + top, "crop-window", { stroke: FRAME }));
      const fits = lower?.shape[0] === below, printed = (mine, i) => {
        const other = fits ? lower.data[i] : 0;
        return WINDOW.map((ink, k) => 255 * (1 - mine * (1 - ink / 255)) * (1 - other * (1 - BELOW[k] / 255)));
      };
      const start = (first + top) * side + first + left; // of the window, in the skip
      both.paint(i => printed(wall[start + Math.floor(i / below) * side + i % below], i), below, below);
      small.paint(i => printed(0, i), below, below);
      stacked.classList.toggle("crop-met-frame", isHome);
      legend.lastChild.hidden = !isTold;
      begins.textContent = fill(words.begins, now);
      map.frame.dataset.window = JSON.stringify([top, left, below]);
    }
    function draw(found) {
      answer = found;
      if (!held) now = { ...found.settings };
      show();
      verdict.classList.toggle("crop-good", !found.offset.some(Boolean));
      tell(verdict, found.verdict, { offset: JSON.stringify(found.offset) });
      tell(share, fill(words.met, found), { met: found.met });
      meter.style.transform = `scaleX(${found.walls ? found.met / found.walls : 0})`;
      play.say(found.said);
    }
    return play.show(draw, settings => { if (!held) now = { ...settings }; });
  },
};
