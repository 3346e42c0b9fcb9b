// Lesson 12: nine arrows to drag; the net they bend, and image and labels read along it.
import { choice, slider } from "../../drawing/web/controls.js";
import { arrow, dragged, shares, swallow, within } from "../../drawing/web/hands.js";
import { fill, h, svg, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { outline } from "../../drawing/web/pixels.js";
import { button, stage } from "../../drawing/web/stage.js";
import { wipe } from "../../drawing/web/wipe.js";

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk, signal } = play;
    const { side, margin, reach, knots, colours: [wall, inside, bad] } = given, wide = side + 2 * margin;
    let answer = talk.answer, held = null, away; // from the pointer to the tip that is held
    const hand = (k, settings) => [settings[`right${k}`], settings[`down${k}`]];
    const tipOf = k => knots[k].map((n, axis) => // column and row: as answered, and what a hand did since
      n + answer.vectors[k][axis] + hand(k, talk.settings)[axis] - hand(k, answer.settings)[axis]);
    const reached = n => within(n, -reach, side - 1 + reach);
    function shownAt(k) { // a tip, or the place where its arrow leaves the picture
      const tip = tipOf(k), share = Math.min(...knots[k].map((n, axis) => (reached(tip[axis]) - n) / (tip[axis] - n) || 1));
      return knots[k].map((n, axis) => n + share * (tip[axis] - n));
    }
    function bend(k, place, ended) { // brings a tip there, but not out of the picture; by half pixels
      const tip = tipOf(k), [right, down] = hand(k, talk.settings).map((n, axis) =>
        Math.floor(2 * (n + reached(place[axis]) - tip[axis]) + 0.5) / 2);
      talk.stroke({ [`right${k}`]: right, [`down${k}`]: down }, ended);
      arrows(); // at once; the rest follows when it is answered
    }
    const grips = knots.map((_, k) => h("div", { class: "bend-grip", role: "slider", tabindex: 0,
      "aria-label": fill(words.arrow, { n: k + 1 }), "aria-description": words.keys, onkeydown(event) {
        const [down, right] = arrow(event) || [], step = event.shiftKey ? 5 : 1;
        if (right === undefined) return;
        swallow(event);
        bend(k, shownAt(k).map((n, axis) => n + step * [right, down][axis]), true);
      } }, h("b", {}, String(k + 1))));

    const micrograph = thumbnail({ rows: wide, columns: wide }), shade = grey(...given.range);
    micrograph.paint(i => shade(given.around.data[i]));
    const tint = (is, colour) => is ? colour.map((n, i) => 0.55 * n + 0.45 * bad[i]) : colour;
    const path = kind => svg("path", { class: `bend-${kind}` }), shafts = knots.map(() => path("shaft"));
    const [backwards, net, others, line] = ["backwards", "net", "others", "labels"].map(path);
    const layer = (at, wide, ...lines) => svg("svg", { viewBox: `${at} ${at} ${wide} ${wide}`, "aria-hidden": "true" }, ...lines);
    const marks = (kind, start, size) => knots.map(([x, y], k) => h("span", { class: kind, "aria-hidden": "true",
      style: `--x:${100 * (x + start) / size}%;--y:${100 * (y + start) / size}%` }, String(k + 1)));
    const rings = marks("bend-ring", margin + 0.5, wide), points = marks("bend-point", 0.5, side);
    const board = h("div", { class: "bend-board", role: "group", "aria-label": words.board }, micrograph.element,
      h("i", { class: "bend-rim" }), layer(-margin - 0.5, wide, backwards, net, ...shafts), ...rings, layer(-margin - 0.5, wide, others), ...grips);
    const pointed = event => [1, 0].map(axis => shares(event, board)[axis] * wide - margin - 0.5); // column, row
    knots.forEach((_, k) => [rings[k], grips[k]].forEach(element => dragged(element, {
      start(event) { held = k; away = pointed(event).map((n, axis) => shownAt(k)[axis] - n); arrows(); },
      move: event => bend(k, pointed(event).map((n, axis) => n + away[axis])),
      end(event) { held = null; talk.letGo(!event); arrows(); },
    }, signal)));
    const [image, labels] = [words.first, words.second].map(label => thumbnail({ rows: side, columns: side, label }));
    const first = h("div", { class: "bend-new" }, image.element, layer(0, side, line)), start = 0.7;
    const both = wipe({ words, at: start, signal, moved: divide, first, second: labels.element }), reset = play.back.lastChild;
    function divide(at) { both.set(within(at, 0.16, 0.84)); reset.ariaDisabled = talk.isFirst && both.at === start; } // in sight
    el.addEventListener("click", ({ target }) => target === reset ? divide(start) // a question shows what it is about: labels, or tissue
      : target.closest("[role=group] > .unet-button") && divide(talk.settings.mask === given.masks[0] ? 1 : 0.5), { signal });
    const dice = button(words.dice, () => talk.ask({ ...given.still, seed: (talk.settings.seed + 1) % given.draws, sigma: talk.settings.sigma || model.get("first").sigma }));
    knots.forEach((_, k) => { play.glides[`right${k}`] = play.glides[`down${k}`] = 1; });
    play.along.sigma = sigma => sigma ? {} : given.still; // 0 is straight; pressed again, too
    const again = ({ target, key = "Home" }) => { if (target.type === "range" && key === "Home" && !talk.settings.sigma) talk.ask(given.still); };
    const strength = n => // what the slider says
      fill(Object.keys(given.still).every(name => !talk.settings[name]) ? "{n}" : n ? words.partly : words.by_hand, { n });
    const verdict = h("p", { class: "bend-verdict" }), [amount, way, tally] = ["amount", "way", "tally"].map(kind => h("p", { class: `bend-key bend-${kind}` }));
    play.add(h("p", {}, words.lead), h("div", { class: "bend-sides" },
      h("div", {}, h("p", { class: "unet-faint" }, words.read), board, amount,
        h("p", { class: "bend-key bend-below" }, h("span", {}, words.beyond), h("span", {}, words.keys))),
      h("div", { class: "bend-result" }, h("p", { class: "unet-faint" }, words.bent),
        h("div", { class: "bend-both" }, both.element, ...points),
        h("div", {}, verdict, h("p", { class: "bend-key bend-wrong" }, ...["folds", "strays"].map(kind => h("span", { class: `bend-${kind}` }, words[kind]))))),
      h("div", {}, Object.assign(play.lever(slider, "sigma", given.strengths, strength), { onpointerup: again, onkeydown: again }), dice, play.back, tally,
        h("div", { class: "unet-row" }, words.labels_by, play.lever(choice, "mask", given.ways)), way)));

    function arrows() {
      const pulled = talk.isFirst ? [knots.length >> 1] : knots.flatMap((_, k) => hand(k, talk.settings).some(Boolean) ? k : []); // at first the lead's
      grips.forEach((grip, k) => {
        const [x, y] = knots[k], tip = tipOf(k), across = tip[0] - x, along = tip[1] - y, long = Math.hypot(across, along);
        const [left, top] = shownAt(k).map(n => `${100 * (n + margin + 0.5) / wide}%`), vector = answer.vectors[k];
        const [right, down] = vector.map(n => fixed(n, 1)), ariaValueText = fill(words.tip, { right, down });
        const style = `left:${left};top:${top};--turn:${Math.atan2(along, across)}rad;--long:${long}`;
        Object.assign(grip, { ariaValueNow: right, ariaValueText, style });
        grip.dataset.vector = JSON.stringify(vector);
        grip.classList.toggle("bend-beyond", tip.some(n => n !== reached(n)));
        shafts[k].setAttribute("d", `M${x} ${y}L${tip.join(" ")}`);
        rings[k].classList.toggle("bend-near", long < 9); // the tip covers its number
        for (const mark of [grip, points[k]]) mark.classList.toggle("bend-held", held === null ? pulled.includes(k) : k === held);
      });
    }
    return play.show(found => {
      const { folded: { data: folded }, classes: { data: classes }, net: { shape: [n], data: places } } = answer = found;
      image.paint(i => classes[i] === 2 ? bad : tint(folded[i], shade(found.image.data[i])));
      labels.paint(i => classes[i] === 2 ? bad : tint(folded[i], classes[i] ? inside : wall));
      line.setAttribute("d", outline(side, side, i => classes[i] === 0));
      others.setAttribute("d", found.others.map((by, k) => `M${knots[k]}l${by}m-1-1h2v2h-2z`).join("")); // to a square
      backwards.setAttribute("d", [...found.backwards.data].map((n, i) => i % 2 ? ` ${n - 0.5}h1v1h-1z` : `M${n - 0.5}`).join(""));
      const all = [...Array(n).keys()], thread = some => `M${some.map(i => `${places[2 * i] / 10} ${places[2 * i + 1] / 10}`).join("L")}`;
      net.setAttribute("d", all.map(i => thread(all.map(j => i * n + j)) + thread(all.map(j => j * n + i))).join(""));
      arrows();
      tell(verdict, found.verdict, { fits: found.fits, folds: found.folds, strays: found.strays });
      tell(tally, found.tally);
      tell(amount, fill(words.stretch, { n: percent(found.stretch, 0) }), { value: found.stretch });
      tell(way, given.ways.find(([mask]) => mask === found.settings.mask)[2]);
      play.say(found.said);
    }, () => divide(both.at));
  },
};
