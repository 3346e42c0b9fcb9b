// Lesson 05: a window that is dragged over the skip, and its walls over those from below.
import { slider } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { rgb } from "../../drawing/web/theme.js";

// On both themes the same: they are inks on the white of a map.
const WINDOW = rgb("#0072B2"), BELOW = rgb("#D55E00"), FRAME = "#E69F00";
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const [side] = given.grey.shape, grey = given.grey.data, wall = given.wall.data;
    let answer = talk.answer, held = null, now = { ...talk.settings };
    const first = model.get("first"), hasMoved = () => now.top !== first.top || now.left !== first.left;
    let tries = 0, isTold = false;

    // ------------------------------------------------------------------ what a hand does
    const corner = () => (side - now.skip) / 2; // of the skip, in the picture
    function moveTo(top, left, step = true) {
      const last = Math.max(0, now.skip - now.below), legal = n => Math.min(Math.max(n, 0), last);
      [top, left] = [legal(top), legal(left)];
      if (top === now.top && left === now.left) return;
      now = { ...now, top, left };
      tries += step;
      show();
      const moved = talk.ask({ top, left }, { step });
      if (held) held.moved ||= moved;
    }
    const map = pixels({
      rows: side, columns: side, label: words.map, keys: words.keys, most: 440, signal: play.signal,
      hands: {
        start([row, column]) { // a window that is grabbed keeps its place under the hand
          const at = [row - corner() - now.top, column - corner() - now.left];
          const inside = at.every(n => n >= 0 && n < now.below);
          held = { grip: inside ? at : [now.below >> 1, now.below >> 1], moved: false };
          if (!inside) map.drag([row, column]);
        },
        over: place => map.drag(place),
        end: () => { held = null; show(); }, // and where it belongs is seen
        cancel() { const { moved } = held; held = null; if (moved) talk.undo(); },
      },
    });
    map.drag = ([row, column]) => moveTo(row - corner() - held.grip[0],
      column - corner() - held.grip[1], !held.moved);
    map.frame.addEventListener("keydown", event => { // before the grid's own keys
      const by = STEPS[event.key], far = event.shiftKey ? 4 : 1;
      if (!by && event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (by) moveTo(now.top + far * by[0], now.left + far * by[1]);
      else if (!answer.problem) moveTo(answer.first, answer.first);
    }, { capture: true, signal: play.signal });

    // ------------------------------------------------------------------ what is seen
    function sheet(label) { // a square of as many cells as are painted on it
      const room = h("div", { class: "crop-sheet" });
      let cells = 0, picture = null;
      return { room, paint(count, colourOf) {
        if (count !== cells) room.replaceChildren(
          (picture = thumbnail({ rows: count, columns: count, label })).element);
        cells = count;
        picture.paint(colourOf);
      } };
    }
    const both = sheet(words.overlay), small = sheet(words.below);
    const room = new ResizeObserver(() => { both.room.style.width = map.frame.style.width; });
    room.observe(map.frame);
    play.signal.addEventListener("abort", () => room.disconnect());
    const size = n => fill(words.size, { n });
    const sizes = { skip: given.skips, below: given.belows };
    const sliders = Object.entries(sizes).map(([name, stops]) =>
      slider(words[name], stops, now[name], n => talk.ask({ [name]: n }), size));
    const verdict = h("p", { class: "crop-verdict" }), begins = h("p", { class: "crop-begins" });
    const share = h("b"), meter = h("i");
    const legend = h("div", { class: "crop-legend" }, ...["skip", "below", "both", "place"].map(name =>
      h("span", {}, h("i", { class: `crop-${name}` }), words[`legend_${name}`])));
    const titled = (title, ...parts) => h("div", {}, h("div", { class: "unet-faint" }, title), ...parts);
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "crop-sides" },
        titled(words.skip_map, map.element),
        titled(words.below, h("div", { class: "crop-goes" }, small.room)),
        titled(words.stacked, both.room, play.problem, verdict, h("p", { class: "crop-met" }, share, h("span", {}, meter))),
        h("div", {}, legend, begins, ...sliders.map(one => one.element), play.back)));

    function show() { // of what the hand has now; the numbers come with the answer
      const first = corner(), { skip, below, top, left } = now, lower = answer.below;
      // Dashes would give the answer away: only where nobody seeks it, or has found it, or long sought.
      const isHome = top === left && 2 * top === skip - below;
      isTold = hasMoved() && (isTold || !held && (isHome || !tries || tries > 3));
      const within = (n, from, length) => n >= from && n < from + length;
      map.paint(i => {
        const row = Math.floor(i / side), column = i % side;
        const isSkip = within(row, first, skip) && within(column, first, skip);
        return isSkip ? [grey[i], grey[i], grey[i]] : colour("wash").map((c, k) => (c + colour("paper")[k]) / 2);
      });
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
      both.paint(below, i =>
        printed(wall[(first + top + Math.floor(i / below)) * side + first + left + i % below], i));
      small.paint(below, i => printed(0, i));
      both.room.classList.toggle("crop-met-frame", isHome);
      legend.lastChild.hidden = !isTold;
      begins.textContent = fill(words.begins, now);
      map.frame.dataset.window = JSON.stringify([top, left, below]);
    }
    function draw(found) {
      answer = found;
      if (!held) now = { ...found.settings };
      sliders.forEach((one, i) => one.set(found.settings[Object.keys(sizes)[i]]));
      show();
      verdict.textContent = found.verdict;
      verdict.classList.toggle("crop-good", !found.offset.some(Boolean));
      verdict.dataset.offset = JSON.stringify(found.offset);
      share.textContent = fill(words.met, found);
      share.dataset.met = found.met;
      meter.style.transform = `scaleX(${found.walls ? found.met / found.walls : 0})`;
      play.say(found.said);
    }
    return play.show(draw, settings => {
      if (held) return;
      now = { ...settings };
      sliders.forEach((one, i) => one.set(settings[Object.keys(sizes)[i]]));
    });
  },
};
