// Lesson 02: a pixel that is dragged over a micrograph, and what each map of a U sees there.
import { choice, play as player, slider, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { grey } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";

// From the topmost level to the bottom; they lie on the micrograph, in light and dark pages.
const LEVELS = ["#FFE066", "#FFC233", "#FF9F1C", "#F3722C", "#D7263D"], OUTPUT = "#00E5FF";
const LENS = 32, RIM = 64, HOT = [255, 196, 40]; // image pixels in the lens, and of zeros around the image; of what counts

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, { size } = given;
    const whole = size + 2 * RIM, half = whole / 2; // a pixel of the canvas is 2 × 2 of the image
    let answer = talk.answer, here = [...given.start], shown = Infinity, held = null;

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

    const lens = h("canvas", { width: LENS / 2, height: LENS / 2 }), closer = svg("svg", {});
    const glass = h("figure", { class: "field-glass", "aria-hidden": "true" },
      h("div", {}, lens, closer), h("figcaption", { class: "unet-faint" }, words.lens));

    function go(row, column) {
      const next = [row, column].map(place => Math.min(Math.max(place, 0), size - 1));
      if (String(next) === String(here)) return;
      here = next;
      look();
    }
    function follow(event) {
      const edge = frame.getBoundingClientRect();
      const at = (place, start, length) => Math.floor(((place - start) / length) * whole) - RIM;
      go(at(event.clientY, edge.top, edge.height), at(event.clientX, edge.left, edge.width));
    }
    // A finger that lands may want to scroll the page: it counts when it moves sideways or lifts.
    frame.addEventListener("pointerdown", event => {
      if (event.button) return;
      held = event.pointerType;
      frame.setPointerCapture(event.pointerId);
      if (held !== "touch") follow(event);
    });
    frame.addEventListener("pointermove", event => held && follow(event));
    frame.addEventListener("pointerup", event => {
      if (held) follow(event);
      held = null;
    });
    frame.addEventListener("pointercancel", () => { held = null; });
    frame.addEventListener("keydown", event => {
      const step = event.shiftKey ? 16 : 1;
      const move = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault(); // the page's own keys, such as JupyterLab's, stay out of it
      event.stopPropagation();
      go(here[0] + move[0], here[1] + move[1]);
      play.say(seen.textContent);
    });

    // ------------------------------------------------------------------------- what is seen
    const seen = h("p", { class: "field-seen" }), maps = h("div", { class: "field-maps" });
    const notes = h("p", { class: "unet-faint field-notes" });
    const depth = slider(words.depth, [0, 1, 2, 3, 4], talk.settings.depth, depth => talk.ask({ depth }));
    const kernel = choice(words.k, [1, 3, 5, 7].map(k => [k, `${k} × ${k}`]), talk.settings.k,
      k => talk.ask({ k: Number(k) }));
    const counts = toggle(words.counts, talk.settings.counts, on => talk.ask({ counts: on }));
    const walk = player(words, () => {
      const all = answer.sizes.length;
      shown = shown >= all ? 1 : shown + 1;
      look();
      return shown < all;
    }, { pace: 700, signal: play.signal });
    play.add(h("p", {}, words.lead), h("div", { class: "unet-sides" },
      h("div", {}, frame, help),
      h("div", {}, seen, h("div", { class: "unet-row" }, walk.element), maps, notes, glass),
      h("div", {}, depth.element, h("div", { class: "unet-row" }, h("span", {}, words.k), kernel.element), counts.element)));

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
        row.querySelector("b").textContent = fill(words.size, { high, wide });
        row.querySelector("u").style.transform = `scaleX(${Math.min(1, wide / size)})`;
      }
      const [[top, bottom, high], [left, right, wide]] = here.map(place => field(last, place));
      const [row, column] = here, period = answer.fields.shape[1], beyond = Math.min(top, left) < 0 || Math.max(bottom, right) >= size;
      const square = answer.square.data[(row % period) * period + (column % period)];
      if (answer.settings.counts)
        parts.push(svg("rect", { class: "field-square", x: column - (square - 1) / 2, y: row - (square - 1) / 2,
          width: square, height: square, stroke: "#FFF", "stroke-width": 2, "stroke-dasharray": "5 4" }));
      parts.reverse(); // the small ones lie on top
      closer.replaceChildren(...parts.map(part => part.cloneNode()));
      closer.setAttribute("viewBox", `${column - LENS / 2} ${row - LENS / 2} ${LENS} ${LENS}`);
      closer.append(svg("rect", { x: column, y: row, width: 1, height: 1, stroke: "#FFF", "stroke-width": 2 }));
      lens.getContext("2d").drawImage(micrograph, (LENS / 2 - RIM - column) / 2, (LENS / 2 - RIM - row) / 2);
      const [x, y] = [column + 0.5, row + 0.5], d = `M${x - 30} ${y}h18m24 0h18M${x} ${y - 30}v18m0 24v18`;
      parts.push(svg("path", { d, stroke: "#111", "stroke-width": 5 }), svg("path", { d, stroke: "#FFF", "stroke-width": 2 }));
      layer.replaceChildren(...parts);
      seen.textContent = fill(words.sees, { row, column, high, wide });
      seen.dataset.value = JSON.stringify([high, wide]);
      notes.textContent = [answer.settings.counts ? fill(words.square, { n: square }) : "",
        beyond ? words.beyond : ""].filter(Boolean).join(" ");
      notes.dataset.square = square;
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
    return play.show(found => {
      answer = found;
      shown = Infinity;
      walk.stop();
      depth.set(found.settings.depth);
      kernel.set(String(found.settings.k));
      counts.set(found.settings.counts);
      const last = found.sizes.length - 1;
      maps.replaceChildren(...found.sizes.map((sizes, map) => h("p", { "data-map": map, "data-sizes": JSON.stringify(sizes) },
        h("i", { style: `border-color:${colourOf(map)}` }),
        h("span", {}, map && map === last ? words.output : fill(words.level, { level: map })), h("b"),
        h("u", { style: `background:${colourOf(map)}` }))));
      look();
      play.say(found.said);
    });
  },
};
