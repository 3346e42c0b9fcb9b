// Lesson 01: a grid of numbers, a window that slides over it, and the sum that it makes.
import { choice, play as player, slider, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { grey, signed } from "../../drawing/web/image.js";
import { outline, pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { css, inkOn, mixed } from "../../drawing/web/theme.js";

const READABLE = 18; // cells of a side that have room for numbers
const text = number => String(number).replace("-", "−");
const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const dark = grey(0, 9), grids = new Map(), now = {};
    let answer = talk.answer, at = { side: "out", row: 0, column: 0 }, summed = at, seen = Infinity;

    // -------------------------------------------------------------- the two grids of numbers
    function grid(side, size) {
      if (!grids.has(side + size))
        grids.set(side + size, pixels({
          rows: size, columns: size, label: words[side === "in" ? "input" : "output"],
          keys: words.keys, most: 440, signal: play.signal,
          hands: {
            point: ([row, column]) => seen < answer.m ** 2 || select({ side, row, column }),
            start([row, column]) {
              all();
              select({ side, row, column });
            },
            over: ([row, column]) => select({ side, row, column }),
          },
        }));
      return grids.get(side + size);
    }
    const rooms = { in: h("div", { class: "conv-in" }), out: h("div", { class: "conv-out" }) };
    function put(side, size) {
      const next = grid(side, size);
      if (now[side] === next) return;
      now[side] = next;
      rooms[side].replaceChildren(next.element);
      if (side === "in") {
        sizes.disconnect();
        sizes.observe(next.frame);
      }
    }
    // A cell of the output is as wide as one of the input: what shrinks is seen to shrink.
    const align = () => requestAnimationFrame(() => {
      rooms.out.style.maxWidth = `${answer.m * now.in.cell + 0.5}px`;
    });
    const sizes = new ResizeObserver(align);
    play.signal.addEventListener("abort", () => sizes.disconnect());

    // ------------------------------------------------------------------------- what is seen
    const lead = h("p", {}, words.lead), size = h("p", { class: "conv-size" });
    const formula = h("p", { class: "conv-formula" }), [notes, shade] = upTo(0, 1).map(() => h("p", { class: "unet-faint" }));
    const said = h("p", { class: "conv-said" }), sumRow = h("div", { class: "conv-sum-row" });
    const sum = h("b", { class: "conv-sum" });
    const slide = player(words, () => {
      const last = answer.m ** 2, pace = answer.settings.n > READABLE ? answer.m : 1;
      seen = Math.min((seen >= last ? 0 : seen) + pace, last);
      select({ side: "out", row: Math.floor((seen - 1) / answer.m), column: (seen - 1) % answer.m });
      return seen < last;
    }, { pace: 220, signal: play.signal });
    function all() { slide.stop(); seen = Infinity; }
    const whole = toggle(words.micrograph, false, on => talk.ask({ n: on ? given.side : 7 }));
    const way = choice(words.way, [["sum", words.sum], ["max", words.max]], "sum",
      way => talk.ask(way === "max" ? { way, kernel: given.kernels[answer.k - 1] } : { way })); // no weights in a pooling
    const lever = (name, stops, ask = value => ({ [name]: value })) =>
      slider(words[name], stops, talk.settings[name], value => talk.ask(ask(value)));
    const levers = {
      n: lever("n", upTo(1, given.largest)),
      k: lever("k", upTo(1, 5), k => ({ kernel: given.kernels[k - 1] })),
      s: lever("s", upTo(1, 4)), p: lever("p", upTo(0, 3)), d: lever("d", upTo(1, 3)),
    };
    play.add(lead, h("div", { class: "unet-sides" },
      h("div", {}, h("p", { class: "conv-head" }, words.input), rooms.in, notes),
      h("div", {}, h("div", { class: "unet-row" }, slide.element, size), rooms.out, shade, sumRow, said),
      h("div", {}, h("div", { class: "unet-row" }, way.element, whole.element),
        h("div", { class: "conv-levers" }, ...Object.values(levers).map(one => one.element)), formula)));

    const part = (title, cells) => h("div", { class: "conv-part" }, h("p", {}, title), h("div", { class: "conv-box" }, ...cells));
    const cells = kind => upTo(0, 24).map(() => h(kind));
    const patch = cells("span"), products = cells("span");
    const weights = upTo(0, 24).map(() => h("input", { type: "number", min: -9, max: 9, step: 1, oninput: typed,
      onblur: numbers, onclick: ({ target }) => target.select() })); // typing replaces what is there
    const parts = [part(words.patch, patch), h("span", {}, "×"), part(words.kernel, weights), h("span", {}, "="), part(words.products, products)];
    const sumName = h("p");
    sumRow.append(...parts, h("span", {}, "→"), h("div", { class: "conv-part" }, sumName, sum));
    // As many cells as the kernel has; the others stay, hidden, so that no focus is lost.
    function fitSum() {
      const { k, settings } = answer, isSum = settings.way === "sum";
      sumRow.style.setProperty("--k", k);
      sumRow.classList.toggle("conv-many", k > 3);
      for (const all of [patch, products, weights]) all.forEach((cell, i) => { cell.hidden = i >= k * k; });
      weights.forEach((input, i) => input.setAttribute("aria-label",
        fill(words.weight, { row: Math.floor(i / k), column: i % k })));
      parts.forEach((one, i) => { one.hidden = (!isSum && i > 0) || (i > 2 && !answer.products); });
      sumName.textContent = isSum ? words.the_sum : words.the_max;
    }
    function typed({ target }) {
      if (target.value === "") return; // half a number is none
      if (target.validity.valid)
        return talk.ask({ kernel: weights.slice(0, answer.k ** 2).map(input => input.valueAsNumber) });
      numbers();
      play.refuse(words.range);
    }
    function numbers() { // as they are asked for
      talk.settings.kernel.forEach((number, i) => { if (weights[i].valueAsNumber !== number) weights[i].value = number; });
    }

    // The padded input's cell: its place and number in the input, or null in the padding.
    function pixel(row, column) {
      const { n, p } = answer.settings, [r, c] = [row - p, column - p];
      return r >= 0 && c >= 0 && r < n && c < n ? answer.input[r][c] : null;
    }
    function texts(side, count, number, tint) {
      if (count > READABLE) return [];
      const small = now[side].cell < 24 ? "conv-many" : "";
      return upTo(0, count * count - 1).filter(i => number(i) !== null).map(i => svg("text", {
        x: (i % count) + 0.5, y: Math.floor(i / count) + 0.5, class: small,
        style: `fill:${inkOn(tint(i))};opacity:${side === "out" && i >= seen ? 0 : 1}` }, text(number(i))));
    }
    function select(next) {
      const { m, settings, taps, feeds } = answer, { n, p } = settings, side = n + 2 * p;
      const most = next.side === "out" ? m : side, inside = place => Math.min(place, most - 1);
      at = { side: next.side, row: inside(next.row), column: inside(next.column) };
      const isOut = at.side === "out";
      const rows = (isOut ? taps : feeds)[at.row], columns = (isOut ? taps : feeds)[at.column];
      const far = isOut ? side : m, one = isOut ? m : side;
      const ring = (kind, count, test) => svg("path", { class: kind, d: outline(count, count, test) });
      const linked = ring("conv-window", far, i =>
        rows.includes(Math.floor(i / far)) && columns.includes(i % far));
      const self = ring("conv-one", one, i => i === at.row * one + at.column);
      paint(isOut ? [linked] : [self], isOut ? [self] : [linked]);
      if (isOut) summed = at;
      showSum(isOut);
      const value = isOut ? answer.output[at.row][at.column] : pixel(at.row, at.column);
      said.textContent = isOut ? fill(words.cell, { ...at, value: text(value) })
        : value === null ? words.zero
          : fill(words.read, { row: at.row - p, column: at.column - p, value, n: answer.read.data[(at.row - p) * n + at.column - p] });
      if (now.in.frame.matches(":focus-visible") || now.out.frame.matches(":focus-visible")) play.say(said.textContent);
    }
    // Of the output that was pointed at last, paler while an input is.
    function showSum(isNow) {
      const { k, m, taps } = answer, [row, column] = [summed.row, summed.column].map(place => Math.min(place, m - 1));
      const value = answer.output[row][column], [rows, columns] = [taps[row], taps[column]];
      sumRow.style.opacity = isNow ? 1 : 0.4;
      rows.forEach((y, i) => columns.forEach((x, j) => {
        const number = pixel(y, x), cell = patch[i * k + j];
        cell.textContent = number ?? (answer.settings.way === "sum" ? 0 : "·");
        cell.style = number === null ? "" : `background:${css(dark(number))};color:${inkOn(dark(number))}`;
        if (answer.products) products[i * k + j].textContent = text(answer.products[i * k + j][row][column]);
      }));
      sum.textContent = text(value);
      sum.dataset.value = value;
    }
    function paint(onInput, onOutput) {
      const { m, settings, lost, output, shade: [low, high] } = answer, side = settings.n + 2 * settings.p;
      const scale = low < 0 ? signed(high) : grey(low, high), paper = colour("paper");
      const rim = mixed(colour("accent"), paper, 0.3), gone = colour("bad");
      const number = i => pixel(Math.floor(i / side), i % side);
      const tint = i => {
        const isLost = lost && Math.max(Math.floor(i / side), i % side) >= side - lost;
        const own = number(i) === null ? rim : dark(number(i));
        return isLost ? mixed(gone, own, 0.6) : own;
      };
      const made = i => output[Math.floor(i / m)][i % m], shade = i => i < seen ? scale(made(i)) : paper;
      now.in.paint(tint);
      now.out.paint(shade);
      now.in.overlay(...texts("in", side, number, tint), ...onInput);
      now.out.overlay(...texts("out", m, made, shade), ...onOutput);
    }
    return play.show(found => {
      const { n, s, p, d, kernel, way: how } = found.settings;
      if (answer.m !== found.m || answer.settings !== found.settings) all();
      answer = found;
      put("in", n + 2 * p);
      put("out", found.m);
      align();
      fitSum();
      numbers();
      for (const [name, value] of Object.entries({ n, k: found.k, s, p, d })) levers[name].set(value);
      levers.n.element.hidden = n === given.side;
      whole.set(n === given.side);
      way.set(how);
      size.textContent = `${n} × ${n} → ${found.m} × ${found.m}`;
      formula.textContent = found.formula;
      notes.textContent = found.notes.join(" ");
      shade.textContent = found.shade_words;
      rooms.out.dataset.output = JSON.stringify(found.output);
      sumRow.dataset.kernel = JSON.stringify(kernel);
      select(at);
      play.say(found.said);
    });
  },
};
