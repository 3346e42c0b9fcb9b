// The film of a training: image, truth, prediction, errors, feature maps, curves. While the run
// goes on, pictures come by themselves; a film is scrubbed along its curve.
import { axes } from "../drawing/web/axes.js";
import { choice, play as player } from "../drawing/web/controls.js";
import { fill, h, tell } from "../drawing/web/html.js";
import { grey, heat, thumbnail } from "../drawing/web/image.js";
import { fixed, percent } from "../drawing/web/numbers.js";
import { button, stage } from "../drawing/web/stage.js";
import { css, rgb } from "../drawing/web/theme.js";
import { wipe } from "../drawing/web/wipe.js";

// Wall and inside, both right; wall missed, too much; neurons run together, one broken. They lie
// beside a micrograph, so they are the same on a dark page.
const ERRORS = ["#1F2430", "#FFFFFF", "#D55E00", "#0072B2", "#F5B942", "#8CCBF2"].map(c => rgb(c));
const LEGEND = { inside: 1, wall: 0, missed: 2, extra: 3, merged: 4, broken: 5 };
const GREY = grey(), HEAT = heat(0, 255), MAPS = [0, 1, 2, 3], byKind = kind => ERRORS[kind];
const LOOKS = { image: GREY, truth: byKind, map: GREY, error: byKind, other_map: GREY, other_error: byKind };

