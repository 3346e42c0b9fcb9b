// Lesson 09: a network with its maps; a box opens, a place has a value and reasons, a skip is cut.
// At first there is the network alone, what goes in and what comes out: a hand opens the rest.
import { choice, slider } from "../../drawing/web/controls.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { colourBar } from "../../drawing/web/image.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { wipe } from "../../drawing/web/wipe.js";
import { network } from "./net.js";
import { colours, picture, sheet } from "./sheet.js";

const ORDERS = ["activity", "labels", "number"], GAINS = { off: 0, half: 50, plain: 100, double: 200 };

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk } = play;
    if (!given.boxes.length) return play.show(() => {}); // it raised: the stage says why
    const [high, wide] = given.size, [rows, columns] = given.image.shape, first = model.get("first");
    const isBook = model.get("nearest") !== undefined, names = given.versions, drawn = {}; // part of the view -> what it shows
    let answer = talk.answer, opened = false, wish = "", calls = false;

    // ------------------------------------------------------------------ what a hand does
    const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
    const isNew = (part, now) => drawn[part] !== (drawn[part] = JSON.stringify([colour("paper"), now]));
    // A page holds few answers (`recorded` in panel.py) and offers no others; a notebook has all.
    function held(changes) {
      const { layer, channel, page, sort, edits, cuts, version: v } = { ...talk.settings, ...changes };
      const at = given.boxes.findIndex(box => box.name === layer), box = given.boxes[at], end = given.boxes.length - 1;
      if (!isBook) return true;
      if (!box || page || channel >= 0 && !box.held.includes(channel)) return false;
      const isOther = v !== names.length - 1, plain = !edits.length && !cuts.length && !isOther;
      if (plain || sort !== "activity") return plain;
      if (edits.length) return at === 1 && channel === box.channel && !cuts.length && !isOther && same(edits, [[layer, channel, 0]]);
      if (channel >= 0 || isOther) return channel < 0 && !cuts.length && (box.steps.length > 1 || at === end);
      return cuts.length < 2 ? at === 1 || at === end || given.boxes.some(b => b.level === box.level && b.skips.some(s => same(s, cuts[0])))
        : cuts.length === 2 && at === 1;
    }
    const ask = changes => { if (held(changes)) talk.ask(changes); };
    const opening = layer => ({ layer, channel: -1, page: 0 });
    const plainly = changes => isBook ? { ...changes, channel: -1, sort: "activity" } : changes;
    function open(layer) {
      if (!held(opening(layer)) && layer !== talk.settings.layer) return;
      wish = layer;
      calls = true;
      if (layer === talk.settings.layer) reveal(true);
      ask(opening(layer));
    }
    function close() { reveal(false); net.focus(answer.box); }
    function cutting(skip) {
      const { cuts } = talk.settings, kept = cuts.filter(other => !same(other, skip));
      return plainly({ cuts: kept.length < cuts.length ? kept : [...cuts, skip].sort() });
    }
    const cut = skip => ask(cutting(skip));
    function gaining(percent) {
      const mine = [answer.step, answer.channel], { edits } = talk.settings;
      const others = edits.filter(([step, channel]) => !same([step, channel], mine));
      return { channel: answer.channel,
        edits: percent === 100 ? others : [...others, [...mine, percent]].sort() };
    }
    function cross([down, right]) { // it follows at once, in every map
      for (const room of [large.element, output]) {
        room.style.setProperty("--x", right);
        room.style.setProperty("--y", down);
      }
      net.cross([down, right]);
      tileMaps.cross([down, right]);
    }
    function point(share) { body.classList.add("look-pointed"); cross(share); }
    function back() {
      body.classList.remove("look-pointed");
      cross([(talk.settings.row + 0.5) / high, (talk.settings.column + 0.5) / wide]);
    }
    function go(share, step = true) {
      const [row, column] = [share[0] * high, share[1] * wide].map(Math.floor);
      talk.ask({ row: Math.min(Math.max(row, 0), high - 1), column: Math.min(Math.max(column, 0), wide - 1) }, { step });
    }
    const share = ([row, column]) => [(row + 0.5) / rows, (column + 0.5) / columns];
    const image = pixels({
      rows, columns, label: words.image, keys: words.keys, most: 330, signal: play.signal,
      hands: { point: place => point(share(place)), leave: back, start: place => go(share(place)),
        over: place => { point(share(place)); go(share(place), false); }, end: () => {} },
    });
    const inMap = (event, frame) => {
      const edge = frame.getBoundingClientRect();
      return [(event.clientY - edge.top) / edge.height, (event.clientX - edge.left) / edge.width];
    };

    // ------------------------------------------------------------------ what is seen
    const net = network(play, { open, cut });
    const head = h("p", { class: "look-head" }), steps = h("div", { class: "unet-row" });
    const tiles = h("div", { class: "look-tiles" }), shelf = h("div", { class: "look-shelf" }, tiles), pool = [];
    const tileMaps = sheet(shelf, colour);
    const orders = choice(words.sort, ORDERS.filter(o => o !== "labels" || given.labels).map(o => [o, words[o]]),
      talk.settings.sort, sort => talk.ask({ sort, channel: -1, page: 0 }));
    const bar = h("div"), pages = h("div", { class: "unet-row" });
    const value = h("p", { class: "look-value" }), large = picture(colour), now = picture(colour), before = picture(colour);
    const gains = choice(words.gain, Object.entries(GAINS).filter(([, n]) => !isBook || n === 0 || n === 100)
      .map(([name, n]) => [n, words[name]]), 100, n => ask(gaining(Number(n))));
    const gainRoom = h("div", {}, h("p", { class: "unet-faint" }, words.gain), gains.element);
    const reasons = h("div"), why = h("details", { class: "look-why" }, h("summary", {}, words.ask), reasons);
    const seen = h("p", { class: "unet-faint" }), output = h("div", { class: "look-output" });
    const to = n => ask(plainly({ version: Number(n) }));
    const version = names.length < 2 ? null : names.length < 4
      ? choice(words.version, names.map((name, i) => [i, name]), talk.settings.version, to)
      : slider(words.version, names.map((_, i) => i), talk.settings.version, to, n => names[n]);
    const single = h("div", {}, value, h("div", { class: "look-one" }, large.element, gainRoom), why);
    const panel = h("div", { class: "look-open" },
      h("div", { class: "look-all" },
        h("div", { class: "look-bar" }, head, h("button", { type: "button", class: "unet-button",
          "aria-label": words.close, onclick: close }, "✕")),
        steps, h("div", { class: "unet-row" }, orders.element), shelf, pages, bar), single);
    const ends = h("div", { class: "look-ends" }, h("div", {}, image.element, h("p", {}, words.input), seen),
      h("div", {}, output, given.told ? h("p", {}, fill(words.output, { told: given.told })) : null));
    const body = h("div", { class: "look" },
      h("p", { class: "look-lead" }, words.lead), given.note ? h("p", { class: "unet-note" }, given.note) : null,
      h("div", { class: given.layout === "u" ? "look-parts look-u" : "look-parts" },
        h("div", {}, version ? h("div", { class: "look-versions" }, version.element) : null,
          h("p", { class: "look-legend unet-faint" }, words.legend + (isBook ? ` · ${words.book}` : "")), net.element), panel,
        ends));
    play.add(body);
    for (const [room, map] of [[net.element, ".net-frame"], [shelf, ".look-frame"], [large.element, ".net-map"]]) {
      room.addEventListener("pointermove", event => { // the cross under the mouse, in all maps
        const frame = event.target.closest(map);
        if (frame) point(inMap(event, frame));
      });
      room.addEventListener("pointerleave", back);
    }
    large.element.addEventListener("click", event => { why.open = true; go(inMap(event, large.element)); });
    const fitted = new ResizeObserver(() => { output.style.maxWidth = image.frame.style.width; });
    const shelved = new ResizeObserver(() => paintTiles(answer));
    fitted.observe(image.frame);
    shelved.observe(shelf);
    play.signal.addEventListener("abort", () => [fitted, shelved].forEach(one => one.disconnect()));

    // The panel of a box; what only it explains is hidden with it.
    function reveal(is) {
      const comes = is && (calls || !opened);
      calls = false;
      opened = is;
      body.classList.toggle("look-calm", !is);
      panel.hidden = !is;
      net.press(is ? answer.box : -1);
      caption();
      if (!comes || !panel.isConnected) return;
      const isBelow = panel.getBoundingClientRect().top >= net.element.getBoundingClientRect().bottom;
      (isBelow ? ends : head).scrollIntoView({ block: isBelow ? "start" : "nearest" });
    }
    function caption() {
      const { settings, field, no_field } = answer;
      body.classList.toggle("look-placed", opened || settings.row !== first.row || settings.column !== first.column);
      seen.textContent = !opened ? words.place : field
        ? fill(words.field, { high: field[1] - field[0] + 1, wide: field[3] - field[2] + 1 }) : no_field;
    }
    function draw(found) {
      const { version: v, edits, cuts, layer, channel, sort, page } = found.settings;
      const state = [v, edits, cuts];
      answer = found;
      back();
      version?.set(v);
      orders.set(sort);
      drawHead(found);
      if (isNew("tiles", [state, found.step, found.order])) drawTiles(found);
      nameTiles(found);
      value.textContent = fill(words.channel, { n: found.channel, value: found.value });
      value.dataset.value = found.value;
      if (isNew("large", [state, found.step, found.channel])) large.paint({ kind: found.scale, ...found.large });
      gains.set(edits.find(([step, n]) => step === found.step && n === found.channel)?.[2] ?? 100);
      drawImage(found);
      if (isNew("output", state)) drawOutput(found);
      if (isNew("why", found.why)) drawWhy(found.why);
      if (drawn.opened !== (drawn.opened = JSON.stringify([layer, channel, sort, page, edits])))
        reveal(!same([layer, channel, sort, page, edits],
          [first.layer, first.channel, first.sort, first.page, first.edits]) || wish === layer);
      net.press(opened ? found.box : -1);
      caption();
      play.say(found.said);
      gainRoom.hidden = !held(gaining(0));
      orders.element.hidden = !held({ sort: "number", channel: -1, page: 0 });
      if (version) version.element.inert = !held(plainly({ version: v === names.length - 1 ? 0 : names.length - 1 }));
      net.offer(box => box.name === layer || held(opening(box.name)), skip => held(cutting(skip)));
      net.draw(found, isNew("net", state)); // last: what is measured is laid out by then
      if (drawn.tiles !== drawn.shelf) paintTiles(found);
    }
    function drawHead(found) {
      const box = given.boxes[found.box], skips = given.layout === "u" ? [] : box?.skips ?? [];
      if (!isNew("head", [found.step, found.settings.cuts])) return;
      head.replaceChildren(...(box ? [h("b", {}, `${box.steps.map(([, word]) => word).join(" + ")} · `),
        fill(words.size, { level: box.level, n: found.shape[0], rows: found.shape[1], columns: found.shape[2] })] : []),
      h("code", { class: "unet-faint" }, found.step));
      steps.replaceChildren(...(box?.steps.length > 1 && held({ layer: box.steps[0][0] })
        ? [choice(words.steps, box.steps, found.step, layer => talk.ask({ layer })).element] : []),
      ...skips.map(skip => {
        const isCut = found.settings.cuts.some(other => same(other, skip));
        return h("button", { type: "button", class: "unet-button look-cut", onclick: () => cut(skip),
          "aria-pressed": String(isCut), "aria-label": fill(isCut ? words.mend : words.cut, { a: skip[0], b: skip[1] }) }, `✂ ${skip[0]}`);
      }));
    }
    function drawTiles(found) {
      const [count, r, c] = found.tiles.shape;
      shelf.style.setProperty("--tile", `${count > 32 ? 36 : count > 16 ? 42 : 50}px`);
      while (pool.length < count)
        pool.push(h("button", { type: "button", class: "look-tile",
          onclick: event => ask({ channel: Number(event.currentTarget.dataset.channel) }) },
        h("span", { class: "look-frame" }), h("span")));
      tiles.replaceChildren(...pool.slice(0, count));
      found.order.forEach((channel, i) => {
        const dead = found.dead.includes(channel), [frame, name] = pool[i].children;
        pool[i].classList.toggle("look-dead", dead);
        pool[i].dataset.channel = channel;
        frame.style.aspectRatio = `${c} / ${r}`;
        name.textContent = dead ? words.dead : found.likeness[i] ?? channel;
      });
      const low = found.scale === "signed" ? -124 : 0, scale = colours(found.scale, colour("warning"));
      const of = Object.assign(n => scale(Math.round(n - low)), { low, high: low + 248 });
      bar.replaceChildren(colourBar(words.scale, of, ...found.ends));
      const { page } = found.settings, from = page * 64;
      pages.hidden = found.pages < 2;
      const turn = (label, next) => h("button", { type: "button", class: "unet-button", "aria-label": label,
        "aria-disabled": String(next < 0 || next >= found.pages || !held({ page: next, channel: -1 })),
        onclick: () => next >= 0 && next < found.pages && ask({ page: next, channel: -1 }) }, next < page ? "‹" : "›");
      pages.replaceChildren(turn(words.earlier, page - 1), fill(words.page,
        { a: from + 1, b: from + count, n: found.shape[0] }), turn(words.later, page + 1));
    }
    function nameTiles(found) {
      found.order.forEach((channel, i) => {
        const label = fill(words.tile, { n: channel, value: found.at[i] });
        pool[i].setAttribute("aria-pressed", channel === found.channel);
        pool[i].setAttribute("aria-disabled", channel !== found.channel && !held({ channel }));
        pool[i].setAttribute("aria-label", found.dead.includes(channel) ? `${label}, ${words.dead}` : label);
      });
    }
    function paintTiles(found) {
      const [, r, c] = found.tiles.shape, { scale: kind, tiles: { data } } = found;
      tileMaps.draw(found.order.map((_, i) => [pool[i].firstChild,
        { kind, shape: [r, c], data: data.subarray(i * r * c, (i + 1) * r * c) }]));
      drawn.shelf = drawn.tiles;
    }
    function drawImage(found) {
      const of = colours("grey", colour("warning")), y = rows / high, x = columns / wide;
      if (isNew("image", 0)) image.paint(i => of(given.image.data[i]));
      const parts = [], at = [(found.settings.row + 0.5) * y, (found.settings.column + 0.5) * x];
      if (found.field) {
        const [top, bottom, left, right] = found.field;
        parts.push(svg("rect", { class: "look-field", x: left * x, y: top * y,
          width: (right - left + 1) * x, height: (bottom - top + 1) * y }));
      }
      image.overlay(...parts, svg("path", { class: "look-cross", d: `M${at[1]} 0V${rows}M0 ${at[0]}H${columns}` }));
      image.frame.dataset.field = JSON.stringify(found.field);
    }
    function drawOutput(found) {
      if (!found.now) return;
      const moved = found.before && found.shift > 0, v = found.settings.version, plain = v === names.length - 1;
      now.paint({ kind: "heat", ...found.now });
      if (moved) before.paint({ kind: "heat", ...found.before });
      output.replaceChildren(moved ? wipe({ first: before.element, second: now.element,
        words: { label: words.wipe, first: plain ? words.before : names.at(-1), second: plain ? words.now : names[v] }, signal: play.signal }).element
        : now.element);
    }
    function drawWhy(found) {
      why.hidden = !found;
      if (!found) return reasons.replaceChildren();
      const table = grid => h("table", {}, ...grid.map(line => h("tr", {}, ...line.map(n => h("td", {}, n)))));
      reasons.replaceChildren(
        h("p", { class: "look-sum" }, fill(words.why, { total: found.total, kind: found.kind })),
        h("div", { class: "look-reasons", role: "region", tabindex: 0, "aria-label": words.reasons },
          ...found.parts.map(part => h("div", { class: "look-part" }, h("b", {}, fill(words.part, { n: part.channel })),
            ...(part.patch.length ? [table(part.patch), "×", table(part.kernel), "→"] : []), h("b", {}, part.sum)))),
        h("p", {}, fill(found.others ? words.rest : words.bias, { n: found.others, rest: found.rest, bias: found.bias, total: found.total }),
          ...found.then.map(([word, n]) => h("b", { class: "look-then" }, ` → ${word} ${n}`))));
    }
    return play.show(draw);
  },
};
