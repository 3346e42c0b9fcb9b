// Lesson 06: a U whose skips are cut and weakened by hand, and what becomes of the mask.
import { bars } from "../../drawing/web/bars.js";
import { fill, h } from "../../drawing/web/html.js";
import { thumbnail } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { mixed, rgb } from "../../drawing/web/theme.js";

// As in the pair's other pictures, on both themes: wall, inside, neuron A, neuron B, both in one.
const KINDS = ["#1F2430", "#E1E5EA", "#0072B2", "#009E73", "#E69F00"].map(colour => rgb(colour));
const GONE = rgb("#D55E00"), NEW = rgb("#CC79A7"), CHANGED = 8; // wall that went, wall that came

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, { stops } = given;
    const [rows, columns] = given.image.shape;
    let gains = [...talk.settings.gains], held = null;

    // ------------------------------------------------------------------ what a hand does
    function change(level, gain, step = true) {
      if (gains[level] === gain) return;
      gains = gains.map((old, i) => (i === level ? gain : old));
      draw(level);
      talk.ask({ gains }, { step });
      if (held) held.step = false;
    }
    const cut = level => change(level, gains[level] ? 0 : 1);
    function nearest(track, event) {
      const edge = track.getBoundingClientRect();
      const at = ((event.clientX - edge.left) / edge.width) * stops.at(-1);
      return stops.reduce((a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a));
    }
    function skip(level) {
      const track = h("div", { class: "cut-track", role: "slider", tabindex: 0,
        "aria-label": fill(words.skip, { level }), "aria-valuemin": 0, "aria-valuemax": 2,
        onpointerdown(event) {
          if (event.button) return;
          track.setPointerCapture(event.pointerId);
          held = { from: event.clientX, drags: false, step: true };
        },
        onpointermove(event) {
          if (!held) return;
          held.drags ||= Math.abs(event.clientX - held.from) > 5;
          if (held.drags) change(level, nearest(track, event), held.step);
        },
        onpointerup() {
          const pressed = held && !held.drags;
          held = null;
          if (pressed) cut(level);
        },
        onpointercancel: () => { held = null; },
        onkeydown(event) {
          const now = stops.indexOf(gains[level]), last = stops.length - 1;
          const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
            Home: 0, End: last, PageDown: now - 4, PageUp: now + 4 }[event.key];
          const press = event.key === "Enter" || event.key === " ";
          if (event.ctrlKey || event.metaKey || to === undefined && !press) return;
          event.preventDefault();
          event.stopPropagation();
          if (press) cut(level);
          else change(level, stops[Math.min(Math.max(to, 0), last)]);
        },
      }, h("span", { class: "cut-line" }), h("span", { class: "cut-scissors", "aria-hidden": "true" }, "✂"),
        h("span", { class: "cut-knob" }));
      const gain = h("b", { class: "cut-gain" });
      const box = side => h("span", { class: `cut-box cut-${side}` }, given.channels[level]);
      return { track, gain, row: h("div", { class: "cut-row", style: `--level:${level}` },
        box("down"), h("div", { class: "cut-middle" }, gain, track), box("up")) };
    }
    const skips = gains.map((_gain, level) => skip(level));

    // ------------------------------------------------------------------ what is seen
    const picture = name => thumbnail({ rows, columns, label: words[name] });
    const shots = Object.fromEntries(["now", "before", "changed"].map(name => [name, picture(name)]));
    const shown = name => h("figure", { class: `cut-${name}` }, h("figcaption", {}, words[name]), shots[name].element);
    const headline = h("p", { class: "cut-headline" }), changed = h("p", { class: "cut-changed-words" });
    const scores = bars(["v_rand", "accuracy"].map(name => [name, words[name], given.before[name]]));
    const keys = Object.fromEntries(["wall", "a", "b", "both", "gone", "new"].map(key =>
      [key, h("span", {}, h("i", { class: `cut-is-${key}` }), words[`legend_${key}`])]));
    const legend = h("div", { class: "cut-legend" }, ...Object.values(keys));
    const changes = shown("changed");
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "cut-sides" },
        h("div", {}, h("div", { class: "cut-u", role: "group", "aria-label": words.u },
          ...skips.map(({ row }) => row), h("div", { class: "cut-bottom" }, h("span", { class: "cut-box" }, words.bottom))),
        headline, scores.element,
        h("div", { class: "cut-legend" }, h("span", {}, h("i", { class: "cut-is-whole" }), words.whole)), changed, play.back),
        h("div", {}, h("div", { class: "cut-shots" }, shown("now"), shown("before"), changes), legend)));

    function draw(only) {
      skips.forEach(({ track, gain, row }, level) => {
        if (only !== undefined && only !== level) return;
        const now = gains[level];
        row.classList.toggle("cut-off", now === 0);
        row.style.setProperty("--gain", now / stops.at(-1));
        track.setAttribute("aria-valuenow", now);
        const told = fill(now ? words.times : words.cut, { level, n: now });
        track.setAttribute("aria-valuetext", told);
        gain.textContent = told;
        gain.dataset.gain = now;
      });
    }
    function paint(picture, data, colourOf) {
      picture.paint(i => {
        const grey = given.image.data[i];
        return mixed(colourOf(data[i], data[i] % CHANGED), [grey, grey, grey], 0.62);
      });
    }
    const kind = (_value, is) => KINDS[is];
    return play.show(found => {
      if (!held) gains = [...found.settings.gains];
      draw();
      paint(shots.now, found.map.data, kind);
      paint(shots.before, given.before.map.data, kind);
      shots.changed.paint(i => {
        const value = found.map.data[i], grey = 150 + given.image.data[i] * 0.4;
        return value < CHANGED ? [grey, grey, grey] : value % CHANGED ? GONE : NEW;
      });
      headline.textContent = found.headline;
      if (headline.dataset.verdict !== JSON.stringify(found.verdict)) {
        const frame = shots.now.element;
        frame.classList.remove("cut-flash");
        void frame.offsetWidth; // so that the animation begins again
        frame.classList.toggle("cut-flash", found.verdict !== "apart");
      }
      headline.dataset.verdict = JSON.stringify(found.verdict);
      headline.classList.toggle("cut-bad", found.verdict !== "apart");
      scores.set("v_rand", found.v_rand, fixed(found.v_rand, 3));
      scores.set("accuracy", found.accuracy, fixed(found.accuracy, 3));
      for (const part of [changed, changes, keys.gone, keys.new]) part.hidden = !found.changed;
      changed.textContent = fill(words.share, { n: percent(found.changed, 1) });
      play.say(found.said);
    }, settings => {
      if (held) return;
      gains = [...settings.gains];
      draw();
    });
  },
};
