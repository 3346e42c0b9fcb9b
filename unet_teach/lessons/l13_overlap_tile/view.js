// Lesson 13: a tile to drag over tissue, and the map that it and its neighbours make.
import { choice, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { css, rgb } from "../../drawing/web/theme.js";

const HEAT = ["#FFFFFF", "#FDF0D5", "#F9D491", "#F0A830", "#D9690E", "#96350A", "#4A1700"].map(c => rgb(c));
const INKS = ["#1F2430", "#FFFFFF", "#8CCBF2", "#7FCDB3", "#E69F00"].map(c => rgb(c)); // kinds of pixels
const NOW_WRONG = rgb("#B3261E"), NOW_RIGHT = rgb("#0072B2");
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    const { side, margin, tile, grid } = given, wide = side + 2 * margin;
    let now = { ...talk.settings }, held = null, busy = null, own = false, flashed = "";
    let snapped = now.top % grid === 0 && now.left % grid === 0;

    // ------------------------------------------------------------------ what a hand does
    const legal = n => Math.min(Math.max(snapped ? Math.round(n / grid) * grid : Math.round(n), 0), side - tile);
    const moved = () => now.top !== talk.settings.top || now.left !== talk.settings.left;
    function moveTo(top, left) {
      [now.top, now.left] = [legal(top), legal(left)];
      place(); // at once; the rest when it is answered
      ask();
    }
    function ask() { // one question at a time: a network takes a moment
      if (busy || !moved()) return;
      busy = [now.top, now.left]; // what is asked
      const step = !held?.begun;
      if (held) held.begun = true;
      own = true;
      talk.ask({ top: now.top, left: now.left }, { step });
      own = false;
    }
    function under(event) { // where a pointer is, in pixels of the piece
      const edge = board.getBoundingClientRect();
      return [(event.clientY - edge.top) / edge.height, (event.clientX - edge.left) / edge.width]
        .map(share => share * wide - margin);
    }
    const grip = h("div", { class: "tile-grip", role: "slider", tabindex: 0, "aria-label": words.tile,
      "aria-description": words.keys, "aria-valuemin": 0, "aria-valuemax": side - tile,
      onpointerdown(event) {
        if (event.button) return;
        grip.setPointerCapture(event.pointerId);
        const [row, column] = under(event);
        held = { row: row - now.top, column: column - now.left, begun: false };
      },
      onpointermove(event) {
        if (!held) return;
        const [row, column] = under(event);
        moveTo(row - held.row, column - held.column);
      },
      onpointerup: drop, onpointercancel: drop,
      onkeydown(event) {
        const by = KEYS[event.key], far = snapped || !event.shiftKey ? grid : 1;
        if (!by || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        moveTo(now.top + far * by[0], now.left + far * by[1]);
      } });
    function drop() { ask(); held = null; }

    // ------------------------------------------------------------------ what is seen
    const [half] = given.picture.shape, picture = thumbnail({ rows: half, columns: half });
    picture.paint(i => Array(3).fill(given.picture.data[i]));
    const layer = view => svg("svg", { viewBox: view, "aria-hidden": "true" });
    const lines = layer(`${-margin} ${-margin} ${wide} ${wide}`);
    const board = h("div", { class: "tile-board", role: "group", "aria-label": words.board },
      picture.element, lines, grip);
    const figure = (name, size) => {
      const map = thumbnail({ rows: size, columns: size, label: words[name] });
      const over = layer(`0 0 ${side} ${side}`), numbers = h("dl");
      return { map, over, numbers, element: h("figure", {}, h("figcaption", {}, words[name]),
        h("div", { class: "tile-map" }, map.element, over), numbers) };
    };
    const different = figure("different", side / 2), wrong = figure("wrong", side);
    const around = choice(words.around, ["zeros", "image"].map(how => [how, words[how]]),
      now.around, how => talk.ask({ around: how }));
    const snap = toggle(words.snap, snapped, on => { snapped = on; moveTo(now.top, now.left); });
    const verdict = h("p", { class: "tile-verdict" }), at = h("p", { class: "tile-at" });
    const key = (name, left, right = left) => h("span", {}, h("i", {
      style: `background:linear-gradient(90deg,${css(left)} 50%,${css(right)} 50%)` }), words[name]);
    const scale = h("div", { class: "unet-colours" }, h("span", { class: "unet-faint" }, words.scale), h("span", {}, "0"),
      ...HEAT.map(c => h("i", { style: `background:${css(c)}` })), h("span", {}, "1"));
    different.element.append(scale);
    wrong.element.append(h("div", { class: "tile-key" }, key("wall", INKS[0]), key("neuron", INKS[1]),
      key("now_wrong", NOW_WRONG), key("now_right", NOW_RIGHT), key("pair", INKS[2], INKS[3]), key("joined", INKS[4])));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "tile-sides" },
        h("div", {}, board, at,
          h("div", { class: "unet-row" }, around.element, snap.element), play.back),
        h("div", {}, verdict, h("div", { class: "tile-both" }, different.element, wrong.element))));

    const offsets = start => { // of the tiles that cover the piece, if one starts here
      const found = [];
      for (let n = start % tile; n < side; n += tile) if (n > 0) found.push(n);
      return found;
    };
    function seams(kind) {
      const rows = offsets(now.top).map(n => `M0 ${n}h${side}`);
      return svg("path", { d: [...rows, ...offsets(now.left).map(n => `M${n} 0v${side}`)].join(""), class: kind });
    }
    function place() {
      const { top, left } = now, onGrid = top % grid === 0 && left % grid === 0;
      const context = now.around === "image" ? margin : 0, reads = tile + 2 * context + (context ? 4 : 0);
      const box = (y, x, n) => `M${x} ${y}h${n}v${n}h${-n}z`;
      const look = onGrid ? "tile-seam tile-on" : "tile-seam";
      lines.replaceChildren(
        svg("path", { class: context ? "tile-veil" : "tile-veil tile-zeros", "fill-rule": "evenodd",
          d: box(-margin, -margin, wide) + box(top - context, left - context, reads) }),
        svg("path", { class: "tile-piece", d: box(0, 0, side) }), seams(look),
        svg("text", { x: 8 - margin, y: 24 - margin }, context ? "" : words.all_zeros),
        svg("path", { class: "tile-reads", d: box(top - context, left - context, reads) }));
      const part = n => `${(100 * n) / wide}%`;
      Object.assign(grip.style, { left: part(left + margin), top: part(top + margin), width: part(tile), height: part(tile) });
      const spot = fill(words.at, now);
      grip.setAttribute("aria-valuenow", left);
      grip.setAttribute("aria-valuetext", spot);
      grip.dataset.place = JSON.stringify([top, left]);
      at.textContent = `${spot}: ${fill(onGrid ? words.on : words.off, { grid })} · ${fill(words.reads, { n: reads })}`;
      for (const one of [different, wrong]) one.over.replaceChildren(seams(look));
    }
    const row = (name, text, value) => h("div", {}, h("dt", {}, words[name]),
      h("dd", { "data-name": name, "data-value": value }, text));
    function draw(found) {
      const { top, left, around: how } = found.settings, isNear = busy && (busy[0] !== top || busy[1] !== left);
      busy = null;
      if (held && !isNear) now.around = how;
      else now = { ...found.settings }; // a recording has the nearest place: the tile goes there
      if (!found.on_grid && !held) snapped = false;
      snap.set(snapped);
      around.set(now.around);
      different.map.paint(i => HEAT[found.levels.data[i]]);
      wrong.map.paint(i => {
        const kind = found.labels.data[i];
        return kind < 8 ? INKS[kind] : kind < 16 ? NOW_WRONG : NOW_RIGHT;
      });
      place();
      different.numbers.replaceChildren(
        row("largest", fixed(found.largest, 2), found.largest),
        row("mean", fixed(found.mean, 4), found.mean),
        row("changed", percent(found.changed, 2), found.changed));
      wrong.numbers.replaceChildren(
        row("now_wrong", whole(found.now_wrong, words), found.now_wrong),
        row("now_right", whole(found.now_right, words), found.now_right),
        row("v_rand", `${fixed(given.v_rand, 3)} → ${fixed(found.v_rand, 3)}`, found.v_rand));
      verdict.textContent = found.verdict;
      verdict.dataset.kind = found.kind;
      const merged = `${found.pair}${now.top},${now.left}`;
      wrong.element.classList.toggle("tile-flash", found.pair === "merged" && merged !== flashed);
      flashed = merged;
      play.say(found.said);
      if (held) ask(); // where the hand has got to meanwhile
    }
    return play.show(draw, settings => {
      if (held) return;
      const isElsewhere = settings.top !== now.top || settings.left !== now.left;
      if (!own && isElsewhere) snapped = settings.top % grid === 0 && settings.left % grid === 0;
      now = { ...settings };
      place();
    });
  },
};
