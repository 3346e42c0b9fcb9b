// Lesson 16: a skip graph. An edge is drawn from node to node, and clicked away.
import { choice, slider, toggle } from "../../drawing/web/controls.js";
import { fill, h } from "../../drawing/web/html.js";
import { fixed, percent, whole } from "../../drawing/web/numbers.js";
import { stage } from "../../drawing/web/stage.js";
import { drawing, ends } from "./graph.js";

const named = ([level, column]) => `X${level},${column}`;

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    let found = talk.answer;

    // ------------------------------------------------------------------ what a hand does
    function change(key) { // add this edge, or remove it
      const edited = new Set(talk.settings.edited.map(String)), edges = drawn();
      edited.has(key) ? edited.delete(key) : edited.add(key);
      edges.set(key, edges.has(key) && edges.get(key) !== "gone" ? "gone" : "pending");
      graph.draw(found, edges); // what the hand did; what follows comes with the answer
      talk.ask({ edited: [...edited].sort().map(one => one.split(",").map(Number)) });
    }
    // Another network has other edges: no edit is kept.
    play.along.kind = play.along.depth = () => ({ edited: [] });

    // Words for a node or an edge, by its key; below the graph, so that no hand covers them.
    function told(key) {
      if (!key || found.problem) return words.point;
      const [node, end] = ends(key), [start, onto] = [node, end].map(named), isNode = key.length === 3;
      const facts = (isNode ? found.nodes : found.edges).find(one => String(one.node || one.edge) === key);
      if (isNode) return fill(!facts ? words.absent : facts.inputs ? words.node : words.image, { ...facts, node: start, side: found.sides[node[0]],
        p: facts && whole(facts.parameters, words), w: facts && percent(facts.share, 0) });
      const isGone = found.gone.some(one => String(one) === key);
      return fill(facts ? words.edge : isGone ? words.gone : words.spare, { start, end: onto,
        kind: words[facts?.kind], n: facts?.channels, p: whole(facts?.price, words), o: facts?.work, w: facts && percent(facts.share, 1) });
    }
    const tells = h("p", { class: "graph-tells" }, words.point), say = text => (tells.textContent = text);

    // ------------------------------------------------------------------ what is seen
    const graph = drawing(words.picture, play.signal, { toggle: change, tell: key => say(told(key)), say: play.say,
      from: node => say(fill(words.from, { node: named(node) })) });
    const row = (name, list) => h("div", { class: "graph-lever" },
      h("span", { class: "unet-faint" }, words[name]), play.lever(choice, name, list));
    const meters = ["parameters", "work"].map(name => {
      const number = h("b"), times = h("span", { class: "unet-faint" }), bar = h("i");
      const one = h("u", {}, h("small", {}, given.kinds[0][1]));
      return { number, times, bar, one, element: h("div", { class: "graph-meter", "data-name": name },
        h("span", {}, words[name]), number, times, h("div", { class: "unet-track" }, bar, one)) };
    });
    const head = h("p", { class: "graph-head" });
    const legend = h("div", { class: "graph-legend" }, ...["circle", "work", "down", "up", "skip", "output", "absent", "keys"].map(
      key => h("span", {}, h("i", { class: `graph-is-${key}` }, words[`sign_${key}`] || ""), words[`legend_${key}`])));
    play.add(h("p", {}, words.lead), h("div", { class: "graph-sides" },
      h("div", { class: "graph-price" }, head, ...meters.map(meter => meter.element)),
      h("div", { class: "graph-room" }, graph.element, play.problem, tells, play.back, legend),
      h("div", {}, ...["kind", "depth", "base"].map(name => row(name, given[`${name}s`])),
        play.lever(slider, "size", given.sizes, n => `${n}²`), play.lever(toggle, "deep"))));

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
      const { problem } = found, most = Math.max(5, ...(found.times || []));
      head.replaceChildren(...(problem ? [] : [h("b", {}, found.name), " ", found.counted]));
      meters.forEach(({ element, number, times, bar, one }, i) => {
        element.dataset.value = problem ? null : i ? found.operations : found.parameters;
        number.textContent = problem ? "–" : i ? fill(words.flop, { n: found.work }) : whole(found.parameters, words);
        times.textContent = problem ? "" : fill(words.times, { n: fixed(found.times[i], 3) });
        bar.style.width = `${problem ? 0 : (100 * found.times[i]) / most}%`;
        one.style.left = `${100 / most}%`;
      });
      graph.draw(found, drawn());
      say(words.point);
      tells.hidden = Boolean(problem);
      if (!problem) play.say(found.said);
    }
    return play.show(show, () => {}, show);
  },
};
