// Lesson 01: a grid of numbers, a window that slides over it, and the sum that it makes.
import { choice, play as player, slider, toggle } from "../../drawing/web/controls.js";
import { digits } from "../../drawing/web/digits.js";
import { fill, h, tell } from "../../drawing/web/html.js";
import { grey, signed } from "../../drawing/web/image.js";
import { stage } from "../../drawing/web/stage.js";
import { css, inkOn, mixed } from "../../drawing/web/theme.js";

const MOST = 400; // pixels of a grid
const text = number => String(number).replace("-", "−");

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const dark = grey(0, 9), [notes, shade] = [0, 1].map(() => h("p", { class: "unet-faint" }));
    let answer = talk.answer, at = { side: "out", row: 0, column: 0 }, summed = at, seen = Infinity;

    // ------------------------------------------------------------------------- what is seen
    const grid = (side, label) => digits(`conv-${side}`, { label, keys: words.keys, most: MOST, signal: play.signal,
      stop: all, isPlaying: () => seen < answer.m ** 2, look: ([row, column]) => select({ side, row, column }) });
    const input = grid("in", words.input), output = grid("out", words.output);
    const [size, formula, said] = ["size", "formula", "said"].map(name => h("p", { class: `conv-${name}` }));
    const sumRow = h("div", { class: "conv-sum-row" }), sum = h("b", { class: "conv-sum" }), sumName = h("p");
    const slide = player(words, () => {
      const last = answer.m ** 2, pace = answer.settings.n === given.side ? answer.m : 1;
      seen = Math.min((seen >= last ? 0 : seen) + pace, last);
      paintOutput();
      select({ side: "out", row: Math.floor((seen - 1) / answer.m), column: (seen - 1) % answer.m });
      return seen < last;
    }, { pace: 220, signal: play.signal });
    function all() { slide.stop(); seen = Infinity; paintOutput(); }
    const whole = toggle(words.micrograph, false, on => talk.ask({ n: on ? given.side : 7 }));
    const way = choice(words.way, [["sum", words.sum], ["max", words.max]], "sum",
      way => talk.ask(way === "max" ? { way, kernel: given.kernels[answer.k - 1] } : { way })); // no weights in a pooling
    const wide = slider(words.k, given.stops.k, answer.k, k => talk.stroke({ kernel: given.kernels[k - 1] }));
    const levers = Object.entries(given.stops).map(([name, stops]) =>
      name === "k" ? wide.element : play.lever(slider, name, stops));
    const head = (name, more) => h("div", { class: "conv-head" }, h("span", {}, name), more);
    play.add(h("p", {}, words.lead), h("div", { class: "conv-sides" },
      h("div", {}, head(words.input, slide.element), input.element, notes),
      h("div", {}, head(words.output, size), output.element, shade),
      h("div", {}, said, sumRow),
      h("div", {}, h("div", { class: "unet-row" }, way.element, whole.element),
        h("div", { class: "conv-levers" }, ...levers), formula)));

    const cells = (kind, attributes) => Array.from({ length: 25 }, () => h(kind, attributes));
    const patch = cells("span"), products = cells("span"), weights = cells("input", { type: "number", min: -given.most,
      max: given.most, oninput: typed, onblur: numbers, onclick: ({ target }) => target.select() }); // typing replaces
    const part = (name, all) =>
      h("div", { class: "conv-part" }, h("p", {}, words[name]), h("div", { class: "conv-box" }, ...all));
    const parts = [part("patch", patch), "×", part("kernel", weights), "=", part("products", products)]
      .map(one => (one.nodeType ? one : h("span", {}, one)));
    sumRow.append(...parts, h("span", {}, "→"), h("div", { class: "conv-part" }, sumName, sum));
    // As many cells as the kernel has; the others stay, hidden, so that no focus is lost.
    function fitSum() {
      const { k, settings } = answer, isSum = settings.way === "sum";
      sumRow.style.setProperty("--k", k);
      sumRow.classList.toggle("conv-many", k > 3);
      for (const all of [patch, products, weights]) all.forEach((cell, i) => { cell.hidden = i >= k * k; });
      weights.forEach((weight, i) => { weight.ariaLabel = fill(words.weight, { row: Math.floor(i / k), column: i % k }); });
      parts.forEach((one, i) => { one.hidden = (!isSum && i > 0) || (i > 2 && !answer.products); });
      sumName.textContent = isSum ? words.the_sum : words.the_max;
    }
    function typed({ target }) {
      if (target.value === "") return; // half a number is none
      if (target.validity.valid)
        return talk.ask({ kernel: weights.slice(0, answer.k ** 2).map(weight => weight.valueAsNumber) });
      numbers();
      target.animate({ background: [css(colour("bad")), css(colour("paper"))] }, 1500);
      play.refuse(words.range);
    }
    function numbers() { // as they are asked for
      talk.settings.kernel.forEach((number, i) => { if (weights[i].valueAsNumber !== number) weights[i].value = number; });
    }

    // The padded input's cell: its number, or undefined in the padding.
    const pixel = (row, column, { p } = answer.settings) => answer.input[row - p]?.[column - p];
    function select(next) {
      const { m, settings: { n, p }, taps, feeds } = answer, isOut = next.side === "out";
      const [row, column] = [next.row, next.column].map(place => Math.min(place, (isOut ? m : n + 2 * p) - 1));
      const [rows, columns] = [row, column].map(place => (isOut ? taps : feeds)[place]);
      at = { side: next.side, row, column };
      (isOut ? output : input).mark("conv-one", (y, x) => y === row && x === column);
      (isOut ? input : output).mark("conv-window", (y, x) => rows.includes(y) && columns.includes(x));
      if (isOut) summed = at;
      showSum(isOut);
      const value = isOut ? answer.output[row][column] : pixel(row, column), [y, x] = [row - p, column - p];
      const [from, to] = [rows, columns].map(list => list.map(place => text(place - p)).join(", "));
      said.textContent = isOut ? fill(words.cell, { row, column, value: text(value), rows: from, columns: to })
        : value === undefined ? words.zero : fill(words.read, { row: y, column: x, value, n: answer.read.data[y * n + x] });
      if (el.querySelector(".unet-pixels:focus-visible")) play.say(said.textContent);
    }
    // Of the output that was pointed at last, paler while an input is.
    function showSum(isNow) {
      const { k, m, taps } = answer, [row, column] = [summed.row, summed.column].map(place => Math.min(place, m - 1));
      sumRow.style.opacity = isNow ? 1 : 0.4;
      taps[row].forEach((y, i) => taps[column].forEach((x, j) => {
        const number = pixel(y, x), cell = patch[i * k + j];
        cell.textContent = number ?? (answer.settings.way === "sum" ? 0 : "·");
        cell.style = number === undefined ? "" : `background:${css(dark(number))};color:${inkOn(dark(number))}`;
        if (answer.products) products[i * k + j].textContent = text(answer.products[i * k + j][row][column]);
      }));
      tell(sum, text(answer.output[row][column]), { value: answer.output[row][column] });
    }
    function paintInput() {
      const { settings: { n, p }, lost } = answer, side = n + 2 * p, rim = mixed(colour("accent"), colour("paper"), 0.3);
      const number = i => pixel(Math.floor(i / side), i % side), gone = colour("bad");
      input.write(number, i => {
        const own = number(i) === undefined ? rim : dark(number(i));
        return lost && Math.max(Math.floor(i / side), i % side) >= side - lost ? mixed(gone, own, 0.6) : own;
      });
    }
    function paintOutput() {
      const { m, shade: [low, high] } = answer, scale = low < 0 ? signed(high) : grey(low, high), paper = colour("paper");
      const made = i => answer.output[Math.floor(i / m)][i % m];
      output.write(i => (i < seen ? made(i) : ""), i => (i < seen ? scale(made(i)) : paper));
    }
    return play.show(found => {
      const { n, p, kernel } = found.settings;
      answer = found;
      input.fit(n + 2 * p, p);
      output.fit(found.m); // a cell of it is as wide as one of the input: what shrinks is seen to
      output.element.style.maxWidth = `calc(min(100%, ${MOST}px) * ${found.m / (n + 2 * p)} - 0.4px)`;
      fitSum();
      numbers();
      wide.set(found.k);
      levers[0].hidden = n === given.side;
      whole.set(n === given.side);
      way.set(found.settings.way);
      tell(size, `${n} × ${n} → ${found.m} × ${found.m}`);
      tell(formula, found.formula);
      tell(notes, found.notes.join(" "));
      tell(shade, found.shade_words);
      output.element.dataset.output = JSON.stringify(found.output);
      sumRow.dataset.kernel = JSON.stringify(kernel);
      paintInput();
      all();
      select(at);
      play.say(found.said);
    });
  },
};
