// Lesson 11: two cells that are dragged apart, the weights between them, and who pulls there.
import { axes } from "../../drawing/web/axes.js";
import { bars } from "../../drawing/web/bars.js";
import { slider, toggle } from "../../drawing/web/controls.js";
import { within } from "../../drawing/web/hands.js";
import { fill, h, svg, tell, whenSized } from "../../drawing/web/html.js";
import { colourBar, heat } from "../../drawing/web/image.js";
import { fixed, percent } from "../../drawing/web/numbers.js";
import { pixels } from "../../drawing/web/pixels.js";
import { stage } from "../../drawing/web/stage.js";
import { css } from "../../drawing/web/theme.js";

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play, { feet, highest, shades } = given;
    const [rows, columns] = talk.answer.levels.shape, scale = heat(0, shades), middle = columns / 2, reach = feet.shape[2];
    let answer = talk.answer, gap = talk.settings.gap, held = null, place = given.looked, kept = place, placed = gap;
    const wall = () => Math.floor((columns - gap) / 2); // its first column
    play.glides.gap = 1;
    // ------------------------------------------------------------------ what a hand does
    function widen(to) {
      if (gap === (gap = within(to, 0, given.widest))) return;
      overlay();
      talk.stroke({ gap }, !held);
    }
    // The shortest ways from a pixel to the two cells, the nearest first; from a cell only to the other.
    function ways([row, column]) {
      return [[column - wall(), 1], [wall() + gap - 1 - column, -1]].map(([k, side]) => { // the right is mirrored
        const at = row * reach + middle + k, [down, right] = [feet.data[at], side * feet.data[rows * reach + at]];
        return { down, right, far: Math.hypot(down, right) };
      }).filter(way => way.far).sort((a, b) => a.far - b.far);
    }
    // At a place, with a wall as wide as now; what is only pointed at is left when the pointer leaves the picture.
    function look(at, keep) { [place, placed] = [at, gap]; if (keep) kept = at; overlay(); }
    function drop({ before } = {}) { held = null; talk.letGo(Boolean(before)); look(before || kept, true); }
    const map = pixels({
      rows, columns, label: words.map, keys: words.keys, most: 588, signal: play.signal,
      hands: {
        point: at => look(at), leave: () => look(kept),
        start(at) { held = { column: at[1], gap, first: wall(), side: [0, -1, 1][answer.cells.data[at[0] * columns + at[1]]], before: kept }; look(at, true); },
        over: at => held.side ? widen(held.gap + held.side * (at[1] - held.column)) : look(at, true), // beside the cells: the white square
        end: () => drop(), cancel: () => drop(held), // a page that scrolls moves nothing here
        arrow: (way, far) => far > 1 ? look(place.map((n, i) => within(n + way[i], 0, [rows, columns][i] - 1)), true) : widen(gap + way[1] - way[0]),
      },
    });

    // ------------------------------------------------------------------ what is seen
    const text = (words, x, y, kind, dy = 0) => svg("text", { x, y, dy: `${dy}em`, class: `pull-name ${kind}` }, words);
    const line = (kind, d) => svg("path", { class: `pull-${kind}`, d }), pulls = bars(given.losses);
    const plot = map.frame.appendChild(svg("svg", { class: "pull-plot", role: "img", "aria-label": words.line, viewBox: `0 0 ${columns} ${highest}` })); // a weight of 1 is as high as a pixel
    const ticks = [text(words.along, middle, highest, "pull-tick", 2.4),
      ...given.across.map(n => text(n, n, highest, "pull-tick", 1)), ...given.up.flatMap(n => [
        line("grid", `M0 ${highest - n}H${columns}`), text(`w = ${n}`, 0, highest - n, "pull-tick pull-left", -0.6)])];
    const chart = axes({ label: words.share, height: 160, signal: play.signal, x: { low: 0, high: given.widest, ticks: given.plain.map((_, n) => [n, n]), title: words.width },
      y: { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75].map(n => [n, percent(n, 0)]), title: words.share },
      handle: { stops: [...given.plain.keys()], value: gap, label: words.width, text: n => fill(words.gap, { n }), moved: (gap, ended) => talk.stroke({ gap }, ended) } });
    const [headline, here, asked] = ["headline", "here", "asked"].map(name => h("p", { class: `pull-${name}` }));
    play.add(h("p", { class: "pull-lead" }, words.lead),
      h("div", { class: "pull-sides", style: `--high:${highest}` },
        h("div", {}, colourBar(words.weight, scale, "0", words.more), map.element, h("p", { class: "pull-formula" }, words.formula), here),
        h("div", {}, h("p", { class: "pull-step" }, words.first),
          ...["w0", "sigma"].map(name => play.lever(slider, name, given[name], n => fixed(n, 1))),
          play.lever(toggle, "balance"), headline,
          h("p", { class: "pull-step" }, words.second), pulls.element, chart.element, asked, play.back)));
    whenSized(map.frame, overlay, play.signal); // words have the page's size, not the picture's

    function overlay() { // cells go with the hand, before the answer is there
      const cells = answer.cells.data, more = (gap - answer.settings.gap) / 2, y = rows / 2, edge = wall(), ends = [edge - 17, edge + gap + 17];
      const ring = (test, x) => map.ring(i => test(cells[i]), { transform: `translate(${x} 0)`, class: "pull-cell" });
      if (placed !== gap && ways(place).length < 2) place = kept = given.looked; // a cell was moved over it
      const [row, column] = place, found = ways(place), [d1, d2 = 0] = found.map(({ far }) => far), between = found.length > 1;
      map.goTo(place);
      map.frame.style.setProperty("--shift", held?.side ? held.first - edge + (held.side < 0 ? held.gap - gap : 0) : 0); // the other cell keeps its place
      // Equation 2 at this pixel, whose numbers `answer` leaves open: one weight for each pixel would be too many.
      const { w0, sigma } = answer.settings, w = answer.outside + w0 * Math.exp(-((d1 + d2) ** 2) / (2 * sigma ** 2));
      const em = 13 / map.cell, labels = (gap && between ? found : []).map(({ down, right, far }) => [ // beyond the lines' ends
        within(column + 0.5 + right + 3 * em * right / far, 2.7 * em, columns - 2.7 * em), row + 0.5 + down + 1.2 * em * (down / far || Math.sign(row + 0.5 - y))]), [one, two] = labels, apart = one ? two[0] - one[0] : 0;
      if (one && Math.abs(two[1] - one[1]) < 1.2 * em && Math.abs(apart) < 5.5 * em) two[0] = one[0] + 5.5 * em * Math.sign(apart); // side by side
      const weighs = one ? [[within(column - 3.2 * em, 2.7 * em, columns - 2.7 * em), row + 0.5 + 2.7 * em * Math.sign(row + 0.5 - one[1])]] : [];
      const under = (x, y, wide, high) => [...labels, ...weighs].some(at => Math.abs(at[0] - x) < wide * em && Math.abs(at[1] - y) < high * em) ? " pull-under" : "";
      map.overlay(...gap || more ? [ring(n => n === 1, -more), ring(n => n === 2, more)] : [ring(n => n > 0, 0)],
        line("line", `M0 ${y}H${columns}`),
        ...ends.flatMap(x => [svg("circle", { cx: x, cy: y, class: held?.side ? "pull-grip pull-held" : "pull-grip" }), text("↔", x, y, "pull-arrow")]),
        ...gap ? [line("strip", given.strip.map(at => `M${edge} ${at + 1}l${gap} -2`).join("")),
          svg("g", { class: under(edge + gap + 3.5 + 2.75 * em, y + 6.5 + 0.6 * em, 5.8, 2) }, line("to", `M${edge + gap - 0.5} ${y + 6.5}h3.5`),
            ...words.strip.split("\n").map((part, i) => text(part, edge + gap + 3.5, y + 6.5, "pull-miss pull-left", 1.15 * i))),
          ...ends.map((x, i) => text(fill(words.cell, { n: i + 1 }), x, y - 13.5, `pull-of${under(x, y - 13.5, 4.5, 1.05)}`))] : [text(words.one, middle, y + 9, "pull-of")],
        line("gap", gap ? `M${edge} ${rows}h${gap}` : ""),
        text(gap === given.widest ? words.most : gap ? fill(words.gap, { n: gap }) : words.none, edge + gap + 1.5, rows, "pull-dim pull-left"),
        ...labels.flatMap((at, i) => [line(`d${i + 1}`, `M${column + 0.5} ${row + 0.5}l${found[i].right} ${found[i].down}`),
          text(`${["d₁", "d₂"][i]} = ${fixed(found[i].far, 2)}`, ...at, `pull-d${i + 1}`)]),
        ...weighs.map(at => text(`w = ${fixed(w, 2)}`, ...at, "pull-w")), line(between ? "at" : "at pull-in", `M${column} ${row}h1v1h-1z`), line("kept", `M${kept[1]} ${kept[0]}h1v1h-1z`));
      tell(here, fill(between ? answer.formula : answer.within, { d1: fixed(d1, 2), d2: fixed(d2, 2), w: fixed(w, 2) }), { gap, place });
    }
    function draw(found) {
      const half = highest - found.outside - found.settings.w0 / 2;
      [answer, gap] = [found, held ? gap : found.settings.gap];
      map.paint(i => scale(found.levels.data[i])); overlay();
      plot.replaceChildren(...found.spans.map(([from, to]) => line("span", `M${from} ${highest}v-1H${to}v1z`)), ...ticks,
        ...found.settings.w0 ? [line("half", `M20 ${half}H${columns}`), text(words.half, columns, half, "pull-tick pull-right", -0.6)] : [],
        line("curve", [...found.profile.data].map((w, i) => `${i ? "V" : "M0 "}${highest - w}h1`).join("")));
      chart.set(found.settings.gap);
      chart.draw({ lines: [[found.curve, "bad", 2], [given.plain, "faint", 0]].map(([all, tint, n]) => // the map's, and that without one
        ({ points: all.map((part, wide) => [wide, part]), colour: css(play.colour(tint)), name: given.losses[n][0], words: given.losses[n][1], above: n > 0 })) });
      tell(headline, found.headline, { wall: JSON.stringify(found.wall) }); tell(asked, found.asked);
      for (const [name, share] of Object.entries(found.shares)) pulls.set(name, share, percent(share, 1));
      play.say(found.said);
    }
    return play.show(draw, settings => { if (!held) gap = settings.gap; });
  },
};
