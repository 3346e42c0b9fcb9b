// Lesson 04: where an input pixel paints, how often each output pixel is painted, what comes of it.
import { play as player, slider, toggle } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { colourBar, grey, signed, thumbnail } from "../../drawing/web/image.js";
import { fixed } from "../../drawing/web/numbers.js";
import { outline, pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { inkOn, mixed } from "../../drawing/web/theme.js";

const N = 4, LOOKED = 24; // sides of the small input, and of the response that is shown

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const outs = new Map(), light = grey(0, 31);
    let answer = talk.answer, at = { side: "in", row: 1, column: 1 }, done = N * N, out = null;

    // ---------------------------------------------------------------------- what a hand does
    const hands = side => ({
      point: ([row, column]) => done < N * N || look({ side, row, column }),
      start([row, column]) {
        all();
        look({ side, row, column });
      },
      over: ([row, column]) => look({ side, row, column }),
    });
    const input = pixels({ rows: N, columns: N, label: words.input, keys: words.keys, most: 150,
      hands: hands("in"), signal: play.signal });
    function outputOf(size) {
      if (!outs.has(size))
        outs.set(size, pixels({ rows: size, columns: size, label: words.output, keys: words.keys,
          most: 340, hands: hands("out"), signal: play.signal }));
      return outs.get(size);
    }
    const paintAll = player(words, () => {
      done = done >= N * N ? 1 : done + 1;
      look({ side: "in", row: Math.floor((done - 1) / N), column: (done - 1) % N });
      return done < N * N;
    }, { pace: 450, signal: play.signal });
    function all() { paintAll.stop(); done = N * N; }

    // ------------------------------------------------------------------------- what is seen
    const room = h("div", { class: "up-out" }), said = h("p", { class: "up-said" });
    const verdict = h("p", { class: "up-verdict" });
    const response = thumbnail({ rows: LOOKED, columns: LOOKED, label: words.response });
    const legend = h("div");
    const k = slider(words.k, [1, 2, 3, 4, 5, 6], talk.settings.k, k => talk.ask({ k }));
    const s = slider(words.s, [2, 3, 4], talk.settings.s, s => talk.ask({ s }));
    const uniform = toggle(words.uniform, talk.settings.uniform, uniform => talk.ask({ uniform }));
    const thumbs = given.kinds.map(kind => {
      const ripple = h("span"), picture = h("span");
      const element = h("button", { type: "button", class: "up-thumb", "data-kind": kind,
        onclick: () => talk.ask({ kind }) }, h("span", {}, words[kind]), picture, ripple);
      return { element, picture, ripple };
    });
    play.add(
      h("p", { class: "up-head" }, words.images),
      h("div", { class: "up-four" }, ...thumbs.map(one => one.element)),
      h("p", {}, words.lead), h("div", { class: "unet-sides" },
      h("div", {},
        h("div", { class: "up-top" }, h("div", { class: "up-in" }, h("p", { class: "up-head" }, words.input), input.element),
          h("div", {}, h("div", { class: "unet-row" }, paintAll.element), said)),
        h("p", { class: "up-head" }, words.output), room),
      h("div", {}, verdict, k.element, s.element, uniform.element,
        h("p", { class: "up-head" }, words.response),
        h("div", { class: "up-response" }, response.element, legend), h("p", { class: "unet-faint" }, words.ripple_is))));

    const box = (kind, size, [top, left, high, wide]) => svg("path", { class: kind, d: outline(size, size, i => {
      const [row, column] = [Math.floor(i / size) - top, (i % size) - left];
      return row >= 0 && column >= 0 && row < high && column < wide;
    }) });
    function look(next) {
      const size = answer.after.shape[1], most = (next.side === "in" ? N : size) - 1;
      at = { side: next.side, row: Math.min(next.row, most), column: Math.min(next.column, most) };
      const { row, column } = at, isIn = at.side === "in", counts = answer.after.data.subarray((done - 1) * size * size, done * size * size);
      const under = answer.foot.map(([top, left, high, wide]) =>
        row >= top && column >= left && row < top + high && column < left + wide);
      const chosen = isIn ? [row * N + column] : [...under.keys()].filter(i => under[i]);
      const paper = colour("paper"), ink = colour("accent"), most255 = answer.after.data.reduce((a, b) => Math.max(a, b));
      const tint = i => counts[i] ? mixed(ink, paper, 0.15 + 0.75 * counts[i] / most255)
        : done < N * N ? paper : mixed(colour("bad"), paper, 0.3);
      input.paint(i => i < done ? mixed(ink, paper, 0.35) : paper);
      input.overlay(...Array.from({ length: N * N }, (_, i) => svg("text", { x: (i % N) + 0.5, y: Math.floor(i / N) + 0.5 }, "1")),
        svg("path", { class: isIn ? "up-one" : "up-foot", d: outline(N, N, i => chosen.includes(i)) }));
      out.paint(tint);
      const small = out.cell < 19 ? "up-small" : "";
      out.overlay(...Array.from(counts, (count, i) => svg("text", { x: (i % size) + 0.5, y: Math.floor(i / size) + 0.5,
        class: small, style: `fill:${inkOn(tint(i))}` }, String(count))),
      isIn ? box("up-foot", size, answer.foot[row * N + column]) : box("up-one", size, [row, column, 1, 1]));
      const [, , high, wide] = isIn ? answer.foot[row * N + column] : [];
      said.textContent = isIn ? fill(words.pixel, { row, column, high, wide })
        : fill(words.spot, { row, column, n: counts[row * size + column] });
      if (input.frame.matches(":focus-visible") || out.frame.matches(":focus-visible")) play.say(said.textContent);
    }
    return play.show(found => {
      const { settings, after, images, ripple } = found, side = images.shape[1];
      answer = found;
      all();
      if (out !== outputOf(after.shape[1])) room.replaceChildren((out = outputOf(after.shape[1])).element);
      k.set(settings.k);
      s.set(settings.s);
      uniform.set(settings.uniform);
      verdict.textContent = found.said;
      verdict.dataset.ripple = ripple;
      room.dataset.foot = JSON.stringify(found.foot);
      verdict.classList.toggle("up-bad", ripple > 0.0005);
      const scale = found.least < 0 ? signed(found.most) : grey(0, found.most || 1);
      response.paint(i => scale(found.response.data[i]));
      legend.replaceChildren(colourBar("", scale, fixed(found.least, 2).replace("-", "−"), fixed(found.most, 2)));
      thumbs.forEach(({ element, picture, ripple: words_ }, i) => {
        const map = thumbnail({ rows: side, columns: side });
        map.paint(place => light(images.data[i * side * side + place]));
        picture.replaceChildren(map.element);
        words_.textContent = fill(words.ripple, { value: fixed(found.ripples[i], 2) });
        words_.dataset.value = found.ripples[i];
        element.setAttribute("aria-pressed", given.kinds[i] === settings.kind);
      });
      look(at);
      play.say(found.said);
    });
  },
};
