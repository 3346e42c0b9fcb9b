// Lesson 09: a network with its maps; a box opens, a place has a value and reasons, a skip is cut.
// At first there is the network alone, what goes in and what comes out: a hand opens the rest.
import { choice, slider } from "../../drawing/web/controls.js";
import { shares, within } from "../../drawing/web/hands.js";
import { fill, h, svg, whenSized } from "../../drawing/web/html.js";
import { colourBar } from "../../drawing/web/image.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { wipe } from "../../drawing/web/wipe.js";
import { network } from "./net.js";
import { colours, picture, sheet } from "./sheet.js";

const GAINS = { off: 0, half: 50, plain: 100, double: 200 };

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
    // A page holds few answers (`recorded` in panel.py) and says so of others; a notebook has all.
    function held(changes) {
      const { layer, channel, page, sort, edits, cuts, version: v } = { ...talk.settings, ...changes };
      const box = given.boxes.find(one => one.name === layer), last = names.length - 1, isOther = v !== last;
      if (!isBook) return true;
      if (!box || page || sort === "number" || channel >= 0 && !box.held.includes(channel)) return false;
      if (edits.length) return box === given.boxes[1] && same([edits, cuts, v], [[[layer, box.channel, 0]], [], last]);
      return !(cuts.length || isOther) || channel < 0 && sort === "activity" && cuts.length + isOther === 1;
    }
    const ask = (changes, act = talk.ask) => held(changes) ? act(changes) : play.refuse(words.book);
    const opening = layer => ({ layer, channel: -1, page: 0 });
    const plainly = changes => isBook ? { edits: [], cuts: [], channel: -1, sort: "activity", ...changes } : changes;
    function open(layer) {
      if (!held(opening(layer)) && layer !== talk.settings.layer) return play.refuse(words.book);
      wish = layer;
      calls = true;
      if (layer === talk.settings.layer) reveal(true);
      ask(opening(layer));
    }
    function close() { reveal(false); net.focus(answer.box); }
    function cut(skip) {
      const { cuts } = talk.settings, kept = cuts.filter(other => !same(other, skip));
      ask(plainly({ cuts: kept.length < cuts.length ? kept : [...isBook ? [] : cuts, skip].sort() }));
    }
    function gaining(percent) {
      const { step, channel } = answer;
      const others = talk.settings.edits.filter(([one, n]) => one !== step || n !== channel);
      return { channel, edits: percent === 100 ? others : [...others, [step, channel, percent]].sort() };
    }
    function cross([down, right]) { // it follows at once, in every map
      for (const room of [large.element, output]) {
        room.style.setProperty("--x", right);
        room.style.setProperty("--y", down);
      }
      for (const maps of [net, tileMaps]) maps.cross([down, right]);
    }
    function point(share) { body.classList.add("look-pointed"); cross(share); }
    function back() {
      body.classList.remove("look-pointed");
      cross([(talk.settings.row + 0.5) / high, (talk.settings.column + 0.5) / wide]);
    }
    function go(share, step = true) {
      const [row, column] = [share[0] * high, share[1] * wide].map(Math.floor);
      talk.ask({ row: within(row, 0, high - 1), column: within(column, 0, wide - 1) }, { step });
    }
    const share = ([row, column]) => [(row + 0.5) / rows, (column + 0.5) / columns];
    const image = pixels({
      rows, columns, label: words.image, keys: words.keys, most: 330, signal: play.signal,
      hands: { point: place => point(share(place)), leave: back, start: place => go(share(place)),
        over: place => { point(share(place)); go(share(place), false); }, end: () => {} },
    });

    // ------------------------------------------------------------------ what is seen
    const net = network(play, { open, cut });
    const head = h("p", { class: "look-head" }), steps = h("div", { class: "unet-row" });
    const tiles = h("div", { class: "look-tiles" }), shelf = h("div", { class: "look-shelf" }, tiles), pool = [];
    const tileMaps = sheet(shelf, colour);
    const sorts = ["activity", given.labels && "labels", !isBook && "number"].filter(Boolean);
    play.along.sort = () => ({ channel: -1, page: 0 });
    const orders = play.lever(choice, "sort", sorts.map(one => [one, words[one]]));
    const bar = h("div"), pages = h("div", { class: "unet-row" });
    const value = h("p", { class: "look-value" }), large = picture(colour), now = picture(colour), before = picture(colour);
    const gains = choice(words.gain, Object.entries(GAINS).filter(([, n]) => !isBook || n === 0 || n === 100)
      .map(([name, n]) => [n, words[name]]), 100, n => ask(gaining(Number(n))));
    const gainRoom = h("div", {}, h("p", { class: "unet-faint" }, words.gain), gains.element);
    const reasons = h("div"), why = h("details", { class: "look-why" }, h("summary", {}, words.ask), reasons);
    const seen = h("p", { class: "unet-faint" }), output = h("div", { class: "look-output" });
    const legend = h("p", { class: "look-legend" }, ...["heat", "signed", "changed"].map(kind =>
      h("span", {}, h("i", { class: `look-${kind}` }), words[`of_${kind}`])));
    const to = n => ask(plainly({ version: Number(n) }), talk.stroke);
    const version = names.length < 2 ? null : names.length < 4
      ? choice(words.version, names.map((name, i) => [i, name]), talk.settings.version, to)
      : slider(words.version, names.map((_, i) => i), talk.settings.version, to, n => names[n]);
    const single = h("div", {}, value, h("div", { class: "look-one" }, large.element, gainRoom), why);
    const panel = h("div", { class: "look-open" },
      h("div", { class: "look-all" },
        h("div", { class: "look-bar" }, head, h("button", { type: "button", class: "unet-button",
          "aria-label": words.close, onclick: close }, "✕")),
        steps, h("div", { class: "unet-row" }, orders), shelf, pages, bar), single);
    const ends = h("div", { class: "look-ends" },
      h("div", {}, h("p", { class: "look-name" }, words.input), image.element, seen),
      h("div", {}, h("p", { class: "look-name" }, words.output), output, h("p", { class: "unet-faint" }, given.told)));
    const body = h("div", { class: given.layout === "u" ? "look look-u" : "look" },
      h("div", {}, h("div", { class: "look-top" }, version?.element, legend), net.element), panel, ends,
      h("p", { class: "look-empty unet-faint" }, words.empty));
    play.add(h("p", {}, words.lead), ...(given.note ? [h("p", { class: "unet-note" }, given.note)] : []), body);
    for (const [room, map] of [[net.element, ".net-frame"], [shelf, ".look-frame"], [large.element, ".net-map"]]) {
      room.addEventListener("pointermove", event => { // the cross under the mouse, in all maps
        const frame = event.target.closest(map);
        if (frame) point(shares(event, frame));
      });
      room.addEventListener("pointerleave", back);
    }
    large.element.addEventListener("click", event => { why.open = true; go(shares(event, large.element)); });
    whenSized(image.frame, () => { output.style.maxWidth = image.frame.style.width; }, play.signal);
    const extent = () => `${shelf.clientWidth} ${shelf.clientHeight}`; // what is painted is not painted again
    whenSized(shelf, () => { if (drawn.extent !== extent()) paintTiles(answer); }, play.signal);

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
      seen.textContent = !opened ? words[isBook ? "dot" : "place"] : field
        ? fill(words.field, { high: field[1] - field[0] + 1, wide: field[3] - field[2] + 1 }) : no_field;
    }
    function draw(found) {
      const { version: v, edits, cuts, layer, channel, sort, page } = found.settings;
      const state = [v, edits, cuts];
      answer = found;
      back();
      version?.set(v);
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
      orders.hidden = !held({ sort: isBook ? "labels" : "number", channel: -1, page: 0 });
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
        pool[i].setAttribute("aria-label", found.dead.includes(channel) ? `${label}, ${words.dead}` : label);
      });
    }
    function paintTiles(found) {
      const [, r, c] = found.tiles.shape, { scale: kind, tiles: { data } } = found;
      tileMaps.draw(found.order.map((_, i) => [pool[i].firstChild,
        { kind, shape: [r, c], data: data.subarray(i * r * c, (i + 1) * r * c) }]));
      [drawn.shelf, drawn.extent] = [drawn.tiles, extent()];
    }
    function drawImage(found) {
      const of = colours("grey", colour("warning")), y = rows / high, x = columns / wide, { row, column } = found.settings;
      if (isNew("image", 0)) image.paint(i => of(given.image.data[i]));
      const dot = ([cy, cx]) => svg("circle", { class: "look-dot", cx: (cx + 0.5) * x, cy: (cy + 0.5) * y, r: rows / 50 });
      const parts = isBook ? given.places.map(dot) : [], at = [(row + 0.5) * y, (column + 0.5) * x];
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
