// Lesson 16: a skip graph. An edge is drawn from node to node, and clicked away.
import { choice, play as player, slider, toggle } from "../../drawing/web/controls.js";
import { fill, h } from "../../drawing/web/html.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { drawing, ends } from "./graph.js";

const named = ([level, column]) => `X${level},${column}`;

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    let found = talk.answer, at = null;

    // ------------------------------------------------------------------ what a hand does
    function change(key) { // add this edge, or remove it
      const edited = new Set(talk.settings.edited.map(String)), edges = drawn();
      edited.has(key) ? edited.delete(key) : edited.add(key);
      edges.set(key, edges.has(key) && edges.get(key) !== "gone" ? "gone" : "pending");
      graph.quiet();
      graph.draw(found, edges); // what the hand did; what follows comes with the answer
      talk.ask({ edited: [...edited].sort().map(one => one.split(",").map(Number)) });
    }
    // Another network has other edges: no edit is kept.
    const anew = changes => talk.ask({ ...changes, edited: [] });

    // Words for a node or an edge, all from the answer.
    function tell(what) {
      if (found.problem) return found.problem;
      if (!Array.isArray(what)) {
        const facts = found.edges.find(one => String(one.edge) === what), [start, end] = ends(what).map(named);
        const gone = (found.gone || []).some(one => String(one) === what);
        return !facts ? fill(gone ? words.gone : words.spare, { start, end }) : fill(words.edge, { start, end,
          kind: words[facts.kind], n: facts.channels, p: whole(facts.price, words) });
      }
      const facts = found.nodes.find(one => String(one.node) === String(what)), node = named(what);
      return !facts ? fill(words.absent, { node }) : fill([words.image, words.one][facts.inputs] || words.node, {
        node, joined: facts.joined, n: facts.inputs, channels: facts.channels, side: found.sides[what[0]],
        p: whole(facts.parameters, words), w: percent(facts.share, 0) });
    }

    // ------------------------------------------------------------------ what is seen
    const graph = drawing(words.picture, play.signal, {
      toggle: change, tell, say: play.say, from: node => fill(words.from, { node: named(node) }) });
    const options = list => list.map(value => [value, String(value)]);
    const levers = {
      kind: choice(words.kind, given.kinds, talk.settings.kind, kind => anew({ kind })),
      depth: choice(words.depth, options(given.depths), talk.settings.depth, depth => anew({ depth })),
      base: choice(words.base, options(given.bases), talk.settings.base, base => talk.ask({ base })),
      size: slider(words.size, given.sizes, talk.settings.size, size => talk.ask({ size }), n => `${n}²`),
      deep: toggle(words.deep, talk.settings.deep, deep => talk.ask({ deep })),
    };
    const row = name => h("div", { class: "graph-lever" },
      h("span", { class: "unet-faint" }, words[name]), levers[name].element);
    const meters = ["parameters", "work"].map(name => {
      const number = h("b"), times = h("span", { class: "unet-faint" }), bar = h("i");
      const one = h("u", {}, h("small", {}, given.kinds[0][1]));
      return { number, times, bar, one, element: h("div", { class: "graph-meter", "data-name": name },
        h("span", {}, words[name]), number, times, h("div", { class: "unet-track" }, bar, one)) };
    });
    const head = h("p", { class: "graph-head" });
    const legend = h("div", { class: "graph-legend" }, ...["circle", "work", "down", "up", "skip", "output", "absent"].map(key =>
      h("span", {}, h("i", { class: `graph-is-${key}` }, { output: "▸", circle: "0,3" }[key] || ""), words[`legend_${key}`])));
    const go = player(words, () => {
      at = at === null ? 0 : at + 1;
      if (!found.nodes || at >= found.nodes.length) at = null;
      graph.draw(found, drawn(), at);
      return at !== null;
    }, { pace: 420, signal: play.signal });
    play.add(h("p", {}, words.lead), h("div", { class: "graph-sides" },
      h("div", {}, graph.element, play.problem, legend, h("div", { class: "unet-row" }, go.element, play.back)),
      h("div", {}, head, ...meters.map(meter => meter.element),
        row("kind"), row("depth"), row("base"), levers.size.element, levers.deep.element)));

    // The edges that are seen: what an output needs, what was drawn by hand, and what was taken
    // out: in red, if the node has nothing left.
    function drawn() {
      const edges = new Map(found.edges.map(one => [String(one.edge), one.kind]));
      for (const one of found.spare || []) edges.set(String(one), "spare");
      for (const one of found.gone || []) edges.set(String(one), "gone");
      return edges;
    }
    function show(now) {
      found = now;
      for (const name in levers) levers[name].set(found.settings[name]);
      if (at !== null) go.stop();
      at = null;
      const { problem } = found, most = Math.max(5, ...(found.times || []));
      head.replaceChildren(...(problem ? [] : [h("b", {}, found.name), h("br"), found.counted]));
      meters.forEach(({ element, number, times, bar, one }, i) => {
        element.dataset.value = problem ? null : i ? found.operations : found.parameters;
        number.textContent = problem ? "–" : i ? fill(words.flop, { n: found.work }) : whole(found.parameters, words);
        times.textContent = problem ? "" : fill(words.times, { n: fixed(found.times[i], 2) });
        bar.style.width = `${problem ? 0 : (100 * found.times[i]) / most}%`;
        one.style.left = `${100 / most}%`;
      });
      graph.draw(found, drawn());
      if (!problem) play.say(found.said);
    }
    return play.show(show, () => {}, show);
  },
};
