// Lesson 02: a pixel that is dragged over a micrograph, and what each map of a U sees there.
import { choice, play as player, slider, toggle } from "../../drawing/web/controls.js";
import { arrow, followed, shares, swallow, within } from "../../drawing/web/hands.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { grey } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";

// From the topmost level to the bottom; they lie on the micrograph, in light and dark pages.
const LEVELS = ["#FFE066", "#FFC233", "#FF9F1C", "#F3722C", "#D7263D"], OUTPUT = "#00E5FF";
const LENS = 32, RIM = 64, HOT = [255, 196, 40]; // image pixels in the lens, and of zeros around the image; of what counts

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, { size } = given;
    const whole = size + 2 * RIM, half = whole / 2; // a pixel of the canvas is 2 × 2 of the image
    const placed = ({ row, column }) => [row, column];
    let answer = talk.answer, here = placed(talk.settings), shown = Infinity, held = false, said = "";

    // ------------------------------------------------------------------ the picture and hands
    const micrograph = h("canvas", { width: half, height: half, "aria-hidden": "true" });
    const heat = h("canvas", { class: "field-heat", width: half, height: half, "aria-hidden": "true" });
    const layer = svg("svg", { viewBox: `${-RIM} ${-RIM} ${whole} ${whole}`, "aria-hidden": "true" });
    const help = h("span", { class: "unet-hidden", id: `field-keys-${Math.random().toString(36).slice(2)}` }, words.keys);
    const frame = h("div", { class: "unet-pixels field-frame", tabindex: 0, role: "application",
      "aria-label": words.image, "aria-describedby": help.id }, micrograph, heat, layer);
    const pen = micrograph.getContext("2d"), shade = grey(0, 31);
    const pixels = pen.createImageData(size / 2, size / 2);
    given.image.data.forEach((value, i) => pixels.data.set([...shade(value), 255], 4 * i));
    pen.putImageData(pixels, RIM / 2, RIM / 2);

    const lens = h("canvas", { width: LENS / 2, height: LENS / 2 }), closer = svg("svg", {}), close = lens.getContext("2d");
    const glass = h("figure", { class: "field-glass", "aria-hidden": "true" },
      h("div", {}, lens, closer), h("figcaption", { class: "unet-faint" }, words.lens));

    function go(row, column) {
      const next = [row, column].map(place => within(place, 0, size - 1));
      if (String(next) === String(here)) return;
      here = next;
      look();
    }
    followed(frame, (event, ended) => {
      held = !ended;
      if (event) go(...shares(event, frame).map(share => Math.floor(share * whole) - RIM));
      if (ended) ask();
    }, play.signal);
    const ask = (step = true) => talk.ask({ row: here[0], column: here[1] }, { step }); // what a hand has done
    frame.addEventListener("keydown", event => {
      const way = arrow(event), step = event.shiftKey ? 16 : 1;
      if (!way) return;
      swallow(event);
      go(here[0] + step * way[0], here[1] + step * way[1]);
      ask(!event.repeat);
    });

    // ------------------------------------------------------------------------- what is seen
    const seen = h("p", { class: "field-seen" }), maps = h("div", { class: "field-maps" });
    const small = svg("svg", { class: "field-u", viewBox: "0 0 110 78", "aria-hidden": "true" });
    const notes = h("p", { class: "unet-faint field-notes" });
    const kernel = play.lever(choice, "k", [1, 3, 5, 7].map(k => [k, `${k} × ${k}`]));
    const walk = player(words, () => {
      const all = answer.sizes.length;
      shown = shown >= all ? 1 : shown + 1;
      look();
      return shown < all;
    }, { pace: 700, signal: play.signal });
    play.add(h("p", {}, words.lead), h("div", { class: "unet-sides" },
      h("div", {}, frame, help),
      h("div", {}, seen, h("div", { class: "field-read" },
        h("div", {}, h("div", { class: "field-key" }, small, walk.element), maps), glass), notes),
      h("div", {}, play.lever(slider, "depth", [0, 1, 2, 3, 4]),
        h("div", { class: "unet-row" }, h("span", {}, words.k), kernel, play.lever(toggle, "counts")), play.back)));

    const colourOf = map => map && map === answer.sizes.length - 1 ? OUTPUT : LEVELS[map];
    // What a map sees from here, along one side: [first, last, how many].
    function field(map, place) {
      const period = answer.fields.shape[1], phase = place % period, at = 2 * (map * period + phase);
      const [first, last] = answer.fields.data.slice(at, at + 2), moved = place - phase;
      return [first + moved, last + moved, answer.sizes[map][phase]];
    }
    function look() {
      const parts = [], last = answer.sizes.length - 1;
      for (let map = 0; map <= last; map++) {
        const [[y, , high], [x, , wide]] = here.map(place => field(map, place));
        parts.push(svg("rect", { x, y, width: wide, height: high, stroke: colourOf(map), "stroke-width": map === last ? 3.5 : 2,
          opacity: map < shown ? 1 : 0, "data-map": map }));
        const row = maps.children[map];
        row.style.opacity = map < shown ? 1 : 0.35;
        tell(row.querySelector("b"), fill(words.size, { high, wide }));
        row.querySelector("u").style.transform = `scaleX(${Math.min(1, wide / size)})`;
      }
      const [[top, bottom, high], [left, right, wide]] = here.map(place => field(last, place));
      const [row, column] = here, period = answer.fields.shape[1], beyond = Math.min(top, left) < 0 || Math.max(bottom, right) >= size;
      const square = answer.square.data[(row % period) * period + (column % period)];
      if (answer.settings.counts)
        parts.push(svg("rect", { class: "field-square", x: column - (square - 1) / 2, y: row - (square - 1) / 2,
          width: square, height: square, stroke: "#FFF", "stroke-width": 2, "stroke-dasharray": "5 4" }));
      const block = here.map(at => at % period), at = { x: column - block[1], y: row - block[0] };
      if (period > 1)
        parts.unshift(svg("rect", { ...at, class: "field-block", width: period, height: period,
          stroke: "#FFF", "stroke-width": 1.5 }));
      parts.reverse(); // the small ones lie on top
      closer.replaceChildren(...parts.map(part => part.cloneNode()));
      closer.setAttribute("viewBox", `${column - LENS / 2} ${row - LENS / 2} ${LENS} ${LENS}`);
      closer.append(svg("rect", { x: column, y: row, width: 1, height: 1, stroke: "#FFF", "stroke-width": 2 }));
      close.clearRect(0, 0, LENS, LENS); // beyond the border there is nothing to draw
      close.drawImage(micrograph, (LENS / 2 - RIM - column) / 2, (LENS / 2 - RIM - row) / 2);
      const [x, y] = [column + 0.5, row + 0.5], d = `M${x - 30} ${y}h18m24 0h18M${x} ${y - 30}v18m0 24v18`;
      parts.push(svg("path", { d, stroke: "#111", "stroke-width": 5 }), svg("path", { d, stroke: "#FFF", "stroke-width": 2 }));
      layer.replaceChildren(...parts, svg("circle", { class: "field-grip", cx: x, cy: y, r: 44 }));
      tell(seen, fill(words.sees, { row, column, high, wide }), { value: JSON.stringify([high, wide]) });
      const noted = [
        period > 1 ? fill(words.block, { n: period, row: block[0], column: block[1] }) : "",
        answer.settings.counts ? fill(words.square, { n: square }) : "",
        beyond ? words.beyond : ""].filter(Boolean).join(" ");
      tell(notes, noted, { square });
      paintHeat();
    }
    // The product of what counts along the rows and along the columns, in the picture's pixels.
    function paintHeat() {
      const pen = heat.getContext("2d"), { line, settings } = answer, length = line.shape[1];
      pen.clearRect(0, 0, half, half);
      if (!settings.counts) return;
      const [down, across] = here.map(place => {
        const phase = place % line.shape[0], start = place - length / 2 + RIM; // the line's first pixel
        const own = line.data.subarray(phase * length, (phase + 1) * length), most = own.reduce((a, b) => Math.max(a, b));
        return i => (own[2 * i - start] || 0) / most;
      });
      const image = pen.createImageData(half, half);
      for (let i = 0; i < half * half; i++) {
        const share = down(Math.floor(i / half)) * across(i % half);
        if (share > 0.001) image.data.set([...HOT, 235 * Math.sqrt(share)], 4 * i);
      }
      pen.putImageData(image, 0, 0);
    }
    // The U, a dot for each feature map: those on the way up have no square but the last.
    function sketch() {
      const { depth } = answer.settings, left = level => 8 + 4 * level, right = level => 102 - 4 * level;
      const dot = (cx, level, fill) => svg("circle", { cx, cy: 8 + 15 * level, r: 5.5, style: `fill:${fill}` });
      const ways = [...Array(depth).keys()], down = `M8 8L${left(depth)} ${8 + 15 * depth}`;
      small.replaceChildren(svg("path", { d: depth ? `${down}H${right(depth)}L102 8` : "" }),
        ...ways.map(level => dot(right(level), level, level ? "var(--line)" : OUTPUT)),
        ...ways.concat(depth).map(level => dot(left(level), level, colourOf(level))));
    }
    return play.show(found => {
      answer = found;
      if (!held) here = placed(found.settings);
      shown = Infinity;
      walk.stop();
      const last = found.sizes.length - 1;
      maps.replaceChildren(...found.sizes.map((sizes, map) => h("p", { "data-map": map, "data-sizes": JSON.stringify(sizes) },
        h("i", { style: `border-color:${colourOf(map)}` }),
        h("span", {}, map && map === last ? words.output : fill(words.level, { level: map })), h("b"),
        h("u", { style: `background:${colourOf(map)}` }))));
      sketch();
      look();
      play.say(found.said === said ? seen.textContent : found.said); // the cross alone, or more
      said = found.said;
    });
  },
};