export default {
  render({ model, el }) {
    const stand = stage(model, el), { words, given, colour, talk, signal } = stand;
    const pictures = {}, isLive = () => ["cell", "heard"].includes(model.get("running"));
    const isReplay = model.get("running") === undefined; // a film that was never live
    let compared = false;

    // ------------------------------------------------------------------ what a hand does
    function next() { // one picture on; at the end from the beginning
      const steps = talk.answer.steps, place = steps.indexOf(talk.answer.now.step);
      const isLast = place === steps.length - 1;
      talk.ask({ step: steps[isLast ? 0 : place + 1] });
      return place < steps.length - 2 || isLast;
    }
    const isOver = () => talk.answer.now?.step === talk.answer.steps?.at(-1);
    const pace = Math.max(120, 5000 / (talk.answer.steps?.length || 40));
    const reel = player({ ...words, get play() { return isOver() && isReplay ? words.again : words.play; } },
      next, { pace, signal });
    if (isReplay) reel.element.classList.add("film-play");
    const moved = (step, ended) => { reel.stop(); talk.stroke({ step }, ended); };
    const handle = { stops: [0], value: 0, moved, label: words.step, text: String };
    const beside = stand.lever(choice, "beside", [["", words.alone], ...given.others.map(name => [name, name])]);
    const wish = button("", () => {
      model.set("wish", isLive() ? "stop" : "go");
      model.save_changes();
      wish.setAttribute("aria-disabled", true);
    });
    const how = h("span", { class: "unet-faint" }, words.how);

    // ------------------------------------------------------------------ what is seen
    const canvas = name => (pictures[name] = thumbnail({ label: name })).element;
    const paint = (name, { shape, data }, colourOf) => pictures[name].paint(i => colourOf(data[i]), ...shape);
    const titled = (content, title) => h("figure", {}, content, h("figcaption", {}, title));
    // A map of this run, and over it the other's.
    const wipes = ["map", "error"].map(name => wipe({ first: canvas(name), second: canvas(`other_${name}`),
      words: { label: words.wipe, first: "", second: "" }, signal, moved: at => wipes.forEach(one => one.set(at)) }));
    const maps = h("div", { class: "film-maps" }, titled(canvas("image"), words.image),
      titled(canvas("truth"), words.truth), titled(wipes[0].element, words.map), titled(wipes[1].element, words.error));
    const legend = h("div", { class: "film-key" }, ...Object.entries(LEGEND).map(([name, i]) =>
      h("span", {}, h("i", { style: `background:${css(ERRORS[i])}` }), words[`legend_${name}`])));
    const captions = MAPS.map(() => h("figcaption"));
    const features = h("details", { open: !isReplay }, h("summary", { class: "unet-faint" }, words.more),
      h("div", { class: "film-maps film-features" },
        ...MAPS.map(i => h("figure", {}, canvas(`feature ${i + 1}`), captions[i]))),
      h("p", { class: "unet-faint film-scale" }, words.features));
    const x = { low: 0, high: 1 }, y = { low: 0, high: 1 }, below = { low: 0, high: 1, title: words.step };
    const losses = axes({ label: words.losses, x, y, height: 190, handle, signal });
    const scores = axes({ label: words.scores, x: below, y: { low: 0, high: 1,
      ticks: [[0, "0"], [0.5, "0.5"], [1, "1"]] }, height: 130, signal });
    const key = (said, shade, dashed) => h("span", {},
      h("i", { class: dashed && "film-dashed", style: `--of:var(--${shade})` }), said);
    const scored = h("div", { class: "film-key" });
    const lead = h("p"), now = h("p", { class: "film-now" }), verdict = h("p", { class: "film-verdict" });
    const other = h("p", { class: "film-other" }), place = h("span", { class: "unet-faint" });
    const body = h("div", {},
      h("div", { class: "unet-row film-head" }, reel.element,
        ...(given.others.length ? [h("span", {}, words.beside), beside] : []),
        h("div", {}, now, verdict, other)),
      h("div", { class: "film-sides" }, h("div", {}, maps, legend, place),
        h("div", { class: "film-curves" },
          h("div", { class: "film-key" }, key(words.loss, "faint"), key(words.validation, "accent")), losses.element,
          scored, scores.element, features)));
    const steering = h("div", { class: "unet-row" }, wish, how);
    stand.add(lead, steering, body);

    function steer() {
      const running = model.get("running"); // undefined in a film that was never live
      if (running === "cell") { // a kernel that hears this says so
        model.set("here", model.get("here") + 1);
        model.save_changes();
      }
      steering.hidden = !isLive() && running !== "stopped";
      how.hidden = running !== "cell";
      wish.hidden = running === "cell"; // the kernel does not hear it, or not yet
      wish.textContent = isLive() ? words.stop : words.go;
      wish.setAttribute("aria-disabled", false);
    }
    model.on("change:running", steer);
    signal.addEventListener("abort", () => model.off("change:running", steer));

    function draw(found) {
      steer();
      body.hidden = Boolean(found.waiting);
      lead.textContent = found.waiting ? words.waiting : isLive() ? words.live : words.lead;
      if (found.waiting) return;
      const at = found.now, both = Boolean(found.other_map);
      for (const name in LOOKS) if (found[name]) paint(name, found[name], LOOKS[name]);
      MAPS.forEach(i => {
        const [, ...shape] = found.features.shape, size = shape[0] * shape[1];
        paint(`feature ${i + 1}`, { shape, data: found.features.data.subarray(i * size, (i + 1) * size) }, HEAT);
        captions[i].textContent = found.feature_names[i];
      });
      for (const one of wipes) {
        one.element.classList.toggle("film-alone", !both);
        if (both !== compared) one.set(both ? 0.5 : 1);
        one.name(both ? [found.name, found.other.name] : ["", ""]);
      }
      compared = both;
      const left = found.left == null ? "" : ` · ${fill(words.left, { left: fixed(found.left, 0) })}`;
      tell(now, fill(words.now, { step: at.step, planned: found.curves.planned, seconds: fixed(at.seconds, 1) }) + left,
        { step: at.step });
      verdict.replaceChildren(...numbers(at, words.v_rand));
      verdict.dataset.merged = at.merged;
      other.hidden = !both;
      if (both) other.replaceChildren(h("b", {}, found.other.name), ": ", ...numbers(found.other, words.of_other));
      if (reel.element.textContent !== words.pause) reel.stop(); // at the end it says "again"
      place.textContent = found.held_out ? words.held_out : words.seen;
      chart(found);
      stand.say(isLive() ? "" : found.said); // each second would be too much to listen to
    }
    function numbers(at, name) {
      return [fill(words.right, { right: percent(at.right, 1) }), ` · ${name} `,
        h("b", { "data-value": at.v_rand }, fixed(at.v_rand, 3)),
        ` · ${fill(words.merged, { n: at.merged })}, ${fill(words.broken, { n: at.broken })}`];
    }
    function chart(found) {
      const { curves, steps, now: at } = found, bad = css(colour("bad"));
      const dots = (points, now, shade) => [...points.map(one => ({ at: one, colour: css(colour(shade)), r: 2.5 })),
        { at: [at.step, now], colour: css(colour(shade)) }]; // one for each picture
      for (const along of [x, below]) Object.assign(along, { high: curves.planned, ticks: curves.step_ticks });
      Object.assign(y, { high: curves.high, ticks: curves.ticks });
      handle.stops = steps;
      losses.set(at.step);
      losses.draw({ lines: [{ points: curves.loss, colour: css(colour("faint")), name: "loss" },
        { points: curves.validation, colour: css(colour("accent")), name: "validation" }],
        dots: dots(curves.validation, at.validation, "accent") });
      const lines = [{ points: curves.v_rand, colour: css(colour("good")), name: "v_rand" }];
      scored.replaceChildren(key(words.scores + (found.other_map ? ` · ${found.name}` : ""), "good"));
      if (found.other_map) {
        lines.push({ points: found.other.scores, colour: bad, dash: "5 3", name: "other" });
        scored.append(key(found.other.name, "bad", true));
      }
      scores.draw({ lines, cursor: at.step, dots: dots(curves.v_rand, at.v_rand, "good") });
    }
    return stand.show(draw);
  },
};
