// Lesson 04: where an input pixel paints, what each output pixel gets of it, what comes of it.
import { play as player, slider, toggle } from "../../drawing/web/controls.js";
import { digits } from "../../drawing/web/digits.js";
import { fill, h, tell } from "../../drawing/web/html.js";
import { colourBar, grey, thumbnail } from "../../drawing/web/image.js";
import { fixed } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { mixed } from "../../drawing/web/theme.js";

const N = 4, READABLE = 12; // the side of the small input; the most cells with room for a sum

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    const light = grey(0, given.lightest);
    let answer = talk.answer, at = { side: "in", row: 1, column: 1 }, done = N * N;

    const grid = (side, label, most) => digits(`up-${side}`, { label, most, keys: words.keys, signal: play.signal,
      stop: all, isPlaying: () => done < N * N, look: ([row, column]) => look({ side, row, column }) });
    const input = grid("in", words.input, 150), output = grid("out", words.output, 336);
    const paintAll = player(words, () => {
      done = done >= N * N ? 1 : done + 1;
      paint();
      look({ side: "in", row: Math.floor((done - 1) / N), column: (done - 1) % N });
      return done < N * N;
    }, { pace: 450, signal: play.signal });
    function all() { paintAll.stop(); done = N * N; paint(); }
    const head = text => h("p", { class: "up-head" }, text), faint = text => h("p", { class: "unet-faint" }, text);
    const told = { name: head(""), table: head(""), legend: faint(""), level: h("p", { class: "up-level" }) };
    const said = h("p", { class: "up-said" }), bar = h("div");
    const response = thumbnail({ label: words.response }), large = thumbnail({ label: words.chosen });
    const thumbs = given.kinds.map(kind => {
      const ripple = h("span"), map = thumbnail({});
      const element = h("button", { type: "button", class: "up-thumb", "data-kind": kind,
        onclick: () => talk.ask({ kind }) }, h("span", {}, words[kind]), map.element, ripple);
      return { element, map, ripple };
    });
    play.add(h("div", { class: "up-sides" },
      h("div", { class: "up-ways" }, head(words.images),
        h("div", { class: "up-four" }, ...thumbs.map(one => one.element))),
      h("div", { class: "up-levers" }, play.lever(slider, "k", [1, 2, 3, 4, 5, 6]),
        play.lever(slider, "s", [2, 3, 4]), play.lever(toggle, "uniform")),
      h("div", { class: "up-large" }, told.name, large.element, faint(words.ripple_is)),
      h("div", { class: "up-below" }, h("p", {}, words.lead), h("div", { class: "up-maps" },
        h("div", { class: "up-from" }, head(words.input), input.element, h("div", {}, paintAll.element, said)),
        h("div", {}, told.table, output.element, told.legend),
        h("div", { class: "up-response" }, head(words.response), response.element, bar, told.level)))));

    function look(next) {
      const size = answer.after.shape[1], isIn = next.side === "in", most = (isIn ? N : size) - 1;
      const [row, column] = [next.row, next.column].map(place => Math.min(place, most));
      const inside = ([top, left, high, wide], y, x) => y >= top && x >= left && y < top + high && x < left + wide;
      const one = (y, x) => y === row && x === column, foot = answer.foot[row * N + column];
      const { after, paint, numbers } = answer, place = ((done - 1) * size + row) * size + column;
      at = { side: next.side, row, column };
      input.mark(isIn ? "up-one" : "up-foot", isIn ? one : (y, x) => inside(answer.foot[y * N + x], row, column));
      output.mark(isIn ? "up-foot" : "up-one", isIn ? (y, x) => inside(foot, y, x) : one);
      tell(said, isIn ? fill(words.pixel, { row, column, high: foot[2], wide: foot[3] })
        : fill(words.spot, { row, column, n: after.data[place] })
          + (paint ? ` ${fill(words.adds, { sum: numbers[paint.data[place]] })}` : ""));
      if (el.querySelector(".unet-pixels:focus-visible")) play.say(said.textContent);
    }
    function paint() { // what the first `done` inputs have painted
      const { after, paint: sums, numbers, depth } = answer, [, size] = after.shape;
      const now = (sums || after).data.subarray((done - 1) * size * size);
      const paper = colour("paper"), ink = colour("accent");
      const tints = depth.map(share => mixed(ink, paper, 0.15 + 0.75 * share));
      tints[0] = done < N * N ? paper : mixed(colour("bad"), paper, 0.3);
      input.write(() => 1, i => mixed(ink, paper, i < done ? 0.35 : 0));
      output.write(i => sums && size > READABLE ? "" : numbers[now[i]], i => tints[now[i]]);
    }
    return play.show(found => {
      const { images, ripple, ripples, response: { data, shape } } = found, [, side] = images.shape;
      const scale = grey(...found.scale);
      answer = found;
      input.fit(N);
      output.fit(found.after.shape[1]);
      output.element.classList.toggle("up-sums", Boolean(found.paint));
      output.element.dataset.foot = JSON.stringify(found.foot);
      all();
      for (const part in told) tell(told[part], found[part], { ripple });
      told.level.classList.toggle("up-bad", ripple > 0.0005);
      response.paint(i => scale(data[i]), ...shape);
      bar.replaceChildren(colourBar("", scale, ...found.ends));
      thumbs.forEach((one, i) => {
        const isChosen = given.kinds[i] === found.settings.kind, at = i * side * side;
        for (const map of isChosen ? [one.map, large] : [one.map])
          map.paint(place => light(images.data[at + place]), side, side);
        tell(one.ripple, fill(words.ripple, { value: fixed(ripples[i], 2) }), { value: ripples[i] });
        one.element.setAttribute("aria-pressed", isChosen);
      });
      look(at);
      play.say(found.said);
    });
  },
};
