// Lesson 15: eight patients on cards, diagnoses to drag onto them, and the patient that is open.
import { axes } from "../../drawing/web/axes.js";
import { dragged, within } from "../../drawing/web/hands.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { fixed } from "../../drawing/web/numbers.js";
import { button, stage } from "../../drawing/web/stage.js";
import { css, rgb } from "../../drawing/web/theme.js";

const NOTHING = rgb("#D55E00"), FAR = 6; // no number; px from where on a press is a drag

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk, signal } = play;
    const letters = Object.keys(given.patients);
    const pins = {}; // what was pinned to whom: the learner's notes; the open one's is a setting
    const known = {}; // whether it was right, of those that were revealed
    let from = null, swallow = false; // where a drag began; whether it is one, and no press

    // ------------------------------------------------------------------ pictures
    function picture(label, map, colourOf) {
      const { element, paint } = thumbnail({ label });
      const set = ({ data, shape }) => paint(i => colourOf(data[i]), ...shape);
      if (map) set(map);
      return { element, set };
    }
    const dark = grey(given.sure, 0), walls = value => value === given.nan ? NOTHING : dark(value);
    const shown = (place, name) => h("figure", {}, place.element, h("figcaption", {}, name));

    // ------------------------------------------------------------------ the ward
    function spark({ curve, low, high }) {
      const points = curve.map(([step, at]) =>
        `${(96 * step / given.last).toFixed(1)} ${(3 + 24 * (high - at) / (high - low)).toFixed(1)}`);
      const zero = 3 + 24 * high / (high - low), [x, y] = points.at(-1).split(" ");
      return svg("svg", { class: "ward-spark", viewBox: "0 0 98 30", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("path", { class: "ward-zero", d: `M0 ${zero}H98` }),
        svg("path", { class: "ward-line", d: `M${points.join("L")}` }),
        curve.at(-1)[0] < given.last ? svg("path", { class: "ward-stop", d: `M${x} ${y}m-3 -3l6 6m0 -6l-6 6` }) : null);
    }
    const score = h("b", { class: "ward-score" });
    const cards = Object.fromEntries(letters.map((letter, i) => {
      const bed = given.patients[letter];
      const loss = bed.gap ? words.ends
        : fill(words.to, { first: fixed(bed.first, 2), last: fixed(bed.last, 2).replace("-", "−") });
      const pin = h("span", { class: "ward-pin" }), tick = h("span", { class: "ward-tick" });
      const card = h("button", { type: "button", class: "ward-card", style: `--turn:${i}`,
        "data-letter": letter, onclick: () => open(letter) },
      h("b", {}, letter, tick), picture("", bed.seen, walls).element, spark(bed),
      h("span", { class: "ward-dice", "data-value": bed.dice }, fill(words.dice, { dice: fixed(bed.dice, 2) })),
      h("span", { class: "ward-loss" }, loss), pin);
      return [letter, { card, pin, tick }];
    }));
    const open = letter => talk.ask({ patient: letter, pin: pins[letter], revealed: false, ask: "" });
    function note(letter, diagnosis, right = pins[letter] === diagnosis ? known[letter] : null) {
      const { card, pin, tick } = cards[letter];
      [pins[letter], known[letter]] = [diagnosis, right];
      pin.textContent = diagnosis || words.unpinned;
      pin.classList.toggle("ward-pinned", Boolean(diagnosis));
      tick.textContent = right ? "✓" : right === false ? "✗" : "";
      card.dataset.right = right ?? "";
      const told = Object.values(known).filter(each => typeof each === "boolean");
      score.textContent = !told.length ? "" : fill(words.score, { n: told.filter(Boolean).length, all: letters.length });
    }

    const ward = h("div", { class: "ward-beds", role: "group", "aria-label": words.ward }, ...letters.map(letter => cards[letter].card));

    // ------------------------------------------------------------------ diagnoses
    function pinTo(letter, diagnosis) {
      const same = letter === talk.settings.patient && diagnosis === pins[letter];
      talk.ask({ patient: letter, pin: same ? "" : diagnosis, revealed: false, ask: "" });
    }
    const ghost = h("span", { class: "ward-ghost", hidden: true, "aria-hidden": "true" });
    const under = event => [...ward.children].find(card =>
      document.elementsFromPoint(event.clientX, event.clientY).some(e => card.contains(e)));
    const light = over => [...ward.children].forEach(card => card.classList.toggle("ward-over", card === over));
    const chips = given.diagnoses.map(diagnosis => {
      const chip = button(diagnosis, () => {
        if (!swallow) pinTo(talk.settings.patient, diagnosis);
        swallow = false;
      });
      chip.classList.add("ward-chip");
      for (const kind of ["pointerenter", "focus"]) chip.addEventListener(kind, () => explain(diagnosis), { signal });
      dragged(chip, {
        start({ clientX: x, clientY: y }) { from = { x, y }; swallow = false; },
        move(event) {
          swallow ||= Math.hypot(event.clientX - from.x, event.clientY - from.y) > FAR;
          if (!swallow) return;
          const edge = ghost.parentNode.getBoundingClientRect();
          ghost.hidden = false;
          ghost.textContent = diagnosis;
          const half = ghost.offsetWidth / 2; // never wider than the page
          ghost.style.left = `${within(event.clientX - edge.left - half, 0, edge.width - 2 * half)}px`;
          ghost.style.top = `${event.clientY - edge.top - 34}px`;
          light(under(event));
        },
        end(event) {
          const card = swallow && event && under(event);
          ghost.hidden = true;
          light(null);
          if (card) pinTo(card.dataset.letter, diagnosis);
        },
      }, signal);
      return chip;
    });

    // ------------------------------------------------------------------ the open patient
    const sees = picture(words.truth, null, walls), well = picture(words.mended, null, walls);
    const seesName = h("figcaption"), mended = shown(well, words.mended);
    const pinsName = h("p", { class: "ward-ask" }), hint = h("p", { class: "ward-hint unet-faint" }, words.point);
    function explain(name) {
      hint.textContent = given.hints[name] ? fill(words.means, { name, hint: given.hints[name] }) : words.point;
    }
    const reveal = button("", () => talk.ask({ pin: pins[talk.settings.patient], revealed: !talk.settings.revealed, ask: "" }));
    const next = button(words.next, () => open(letters[(letters.indexOf(talk.settings.patient) + 1) % letters.length]));
    const verdict = h("p", { class: "ward-verdict" }), reasons = h("div");
    const lines = h("pre", { class: "ward-code", role: "region", tabindex: 0, "aria-label": words.mended });
    const told = h("div", { class: "ward-told" }, reasons, lines);
    const y = { title: words.loss }; // of the patient that is open
    const chart = axes({ label: words.loss, height: 210, signal, y,
      x: { low: 0, high: given.last, ticks: [0, 50, 100].map(n => [n, String(n)]), title: words.step } });
    play.add(
      h("p", {}, words.lead),
      ward,
      h("div", { class: "ward-sides" },
        h("div", {}, pinsName, h("div", { class: "unet-row" }, ...chips), hint,
          h("div", { class: "unet-row" }, reveal, next, score), verdict),
        h("div", {}, h("div", { class: "ward-pictures" },
          h("figure", {}, sees.element, seesName), mended,
          shown(picture(words.truth, given.truth, grey(1, 0)), words.truth),
          shown(picture(words.image, given.image, grey()), words.image)),
        h("p", { class: "unet-faint" }, words.key)),
        h("div", {}, told, chart.element, h("p", { class: "unet-faint" }, words.lines))),
      ghost);

    function draw(found) {
      const { patient, revealed } = found.settings, bed = given.patients[patient];
      seesName.textContent = fill(words.sees, { letter: patient });
      sees.element.setAttribute("aria-label", seesName.textContent);
      sees.set(bed.seen);
      told.hidden = !found.told;
      mended.classList.toggle("ward-covered", !found.told);
      verdict.textContent = found.told ? (found.right === null ? "" : found.right ? "✓ " : "✗ ") + found.verdict : "";
      verdict.classList.toggle("ward-wrong", found.right === false);
      const drawn = bed.marks.map(([at, words, above]) => ({ points: [[0, at], [given.last, at]], words, above,
        colour: css(colour("faint")), dash: "2 4", name: "mark" }));
      drawn.push({ points: bed.curve, colour: css(colour("bad")), name: "ill" });
      if (found.told) {
        well.set(found.seen);
        drawn.push({ points: found.told.curve, colour: css(colour("accent")), dash: "7 4", name: "well" });
        note(patient, pins[patient], found.right);
        reasons.replaceChildren(...found.reasons.map(words => h("p", {}, words)));
        lines.replaceChildren(h("span", { class: "ward-minus" }, `− ${found.told.broken}`), "\n",
          h("span", { class: "ward-plus" }, `+ ${found.told.mended}`));
      }
      Object.assign(y, { low: bed.low, high: bed.high, ticks: bed.ticks });
      chart.draw({ lines: drawn });
      for (const letter of letters) cards[letter].card.classList.toggle("ward-lit", found.lit.includes(letter));
      told.dataset.right = JSON.stringify(found.right);
      reveal.textContent = revealed ? words.cover : fill(words.reveal, { letter: patient });
      play.say(found.said);
    }
    function asked({ patient, pin, ask }) {
      if (!ask) note(patient, pin); // a question leaves all pins where they are
      for (const letter of letters) cards[letter].card.setAttribute("aria-pressed", letter === patient);
      given.diagnoses.forEach((diagnosis, i) => chips[i].setAttribute("aria-pressed", diagnosis === pins[patient]));
      explain(pins[patient]);
      pinsName.textContent = fill(words.pins, { letter: patient });
      reset.setAttribute("aria-disabled", talk.isFirst && !Object.values(pins).some(Boolean));
    }
    const clear = () => letters.forEach(letter => note(letter, "")), reset = play.back.lastChild;
    reset.addEventListener("click", () => { clear(); asked(talk.settings); }, { signal });
    clear();
    asked(talk.settings);
    return play.show(draw, asked);
  },
};
