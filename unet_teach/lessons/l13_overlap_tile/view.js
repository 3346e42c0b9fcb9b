// Lesson 13: a tile to drag over tissue, and the map that it and its neighbours make.
import { choice, toggle } from "../../drawing/web/controls.js";
import { arrow, dragged, shares, swallow, within } from "../../drawing/web/hands.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { css, mixed, rgb } from "../../drawing/web/theme.js";

const HEAT = ["#FFFFFF", "#FDF0D5", "#F9D491", "#F0A830", "#D9690E", "#96350A", "#4A1700"].map(c => rgb(c));
const INKS = ["#1F2430", "#FFFFFF", "#8CCBF2", "#7FCDB3", "#E69F00"].map(c => rgb(c)); // kinds of pixels
const NOW_WRONG = rgb("#B3261E"), NOW_RIGHT = rgb("#0072B2");
const RING = 15; // pixels of the piece, of zeros that are drawn around a tile

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    const { side, margin, tile, grid } = given, wide = side + 2 * margin;
    let now = { ...talk.settings }, held = null, busy = null, own = false;
    let snapped = now.top % grid === 0 && now.left % grid === 0;

    // ------------------------------------------------------------------ what a hand does
    const legal = n => within(snapped ? Math.round(n / grid) * grid : Math.round(n), 0, side - tile);
    function moveTo(top, left) {
      [now.top, now.left] = [legal(top), legal(left)];
      place(); // at once; the rest when it is answered
      ask();
    }
    function ask() { // one question at a time: a network takes a moment
      if (busy || now.top === talk.settings.top && now.left === talk.settings.left) return;
      busy = [now.top, now.left]; // what is asked
      own = true;
      talk.stroke({ top: now.top, left: now.left }, !held);
      own = false;
    }
    // Where a pointer is, in pixels of the piece.
    const under = event => shares(event, board).map(share => share * wide - margin);
    const grip = h("div", { class: "tile-grip", role: "slider", tabindex: 0, "aria-label": words.tile,
      "aria-description": words.keys, "aria-valuemin": 0, "aria-valuemax": side - tile,
      onkeydown(event) {
        const by = arrow(event), far = snapped || !event.shiftKey ? grid : 1;
        if (!by) return;
        swallow(event);
        moveTo(now.top + far * by[0], now.left + far * by[1]);
      } });
    dragged(grip, {
      start(event) { held = under(event).map((n, axis) => n - [now.top, now.left][axis]); },
      move: event => moveTo(...under(event).map((n, axis) => n - held[axis])),
      end() { ask(); held = null; talk.letGo(); },
    }, play.signal);

    // ------------------------------------------------------------------ what is seen
    const [half] = given.picture.shape, picture = thumbnail({ rows: half, columns: half });
    picture.paint(i => {
      const grey = Array(3).fill(given.picture.data[i]), ours = given.ours.data[i];
      return ours ? mixed(INKS[1 + ours], grey, 0.5) : grey;
    });
    const layer = view => svg("svg", { viewBox: view, "aria-hidden": "true" });
    const names = size => given.neurons.map(([y, x], i) =>
      svg("text", { x, y, "font-size": size, class: "tile-name" }, "AB"[i]));
    const lines = layer(`${-margin} ${-margin} ${wide} ${wide}`);
    const box = (y, x, n) => `M${x} ${y}h${n}v${n}h${-n}z`, middle = tile / 2;
    const zeros = svg("g", { class: "tile-zeros" },
      svg("path", { "fill-rule": "evenodd", d: box(0, 0, tile) + box(-RING, -RING, tile + 2 * RING) }),
      ...[0, 90, 180, 270].map(turn => svg("text", { x: middle, y: -3.5, "text-anchor": "middle",
        transform: `rotate(${turn} ${middle} ${middle})` }, "0 0 0 0 0 0")));
    const board = h("div", { class: "tile-board", role: "group", "aria-label": words.board },
      picture.element, lines, grip);
    const figure = (name, size) => {
      const map = thumbnail({ rows: size, columns: size, label: words[name] });
      const over = layer(`0 0 ${side} ${side}`), numbers = h("dl");
      return { map, over, numbers, element: h("figure", {}, h("figcaption", {}, words[name]),
        h("div", { class: "tile-map" }, map.element, over), numbers) };
    };
    const different = figure("different", given.blocks), wrong = figure("wrong", side);
    const around = play.lever(choice, "around", ["zeros", "image"].map(how => [how, words[how]]));
    const snap = toggle(words.snap, snapped, on => { snapped = on; moveTo(now.top, now.left); });
    const verdict = h("p", { class: "tile-verdict" }), at = h("p", { class: "tile-at" });
    const key = (name, left, right = left) => h("span", { class: "tile-key" }, h("i", {
      style: `background:linear-gradient(90deg,${css(left)} 50%,${css(right)} 50%)` }), words[name]);
    const pairs = { apart: h("p", {}, key("apart", INKS[2], INKS[3])), merged: h("p", {}, key("merged", INKS[4])) };
    const scale = h("div", { class: "unet-colours" }, h("span", {}, words.scale),
      ...HEAT.map((c, i) => h("i", { style: `--step:${css(c)}` }, given.steps[i])));
    different.numbers.before(scale);
    wrong.numbers.before(...Object.values(pairs));
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "tile-sides" },
        h("div", {}, board, at,
          h("div", { class: "unet-row" }, around, snap.element), play.back),
        h("div", {}, verdict, h("div", { class: "tile-both" }, wrong.element, different.element))));

    const offsets = start => // of the tiles that cover the piece, if one starts here
      Array.from({ length: 1 + side / tile }, (_, i) => (start % tile) + i * tile).filter(n => n > 0 && n < side);
    function seams(kind) {
      const rows = offsets(now.top).map(n => `M0 ${n}h${side}`);
      return svg("path", { d: [...rows, ...offsets(now.left).map(n => `M${n} 0v${side}`)].join(""), class: kind });
    }
    function place() {
      const { top, left } = now, onGrid = top % grid === 0 && left % grid === 0;
      const context = now.around === "image" ? margin : 0, reads = tile + 2 * context + (context ? 4 : 0);
      const look = onGrid ? "tile-seam tile-on" : "tile-seam";
      zeros.setAttribute("transform", `translate(${left} ${top})`);
      lines.replaceChildren(
        svg("path", { class: context ? "tile-veil" : "tile-veil tile-thin", "fill-rule": "evenodd",
          d: box(-margin, -margin, wide) + box(top - context, left - context, reads) }),
        svg("path", { class: "tile-piece", d: box(0, 0, side) }), seams(look), ...names(16),
        context ? svg("path", { class: "tile-reads", d: box(top - context, left - context, reads) }) : zeros,
        svg("text", { x: side, y: side + 2 * RING, class: "tile-name tile-ours" }, words.ours));
      const part = n => `${(100 * n) / wide}%`;
      Object.assign(grip.style, { left: part(left + margin), top: part(top + margin), width: part(tile), height: part(tile) });
      const spot = fill(words.at, now);
      grip.setAttribute("aria-valuenow", left);
      grip.setAttribute("aria-valuetext", spot);
      grip.dataset.place = JSON.stringify([top, left]);
      tell(at, `${spot}: ${fill(onGrid ? words.on : words.off, { grid })} · ${fill(words.reads, { n: reads })}`);
      different.over.replaceChildren(seams(look));
      wrong.over.replaceChildren(seams(look), ...names(11));
    }
    const row = (name, text, value, ink) => h("div", {}, h("dt", {}, ink ? key(name, ink) : words[name]),
      h("dd", { "data-name": name, "data-value": value }, text));
    function draw(found) {
      const { top, left, around: how } = found.settings, isNear = busy && (busy[0] !== top || busy[1] !== left);
      busy = null;
      if (held && !isNear) now.around = how;
      else now = { ...found.settings }; // a recording has the nearest place: the tile goes there
      if (!found.on_grid && !held) snapped = false;
      snap.set(snapped);
      different.map.paint(i => HEAT[found.levels.data[i]]);
      wrong.map.paint(i => INKS[found.labels.data[i]] || (found.labels.data[i] < 16 ? NOW_WRONG : NOW_RIGHT));
      place();
      if (found.leak) wrong.over.append(svg("circle", { class: "tile-leak", cx: found.leak[1], cy: found.leak[0], r: 9 }));
      different.numbers.replaceChildren(
        row("largest", fixed(found.largest, 2), found.largest),
        row("changed", percent(found.changed, 2), found.changed));
      wrong.numbers.replaceChildren(
        row("now_wrong", whole(found.now_wrong, words), found.now_wrong, NOW_WRONG),
        row("now_right", whole(found.now_right, words), found.now_right, NOW_RIGHT),
        row("v_rand", `${fixed(given.v_rand, 3)} → ${fixed(found.v_rand, 3)}`, found.v_rand));
      for (const [kind, element] of Object.entries(pairs)) element.hidden = kind !== found.pair;
      tell(verdict, found.verdict, { kind: found.kind });
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
