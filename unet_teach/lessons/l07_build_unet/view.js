// Lesson 07: the whole U. A box or a skip is chosen by hand or by arrow keys and tells of itself.
import { choice, play as player, slider } from "../../drawing/web/controls.js";
import { within } from "../../drawing/web/hands.js";
import { fill, h } from "../../drawing/web/html.js";
import { grey, heat, thumbnail } from "../../drawing/web/image.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { amount, drawing } from "./u.js";

const LEVERS = {
  padding: ["valid", "same"], merge: ["concat", "add", "none"],
  upsample: ["transposed", "nearest", "bilinear", "pixel_shuffle"], align: ["crop", "pad"],
  base_channels: [4, 8, 16, 32, 64],
};
const SHOW = ["sizes", "fields", "parameters", "operations", "memory"];

export default {
  render({ model, el }) {
    const stand = stage(model, el), { words, given, talk } = stand;
    let found = talk.answer, chosen = { skip: 0 }, shown = "sizes", at = null;

    // ------------------------------------------------------------------ what a hand does
    const stops = settings => {
      const { depth, padding, align, merge } = settings, legal = [];
      const [first, step] = given.stops[`${depth} ${padding} ${align} ${merge}`];
      for (let size = first; size <= given.largest; size += step) legal.push(size);
      return legal;
    };
    const nearest = (legal, size) => legal.reduce((best, one) => Math.abs(one - size) < Math.abs(best - size) ? one : best);
    // Another network: the size goes to the nearest that fits it.
    for (const name of ["depth", ...Object.keys(LEVERS)])
      stand.along[name] = now => ({ size: nearest(stops({ ...talk.settings, [name]: now }), talk.settings.size) });
    const legal = stops(talk.settings); // the slider's stops; they change with the network
    const sizes = slider(words.size, legal, nearest(legal, talk.settings.size),
      now => talk.stroke({ size: now }), now => `${now}²`);
    const any = h("input", { type: "number", min: 1, max: given.largest, value: talk.settings.size,
      onchange: () => any.value && talk.ask({ size: within(Math.trunc(any.valueAsNumber), 1, given.largest) }) });
    const row = name => h("div", { class: "u-lever" }, h("span", { class: "unet-faint" }, words[name]),
      stand.lever(choice, name, LEVERS[name].map(value => [value, words[value] || String(value)])));
    const costs = choice(words.show, SHOW.map(name => [name, words[`show_${name}`]]), shown,
      now => { shown = now; redraw(); });
    const u = drawing(words, stand.signal, choose);
    const go = player(words, () => {
      at = at === null ? 0 : at + 1;
      if (at < found.boxes.length) choose({ box: at });
      else { at = null; redraw(); }
      return at === null ? false : undefined;
    }, { pace: 380, signal: stand.signal });
    function choose(item, byHand = false) {
      if (byHand && at !== null) { at = null; go.stop(); }
      chosen = item;
      redraw();
      if (byHand) stand.say([...inside.querySelectorAll("p, dt, dd")].map(one => one.textContent).join(" "));
    }

    // ------------------------------------------------------------------ what is seen
    const drawn = {}, urls = {}, image = grey(0, 255), maps = heat(0, 255);
    function paint(box, channel) {
      const { shape: [, rows, columns], data } = given.maps[box], small = thumbnail({ rows, columns });
      small.paint(i => (box ? maps : image)(data[channel * rows * columns + i]));
      return small.element;
    }
    const map = (box, channel) => drawn[[box, channel]] ??= paint(box, channel);
    const picture = box => urls[box] ??= map(box, 0).toDataURL(); // the map in a box of the U
    const totals = h("p", { class: "u-totals" }), inside = h("div", { class: "u-inside" });
    const source = h("p", { class: "unet-faint" });
    stand.add(
      h("p", {}, words.lead),
      h("div", { class: "u-stage" }, u.element,
        h("div", { class: "unet-row" }, go.element,
          h("span", { class: "unet-faint" }, words.show), h("span", { class: "u-costs" }, costs.element)),
        inside),
      totals,
      h("div", { class: "u-levers" }, sizes.element,
        h("label", { class: "u-any" }, words.any, any), stand.lever(slider, "depth", [1, 2, 3, 4, 5]), row("padding"),
        h("details", { class: "u-more" }, h("summary", {}, words.more), h("div", { class: "u-levers" },
          ...["merge", "upsample", "align", "base_channels"].map(row)))), source);

    function draw(now) {
      found = now;
      const { settings } = found;
      const stop = new Set([...stops(settings), settings.size]); // an illegal one for as long as it is shown
      legal.splice(0, legal.length, ...[...stop].sort((a, b) => a - b));
      sizes.input.max = legal.length - 1;
      sizes.set(settings.size);
      any.value = settings.size;
      if (chosen.skip >= found.skips.length || chosen.box >= found.boxes.length) chosen = { skip: 0 };
      if (at >= found.boxes.length) at = found.boxes.length - 1; // Play goes on in a smaller network
      const { parameters, operations, convolutions, size, output } = found.totals;
      totals.replaceChildren(...[
        ["parameters", parameters, whole(parameters, words), words.parameters],
        ["output", output, found.problem ? fill(words.no_fit, settings) : fill(words.in_out, { size, output }), ""],
        ["operations", operations, fixed(operations / 1e9, 1), words.flop],
        ["convolutions", convolutions, fill(words.convolutions, { n: convolutions }), ""],
      ].map(([name, value, text, unit]) =>
        h("span", { "data-name": name, "data-value": value,
          class: found.problem && name === "output" && "u-warning" }, h("b", {}, text), unit && ` ${unit}`)));
      redraw();
    }
    function redraw() {
      source.textContent = found.problem ? "" : words[`pictured_${found.pictured || "none"}`];
      u.draw(found, { chosen, shown, at, picture: found.pictured && picture });
      inside.hidden = Boolean(found.problem);
      inside.replaceChildren(...("skip" in chosen ? ofSkip(found.skips[chosen.skip]) : ofBox(chosen.box)));
    }
    function ofBox(i) {
      const [kind, level, path] = found.boxes[i], size = found.sizes[i], all = found.totals;
      const what = kind === "merged" && !found.skips[level].used ? "alone" : kind;
      const share = name => percent(found[name][i] / all[name], 1);
      const rows = [
        ["shape", size, size === null ? "–" : fill(words.shaped, { channels: found.channels[i], size })],
        ["parameters", found.parameters[i], found.formulas[i]
          ? `${found.formulas[i]} = ${whole(found.parameters[i], words)} · `
            + fill(words.share, { p: share("parameters") }) : words.nothing],
        ["operations", found.operations[i],
          fill(words.operated, { n: amount(found.operations[i], 1e9, 3), p: share("operations") })],
        ["memory", found.memory[i], fill(words.bytes, { n: amount(found.memory[i], 1e6, 3) })],
        ["field", found.fields[i], fill(words.fielded, { n: found.fields[i] })]];
      const seen = found.pictured && h("div", { class: "u-maps" },
        ...given.channels[i].map((_, n) => map(i, n)),
        h("p", {}, fill(words.channels, { list: given.channels[i].join(", ") })));
      return [h("div", {}, h("p", { class: "u-name" }, words[what]),
        h("p", { class: "unet-faint" }, fill(words[path], { level })),
        h("dl", {}, ...rows.flatMap(([name, value, text]) =>
          [h("dt", {}, words[name]), h("dd", { "data-name": name, "data-value": value }, text)]))),
      ...(seen ? [seen] : [])];
    }
    function ofSkip(skip) {
      const how = !skip.used ? "none" : skip.crop ? "crop" : skip.pad ? "pad" : "copy";
      const box = 3 * skip.level + 2, edge = `${(50 * (skip.size - skip.kept)) / skip.size}%`;
      const small = found.pictured && h("div", { class: "u-maps" },
        h("div", { class: "u-crop" }, map(box, 0), h("i", { style: `inset:${edge}` })),
        h("p", {}, words.kept));
      return [h("div", {}, h("p", { class: "u-name" }, fill(words.skip, skip)),
        h("p", { class: "u-says", "data-skip": JSON.stringify(skip) }, fill(words[`skip_${how}`], skip)),
        skip.used ? h("p", {}, fill(words[`skip_${talk.settings.merge}`] || "", skip)) : null),
      ...(small ? [small] : [])];
    }
    return stand.show(draw, () => {}, draw);
  },
};
