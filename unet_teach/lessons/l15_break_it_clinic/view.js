// Lesson 15: eight patients on cards, diagnoses to drag onto them, and the patient that is open.
import { axes } from "../../drawing/web/axes.js";
import { fill, h, svg } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { fixed } from "../../drawing/web/numbers.js";
import { button, stage } from "../../drawing/web/stage.js";
import { css, rgb } from "../../drawing/web/theme.js";

const NOTHING = rgb("#D55E00"), FAR = 6; // no number; px from where on a press is a drag

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, colour, talk, signal } = play;
    const letters = Object.keys(given.patients), [rows, columns] = given.image.shape;
    const pins = {}; // what was pinned to whom: the learner's notes; the open one's is a setting
    let dragged = null, swallow = false;

    // ------------------------------------------------------------------ pictures
    function picture(name, map, colourOf) {
      const { element, paint } = thumbnail({ rows, columns, label: name });
      const set = data => paint(i => colourOf(data[i]));
      if (map) set(map.data);
      return { element, set };
    }
    const walls = value => value === given.nan ? NOTHING
      : Array(3).fill(255 - Math.round((255 * Math.min(value, given.sure)) / given.sure));
    const plain = value => [value, value, value], ink = value => plain(value ? 0 : 255);
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
    const cards = Object.fromEntries(letters.map((letter, i) => {
      const bed = given.patients[letter];
      const loss = bed.gap ? words.ends
        : fill(words.to, { first: fixed(bed.first, 2), last: fixed(bed.last, 2).replace("-", "−") });
      const pin = h("span", { class: "ward-pin" });
      const card = h("button", { type: "button", class: "ward-card", style: `--turn:${i}`,
        "data-letter": letter, onclick: () => open(letter) },
      h("b", {}, letter), picture("", bed.seen, walls).element, spark(bed),
      h("span", { class: "ward-dice", "data-value": bed.dice }, fill(words.dice, { dice: fixed(bed.dice, 2) })),
      h("span", { class: "unet-faint" }, loss), pin);
      return [letter, { card, pin }];
    }));
    const open = letter => talk.ask({ patient: letter, pin: pins[letter] || "", revealed: false });
    function note(letter, diagnosis) {
      pins[letter] = diagnosis;
      cards[letter].pin.textContent = diagnosis || words.unpinned;
      cards[letter].pin.classList.toggle("ward-pinned", Boolean(diagnosis));
    }

    // ------------------------------------------------------------------ diagnoses
    function pinTo(letter, diagnosis) {
      const same = letter === talk.settings.patient && diagnosis === talk.settings.pin;
      talk.ask({ patient: letter, pin: same ? "" : diagnosis, revealed: false });
    }
    const ghost = h("span", { class: "ward-ghost", hidden: true, "aria-hidden": "true" });
    const under = event => document.elementsFromPoint(event.clientX, event.clientY)
      .map(e => e.closest(".ward-card")).find(card => card && play.problem.parentNode.contains(card));
    function light(card) {
      for (const each of Object.values(cards)) each.card.classList.toggle("ward-over", each.card === card);
    }
    const chips = given.diagnoses.map(diagnosis => {
      const chip = button(diagnosis, () => {
        if (!swallow) pinTo(talk.settings.patient, diagnosis);
        swallow = false;
      });
      chip.classList.add("ward-chip");
      chip.addEventListener("pointerdown", event => {
        if (event.button) return;
        swallow = false;
        dragged = { x: event.clientX, y: event.clientY, moved: false };
        chip.setPointerCapture(event.pointerId);
      }, { signal });
      chip.addEventListener("pointermove", event => {
        if (!dragged) return;
        const far = Math.hypot(event.clientX - dragged.x, event.clientY - dragged.y);
        dragged.moved ||= far > FAR;
        if (!dragged.moved) return;
        const edge = ghost.parentNode.getBoundingClientRect();
        ghost.hidden = false;
        ghost.textContent = diagnosis;
        const most = edge.width - ghost.offsetWidth; // never wider than the page
        ghost.style.left = `${Math.min(Math.max(event.clientX - edge.left - ghost.offsetWidth / 2, 0), most)}px`;
        ghost.style.top = `${event.clientY - edge.top - 34}px`;
        light(under(event));
      }, { signal });
      for (const kind of ["pointerup", "pointercancel"])
        chip.addEventListener(kind, event => {
          const card = dragged?.moved && kind === "pointerup" && under(event);
          swallow = Boolean(dragged?.moved);
          dragged = null;
          ghost.hidden = true;
          light(null);
          if (card) pinTo(card.dataset.letter, diagnosis);
        }, { signal });
      return chip;
    });

    // ------------------------------------------------------------------ the open patient
    const sees = picture(words.truth, null, walls), well = picture(words.mended, null, walls);
    const seesName = h("figcaption"), mended = shown(well, words.mended);
    const symptoms = h("p", { class: "ward-symptoms" }), pinsName = h("p", { class: "unet-faint" });
    const reveal = button("", () => talk.ask({ revealed: !talk.settings.revealed }));
    const next = button(words.next, () =>
      open(letters[(letters.indexOf(talk.settings.patient) + 1) % letters.length]));
    const verdict = h("p", { class: "ward-verdict" }), reasons = h("div");
    const lines = h("pre", { class: "ward-code", role: "region", tabindex: 0, "aria-label": words.mended });
    const told = h("div", { class: "ward-told" }, verdict, reasons, lines);
    const room = h("div"), charts = {};
    function chart(letter) {
      const { low, high, ticks } = given.patients[letter];
      return charts[letter] ??= axes({ label: `${words.loss} ${letter}`, height: 210, signal,
        x: { low: 0, high: given.last, ticks: [0, 50, 100].map(n => [n, String(n)]), title: words.step },
        y: { low, high, ticks, title: words.loss } });
    }
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "ward-beds", role: "group", "aria-label": words.ward }, ...Object.values(cards).map(each => each.card)),
      pinsName, h("div", { class: "unet-row" }, ...chips),
      h("div", { class: "unet-row" }, reveal, next),
      told,
      h("div", { class: "unet-sides" },
        h("div", {}, h("div", { class: "ward-pictures" },
          shown(picture(words.image, given.image, plain), words.image),
          shown(picture(words.truth, given.truth, ink), words.truth),
          h("figure", {}, sees.element, seesName), mended),
        h("p", { class: "unet-faint" }, words.key)),
        h("div", {}, symptoms, room, h("p", { class: "unet-faint" }, words.lines))),
      ghost);

    function draw(found) {
      const { patient, revealed } = found.settings, bed = given.patients[patient];
      seesName.textContent = fill(words.sees, { letter: patient });
      sees.element.setAttribute("aria-label", seesName.textContent);
      sees.set(bed.seen.data);
      symptoms.textContent = found.symptoms;
      told.hidden = mended.hidden = !found.told;
      const loud = css(colour("bad")), fine = css(colour("accent"));
      const drawn = bed.marks.map(([at, words, above]) => ({ points: [[0, at], [given.last, at]], words, above,
        colour: css(colour("faint")), dash: "2 4", name: "mark" }));
      drawn.push({ points: bed.curve, colour: loud, name: "ill" });
      if (found.told) {
        well.set(found.seen.data);
        drawn.push({ points: found.told.curve, colour: fine, dash: "7 4", name: "well" });
        verdict.textContent = (found.right === null ? "" : found.right ? "✓ " : "✗ ") + found.verdict;
        verdict.classList.toggle("ward-wrong", found.right === false);
        reasons.replaceChildren(...found.reasons.map(words => h("p", {}, words)));
        lines.replaceChildren(h("span", { class: "ward-minus" }, `− ${found.told.broken}`), "\n",
          h("span", { class: "ward-plus" }, `+ ${found.told.mended}`));
      }
      chart(patient).draw({ lines: drawn });
      room.replaceChildren(chart(patient).element);
      told.dataset.right = JSON.stringify(found.right);
      reveal.textContent = revealed ? words.cover : fill(words.reveal, { letter: patient });
      play.say(found.said);
    }
    function asked({ patient, pin }) {
      if (JSON.stringify(talk.settings) === JSON.stringify(model.get("first")))
        letters.forEach(letter => note(letter, ""));
      note(patient, pin);
      for (const letter of letters) cards[letter].card.setAttribute("aria-pressed", letter === patient);
      given.diagnoses.forEach((diagnosis, i) => chips[i].setAttribute("aria-pressed", diagnosis === pin));
      pinsName.textContent = fill(words.pins, { letter: patient });
    }
    letters.forEach(letter => note(letter, ""));
    asked(talk.settings);
    return play.show(draw, asked);
  },
};
