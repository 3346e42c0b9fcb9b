// Lesson 09: a network with its maps; a box opens, a place has a value and reasons, a skip is cut.
import { choice, slider } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { colourBar } from "../../drawing/web/image.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { wipe } from "../../drawing/web/wipe.js";
import { colours, map, network } from "./net.js";

const ORDERS = ["activity", "labels", "number"], GAINS = { off: 0, half: 50, plain: 100, double: 200 };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    if (!given.boxes.length) return play.show(() => {}); // it raised: the stage says why
    const [high, wide] = given.size, [rows, columns] = given.image.shape;
    let answer = talk.answer, drawn = "", tiled = "";

    // ------------------------------------------------------------------ what a hand does
    const open = layer => talk.ask({ layer, channel: -1, page: 0 });
    const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
    function cut(skip) {
      const { cuts } = talk.settings, kept = cuts.filter(other => !same(other, skip));
      talk.ask({ cuts: kept.length < cuts.length ? kept : [...cuts, skip].sort() });
    }
    function gain(percent) {
      const mine = [answer.step, answer.channel], { edits } = talk.settings;
      const others = edits.filter(([step, channel]) => !same([step, channel], mine));
      talk.ask({ channel: answer.channel,
        edits: percent === 100 ? others : [...others, [...mine, percent]].sort() });
    }
    function point(share) { // the cross follows at once, in every map
      body.style.setProperty("--x", share[1]);
      body.style.setProperty("--y", share[0]);
    }
    const back = () => point([(talk.settings.row + 0.5) / high, (talk.settings.column + 0.5) / wide]);
    function go(share, step = true) {
      const [row, column] = [share[0] * high, share[1] * wide].map(Math.floor);
      talk.ask({ row: Math.min(Math.max(row, 0), high - 1), column: Math.min(Math.max(column, 0), wide - 1) }, { step });
    }
    const share = ([row, column]) => [(row + 0.5) / rows, (column + 0.5) / columns];
    const image = pixels({
      rows, columns, label: words.image, keys: words.keys, most: 300, signal: play.signal,
      hands: { point: place => point(share(place)), leave: back, start: place => go(share(place)),
        over: place => { point(share(place)); go(share(place), false); }, end: () => {} },
    });
    const inMap = (event, frame) => {
      const edge = frame.getBoundingClientRect();
      return [(event.clientY - edge.top) / edge.height, (event.clientX - edge.left) / edge.width];
    };

    // ------------------------------------------------------------------ what is seen
    const net = network(play, { open, cut });
    const head = h("p", { class: "look-head" }), steps = h("div"), tiles = h("div", { class: "look-tiles" });
    const orders = choice(words.sort, ORDERS.filter(o => o !== "labels" || given.labels).map(o => [o, words[o]]),
      talk.settings.sort, sort => talk.ask({ sort, channel: -1, page: 0 }));
    const bar = h("div"), pages = h("div", { class: "unet-row" });
    const value = h("p", { class: "look-value" }), large = h("div", { class: "look-large" });
    const gains = choice(words.gain, Object.entries(GAINS).map(([name, n]) => [n, words[name]]), 100,
      n => gain(Number(n)));
    const seen = h("p", { class: "unet-faint" }), why = h("div", { class: "look-why" });
    const told = h("p", {}, fill(words.output, { told: given.told })), output = h("div", { class: "look-output" });
    const verdict = h("p", { class: "look-verdict" });
    const names = given.versions, to = n => talk.ask({ version: Number(n) });
    const version = names.length < 2 ? null : names.length < 4
      ? choice(words.version, names.map((name, i) => [i, name]), talk.settings.version, to)
      : slider(words.version, names.map((_, i) => i), talk.settings.version, to, n => names[n]);
    const body = h("div", { class: "look" },
      h("p", {}, words.lead), given.note ? h("p", { class: "unet-note" }, given.note) : null,
      version?.element, net.element, h("p", { class: "unet-faint" }, words.boxes),
      h("div", { class: "look-parts" },
        h("div", {}, head, steps, h("div", { class: "unet-row" }, orders.element), tiles, pages, bar),
        h("div", {}, value, large, h("div", { class: "unet-row" }, h("span", { class: "unet-faint" }, words.gain), gains.element), why),
        h("div", {}, image.element, seen, given.told ? told : null, output, verdict)));
    play.add(body);
    for (const room of [net.element, large]) { // the cross under the mouse, in all maps
      room.addEventListener("pointermove", event => {
        const frame = event.target.closest(".net-map");
        if (frame) point(inMap(event, frame));
      });
      room.addEventListener("pointerleave", back);
    }
    large.addEventListener("click", event => go(inMap(event, large.firstChild)));

    function draw(found) {
      const { version: v, edits, cuts } = found.settings;
      const state = JSON.stringify([colour("paper"), v, edits, cuts]), isNew = state !== drawn;
      answer = found;
      drawn = state;
      back();
      net.draw(found, isNew);
      version?.set(found.settings.version);
      orders.set(found.settings.sort);
      head.replaceChildren(h("b", {}, found.step), ` · ${found.shape.join(" × ")}`);
      const box = given.boxes[found.box];
      steps.replaceChildren(...(box?.steps.length > 1
        ? [choice(words.steps, box.steps, found.step, layer => talk.ask({ layer })).element] : []));
      drawTiles(found, `${state} ${found.step} ${found.order}`);
      value.textContent = fill(words.channel, { n: found.channel, value: found.value });
      value.dataset.value = found.value;
      large.replaceChildren(map({ kind: found.scale, shape: found.large.shape, data: found.large.data }, colour));
      gains.set(found.settings.edits.find(([step, channel]) => step === found.step && channel === found.channel)?.[2] ?? 100);
      drawImage(found, isNew);
      if (isNew) drawOutput(found);
      drawWhy(found.why);
      play.say(found.said);
    }
    function drawTiles(found, maps) {
      const count = found.tiles.shape[0];
      if (maps !== tiled) paintTiles(found);
      tiled = maps;
      [...tiles.children].forEach((tile, i) => {
        const channel = found.order[i], label = fill(words.tile, { n: channel, value: found.at[i] });
        tile.setAttribute("aria-pressed", channel === found.channel);
        tile.setAttribute("aria-label", found.dead.includes(channel) ? `${label}, ${words.dead}` : label);
      });
      const low = found.scale === "signed" ? -124 : 0, scale = colours(found.scale, colour("warning"));
      const of = Object.assign(n => scale(Math.round(n - low)), { low, high: low + 248 });
      bar.replaceChildren(colourBar(words.scale, of, ...found.ends));
      const { page } = found.settings, from = page * 64;
      pages.hidden = found.pages < 2;
      const turn = (label, to) => h("button", { type: "button", class: "unet-button", "aria-label": label,
        "aria-disabled": String(to < 0 || to >= found.pages),
        onclick: () => to >= 0 && to < found.pages && talk.ask({ page: to, channel: -1 }) }, to < page ? "‹" : "›");
      pages.replaceChildren(turn(words.earlier, page - 1), fill(words.page,
        { a: from + 1, b: from + count, n: found.shape[0] }), turn(words.later, page + 1));
    }
    function paintTiles(found) {
      const [count, r, c] = found.tiles.shape;
      tiles.style.setProperty("--tile", `${count > 32 ? 40 : count > 16 ? 46 : 62}px`);
      const focused = tiles.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
      tiles.replaceChildren(...found.order.map((channel, i) => {
        const dead = found.dead.includes(channel), data = found.tiles.data.subarray(i * r * c, (i + 1) * r * c);
        return h("button", { type: "button", class: `look-tile${dead ? " look-dead" : ""}`, "data-channel": channel,
          onclick: () => talk.ask({ channel }) }, map({ kind: found.scale, shape: [r, c], data }, colour),
        h("span", {}, dead ? words.dead : found.likeness[i] ?? channel));
      }));
      if (focused !== null) tiles.querySelector(`[data-channel="${focused}"]`)?.focus();
    }
    function drawImage(found, isNew) {
      const of = colours("grey", colour("warning")), y = rows / high, x = columns / wide;
      if (isNew) image.paint(i => of(given.image.data[i]));
      const parts = [], at = [(found.settings.row + 0.5) * y, (found.settings.column + 0.5) * x];
      if (found.field) {
        const [top, bottom, left, right] = found.field;
        parts.push(svg("rect", { class: "look-field", x: left * x, y: top * y,
          width: (right - left + 1) * x, height: (bottom - top + 1) * y }));
        seen.textContent = fill(words.field, { high: bottom - top + 1, wide: right - left + 1 });
      } else seen.textContent = found.no_field;
      image.overlay(...parts, svg("path", { class: "look-cross", d: `M${at[1]} 0V${rows}M0 ${at[0]}H${columns}` }));
      image.frame.dataset.field = JSON.stringify(found.field);
    }
    function drawOutput(found) {
      if (!found.now) return;
      const picture = ({ shape, data }) => map({ kind: "heat", shape, data }, colour);
      const moved = found.before && found.shift > 0;
      output.replaceChildren(moved ? wipe({ first: picture(found.before), second: picture(found.now),
        words: { label: words.wipe, first: words.before, second: words.now }, signal: play.signal }).element
        : picture(found.now));
      verdict.textContent = moved ? fill(words.changed,
        { share: found.share, n: found.flipped, all: found.pixels }) : words.same;
      verdict.dataset.value = found.flipped;
    }
    function drawWhy(found) {
      if (!found) return why.replaceChildren();
      const table = grid => h("table", {}, ...grid.map(line => h("tr", {}, ...line.map(n => h("td", {}, n)))));
      why.replaceChildren(
        h("p", { class: "look-sum" }, fill(words.why, { total: found.total, kind: found.kind })),
        h("div", { class: "look-reasons", role: "region", tabindex: 0, "aria-label": words.reasons },
          ...found.parts.map(part => h("div", { class: "look-part" }, h("b", {}, `${part.channel}:`),
            ...(part.patch.length ? [table(part.patch), "×", table(part.kernel), "→"] : []), h("b", {}, part.sum)))),
        h("p", {}, fill(found.others ? words.rest : words.bias, { n: found.others, rest: found.rest, bias: found.bias, total: found.total })));
    }
    return play.show(draw);
  },
};
